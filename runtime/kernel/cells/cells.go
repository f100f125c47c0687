// Package cells views tensors as rows of equal cells, for kernels that move
// elements without looking into them: such a kernel is written once for each
// size of an element, not once for each type.
package cells

import (
	"unsafe"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Cell lists the Go types that stand for an element of 1, 2, 4, 8 or 16 bytes,
// or a string.
type Cell interface {
	uint8 | uint16 | uint32 | uint64 | [2]uint64 | string
}

// Slice is a buffer of cells. The zero Slice holds none.
type Slice struct {
	Bytes   []byte   // the cells, one after the other; nil for strings
	Strings []string // the cells where they are strings
	Size    int      // bytes a cell: 1, 2, 4, 8 or 16; 0 for strings
	N       int      // number of cells
	packed  *tensor.Tensor
}

// Load views the elements of t. Elements of packed types are spread one to a
// byte, in a buffer of their own.
func Load(t *tensor.Tensor) Slice {
	s := Dest(t)
	if s.packed != nil {
		buf, _ := t.Packed() // cannot fail: the type was just checked
		tensor.UnpackTo(signed(s.Bytes), buf, t.DType())
	}
	return s
}

// Dest views the elements of t as a place to write to. The elements count as
// undefined; call [Slice.Flush] when all are written.
func Dest(t *tensor.Tensor) Slice {
	switch d := t.DType(); {
	case d == tensor.String:
		strs, _ := tensor.Data[string](t) // cannot fail: the type was just checked
		return Slice{Strings: strs, N: t.Len()}
	case d.Packed():
		return Slice{Bytes: make([]byte, t.Len()), Size: 1, N: t.Len(), packed: t}
	default:
		return Slice{Bytes: t.Bytes(), Size: d.Bits() / 8, N: t.Len()}
	}
}

// Flush packs what was written to a [Dest] of a packed type; for other types
// there is nothing to do.
func (s Slice) Flush() {
	if s.packed != nil {
		buf, _ := s.packed.Packed() // cannot fail: Dest checked the type
		tensor.PackTo(buf, signed(s.Bytes), s.packed.DType())
	}
}

// Of is the cells as a Go slice that shares the buffer; nil where T is not of
// the cells' size.
func Of[T Cell](s Slice) []T {
	var zero T
	if strs, ok := any(s.Strings).([]T); ok {
		return strs
	}
	if s.N == 0 || int(unsafe.Sizeof(zero)) != s.Size {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(s.Bytes))), s.N)
}

func signed(b []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}
