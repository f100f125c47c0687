package svm_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/svm"
)

func TestEval(t *testing.T) {
	a, b := []float64{1, 2}, []float64{3, -1} // a·b = 1, |a - b|² = 13
	tests := []struct {
		k    svm.Kernel
		want float64
	}{
		{svm.Kernel{Kind: svm.Linear, Gamma: 7}, 1},
		{svm.Kernel{Kind: svm.Poly, Gamma: 2, Coef0: 1, Degree: 3}, 27},
		{svm.Kernel{Kind: svm.RBF, Gamma: 0.5}, math.Exp(-6.5)},
		{svm.Kernel{Kind: svm.Sigmoid, Gamma: 2, Coef0: -1}, math.Tanh(1)},
	}
	for _, tt := range tests {
		if got := tt.k.Eval(a, b); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("kernel %d: got %v, want %v", tt.k.Kind, got, tt.want)
		}
	}
}

func TestDecide(t *testing.T) {
	// a support vector at each of two points, for one class each: the nearer wins
	m := svm.Classifier{
		Kernel:  svm.Kernel{Kind: svm.RBF, Gamma: 1},
		Vectors: []float64{0, 10}, PerClass: []int{1, 1}, Coefs: []float64{1, -1}, Rho: []float64{0},
		ProbA: []float64{-1}, ProbB: []float64{0},
	}
	for x, want := range map[float64]int{1: 0, 9: 1} {
		scores, votes := make([]float64, 1), make([]int, 2)
		m.Decide(scores, votes, []float64{x})
		if votes[want] != 1 || votes[1-want] != 0 {
			t.Errorf("at %v: votes are %v", x, votes)
		}
		p := make([]float64, 2)
		m.Probabilities(p, scores)
		// with two classes the coupled probabilities are the pair's own, to the
		// tolerance of the iteration
		if first := 1 / (1 + math.Exp(-scores[0])); math.Abs(p[0]-first) > 0.01 || math.Abs(p[0]+p[1]-1) > 1e-12 {
			t.Errorf("at %v: probabilities are %v, the pair's is %v", x, p, first)
		}
	}
}
