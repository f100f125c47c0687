package conformance

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The tolerances of the suite's own runner.
const (
	relative = 1e-3
	absolute = 1e-7
	// bfloat16 has 8 bits of precision: two units in the last place
	relativeBF16 = 1.0 / 64
)

// difference says in what got differs from want; "" where it does not, within
// the tolerances of the suite. Where the values are random, only types and
// shapes are compared.
func difference(got, want tensor.Value, random bool) string {
	switch want := want.(type) {
	case *tensor.Tensor:
		if got, ok := got.(*tensor.Tensor); ok {
			return tensorDifference(got, want, random)
		}
	case *tensor.Sequence:
		if got, ok := got.(*tensor.Sequence); ok {
			return sequenceDifference(got, want, random)
		}
	case *tensor.Optional:
		return optionalDifference(got, want, random)
	case *tensor.Map:
		if got, ok := got.(*tensor.Map); ok {
			if d := tensorDifference(got.Keys, want.Keys, false); d != "" {
				return "keys: " + d
			}
			return difference(got.Values, want.Values, random)
		}
	}
	if got, ok := got.(*tensor.Optional); ok && got.Value != nil {
		return difference(got.Value, want, random)
	}
	if got == nil {
		return fmt.Sprintf("no value, expected a %v", want.Kind())
	}
	return fmt.Sprintf("got a %v, expected a %v", got.Kind(), want.Kind())
}

// optionalDifference takes an optional that holds a value for that value, as
// engines differ in what they return.
func optionalDifference(got tensor.Value, want *tensor.Optional, random bool) string {
	if o, ok := got.(*tensor.Optional); ok {
		got = o.Value
	}
	switch {
	case want.Value == nil && got == nil:
		return ""
	case want.Value == nil:
		return "got a value, expected an empty optional"
	case got == nil:
		return "got an empty optional, expected a value"
	}
	return difference(got, want.Value, random)
}

func sequenceDifference(got, want *tensor.Sequence, random bool) string {
	if len(got.Items) != len(want.Items) {
		return fmt.Sprintf("got a sequence of %d, expected %d", len(got.Items), len(want.Items))
	}
	for i := range want.Items {
		if d := difference(got.Items[i], want.Items[i], random); d != "" {
			return fmt.Sprintf("item %d: %s", i, d)
		}
	}
	return ""
}

func tensorDifference(got, want *tensor.Tensor, random bool) string {
	if got.DType() != want.DType() {
		return fmt.Sprintf("got elements of %v, expected %v", got.DType(), want.DType())
	}
	if !slices.Equal(got.Shape(), want.Shape()) {
		return fmt.Sprintf("got shape %s, expected %s", tensor.FormatShape(got.Shape()), tensor.FormatShape(want.Shape()))
	}
	if random {
		return ""
	}
	switch {
	case want.DType() == tensor.String:
		g, errG := tensor.Data[string](got)
		w, errW := tensor.Data[string](want)
		if errG != nil || errW != nil {
			return "the strings cannot be read"
		}
		return firstUnequal(g, w)
	case want.DType().IsFloat() || want.DType() == tensor.Complex64 || want.DType() == tensor.Complex128:
		g, errG := floats(got)
		w, errW := floats(want)
		if errG != nil || errW != nil {
			return fmt.Sprintf("%v elements cannot be compared", want.DType())
		}
		return firstFar(g, w, want.DType())
	}
	if want.DType().Packed() {
		g, errG := tensor.Unpack(got)
		w, errW := tensor.Unpack(want)
		if errG != nil || errW != nil {
			return fmt.Sprintf("%v elements cannot be compared", want.DType())
		}
		return firstUnequal(g, w)
	}
	size := want.DType().Bits() / 8
	g, w := got.Bytes(), want.Bytes()
	for i := 0; i < len(w); i += size {
		if !slices.Equal(g[i:i+size], w[i:i+size]) {
			return fmt.Sprintf("element %d of %d differs: got %s, expected %s", i/size, len(w)/size, integer(g[i:i+size], want.DType()), integer(w[i:i+size], want.DType()))
		}
	}
	return ""
}

func firstUnequal[T comparable](got, want []T) string {
	for i := range want {
		if got[i] != want[i] {
			return fmt.Sprintf("element %d of %d differs: got %#v, expected %#v", i, len(want), got[i], want[i])
		}
	}
	return ""
}

// firstFar finds the first number out of tolerance. Infinities and NaN must be
// where they were expected.
func firstFar(got, want []float64, d tensor.DType) string {
	rtol := relative
	if d == tensor.BFloat16 {
		rtol = relativeBF16
	}
	bad, first, worst := 0, -1, 0.0
	for i, w := range want {
		g := got[i]
		if g == w || math.IsNaN(g) && math.IsNaN(w) {
			continue
		}
		off := math.Abs(g - w)
		if off <= absolute+rtol*math.Abs(w) && !math.IsInf(w, 0) {
			continue
		}
		if bad++; first < 0 {
			first = i
		}
		worst = max(worst, off)
	}
	if bad == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d elements differ, at most by %.3g; element %d: got %g, expected %g", bad, len(want), worst, first, got[first], want[first])
}

// integer prints the little-endian bytes of an integer or bool.
func integer(b []byte, d tensor.DType) string {
	var v uint64
	for i, x := range b {
		v |= uint64(x) << (8 * i)
	}
	if d.IsSigned() {
		shift := 64 - 8*len(b)
		return fmt.Sprint(int64(v<<shift) >> shift)
	}
	return fmt.Sprint(v)
}

// floats converts the elements of any floating-point type exactly; complex
// numbers become their two parts.
func floats(t *tensor.Tensor) ([]float64, error) {
	switch t.DType() {
	case tensor.Float32:
		return convert(t, func(v float32) float64 { return float64(v) })
	case tensor.Float64:
		return convert(t, func(v float64) float64 { return v })
	case tensor.Float16:
		return convert(t, narrow[tensor.F16])
	case tensor.BFloat16:
		return convert(t, narrow[tensor.BF16])
	case tensor.Float8E4M3FN:
		return convert(t, narrow[tensor.F8E4M3FN])
	case tensor.Float8E4M3FNUZ:
		return convert(t, narrow[tensor.F8E4M3FNUZ])
	case tensor.Float8E5M2:
		return convert(t, narrow[tensor.F8E5M2])
	case tensor.Float8E5M2FNUZ:
		return convert(t, narrow[tensor.F8E5M2FNUZ])
	case tensor.Float8E8M0:
		return convert(t, narrow[tensor.F8E8M0])
	case tensor.Complex64:
		values, err := tensor.Data[complex64](t)
		out := make([]float64, 0, 2*len(values))
		for _, v := range values {
			out = append(out, float64(real(v)), float64(imag(v)))
		}
		return out, err
	case tensor.Complex128:
		values, err := tensor.Data[complex128](t)
		out := make([]float64, 0, 2*len(values))
		for _, v := range values {
			out = append(out, real(v), imag(v))
		}
		return out, err
	case tensor.Float4E2M1:
		bits, err := tensor.Unpack(t)
		out := make([]float64, len(bits))
		for i, b := range bits {
			out[i] = float64(tensor.F4E2M1ToFloat32(uint8(b)))
		}
		return out, err
	}
	return nil, fmt.Errorf("%v is not a floating-point type", t.DType())
}

func convert[T tensor.Element](t *tensor.Tensor, to func(T) float64) ([]float64, error) {
	values, err := tensor.Data[T](t)
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = to(v)
	}
	return out, err
}

func narrow[T interface{ Float32() float32 }](v T) float64 { return float64(v.Float32()) }
