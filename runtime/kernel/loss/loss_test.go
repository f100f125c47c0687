package loss_test

import (
	"fmt"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/loss"
)

// Two places an example: predictions [1, 3, 2] are read down the columns.
func TestInnerPlaces(t *testing.T) {
	x := []float64{-1, -2, -3, -4, -5, -6}
	targets := &loss.Targets{N: 1, Classes: 3, Inner: 2, Class: []int64{2, 0}}
	losses := make([]float64, 2)
	sum, weights, err := loss.NegativeLogLikelihood(losses, x, nil, targets)
	if err != nil {
		t.Fatal(err)
	}
	if losses[0] != 5 || losses[1] != 2 || sum != 7 || weights != 2 {
		t.Errorf("losses %v, sum %g, weights %g; want [5 2], 7, 2", losses, sum, weights)
	}
}

func TestRefusesClasses(t *testing.T) {
	for _, class := range []int64{-1, 3} {
		targets := &loss.Targets{N: 1, Classes: 3, Inner: 1, Class: []int64{class}}
		if _, _, err := loss.NegativeLogLikelihood(nil, make([]float32, 3), nil, targets); err == nil {
			t.Errorf("class %d of 3 is taken", class)
		}
		targets.Ignore, targets.HasIgnore = class, true
		if _, _, err := loss.NegativeLogLikelihood(nil, make([]float32, 3), nil, targets); err != nil {
			t.Errorf("ignored class %d: %v", class, err)
		}
	}
}

func ExampleNegativeLogLikelihood() {
	logs := []float32{-0.5, -1.5, -2, -0.25} // two examples of two classes
	targets := &loss.Targets{N: 2, Classes: 2, Inner: 1, Class: []int64{0, 1}}
	sum, weights, err := loss.NegativeLogLikelihood(nil, logs, nil, targets)
	fmt.Println(sum/weights, err)
	// Output: 0.375 <nil>
}
