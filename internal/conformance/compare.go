package conformance

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The tolerances of the suite's own runner.
const (
	relative = 1e-3
	absolute = 1e-7
	// bfloat16 has 8 bits of precision: two units in the last place
	relativeBF16 = 1.0 / 64
)

// compare fails where got differs from want, beyond the tolerances of the suite
// where they are floats. Where the values are random, only their types and
// shapes are compared. An optional that holds a value counts as that value, as
// engines differ in which of the two they return.
func compare(got, want tensor.Value, random bool) error {
	got, want = unwrap(got), unwrap(want)
	switch want := want.(type) {
	case nil:
		if got != nil {
			return fmt.Errorf("got a %v, expected an empty optional", got.Kind())
		}
		return nil
	case *tensor.Sequence:
		if got, ok := got.(*tensor.Sequence); ok && len(got.Items) == len(want.Items) {
			for i := range want.Items {
				if err := compare(got.Items[i], want.Items[i], random); err != nil {
					return fmt.Errorf("item %d: %w", i, err)
				}
			}
			return nil
		}
	case *tensor.Tensor:
		if got, ok := got.(*tensor.Tensor); ok && random && got.String() == want.String() {
			return nil
		}
		rtol, atol := tolerance(want.DType())
		return tensor.AllClose(got, want, rtol, atol)
	}
	return tensor.AllClose(got, want, relative, absolute)
}

// unwrap takes the value out of an optional; nil where there is none.
func unwrap(v tensor.Value) tensor.Value {
	if o, ok := v.(*tensor.Optional); ok {
		return o.Value
	}
	return v
}

// tolerance is zero for all but floats.
func tolerance(d tensor.DType) (rtol, atol float64) {
	switch {
	case d == tensor.BFloat16:
		return relativeBF16, absolute
	case d.IsFloat(), d == tensor.Complex64, d == tensor.Complex128:
		return relative, absolute
	}
	return 0, 0
}
