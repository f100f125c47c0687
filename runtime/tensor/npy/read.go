package npy

import (
	"bytes"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Read reads one array. It reads no byte more than the array has, so that
// arrays that follow each other are read by calling it again.
func Read(r io.Reader) (*tensor.Tensor, error) { return ReadAs(r, tensor.Undefined) }

// ReadAs is [Read] for raw bytes whose element type the file does not tell. It
// fails where the elements are of a type that NumPy knows, and not d.
func ReadAs(r io.Reader, d tensor.DType) (*tensor.Tensor, error) {
	t, err := read(r, d, nil)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	return t, nil
}

// budget is how many more bytes may be allocated; nil where there is no limit.
type budget struct{ left int64 }

func (b *budget) take(n int) error {
	if b == nil {
		return nil
	}
	if int64(n) > b.left {
		return fmt.Errorf("needs %d bytes, more than the %d that are left of the limit", n, b.left)
	}
	b.left -= int64(n)
	return nil
}

func read(r io.Reader, as tensor.DType, limit *budget) (*tensor.Tensor, error) {
	h, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	e, err := parseDescr(h.descr)
	if err != nil {
		return nil, err
	}
	d, err := e.dtype(as)
	if err != nil {
		return nil, err
	}
	n, err := tensor.NumElements(h.shape)
	if err != nil {
		return nil, err
	}
	hi, size := bits.Mul64(uint64(n), uint64(e.width()))
	if hi != 0 || size > 1<<62 || size != uint64(int(size)) {
		return nil, fmt.Errorf("shape %v has more elements than fit in memory", h.shape)
	}
	if err := limit.take(int(size)); err != nil {
		return nil, fmt.Errorf("array of shape %v %w", h.shape, err)
	}
	data, err := readBytes(r, int(size))
	if err != nil {
		return nil, fmt.Errorf("array of dtype %s and shape %v: %w", h.descr, h.shape, err)
	}
	if h.fortran && len(h.shape) > 1 {
		data = rowMajor(data, h.shape, e.width())
	}
	if d == tensor.String {
		return stringTensor(data, e, n, h.shape, limit)
	}
	return numberTensor(data, e, d, h.shape)
}

// firstChunk is what is allocated before any data has arrived.
const firstChunk = 1 << 20

// readBytes reads size bytes, allocating at most about three times what arrives.
func readBytes(r io.Reader, size int) ([]byte, error) {
	var buf []byte
	have := 0
	for have < size {
		grown := tensor.Alloc(min(size, max(firstChunk, 2*have)))
		copy(grown, buf[:have])
		buf = grown
		k, err := io.ReadFull(r, buf[have:])
		if have += k; err != nil {
			return nil, fmt.Errorf("needs %d bytes, found %d: %w", size, have, short(err))
		}
	}
	return buf, nil
}

// rowMajor reorders elements of width bytes from column-major order.
func rowMajor(data []byte, shape []int, width int) []byte {
	if len(data) == 0 {
		return data
	}
	out := tensor.Alloc(len(data))
	// stride of each dimension in the source, in bytes
	strides := make([]int, len(shape))
	stride := width
	for i, d := range shape {
		strides[i] = stride
		stride *= d
	}
	index := make([]int, len(shape))
	from := 0
	for to := 0; to < len(out); to += width {
		copy(out[to:to+width], data[from:from+width])
		for i := len(shape) - 1; i >= 0; i-- {
			index[i]++
			from += strides[i]
			if index[i] < shape[i] {
				break
			}
			from -= strides[i] * shape[i]
			index[i] = 0
		}
	}
	return out
}

// numberTensor turns the bytes of a file into those of a tensor, in place.
func numberTensor(data []byte, e element, d tensor.DType, shape []int) (*tensor.Tensor, error) {
	switch {
	case d.Packed():
		values := make([]int8, len(data))
		for i, b := range data {
			values[i] = int8(b)
		}
		return tensor.Pack(d, values, shape...)
	case d == tensor.Bool:
		for i, b := range data {
			data[i] = min(b, 1) // a Go bool of other bits is undefined behaviour
		}
	case e.big:
		word := e.size
		if e.kind == 'c' {
			word /= 2
		}
		for i := 0; i+word <= len(data); i += word {
			reverse(data[i : i+word])
		}
	}
	return tensor.Wrap(d, data, shape...)
}

func reverse(b []byte) {
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
}

// stringHeader is about what a Go string costs beside its bytes.
const stringHeader = 16

// stringTensor cuts strings of fixed width out of data; NUL pads them.
func stringTensor(data []byte, e element, n int, shape []int, limit *budget) (*tensor.Tensor, error) {
	if e.size == 0 && n > firstChunk/stringHeader {
		return nil, fmt.Errorf("%d strings of width 0", n)
	}
	if err := limit.take(n * stringHeader); err != nil {
		return nil, fmt.Errorf("array of %d strings %w", n, err)
	}
	strs := make([]string, n)
	width := e.width()
	for i := range strs {
		cell := data[i*width : (i+1)*width]
		if e.kind == 'S' {
			strs[i] = string(bytes.TrimRight(cell, "\x00"))
			continue
		}
		s, err := fromUTF32(cell, e.big)
		if err != nil {
			return nil, fmt.Errorf("string %d: %w", i, err)
		}
		strs[i] = s
	}
	return tensor.FromSlice(strs, shape...)
}

// fromUTF32 decodes characters of four bytes up to the padding.
func fromUTF32(cell []byte, big bool) (string, error) {
	var out []byte
	end := 0 // of what is not padding
	for i := 0; i < len(cell); i += 4 {
		c := cell[i : i+4]
		r := uint32(c[0]) | uint32(c[1])<<8 | uint32(c[2])<<16 | uint32(c[3])<<24
		if big {
			r = bits.ReverseBytes32(r)
		}
		if r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
			return "", fmt.Errorf("character %d is %#x, which is no Unicode character", i/4, r)
		}
		out = utf8.AppendRune(out, rune(r))
		if r != 0 {
			end = len(out)
		}
	}
	return string(out[:end]), nil
}
