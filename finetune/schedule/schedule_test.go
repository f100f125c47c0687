package schedule_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/finetune/schedule"
)

func TestSchedules(t *testing.T) {
	for _, tt := range []struct {
		name  string
		s     schedule.Schedule
		step  int
		total int
		want  float64
	}{
		{"constant", schedule.Constant(), 7, 10, 1},
		{"linear", schedule.Linear(0), 5, 10, 0.5},
		{"cosine, start", schedule.Cosine(0), 0, 10, 1},
		{"cosine, middle", schedule.Cosine(0.2), 5, 10, 0.6},
		{"steps", schedule.Steps(4, 0.5), 9, 10, 0.25},
		{"warm-up", schedule.Warmup(4, schedule.Linear(0)), 1, 14, 0.5},
		{"after warm-up", schedule.Warmup(4, schedule.Linear(0)), 9, 14, 0.5},
		{"one cycle, peak", schedule.OneCycle(0.3), 3, 10, 1},
		{"one cycle, start", schedule.OneCycle(0.3), 0, 10, 1.0 / 25},
	} {
		if got := tt.s.Factor(tt.step, tt.total); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	if _, err := schedule.Named("wave", 0); err == nil {
		t.Error("a schedule that is not there: no error")
	}
}

func TestPlateau(t *testing.T) {
	p := schedule.Plateau{Patience: 1, Factor: 0.5}
	for i, want := range []float64{1, 1, 0.5, 0.5} {
		if got := p.Next([]float64{0.5, 0.4, 0.5, 0.6}[i]); got != want {
			t.Errorf("after epoch %d: %v, want %v", i+1, got, want)
		}
	}
}
