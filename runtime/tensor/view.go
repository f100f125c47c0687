package tensor

import (
	"fmt"
	"unsafe"
)

// Element lists the Go types of tensor elements. Packed types have none: see
// [Unpack].
type Element interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 |
		bool | string | complex64 | complex128 |
		F16 | BF16 | F8E4M3FN | F8E4M3FNUZ | F8E5M2 | F8E5M2FNUZ | F8E8M0
}

// TypeOf is the element type that the Go type T stands for.
func TypeOf[T Element]() DType {
	var zero T
	switch any(zero).(type) {
	case float32:
		return Float32
	case float64:
		return Float64
	case int8:
		return Int8
	case int16:
		return Int16
	case int32:
		return Int32
	case int64:
		return Int64
	case uint8:
		return Uint8
	case uint16:
		return Uint16
	case uint32:
		return Uint32
	case uint64:
		return Uint64
	case bool:
		return Bool
	case string:
		return String
	case complex64:
		return Complex64
	case complex128:
		return Complex128
	case F16:
		return Float16
	case BF16:
		return BFloat16
	case F8E4M3FN:
		return Float8E4M3FN
	case F8E4M3FNUZ:
		return Float8E4M3FNUZ
	case F8E5M2:
		return Float8E5M2
	case F8E5M2FNUZ:
		return Float8E5M2FNUZ
	case F8E8M0:
		return Float8E8M0
	}
	return Undefined
}

// Data is the elements of t as a Go slice that shares t's memory. It fails
// where T is not t's element type.
func Data[T Element](t *Tensor) ([]T, error) {
	if t == nil {
		return nil, fmt.Errorf("tensor: no tensor where %v elements were wanted", TypeOf[T]())
	}
	if want := TypeOf[T](); t.dtype != want {
		return nil, fmt.Errorf("tensor: elements are %v, not %v", t.dtype, want)
	}
	if t.dtype == String {
		return any(t.strs).([]T), nil
	}
	if t.n == 0 {
		return nil, nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(t.data))), t.n), nil
}

// FromSlice makes a tensor over values without copying them.
func FromSlice[T Element](values []T, shape ...int) (*Tensor, error) {
	n, err := NumElements(shape)
	if err != nil {
		return nil, err
	}
	if n != len(values) {
		return nil, fmt.Errorf("tensor: shape %v needs %d values, got %d", shape, n, len(values))
	}
	t := new(Tensor)
	if strs, ok := any(values).([]string); ok {
		return t, t.rebind(String, nil, strs, shape)
	}
	return t, t.rebind(TypeOf[T](), bytesOf(values), nil, shape)
}

// Scalar makes a tensor of rank 0.
func Scalar[T Element](v T) *Tensor {
	t := new(Tensor)
	values := []T{v}
	if strs, ok := any(values).([]string); ok {
		_ = t.rebind(String, nil, strs, nil) // cannot fail: one element, rank 0
		return t
	}
	_ = t.rebind(TypeOf[T](), bytesOf(values), nil, nil)
	return t
}

// Vector makes a tensor of rank 1 over values without copying them.
func Vector[T Element](values ...T) *Tensor {
	t := new(Tensor)
	if strs, ok := any(values).([]string); ok {
		_ = t.rebind(String, nil, strs, []int{len(values)})
		return t
	}
	_ = t.rebind(TypeOf[T](), bytesOf(values), nil, []int{len(values)})
	return t
}

func bytesOf[T Element](values []T) []byte {
	if len(values) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(zero)))
}
