// Package loss computes losses of class predictions.
package loss

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
)

// Targets says which class is the right one at each place.
type Targets struct {
	N, Classes, Inner int     // the predictions are [N, Classes, Inner]
	Class             []int64 // [N, Inner]
	Ignore            int64   // the class that counts as no target
	HasIgnore         bool
}

// NegativeLogLikelihood writes -w·x of the right class of each place to losses,
// [N, Inner], and gives the sum of those and of the weights w that were used. x
// is logarithms of probabilities; weight has an entry for each class, nil for
// ones. A place whose class is ignored has loss and weight 0. losses may be nil.
func NegativeLogLikelihood[T elementwise.Float](losses, x, weight []T, t *Targets) (sum, weights float64, err error) {
	for i, class := range t.Class {
		if losses != nil {
			losses[i] = 0
		}
		if t.HasIgnore && class == t.Ignore {
			continue
		}
		if class < 0 || class >= int64(t.Classes) {
			return 0, 0, fmt.Errorf("target %d at element %d is no class below %d", class, i, t.Classes)
		}
		n, k := i/t.Inner, i%t.Inner
		w := T(1)
		if weight != nil {
			w = weight[class]
		}
		v := -w * x[(n*t.Classes+int(class))*t.Inner+k]
		if losses != nil {
			losses[i] = v
		}
		sum += float64(v)
		weights += float64(w)
	}
	return sum, weights, nil
}
