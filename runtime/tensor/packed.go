package tensor

import "fmt"

// Packed is the buffer of a tensor of a 2- or 4-bit type, first element in the
// low bits of the first byte. It shares memory with t.
func (t *Tensor) Packed() ([]byte, error) {
	if !t.dtype.Packed() {
		return nil, fmt.Errorf("tensor: %v elements are not packed", t.dtype)
	}
	return t.data, nil
}

// Unpack spreads the elements of a packed tensor one to a byte: sign-extended
// for int2 and int4, the bare bits for the unsigned types and float4e2m1.
func Unpack(t *Tensor) ([]int8, error) {
	if !t.dtype.Packed() {
		return nil, fmt.Errorf("tensor: %v elements are not packed", t.dtype)
	}
	out := make([]int8, t.n)
	UnpackTo(out, t.data, t.dtype)
	return out, nil
}

// UnpackTo is [Unpack] from a buffer to dst, len(dst) elements.
func UnpackTo(dst []int8, buf []byte, d DType) {
	width := d.Bits()
	per, mask := 8/width, byte(1<<width-1)
	shift := 8 - width
	for i := range dst {
		v := buf[i/per] >> (i % per * width) & mask
		if d.IsSigned() {
			dst[i] = int8(v<<shift) >> shift
		} else {
			dst[i] = int8(v)
		}
	}
}

// Pack is the inverse of [Unpack]: it keeps the low bits of each value.
func Pack(d DType, values []int8, shape ...int) (*Tensor, error) {
	if !d.Packed() {
		return nil, fmt.Errorf("tensor: %v elements are not packed", d)
	}
	t, err := New(d, shape...)
	if err != nil {
		return nil, err
	}
	if len(values) != t.n {
		return nil, fmt.Errorf("tensor: shape %v needs %d values, got %d", shape, t.n, len(values))
	}
	PackTo(t.data, values, d)
	return t, nil
}

// PackTo is [Pack] into a buffer of the right size.
func PackTo(buf []byte, values []int8, d DType) {
	width := d.Bits()
	per, mask := 8/width, byte(1<<width-1)
	clear(buf)
	for i, v := range values {
		buf[i/per] |= (byte(v) & mask) << (i % per * width)
	}
}

// F4E2M1ToFloat32 is the value of the four bits of a float4e2m1.
func F4E2M1ToFloat32(b uint8) float32 { return e2m1.decode(uint32(b & 0xf)) }

// F4E2M1From rounds f to the nearest float4e2m1, ties to even; the type has no
// infinity and no NaN: what is beyond ±6 saturates, NaN becomes 6.
func F4E2M1From(f float32) uint8 {
	if f != f {
		return uint8(e2m1.max)
	}
	return uint8(e2m1.encode(f, true))
}
