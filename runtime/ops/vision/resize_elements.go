package vision

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// integer lists the element types whose sums are rounded.
type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// data is the elements of a tensor of type T itself.
func data[T float32 | float64](t *tensor.Tensor) ([]T, error) { return tensor.Data[T](t) }

// store gives the place for the sums, where sums is nil; they are in place then.
func store[T float32 | float64](t *tensor.Tensor, sums []T) ([]T, error) {
	if sums != nil {
		return nil, nil
	}
	return tensor.Data[T](t)
}

// load copies integers to float64.
func load[T integer](t *tensor.Tensor) ([]float64, error) {
	src, err := tensor.Data[T](t)
	if err != nil {
		return nil, err
	}
	list := make([]float64, len(src))
	for i, v := range src {
		list[i] = float64(v)
	}
	return list, nil
}

// round gives a place for the sums, where sums is nil; else it rounds them to
// the nearest integers, halves to even, within the type's limits.
func round[T integer](t *tensor.Tensor, sums []float64) ([]float64, error) {
	if sums == nil {
		return make([]float64, t.Len()), nil
	}
	dst, err := tensor.Data[T](t)
	if err != nil {
		return nil, err
	}
	lowest, highest := limits[T](t.DType())
	for i, v := range sums {
		switch v = math.RoundToEven(v); {
		case !(v > float64(lowest)):
			dst[i] = lowest
		case v >= float64(highest):
			dst[i] = highest
		default:
			dst[i] = T(v)
		}
	}
	return nil, nil
}

// limits are the least and the greatest value of T.
func limits[T integer](d tensor.DType) (lowest, highest T) {
	if d.IsUnsigned() {
		return 0, ^T(0)
	}
	lowest = T(1) << (d.Bits() - 1)
	return lowest, ^lowest
}

// floats reads a tensor of any type that regions come in.
func floats(t *tensor.Tensor) ([]float64, error) {
	switch t.DType() {
	case tensor.Float32:
		src, err := tensor.Data[float32](t)
		list := make([]float64, len(src))
		for i, v := range src {
			list[i] = float64(v)
		}
		return list, err
	case tensor.Float64:
		return tensor.Data[float64](t)
	}
	return nil, fmt.Errorf("elements are %v, expected a float type", t.DType())
}

// extrapolates finds the axes that have positions beyond the input.
func extrapolates(p *resizePlan) bool {
	any := false
	for d := range p.axes {
		p.outside[d] = false
		for x := range p.axes[d].Out {
			if p.axes[d].Outside(x) {
				p.outside[d], any = true, true
				break
			}
		}
	}
	return any
}

// extrapolate sets what lies beyond the input on any axis.
func extrapolate[T any](p *resizePlan, dst []T, value T) {
	inner := len(dst)
	for d := range p.axes {
		n := p.axes[d].Out
		inner /= n
		if !p.outside[d] {
			continue
		}
		for x := range n {
			if !p.axes[d].Outside(x) {
				continue
			}
			for at := x * inner; at < len(dst); at += n * inner {
				for i := range inner {
					dst[at+i] = value
				}
			}
		}
	}
}

// extrapolateAny is extrapolate for a tensor of any real type.
func (k *resize) extrapolateAny(p *resizePlan, y *tensor.Tensor) error {
	if !extrapolates(p) {
		return nil
	}
	switch y.DType() {
	case tensor.Float32:
		return extrapolateAs(p, y, float32(k.extrapolation))
	case tensor.Float64:
		return extrapolateAs(p, y, k.extrapolation)
	case tensor.Int8:
		return extrapolateAs(p, y, int8(k.extrapolation))
	case tensor.Uint8:
		return extrapolateAs(p, y, uint8(k.extrapolation))
	case tensor.Int16:
		return extrapolateAs(p, y, int16(k.extrapolation))
	case tensor.Uint16:
		return extrapolateAs(p, y, uint16(k.extrapolation))
	case tensor.Int32:
		return extrapolateAs(p, y, int32(k.extrapolation))
	case tensor.Uint32:
		return extrapolateAs(p, y, uint32(k.extrapolation))
	case tensor.Int64:
		return extrapolateAs(p, y, int64(k.extrapolation))
	case tensor.Uint64:
		return extrapolateAs(p, y, uint64(k.extrapolation))
	}
	return fmt.Errorf("data is %v, which cannot be extrapolated", y.DType())
}

func extrapolateAs[T tensor.Element](p *resizePlan, y *tensor.Tensor, value T) error {
	dst, err := tensor.Data[T](y)
	if err == nil {
		extrapolate(p, dst, value)
	}
	return err
}
