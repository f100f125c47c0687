package optimizer_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/optimizer"
)

// TestDescent minimizes (x − 3)² from 0 with each optimizer, in place.
func TestDescent(t *testing.T) {
	adam := optimizer.Adam[float64]{Rate: 0.1, Alpha: 0.9, Beta: 0.999, Epsilon: 1e-8}
	adagrad := optimizer.Adagrad[float64]{Rate: 1, Epsilon: 1e-8}
	plain := optimizer.Momentum[float64]{Rate: 0.05, Alpha: 0.5, Beta: 1}
	nesterov := optimizer.Momentum[float64]{Rate: 0.05, Alpha: 0.5, Beta: 1, Nesterov: true}
	for name, step := range map[string]func(n int64, x, g, v, h []float64){
		"Adam":     func(n int64, x, g, v, h []float64) { adam.Step = n + 1; adam.Run(x, g, v, h, x, v, h) },
		"Adagrad":  func(n int64, x, g, _, h []float64) { adagrad.Step = n; adagrad.Run(x, g, h, x, h) },
		"Momentum": func(n int64, x, g, v, _ []float64) { plain.Step = n; plain.Run(x, g, v, x, v) },
		"Nesterov": func(n int64, x, g, v, _ []float64) { nesterov.Step = n; nesterov.Run(x, g, v, x, v) },
	} {
		x, g, v, h := []float64{0}, []float64{0}, []float64{0}, []float64{0}
		for n := range int64(1000) {
			g[0] = 2 * (x[0] - 3)
			step(n, x, g, v, h)
		}
		if math.Abs(x[0]-3) > 1e-3 {
			t.Errorf("%s ends at %v, want 3", name, x[0])
		}
	}
}

// TestFirstStep works one step out by hand: with g = 2, Adam's corrected moments
// are 2 and 4, so that it moves by its rate; Adagrad moves by rate·2/√4; momentum
// counts β as 1.
func TestFirstStep(t *testing.T) {
	x, v, h := make([]float64, 1), make([]float64, 1), make([]float64, 1)
	adam := optimizer.Adam[float64]{Rate: 0.1, Step: 1, Alpha: 0.9, Beta: 0.999}
	adam.Run([]float64{1}, []float64{2}, []float64{0}, []float64{0}, x, v, h)
	if math.Abs(x[0]-0.9) > 1e-12 {
		t.Errorf("Adam: %v, want 0.9", x[0])
	}
	adagrad := optimizer.Adagrad[float64]{Rate: 0.1, Norm: 0.5}
	adagrad.Run([]float64{1}, []float64{2}, []float64{0}, x, h) // g = 2 + 0.5·1
	if math.Abs(x[0]-0.9) > 1e-12 || h[0] != 6.25 {
		t.Errorf("Adagrad: %v and %v, want 0.9 and 6.25", x[0], h[0])
	}
	momentum := optimizer.Momentum[float64]{Rate: 0.1, Alpha: 0.5, Beta: 0.25}
	momentum.Run([]float64{1}, []float64{2}, []float64{4}, x, v)
	if math.Abs(x[0]-0.6) > 1e-12 || v[0] != 4 {
		t.Errorf("Momentum: %v and %v, want 0.6 and 4", x[0], v[0])
	}
}
