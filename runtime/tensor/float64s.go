package tensor

import "fmt"

// Float64s gives the elements of t as float64, a copy. Every type but strings
// and complex numbers converts; true is 1. Only int64 and uint64 beyond 2^53
// are rounded.
func Float64s(t *Tensor) ([]float64, error) {
	if t == nil {
		return nil, fmt.Errorf("tensor: no tensor where numbers were wanted")
	}
	switch t.dtype {
	case Float32:
		return widen[float32](t), nil
	case Float64:
		return widen[float64](t), nil
	case Int8:
		return widen[int8](t), nil
	case Int16:
		return widen[int16](t), nil
	case Int32:
		return widen[int32](t), nil
	case Int64:
		return widen[int64](t), nil
	case Uint8:
		return widen[uint8](t), nil
	case Uint16:
		return widen[uint16](t), nil
	case Uint32:
		return widen[uint32](t), nil
	case Uint64:
		return widen[uint64](t), nil
	case Float16:
		return widenSmall[F16](t), nil
	case BFloat16:
		return widenSmall[BF16](t), nil
	case Float8E4M3FN:
		return widenSmall[F8E4M3FN](t), nil
	case Float8E4M3FNUZ:
		return widenSmall[F8E4M3FNUZ](t), nil
	case Float8E5M2:
		return widenSmall[F8E5M2](t), nil
	case Float8E5M2FNUZ:
		return widenSmall[F8E5M2FNUZ](t), nil
	case Float8E8M0:
		return widenSmall[F8E8M0](t), nil
	case Bool:
		out := make([]float64, t.n)
		for i, b := range elements[bool](t) {
			if b {
				out[i] = 1
			}
		}
		return out, nil
	case Int4, Uint4, Int2, Uint2, Float4E2M1:
		return widenPacked(t), nil
	default:
		return nil, fmt.Errorf("tensor: %v elements are no real numbers", t.dtype)
	}
}

func widen[T interface {
	Element
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}](t *Tensor) []float64 {
	out := make([]float64, t.n)
	for i, v := range elements[T](t) {
		out[i] = float64(v)
	}
	return out
}

// small is a float type that Go lacks.
type small interface {
	Element
	Float32() float32
}

func widenSmall[T small](t *Tensor) []float64 {
	out := make([]float64, t.n)
	for i, v := range elements[T](t) {
		out[i] = float64(v.Float32())
	}
	return out
}

func widenPacked(t *Tensor) []float64 {
	bits := make([]int8, t.n)
	UnpackTo(bits, t.data, t.dtype)
	out := make([]float64, t.n)
	for i, b := range bits {
		if t.dtype == Float4E2M1 {
			out[i] = float64(F4E2M1ToFloat32(uint8(b)))
		} else {
			out[i] = float64(b)
		}
	}
	return out
}
