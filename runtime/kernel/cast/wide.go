package cast

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// integer lists the Go types of whole numbers.
type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// small lists the floating-point types that are stored as bits.
type small interface {
	tensor.F16 | tensor.BF16 | tensor.F8E4M3FN | tensor.F8E4M3FNUZ | tensor.F8E5M2 | tensor.F8E5M2FNUZ | tensor.F8E8M0
	Float32() float32
}

// loadInts reads integers or booleans from element lo on; uint64 as its bits.
func loadInts(dst []int64, src *tensor.Tensor, lo int) {
	switch src.DType() {
	case tensor.Int8:
		fromIntegers(dst, data[int8](src)[lo:])
	case tensor.Int16:
		fromIntegers(dst, data[int16](src)[lo:])
	case tensor.Int32:
		fromIntegers(dst, data[int32](src)[lo:])
	case tensor.Int64:
		fromIntegers(dst, data[int64](src)[lo:])
	case tensor.Uint8:
		fromIntegers(dst, data[uint8](src)[lo:])
	case tensor.Uint16:
		fromIntegers(dst, data[uint16](src)[lo:])
	case tensor.Uint32:
		fromIntegers(dst, data[uint32](src)[lo:])
	case tensor.Uint64:
		fromIntegers(dst, data[uint64](src)[lo:])
	case tensor.Bool:
		for i, v := range data[bool](src)[lo : lo+len(dst)] {
			dst[i] = 0
			if v {
				dst[i] = 1
			}
		}
	default: // int2, int4, uint2, uint4
		var b [chunk]int8
		unpack(b[:len(dst)], src, lo)
		fromIntegers(dst, b[:])
	}
}

func fromIntegers[T integer](dst []int64, src []T) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = int64(v)
	}
}

// loadFloats reads floating-point elements from element lo on.
func loadFloats(dst []float64, src *tensor.Tensor, lo int) {
	switch src.DType() {
	case tensor.Float64:
		copy(dst, data[float64](src)[lo:])
	case tensor.Float32:
		for i, v := range data[float32](src)[lo : lo+len(dst)] {
			dst[i] = float64(v)
		}
	case tensor.Float16:
		fromSmall(dst, data[tensor.F16](src)[lo:])
	case tensor.BFloat16:
		fromSmall(dst, data[tensor.BF16](src)[lo:])
	case tensor.Float8E4M3FN:
		fromSmall(dst, data[tensor.F8E4M3FN](src)[lo:])
	case tensor.Float8E4M3FNUZ:
		fromSmall(dst, data[tensor.F8E4M3FNUZ](src)[lo:])
	case tensor.Float8E5M2:
		fromSmall(dst, data[tensor.F8E5M2](src)[lo:])
	case tensor.Float8E5M2FNUZ:
		fromSmall(dst, data[tensor.F8E5M2FNUZ](src)[lo:])
	case tensor.Float8E8M0:
		fromSmall(dst, data[tensor.F8E8M0](src)[lo:])
	default: // float4e2m1
		var b [chunk]int8
		unpack(b[:len(dst)], src, lo)
		for i := range dst {
			dst[i] = float64(tensor.F4E2M1ToFloat32(uint8(b[i])))
		}
	}
}

func fromSmall[T small](dst []float64, src []T) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = float64(v.Float32())
	}
}

// unpack reads packed elements from element lo on, which begins a byte.
func unpack(dst []int8, src *tensor.Tensor, lo int) {
	per := 8 / src.DType().Bits()
	tensor.UnpackTo(dst, src.Bytes()[lo/per:], src.DType())
}

// pack writes the low bits of values as packed elements from element lo on,
// which begins a byte.
func pack(dst *tensor.Tensor, lo int, values []int8) {
	per := 8 / dst.DType().Bits()
	tensor.PackTo(dst.Bytes()[lo/per:(lo+len(values)+per-1)/per], values, dst.DType())
}

// storeInts writes integers; unsigned says that they are the bits of uint64.
// What an integer type cannot hold loses its high bits.
func storeInts(dst *tensor.Tensor, lo int, src []int64, unsigned bool, opt Options) {
	switch dst.DType() {
	case tensor.Int8:
		toIntegers(data[int8](dst)[lo:], src)
	case tensor.Int16:
		toIntegers(data[int16](dst)[lo:], src)
	case tensor.Int32:
		toIntegers(data[int32](dst)[lo:], src)
	case tensor.Int64:
		toIntegers(data[int64](dst)[lo:], src)
	case tensor.Uint8:
		toIntegers(data[uint8](dst)[lo:], src)
	case tensor.Uint16:
		toIntegers(data[uint16](dst)[lo:], src)
	case tensor.Uint32:
		toIntegers(data[uint32](dst)[lo:], src)
	case tensor.Uint64:
		toIntegers(data[uint64](dst)[lo:], src)
	case tensor.Bool:
		out := data[bool](dst)[lo:]
		for i, v := range src {
			out[i] = v != 0
		}
	case tensor.Float32: // in one rounding, which float64 in between would not be
		out := data[float32](dst)[lo:]
		for i, v := range src {
			out[i] = float32(v)
			if unsigned {
				out[i] = float32(uint64(v))
			}
		}
	case tensor.Int2, tensor.Int4, tensor.Uint2, tensor.Uint4:
		var b [chunk]int8
		toIntegers(b[:], src)
		pack(dst, lo, b[:len(src)])
	default:
		var wide [chunk]float64
		for i, v := range src {
			wide[i] = float64(v)
			if unsigned {
				wide[i] = float64(uint64(v))
			}
		}
		storeFloats(dst, lo, wide[:len(src)], opt)
	}
}

func toIntegers[T integer](dst []T, src []int64) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = T(v)
	}
}

// storeFloats writes floating-point values.
func storeFloats(dst *tensor.Tensor, lo int, src []float64, opt Options) {
	switch dst.DType() {
	case tensor.Float64:
		copy(data[float64](dst)[lo:], src)
	case tensor.Float32:
		out := data[float32](dst)[lo:]
		for i, v := range src {
			out[i] = float32(v)
		}
	case tensor.Bool:
		out := data[bool](dst)[lo:]
		for i, v := range src {
			out[i] = v != 0
		}
	case tensor.Float16:
		out := data[tensor.F16](dst)[lo:]
		for i, v := range src {
			out[i] = tensor.F16From(roundToOdd(v))
		}
	case tensor.BFloat16:
		out := data[tensor.BF16](dst)[lo:]
		for i, v := range src {
			out[i] = tensor.BF16From(roundToOdd(v))
		}
	case tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ, tensor.Float8E8M0:
		storeFloat8(dst, lo, src, opt)
	case tensor.Float4E2M1:
		var b [chunk]int8
		for i, v := range src {
			b[i] = int8(float4(v))
		}
		pack(dst, lo, b[:len(src)])
	default:
		storeTruncated(dst, lo, src)
	}
}

// float4 rounds v to a float4e2m1. The type has no NaN, for which the standard's
// tests expect -0.
func float4(v float64) uint8 {
	if v != v {
		return 0x8
	}
	return tensor.F4E2M1From(roundToOdd(v))
}

func storeFloat8(dst *tensor.Tensor, lo int, src []float64, opt Options) {
	out := dst.Bytes()[lo:]
	saturate := !opt.NoSaturate
	for i, v := range src {
		f := roundToOdd(v)
		switch dst.DType() {
		case tensor.Float8E4M3FN:
			out[i] = uint8(tensor.F8E4M3FNFrom(f, saturate))
		case tensor.Float8E4M3FNUZ:
			out[i] = uint8(tensor.F8E4M3FNUZFrom(f, saturate))
		case tensor.Float8E5M2:
			out[i] = uint8(tensor.F8E5M2From(f, saturate))
		case tensor.Float8E5M2FNUZ:
			out[i] = uint8(tensor.F8E5M2FNUZFrom(f, saturate))
		default:
			out[i] = uint8(E8M0From(v, saturate, opt.Round))
		}
	}
}

// storeTruncated writes to integer types, fractions cut off.
func storeTruncated(dst *tensor.Tensor, lo int, src []float64) {
	var wide [chunk]int64
	d := dst.DType()
	for i, v := range src {
		wide[i] = truncate(v, d)
	}
	storeInts(dst, lo, wide[:len(src)], false, Options{})
}

// truncate cuts off the fraction of v. Out of range, it gives on every machine
// what x86 instructions give, which is what numpy and ONNX Runtime answer: the
// smallest integer for 32 and 64 bits, the low bits for narrower types.
func truncate(v float64, d tensor.DType) int64 {
	switch {
	case d == tensor.Uint64 && v >= 1<<63 && v < 1<<64:
		return int64(uint64(v))
	case d == tensor.Int32 && !(v > math.MinInt32-1 && v < math.MaxInt32+1):
		return math.MinInt32
	case !(v >= math.MinInt64 && v < -math.MinInt64): // NaN too
		return math.MinInt64
	}
	return int64(v)
}

// roundToOdd is v as a float32 that, where it is not exact, has an odd
// mantissa, so that a second rounding to a type of fewer bits gives what one
// rounding would have given.
func roundToOdd(v float64) float32 {
	f := float32(v)
	if float64(f) == v || v != v || math.IsInf(v, 0) {
		return f
	}
	bits := math.Float32bits(f)
	if math.Abs(float64(f)) > math.Abs(v) { // rounded away from zero: take the one below
		bits--
	}
	return math.Float32frombits(bits | 1)
}

// E8M0From rounds v to a power of two. The type has neither sign nor zero: of
// a negative number the magnitude counts; zero and what is too small become
// the smallest power, what is too large, infinity included, the largest, both
// NaN without saturate. NaN stays NaN.
func E8M0From(v float64, saturate bool, round Round) tensor.F8E8M0 {
	const nan, largest, bias = 0xff, 0xfe, 127
	v = math.Abs(v)
	low, high := tensor.F8E8M0(0), tensor.F8E8M0(largest)
	if !saturate {
		low, high = nan, nan
	}
	switch {
	case v != v:
		return nan
	case v == 0:
		return low
	case math.IsInf(v, 1):
		return high
	}
	frac, exp := math.Frexp(v) // v = frac · 2^exp, frac in [0.5, 1)
	code := exp - 1 + bias
	if (round == RoundUp && frac > 0.5) || (round == RoundNearest && frac >= 0.75) {
		code++
	}
	switch {
	case code < 0:
		return low
	case code > largest:
		return high
	}
	return tensor.F8E8M0(code)
}
