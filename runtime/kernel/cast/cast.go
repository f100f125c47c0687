// Package cast converts elements between all types of the ONNX standard, as its
// Cast operator defines it, and moves low-precision elements to float32 and
// back for kernels that compute in float32.
//
// A conversion goes through one of two wide types that hold every value of the
// source: int64 for integers and bool, float64 for floating point. The common
// pairs of floating-point types have loops of their own. Elements are
// converted in chunks of a fixed size, packed types whole bytes at a time.
package cast

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Round says to which power of two a value between two of them goes when it
// becomes a float8e8m0.
type Round uint8

// The rounding modes of Cast-24.
const (
	RoundUp      Round = iota // away from zero
	RoundDown                 // towards zero
	RoundNearest              // to the nearest, halfway cases up
)

// Options are what a conversion can be told.
type Options struct {
	// NoSaturate lets a value that is beyond the range of a float8 type become
	// infinity or NaN instead of the largest value of its sign.
	NoSaturate bool
	// Round is the rounding of conversions to float8e8m0; other types round to
	// nearest, ties to even.
	Round Round
}

const (
	// grain is the number of elements a thread takes at once; chunk the number
	// that the wide buffers hold. Both are multiples of the four elements that
	// can share a byte.
	grain = 1 << 14
	chunk = 512
)

// Convert writes the elements of src to dst, which has as many elements, of
// any type. Conversions between numbers never fail: floating-point values that
// are out of an integer's range give what x86 gives (the smallest integer, or
// the low bits for narrow types). Complex numbers convert to complex numbers
// only. A string that is no number is an error.
func Convert(p *pool.Pool, dst, src *tensor.Tensor, opt Options) error {
	if dst.Len() != src.Len() {
		return fmt.Errorf("cast: %d elements into %d", src.Len(), dst.Len())
	}
	from, to := src.DType(), dst.DType()
	switch {
	case from == to:
		return duplicate(dst, src)
	case from == tensor.String:
		return parseAll(dst, src, opt)
	case to == tensor.String:
		return formatAll(dst, src)
	case isComplex(from) || isComplex(to):
		return convertComplex(dst, src)
	}
	move := choose(to, from)
	if src.Len() <= grain {
		move(dst, src, 0, src.Len(), opt)
		return nil
	}
	p.For(src.Len(), grain, func(lo, hi int) { move(dst, src, lo, hi, opt) })
	return nil
}

// mover converts elements lo to hi.
type mover func(dst, src *tensor.Tensor, lo, hi int, opt Options)

// choose finds the way from one type to another.
func choose(to, from tensor.DType) mover {
	switch {
	case from == tensor.Float16 && to == tensor.Float32:
		return widenRange[tensor.F16]
	case from == tensor.BFloat16 && to == tensor.Float32:
		return widenRange[tensor.BF16]
	case from == tensor.Float32 && to == tensor.Float16:
		return narrowRange[tensor.F16]
	case from == tensor.Float32 && to == tensor.BFloat16:
		return narrowRange[tensor.BF16]
	case from.IsFloat():
		return moveFloats
	default:
		return moveInts
	}
}

func widenRange[T tensor.F16 | tensor.BF16](dst, src *tensor.Tensor, lo, hi int, _ Options) {
	Widen(data[float32](dst)[lo:hi], data[T](src)[lo:hi])
}

func narrowRange[T tensor.F16 | tensor.BF16](dst, src *tensor.Tensor, lo, hi int, _ Options) {
	Narrow(data[T](dst)[lo:hi], data[float32](src)[lo:hi])
}

func moveFloats(dst, src *tensor.Tensor, lo, hi int, opt Options) {
	var wide [chunk]float64
	for ; lo < hi; lo += chunk {
		w := wide[:min(chunk, hi-lo)]
		loadFloats(w, src, lo)
		storeFloats(dst, lo, w, opt)
	}
}

func moveInts(dst, src *tensor.Tensor, lo, hi int, opt Options) {
	var wide [chunk]int64
	for ; lo < hi; lo += chunk {
		w := wide[:min(chunk, hi-lo)]
		loadInts(w, src, lo)
		storeInts(dst, lo, w, src.DType() == tensor.Uint64, opt)
	}
}

// duplicate copies between tensors of one type.
func duplicate(dst, src *tensor.Tensor) error {
	if src.DType() != tensor.String {
		copy(dst.Bytes(), src.Bytes())
		return nil
	}
	copy(data[string](dst), data[string](src))
	return nil
}

func isComplex(d tensor.DType) bool { return d == tensor.Complex64 || d == tensor.Complex128 }

func convertComplex(dst, src *tensor.Tensor) error {
	switch {
	case src.DType() == tensor.Complex64 && dst.DType() == tensor.Complex128:
		out := data[complex128](dst)
		for i, v := range data[complex64](src) {
			out[i] = complex128(v)
		}
	case src.DType() == tensor.Complex128 && dst.DType() == tensor.Complex64:
		out := data[complex64](dst)
		for i, v := range data[complex128](src) {
			out[i] = complex64(v)
		}
	default:
		return fmt.Errorf("cast: no conversion from %v to %v", src.DType(), dst.DType())
	}
	return nil
}

// data is the elements of a tensor whose type was looked at before.
func data[T tensor.Element](t *tensor.Tensor) []T {
	v, err := tensor.Data[T](t)
	if err != nil {
		return nil
	}
	return v
}
