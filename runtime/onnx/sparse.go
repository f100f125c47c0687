package onnx

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// A sparse tensor's dense form is as large as its dimensions say, and those
// cost a file nothing: [SparseTensor.Value] makes at most this many bytes for
// each byte that is stored, and a little for the smallest.
const (
	sparseRatio = 256
	sparseFloor = 4 << 10
)

// Value is the dense value. It refuses tensors whose dense form is more than
// 256 times as large as what is stored; [SparseTensor.Dense] takes a limit.
func (s *SparseTensor) Value() (*tensor.Tensor, error) {
	return s.dense(func(stored int) int { return sparseFloor + sparseRatio*min(stored, math.MaxInt/(2*sparseRatio)) })
}

// Dense is [SparseTensor.Value] with a limit on the size of the result in
// bytes.
func (s *SparseTensor) Dense(limit int) (*tensor.Tensor, error) {
	return s.dense(func(int) int { return limit })
}

// Name is the name of the sparse tensor, which its values carry.
func (s *SparseTensor) Name() string {
	if s.Values == nil {
		return ""
	}
	return s.Values.Name
}

func (s *SparseTensor) dense(limit func(stored int) int) (*tensor.Tensor, error) {
	v, err := s.scatter(limit)
	if err != nil {
		return nil, fmt.Errorf("onnx: sparse tensor %q: %w", s.Name(), err)
	}
	return v, nil
}

func (s *SparseTensor) scatter(limit func(stored int) int) (*tensor.Tensor, error) {
	if s.Values == nil || s.Indices == nil {
		return nil, fmt.Errorf("needs values and indices")
	}
	shape, err := intShape(s.Dims)
	if err != nil {
		return nil, err
	}
	vals, err := s.Values.value()
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	idx, err := s.Indices.value()
	if err != nil {
		return nil, fmt.Errorf("indices: %w", err)
	}
	if vals.Rank() != 1 {
		return nil, fmt.Errorf("values have shape %v, wanted rank 1", vals.Shape())
	}
	places, err := linear(idx, vals.Len(), shape)
	if err != nil {
		return nil, err
	}
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	// strings count as their headers
	hi, size := bits.Mul64(uint64(n), uint64(max(vals.DType().Bits()/8, 1)))
	if vals.DType() == tensor.String {
		hi, size = bits.Mul64(uint64(n), 16)
	}
	if most := limit(len(vals.Bytes()) + len(idx.Bytes())); hi != 0 || size > uint64(max(most, 0)) {
		return nil, fmt.Errorf("dense shape %v needs more than the %d bytes allowed for %d stored values", shape, most, vals.Len())
	}
	return scatterTo(vals, places, shape)
}

// linear turns the indices, linear [n] or coordinates [n, rank], into checked
// positions of n values in row-major order.
func linear(idx *tensor.Tensor, n int, shape []int) ([]int, error) {
	ints, err := tensor.Data[int64](idx)
	if err != nil {
		return nil, fmt.Errorf("indices: %w", err)
	}
	total, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	flat := idx.Rank() == 1 && len(ints) == n
	if !flat && !(idx.Rank() == 2 && idx.Dim(0) == n && idx.Dim(1) == len(shape)) {
		return nil, fmt.Errorf("indices have shape %v, wanted [%d] or [%d %d]", idx.Shape(), n, n, len(shape))
	}
	places := make([]int, n)
	if flat {
		for i, at := range ints {
			if at < 0 || at >= int64(total) {
				return nil, fmt.Errorf("index %d is %d, outside of %v", i, at, shape)
			}
			places[i] = int(at)
		}
		return places, nil
	}
	for i := range places {
		for axis, size := range shape {
			at := ints[i*len(shape)+axis]
			if at < 0 || at >= int64(size) {
				return nil, fmt.Errorf("index %d is %d on axis %d, outside of %v", i, at, axis, shape)
			}
			places[i] = places[i]*size + int(at)
		}
	}
	return places, nil
}

func scatterTo(vals *tensor.Tensor, places, shape []int) (*tensor.Tensor, error) {
	out, err := tensor.New(vals.DType(), shape...)
	if err != nil {
		return nil, err
	}
	switch d := vals.DType(); {
	case d == tensor.String:
		src, _ := tensor.Data[string](vals) // the type was just checked
		dst, _ := tensor.Data[string](out)
		for i, p := range places {
			dst[p] = src[i]
		}
	case d.Packed():
		src, err := tensor.Unpack(vals)
		if err != nil {
			return nil, err
		}
		dst := make([]int8, out.Len())
		for i, p := range places {
			dst[p] = src[i]
		}
		tensor.PackTo(out.Bytes(), dst, d)
	default:
		width := d.Bits() / 8
		for i, p := range places {
			copy(out.Bytes()[p*width:(p+1)*width], vals.Bytes()[i*width:])
		}
	}
	return out, nil
}
