package score_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/score"
)

func TestApply(t *testing.T) {
	tests := []struct {
		t        score.Transform
		in, want []float64
	}{
		{score.None, []float64{1, -2}, []float64{1, -2}},
		{score.Logistic, []float64{0, math.Log(3), -1000}, []float64{0.5, 0.75, 0}},
		{score.Softmax, []float64{0, math.Log(3)}, []float64{0.25, 0.75}},
		{score.Softmax, []float64{1000, 1000}, []float64{0.5, 0.5}},
		{score.SoftmaxZero, []float64{0, math.Log(2), math.Log(2)}, []float64{0, 0.5, 0.5}},
		{score.SoftmaxZero, []float64{0, 0}, []float64{0.5, 0.5}},
		{score.Probit, []float64{0.5, 0.975}, []float64{0, 1.959964}}, // the well-known 97.5 % quantile
		{score.Softmax, nil, nil},
	}
	for _, tt := range tests {
		got := append([]float64(nil), tt.in...)
		tt.t.Apply(got)
		for i, w := range tt.want {
			if math.Abs(got[i]-w) > 1e-6 {
				t.Errorf("transform %d of %v: got %v, want %v", tt.t, tt.in, got, tt.want)
				break
			}
		}
	}
}
