package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"unsafe"
)

// MaxRank is the largest number of dimensions a tensor may have.
const MaxRank = 64

// inlineRank is the rank up to which a shape lives inside its tensor, so that
// an engine can point a header at a new buffer without allocating.
const inlineRank = 8

// align is the alignment in bytes of buffers that this package allocates: one
// AVX-512 register, one cache line.
const align = 64

// Tensor is a dense row-major array of one element type. A Tensor is safe to
// read from several goroutines; writing its elements is the caller's to guard.
// The zero Tensor is undefined and empty.
type Tensor struct {
	dtype DType
	rank  int
	dims  [inlineRank]int
	more  []int // the whole shape where rank > inlineRank
	n     int   // number of elements
	data  []byte
	strs  []string
}

// NumElements multiplies the dimensions of shape. It fails on a negative
// dimension, on more than [MaxRank] dimensions and where the product does not
// fit in an int.
func NumElements(shape []int) (int, error) {
	if len(shape) > MaxRank {
		return 0, fmt.Errorf("tensor: shape has %d dimensions, at most %d are supported", len(shape), MaxRank)
	}
	n, empty := uint64(1), false
	for _, d := range shape {
		if d < 0 {
			return 0, fmt.Errorf("tensor: shape %v has a negative dimension", shape)
		}
		if d == 0 {
			empty = true
			continue
		}
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > math.MaxInt {
			return 0, fmt.Errorf("tensor: shape %v has more elements than fit in memory", shape)
		}
		n = lo
	}
	if empty {
		return 0, nil
	}
	return int(n), nil
}

// ByteSize is the number of bytes that n elements of type d take, packed types
// rounded up to whole bytes. Strings take none here.
func ByteSize(d DType, n int) (int, error) {
	if !d.Valid() {
		return 0, fmt.Errorf("tensor: %v is not an element type", d)
	}
	if n < 0 {
		return 0, fmt.Errorf("tensor: negative element count %d", n)
	}
	hi, lo := bits.Mul64(uint64(n), uint64(d.Bits()))
	if hi != 0 || lo > math.MaxInt-7 {
		return 0, fmt.Errorf("tensor: %d elements of %v do not fit in memory", n, d)
	}
	return int(lo+7) / 8, nil
}

// New makes a tensor of zeros (empty strings for [String]). The buffer is
// aligned to 64 bytes. New itself sets no limit on the size beyond what an int
// can count: bound shapes from outside before calling it.
func New(d DType, shape ...int) (*Tensor, error) {
	n, err := NumElements(shape)
	if err != nil {
		return nil, err
	}
	size, err := ByteSize(d, n)
	if err != nil {
		return nil, err
	}
	t := new(Tensor)
	if d == String {
		return t, t.rebind(d, nil, make([]string, n), shape)
	}
	return t, t.rebind(d, Alloc(size), nil, shape)
}

// Alloc makes a zeroed buffer of n bytes whose first byte is aligned to 64.
func Alloc(n int) []byte {
	if n == 0 {
		return nil
	}
	buf := make([]byte, n+align-1)
	off := int(-uintptr(unsafe.Pointer(unsafe.SliceData(buf))) & (align - 1))
	return buf[off : off+n : off+n]
}

// Wrap makes a tensor over buf without copying: exactly as many little-endian
// bytes as the shape needs, aligned to the element (see [Aligned]). Strings
// cannot be wrapped.
func Wrap(d DType, buf []byte, shape ...int) (*Tensor, error) {
	t := new(Tensor)
	return t, t.Rebind(d, buf, shape)
}

// Aligned reports whether buf may be viewed as elements of type d.
func Aligned(d DType, buf []byte) bool {
	size := uintptr(min(max(d.Bits()/8, 1), 8))
	return len(buf) == 0 || uintptr(unsafe.Pointer(unsafe.SliceData(buf)))%size == 0
}

// Rebind points t at another buffer, type and shape, reusing the header. It is
// how an engine moves its values over an arena without allocating. The shape
// is copied, up to rank 8 into the header itself.
func (t *Tensor) Rebind(d DType, buf []byte, shape []int) error {
	if d == String {
		return fmt.Errorf("tensor: strings have no byte buffer to wrap")
	}
	if !Aligned(d, buf) {
		return fmt.Errorf("tensor: buffer is not aligned for %v", d)
	}
	return t.rebind(d, buf, nil, shape)
}

func (t *Tensor) rebind(d DType, buf []byte, strs []string, shape []int) error {
	n, err := NumElements(shape)
	if err != nil {
		return err
	}
	size, err := ByteSize(d, n)
	if err != nil {
		return err
	}
	if d == String && len(strs) != n {
		return fmt.Errorf("tensor: shape %v needs %d strings, got %d", shape, n, len(strs))
	}
	if len(buf) != size {
		return fmt.Errorf("tensor: %v%v needs %d bytes, got %d", d, shape, size, len(buf))
	}
	t.dtype, t.rank, t.n, t.data, t.strs = d, len(shape), n, buf, strs
	if t.rank <= inlineRank {
		t.more = nil
		copy(t.dims[:], shape)
	} else {
		t.more = slices.Clone(shape)
	}
	return nil
}

// DType is the element type.
func (t *Tensor) DType() DType { return t.dtype }

// Rank is the number of dimensions; 0 for a scalar.
func (t *Tensor) Rank() int { return t.rank }

// Len is the number of elements.
func (t *Tensor) Len() int { return t.n }

// Shape is the list of dimensions. The slice belongs to t: do not change it,
// and copy it if it must outlive a Rebind.
func (t *Tensor) Shape() []int {
	if t.rank > inlineRank {
		return t.more
	}
	return t.dims[:t.rank:t.rank]
}

// Dim is dimension i, counted from the end where i is negative. It is 0 where
// there is no such dimension.
func (t *Tensor) Dim(i int) int {
	if i < 0 {
		i += t.rank
	}
	if i < 0 || i >= t.rank {
		return 0
	}
	return t.Shape()[i]
}

// Bytes is the little-endian buffer, shared with t; nil for strings.
func (t *Tensor) Bytes() []byte { return t.data }

// Kind says that t is a tensor: it makes *Tensor a [Value].
func (t *Tensor) Kind() Kind { return KindTensor }

// Reshape gives a tensor of another shape over the same elements.
func (t *Tensor) Reshape(shape ...int) (*Tensor, error) {
	r := new(Tensor)
	if err := r.rebind(t.dtype, t.data, t.strs, shape); err != nil {
		return nil, fmt.Errorf("tensor: cannot reshape %v to %v: %w", t.Shape(), shape, err)
	}
	return r, nil
}

// Clone copies t, elements included.
func (t *Tensor) Clone() *Tensor {
	c := new(Tensor)
	*c = *t
	c.more = slices.Clone(t.more)
	c.strs = slices.Clone(t.strs)
	if len(t.data) > 0 {
		c.data = Alloc(len(t.data))
		copy(c.data, t.data)
	}
	return c
}

// String describes type and shape, such as "float32[1,3,240,320]".
func (t *Tensor) String() string { return t.dtype.String() + FormatShape(t.Shape()) }

// FormatShape writes a shape as "[1,3,240,320]".
func FormatShape(shape []int) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range shape {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprint(&b, d)
	}
	b.WriteByte(']')
	return b.String()
}
