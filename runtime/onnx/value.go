package onnx

import (
	"encoding/binary"
	"errors"
	"fmt"
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

// checkRaw tells whether raw has as many bytes as the shape needs.
func checkRaw(d tensor.DType, raw []byte, shape []int) error {
	size, err := byteSize(d, shape)
	if err != nil {
		return err
	}
	if len(raw) != size {
		return fmt.Errorf("%v%s needs %d bytes, found %d", d, tensor.FormatShape(shape), size, len(raw))
	}
	return nil
}

func byteSize(d tensor.DType, shape []int) (int, error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return 0, err
	}
	return tensor.ByteSize(d, n)
}

// fromRaw makes a tensor over little-endian bytes, copying them only where
// they are not aligned or not fit to be looked at as Go values.
func fromRaw(d tensor.DType, raw []byte, shape []int) (*tensor.Tensor, error) {
	if err := checkRaw(d, raw, shape); err != nil {
		return nil, err
	}
	buf := raw
	if d == tensor.Bool && slices.ContainsFunc(raw, func(b byte) bool { return b > 1 }) {
		// a Go bool of any other bits is undefined behaviour
		buf = tensor.Alloc(len(raw))
		for i, b := range raw {
			buf[i] = min(b, 1)
		}
	} else if !tensor.Aligned(d, raw) {
		buf = tensor.Alloc(len(raw))
		copy(buf, raw)
	}
	return tensor.Wrap(d, buf, shape...)
}

// list tells which typed list of TensorProto holds elements of t's type, how
// many entries it has and how many the shape needs.
func (t *Tensor) list(shape []int) (name string, have, want int, err error) {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return "", 0, 0, err
	}
	size, err := tensor.ByteSize(t.DType, n)
	if err != nil {
		return "", 0, 0, err
	}
	switch t.DType {
	case tensor.Float32, tensor.Complex64:
		return "float_data", len(t.Floats), size / 4, nil
	case tensor.Float64, tensor.Complex128:
		return "double_data", len(t.Doubles), size / 8, nil
	case tensor.Int64:
		return "int64_data", len(t.Int64s), n, nil
	case tensor.Uint64, tensor.Uint32:
		return "uint64_data", len(t.Uint64s), n, nil
	case tensor.String:
		return "string_data", len(t.Strings), n, nil
	default: // what is narrower than a byte is stored a byte to an entry
		return "int32_data", len(t.Int32s), min(n, size), nil
	}
}

func (t *Tensor) wrongCount(list string, have, want int, shape []int) error {
	return fmt.Errorf("%v%s needs %d entries in %s, found %d", t.DType, tensor.FormatShape(shape), want, list, have)
}

// fromList makes a tensor of one of the typed lists.
func (t *Tensor) fromList(shape []int) (*tensor.Tensor, error) {
	list, have, want, err := t.list(shape)
	if err != nil {
		return nil, err
	}
	if have != want {
		return nil, t.wrongCount(list, have, want, shape)
	}
	switch t.DType {
	case tensor.Float32:
		return tensor.FromSlice(t.Floats, shape...)
	case tensor.Float64:
		return tensor.FromSlice(t.Doubles, shape...)
	case tensor.Int64:
		return tensor.FromSlice(t.Int64s, shape...)
	case tensor.Uint64:
		return tensor.FromSlice(t.Uint64s, shape...)
	case tensor.Int32:
		return tensor.FromSlice(t.Int32s, shape...)
	case tensor.Complex64: // real and imaginary parts lie as in a complex number
		return fromRaw(t.DType, tensor.Vector(t.Floats...).Bytes(), shape)
	case tensor.Complex128:
		return fromRaw(t.DType, tensor.Vector(t.Doubles...).Bytes(), shape)
	case tensor.String:
		strs := make([]string, len(t.Strings))
		for i, s := range t.Strings {
			strs[i] = string(s)
		}
		return tensor.FromSlice(strs, shape...)
	default:
		return t.narrowed(list, have, shape)
	}
}

// narrowed makes a tensor of elements that the file stores wider than they
// are: one to an entry, or one byte of packed elements to an entry.
func (t *Tensor) narrowed(list string, count int, shape []int) (*tensor.Tensor, error) {
	size, err := byteSize(t.DType, shape)
	if err != nil {
		return nil, err
	}
	width := max(t.DType.Bits(), 8)
	buf := tensor.Alloc(size)
	for i := range count {
		var v int64
		if t.DType == tensor.Uint32 {
			v = int64(t.Uint64s[i])
		} else {
			v = int64(t.Int32s[i])
		}
		if v < -1<<(width-1) || v >= 1<<width {
			return nil, fmt.Errorf("%s[%d] is %d, which does not fit %v", list, i, v, t.DType)
		}
		switch {
		case t.DType == tensor.Bool:
			buf[i] = byte(min(v&0xff, 1))
		case width == 8:
			buf[i] = byte(v)
		case width == 16:
			binary.LittleEndian.PutUint16(buf[2*i:], uint16(v))
		default:
			binary.LittleEndian.PutUint32(buf[4*i:], uint32(v))
		}
	}
	return tensor.Wrap(t.DType, buf, shape...)
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
		size, err := byteSize(t.DType, shape)
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
