package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Value makes the value of a constant, whichever way the file stores it. The
// number of bytes or elements must be exactly what type and dimensions say.
//
// Where the stored bytes can be used as they are, the value shares memory with
// the file or with t: treat it as read-only, and see [Open] on how long mapped
// memory lasts. They are copied where they are not aligned for the element
// type, so keep the value rather than asking twice.
func (t *Tensor) Value() (*tensor.Tensor, error) {
	v, err := t.value()
	if err != nil {
		return nil, fmt.Errorf("onnx: tensor %q: %w", t.Name, err)
	}
	return v, nil
}

func (t *Tensor) value() (*tensor.Tensor, error) {
	shape, err := t.shape()
	if err != nil {
		return nil, err
	}
	if len(t.Segment) > 0 {
		return nil, errors.New("tensors stored in segments are not supported")
	}
	if err := t.source.open(); err != nil {
		return nil, err
	}
	switch {
	case t.Location == 1:
		if t.DType == tensor.String {
			return nil, errors.New("strings cannot be external data")
		}
		buf, err := t.externalBytes(shape)
		if err != nil {
			return nil, err
		}
		return fromRaw(t.DType, buf, shape)
	case t.Location != 0:
		return nil, fmt.Errorf("data_location is %d, wanted 0 (default) or 1 (external)", t.Location)
	case t.HasRaw && t.DType != tensor.String:
		return fromRaw(t.DType, t.Raw, shape)
	case t.HasRaw:
		return nil, errors.New("strings cannot be raw data")
	}
	return t.fromList(shape)
}

// shape checks type and dimensions, and that their product can be counted.
func (t *Tensor) shape() ([]int, error) {
	if !t.DType.Valid() {
		return nil, fmt.Errorf("element type %d is not known", int32(t.DType))
	}
	return intShape(t.Dims)
}

func intShape(dims []int64) ([]int, error) {
	if len(dims) > tensor.MaxRank {
		return nil, fmt.Errorf("%d dimensions, at most %d are supported", len(dims), tensor.MaxRank)
	}
	shape := make([]int, len(dims))
	for i, d := range dims {
		if d < 0 || d != int64(int(d)) {
			return nil, fmt.Errorf("dimension %d is %d", i, d)
		}
		shape[i] = int(d)
	}
	if _, err := tensor.NumElements(shape); err != nil {
		return nil, fmt.Errorf("shape %v has more elements than fit in memory", shape)
	}
	return shape, nil
}

// fromRaw makes a tensor over little-endian bytes, copying them only where
// they are not aligned or not fit to be looked at as Go values.
func fromRaw(d tensor.DType, raw []byte, shape []int) (*tensor.Tensor, error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	size, err := tensor.ByteSize(d, n)
	if err != nil {
		return nil, err
	}
	if len(raw) != size {
		return nil, fmt.Errorf("%v%s needs %d bytes, found %d", d, tensor.FormatShape(shape), size, len(raw))
	}
	buf := raw
	if d == tensor.Bool && slices.ContainsFunc(raw, func(b byte) bool { return b > 1 }) {
		// a Go bool of any other bits is undefined behaviour
		buf = tensor.Alloc(size)
		for i, b := range raw {
			buf[i] = min(b, 1)
		}
	} else if !tensor.Aligned(d, raw) {
		buf = tensor.Alloc(size)
		copy(buf, raw)
	}
	return tensor.Wrap(d, buf, shape...)
}

// fromList makes a tensor of one of the typed lists of TensorProto.
func (t *Tensor) fromList(shape []int) (*tensor.Tensor, error) {
	switch t.DType {
	case tensor.Float32:
		return fromNumbers(t, "float_data", t.Floats, 1, shape)
	case tensor.Complex64:
		return fromNumbers(t, "float_data", t.Floats, 2, shape)
	case tensor.Float64:
		return fromNumbers(t, "double_data", t.Doubles, 1, shape)
	case tensor.Complex128:
		return fromNumbers(t, "double_data", t.Doubles, 2, shape)
	case tensor.Int64:
		return fromNumbers(t, "int64_data", t.Int64s, 1, shape)
	case tensor.Uint64:
		return fromNumbers(t, "uint64_data", t.Uint64s, 1, shape)
	case tensor.Int32:
		return fromNumbers(t, "int32_data", t.Int32s, 1, shape)
	case tensor.Uint32:
		return t.narrowed(shape, len(t.Uint64s), "uint64_data", func(i int) (uint64, bool) {
			return t.Uint64s[i], t.Uint64s[i] <= math.MaxUint32
		})
	case tensor.String:
		return t.strings(shape)
	default: // everything of 16 bits and less
		return t.narrowed(shape, len(t.Int32s), "int32_data", func(i int) (uint64, bool) {
			v, width := int64(t.Int32s[i]), max(t.DType.Bits(), 8)
			return uint64(v), v >= -1<<(width-1) && v < 1<<width
		})
	}
}

// fromNumbers makes a tensor over a list of its own element type, or of the
// halves of complex numbers.
func fromNumbers[N float32 | float64 | int32 | int64 | uint64](t *Tensor, list string, data []N, per int, shape []int) (*tensor.Tensor, error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	if len(data)%per != 0 || len(data)/per != n {
		return nil, fmt.Errorf("%v%s needs %d numbers in %s for each of %d elements, found %d", t.DType, tensor.FormatShape(shape), per, list, n, len(data))
	}
	v := tensor.Vector(data...)
	if per == 1 {
		return v.Reshape(shape...)
	}
	return fromRaw(t.DType, v.Bytes(), shape) // the halves lie as complex numbers do
}

// narrowed makes a tensor of elements that the file stores wider than they
// are: one to a number, or one byte of packed elements to a number.
func (t *Tensor) narrowed(shape []int, have int, list string, at func(int) (bits uint64, fits bool)) (*tensor.Tensor, error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	size, err := tensor.ByteSize(t.DType, n)
	if err != nil {
		return nil, err
	}
	width := max(t.DType.Bits()/8, 1)
	if have != size/width {
		return nil, fmt.Errorf("%v%s needs %d numbers in %s, found %d", t.DType, tensor.FormatShape(shape), size/width, list, have)
	}
	buf := tensor.Alloc(size)
	for i := range have {
		bits, fits := at(i)
		if !fits {
			return nil, fmt.Errorf("%s[%d] is %d, which does not fit %v", list, i, int64(bits), t.DType)
		}
		switch width {
		case 1:
			buf[i] = byte(bits)
			if t.DType == tensor.Bool {
				buf[i] = min(buf[i], 1)
			}
		case 2:
			binary.LittleEndian.PutUint16(buf[2*i:], uint16(bits))
		default:
			binary.LittleEndian.PutUint32(buf[4*i:], uint32(bits))
		}
	}
	return tensor.Wrap(t.DType, buf, shape...)
}

func (t *Tensor) strings(shape []int) (*tensor.Tensor, error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	if len(t.Strings) != n {
		return nil, fmt.Errorf("string%s needs %d strings in string_data, found %d", tensor.FormatShape(shape), n, len(t.Strings))
	}
	strs := make([]string, n)
	for i, s := range t.Strings {
		strs[i] = string(s)
	}
	return tensor.FromSlice(strs, shape...)
}

// externalBytes cuts the tensor's bytes out of the file that holds them.
func (t *Tensor) externalBytes(shape []int) ([]byte, error) {
	var location string
	offset, length := int64(0), int64(-1)
	for _, p := range t.External {
		var err error
		switch p.Key {
		case "location":
			location = p.Value
		case "offset":
			offset, err = strconv.ParseInt(p.Value, 10, 64)
		case "length":
			length, err = strconv.ParseInt(p.Value, 10, 64)
			if length < 0 {
				err = strconv.ErrRange
			}
		}
		if err != nil {
			return nil, fmt.Errorf("external data: %s is %q, wanted a number of bytes", p.Key, p.Value)
		}
	}
	if length < 0 {
		// left out: as much as the shape needs
		n, err := tensor.NumElements(shape)
		if err != nil {
			return nil, err
		}
		size, err := tensor.ByteSize(t.DType, n)
		if err != nil {
			return nil, err
		}
		length = int64(size)
	}
	file, err := t.source.external(location)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset > int64(len(file)) || length > int64(len(file))-offset {
		return nil, fmt.Errorf("external data %q: bytes %d to %d+%d, but the file has %d", location, offset, offset, length, len(file))
	}
	end := offset + length
	return file[offset:end:end], nil
}
