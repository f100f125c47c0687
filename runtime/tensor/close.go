package tensor

import (
	"bytes"
	"fmt"
	"math"
	"math/cmplx"
	"slices"
)

// Equal reports whether two values are the same, bit for bit. A NaN equals
// itself and 0 differs from -0. What element type an empty sequence or optional
// would hold does not count.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case *Tensor:
		b, ok := b.(*Tensor)
		return ok && equalTensors(a, b)
	case *Sequence:
		b, ok := b.(*Sequence)
		return ok && slices.EqualFunc(a.Items, b.Items, Equal)
	case *Optional:
		b, ok := b.(*Optional)
		return ok && Equal(a.Value, b.Value)
	case *Map:
		b, ok := b.(*Map)
		return ok && equalTensors(a.Keys, b.Keys) && Equal(a.Values, b.Values)
	}
	return a == nil && b == nil
}

func equalTensors(a, b *Tensor) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.dtype == b.dtype && slices.Equal(a.Shape(), b.Shape()) && equalElements(a, b)
}

// equalElements compares tensors of one type and shape.
func equalElements(a, b *Tensor) bool {
	if rest := a.n * a.dtype.Bits() % 8; rest != 0 {
		// the bits after the last element are nobody's
		last, mask := len(a.data)-1, byte(1<<rest-1)
		return bytes.Equal(a.data[:last], b.data[:last]) && a.data[last]&mask == b.data[last]&mask
	}
	return bytes.Equal(a.data, b.data) && slices.Equal(a.strs, b.strs)
}

// AllClose fails where got differs from want: in kind, element type or shape,
// or in an element by more than atol + rtol·|want|, which is the rule of
// numpy.testing.assert_allclose. NaN equals NaN. The error names the element
// that is farthest off and how many are.
func AllClose(got, want Value, rtol, atol float64) error {
	switch w := want.(type) {
	case *Tensor:
		g, ok := got.(*Tensor)
		if !ok {
			return kindError(got, want)
		}
		return tensorsClose(g, w, rtol, atol)
	case *Sequence:
		g, ok := got.(*Sequence)
		if !ok {
			return kindError(got, want)
		}
		if len(g.Items) != len(w.Items) {
			return fmt.Errorf("sequence has %d items, expected %d", len(g.Items), len(w.Items))
		}
		for i := range w.Items {
			if err := AllClose(g.Items[i], w.Items[i], rtol, atol); err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
		}
		return nil
	case *Optional:
		g, ok := got.(*Optional)
		if !ok {
			return kindError(got, want)
		}
		if (g.Value == nil) != (w.Value == nil) {
			return fmt.Errorf("optional is empty: %t, expected %t", g.Value == nil, w.Value == nil)
		}
		if w.Value == nil {
			return nil
		}
		return AllClose(g.Value, w.Value, rtol, atol)
	case *Map:
		g, ok := got.(*Map)
		if !ok {
			return kindError(got, want)
		}
		if err := AllClose(g.Keys, w.Keys, 0, 0); err != nil {
			return fmt.Errorf("keys: %w", err)
		}
		return AllClose(g.Values, w.Values, rtol, atol)
	}
	return kindError(got, want)
}

func kindError(got, want Value) error {
	if got == nil || want == nil {
		return fmt.Errorf("value is %v, expected %v", got, want)
	}
	return fmt.Errorf("value is a %v, expected a %v", got.Kind(), want.Kind())
}

func tensorsClose(got, want *Tensor, rtol, atol float64) error {
	if got == nil || want == nil {
		return fmt.Errorf("there is no tensor to compare")
	}
	if got.dtype != want.dtype || !slices.Equal(got.Shape(), want.Shape()) {
		return fmt.Errorf("value is %s, expected %s", got, want)
	}
	if equalElements(got, want) {
		return nil
	}
	tol := tolerance{rtol, atol}
	switch want.dtype {
	case String:
		for i := range want.strs {
			if got.strs[i] != want.strs[i] {
				return fmt.Errorf("element %v is %q, expected %q", unravel(i, want.Shape()), got.strs[i], want.strs[i])
			}
		}
		return nil
	case Complex64, Complex128:
		return farthest(tol, want.Shape(), complexes(got), complexes(want), func(g, w complex128) (by, size float64) {
			if g == w || cmplx.IsNaN(g) && cmplx.IsNaN(w) {
				return 0, 0
			}
			return cmplx.Abs(g - w), cmplx.Abs(w)
		})
	case Int64: // beyond 2^53 a float64 would hide a difference
		return farthest(tol, want.Shape(), elements[int64](got), elements[int64](want), func(g, w int64) (by, size float64) {
			return float64(uint64(max(g, w)) - uint64(min(g, w))), math.Abs(float64(w))
		})
	case Uint64:
		return farthest(tol, want.Shape(), elements[uint64](got), elements[uint64](want), func(g, w uint64) (by, size float64) {
			return float64(max(g, w) - min(g, w)), float64(w)
		})
	default:
		return floatsClose(tol, got, want)
	}
}

// floatsClose compares tensors whose elements a float64 holds.
func floatsClose(tol tolerance, got, want *Tensor) error {
	g, err := Float64s(got)
	if err != nil {
		return err
	}
	w, err := Float64s(want)
	if err != nil {
		return err
	}
	return farthest(tol, want.Shape(), g, w, func(g, w float64) (by, size float64) {
		if g == w || math.IsNaN(g) && math.IsNaN(w) {
			return 0, 0
		}
		return math.Abs(g - w), math.Abs(w)
	})
}

// tolerance is how far apart numbers may be: atol + rtol·|expected|.
type tolerance struct{ rtol, atol float64 }

// allows reports whether numbers that far apart are close. The distance from
// an infinity or NaN is infinite or NaN, which no tolerance allows.
func (t tolerance) allows(by, size float64) bool {
	return by == 0 || !math.IsInf(by, 1) && by <= t.atol+t.rtol*size
}

// farthest fails where elements are not close, and names the pair that is
// farthest apart. distance tells how far a pair is apart and how large the
// expected one is.
func farthest[T any](tol tolerance, shape []int, got, want []T, distance func(g, w T) (by, size float64)) error {
	far, worst, worstBy := 0, 0, -1.0
	for i := range want {
		by, size := distance(got[i], want[i])
		if tol.allows(by, size) {
			continue
		}
		far++
		if math.IsNaN(by) {
			by = math.Inf(1)
		}
		if by > worstBy {
			worst, worstBy = i, by
		}
	}
	if far == 0 {
		return nil
	}
	return fmt.Errorf("element %v is %v, expected %v (%d of %d differ by more than %g + %g·|expected|)",
		unravel(worst, shape), got[worst], want[worst], far, len(want), tol.atol, tol.rtol)
}

// unravel turns an offset into an index.
func unravel(i int, shape []int) []int {
	index := make([]int, len(shape))
	for k := len(shape) - 1; k >= 0; k-- {
		if shape[k] > 0 {
			index[k] = i % shape[k]
			i /= shape[k]
		}
	}
	return index
}

// complexes is every element of a complex tensor in the wider type.
func complexes(t *Tensor) []complex128 {
	if t.dtype == Complex128 {
		return elements[complex128](t)
	}
	out := make([]complex128, t.n)
	for i, c := range elements[complex64](t) {
		out[i] = complex128(c)
	}
	return out
}

// elements is [Data] where the type is known to be right.
func elements[T Element](t *Tensor) []T {
	v, _ := Data[T](t)
	return v
}
