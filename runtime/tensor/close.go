package tensor

import (
	"bytes"
	"fmt"
	"math"
	"slices"
)

// Equal reports whether two values are the same, bit for bit.
func Equal(a, b Value) bool {
	switch a := a.(type) {
	case *Tensor:
		b, ok := b.(*Tensor)
		return ok && a.dtype == b.dtype && slices.Equal(a.Shape(), b.Shape()) &&
			bytes.Equal(a.data, b.data) && slices.Equal(a.strs, b.strs)
	case *Sequence:
		b, ok := b.(*Sequence)
		return ok && slices.EqualFunc(a.Items, b.Items, Equal)
	case *Optional:
		b, ok := b.(*Optional)
		return ok && (a.Value == nil) == (b.Value == nil) && (a.Value == nil || Equal(a.Value, b.Value))
	case *Map:
		b, ok := b.(*Map)
		return ok && Equal(a.Keys, b.Keys) && Equal(a.Values, b.Values)
	}
	return a == nil && b == nil
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
	if got.dtype != want.dtype || !slices.Equal(got.Shape(), want.Shape()) {
		return fmt.Errorf("value is %s, expected %s", got, want)
	}
	if want.dtype == String {
		for i := range want.strs {
			if got.strs[i] != want.strs[i] {
				return fmt.Errorf("element %v is %q, expected %q", unravel(i, want.Shape()), got.strs[i], want.strs[i])
			}
		}
		return nil
	}
	if bytes.Equal(got.data, want.data) {
		return nil
	}
	g, w := numbers(got), numbers(want)
	parts := len(w) / max(want.n, 1) // a complex element is two numbers
	far, worst, worstBy := 0, 0, -1.0
	for i := range w {
		by, ok := apart(g[i], w[i], rtol, atol)
		if ok {
			continue
		}
		far++
		if by > worstBy {
			worst, worstBy = i, by
		}
	}
	if far == 0 {
		return nil
	}
	return fmt.Errorf("element %v is %v, expected %v (%d of %d differ by more than %g + %g·|expected|)",
		unravel(worst/parts, want.Shape()), g[worst], w[worst], far, len(w), atol, rtol)
}

// apart reports whether two numbers are close, and how far they are apart if
// not.
func apart(g, w, rtol, atol float64) (by float64, ok bool) {
	switch {
	case g == w || (math.IsNaN(g) && math.IsNaN(w)):
		return 0, true
	case math.IsNaN(g) || math.IsNaN(w) || math.IsInf(g, 0) || math.IsInf(w, 0):
		return math.Inf(1), false
	}
	by = math.Abs(g - w)
	return by, by <= atol+rtol*math.Abs(w)
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

// numbers is every element as a float64, a complex one as two.
func numbers(t *Tensor) []float64 {
	switch t.dtype {
	case Float32:
		return convert[float32](t)
	case Float64:
		return convert[float64](t)
	case Int8:
		return convert[int8](t)
	case Int16:
		return convert[int16](t)
	case Int32:
		return convert[int32](t)
	case Int64:
		return convert[int64](t)
	case Uint8:
		return convert[uint8](t)
	case Uint16:
		return convert[uint16](t)
	case Uint32:
		return convert[uint32](t)
	case Uint64:
		return convert[uint64](t)
	case Float16:
		return convertBits[F16](t)
	case BFloat16:
		return convertBits[BF16](t)
	case Float8E4M3FN:
		return convertBits[F8E4M3FN](t)
	case Float8E4M3FNUZ:
		return convertBits[F8E4M3FNUZ](t)
	case Float8E5M2:
		return convertBits[F8E5M2](t)
	case Float8E5M2FNUZ:
		return convertBits[F8E5M2FNUZ](t)
	case Float8E8M0:
		return convertBits[F8E8M0](t)
	default:
		return oddNumbers(t)
	}
}

// oddNumbers covers the types that are no numbers in Go, or two, or packed.
func oddNumbers(t *Tensor) []float64 {
	out := make([]float64, 0, 2*t.n)
	switch t.dtype {
	case Bool:
		data, _ := Data[bool](t)
		for _, v := range data {
			out = append(out, map[bool]float64{true: 1}[v])
		}
	case Complex64:
		data, _ := Data[complex64](t)
		for _, v := range data {
			out = append(out, float64(real(v)), float64(imag(v)))
		}
	case Complex128:
		data, _ := Data[complex128](t)
		for _, v := range data {
			out = append(out, real(v), imag(v))
		}
	default:
		values, _ := Unpack(t)
		for _, v := range values {
			if t.dtype == Float4E2M1 {
				out = append(out, float64(F4E2M1ToFloat32(uint8(v))))
			} else {
				out = append(out, float64(v))
			}
		}
	}
	return out
}

func convert[T float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](t *Tensor) []float64 {
	data, _ := Data[T](t) // the caller looked at the type
	out := make([]float64, len(data))
	for i, v := range data {
		out[i] = float64(v)
	}
	return out
}

func convertBits[T interface {
	Element
	Float32() float32
}](t *Tensor) []float64 {
	data, _ := Data[T](t) // the caller looked at the type
	out := make([]float64, len(data))
	for i, v := range data {
		out[i] = float64(v.Float32())
	}
	return out
}
