package tensor

import "fmt"

// DType is an element type. The numbers are those of TensorProto.DataType in
// the ONNX standard.
type DType int32

// The element types of the ONNX standard, IR version 13.
const (
	Undefined      DType = 0
	Float32        DType = 1
	Uint8          DType = 2
	Int8           DType = 3
	Uint16         DType = 4
	Int16          DType = 5
	Int32          DType = 6
	Int64          DType = 7
	String         DType = 8
	Bool           DType = 9
	Float16        DType = 10
	Float64        DType = 11
	Uint32         DType = 12
	Uint64         DType = 13
	Complex64      DType = 14
	Complex128     DType = 15
	BFloat16       DType = 16
	Float8E4M3FN   DType = 17
	Float8E4M3FNUZ DType = 18
	Float8E5M2     DType = 19
	Float8E5M2FNUZ DType = 20
	Uint4          DType = 21
	Int4           DType = 22
	Float4E2M1     DType = 23
	Float8E8M0     DType = 24
	Uint2          DType = 25
	Int2           DType = 26
)

// dtypeInfo is what is known of an element type.
type dtypeInfo struct {
	name string
	bits int // bits an element; 0 for strings
}

var dtypes = [...]dtypeInfo{
	Undefined:      {"undefined", 0},
	Float32:        {"float32", 32},
	Uint8:          {"uint8", 8},
	Int8:           {"int8", 8},
	Uint16:         {"uint16", 16},
	Int16:          {"int16", 16},
	Int32:          {"int32", 32},
	Int64:          {"int64", 64},
	String:         {"string", 0},
	Bool:           {"bool", 8},
	Float16:        {"float16", 16},
	Float64:        {"float64", 64},
	Uint32:         {"uint32", 32},
	Uint64:         {"uint64", 64},
	Complex64:      {"complex64", 64},
	Complex128:     {"complex128", 128},
	BFloat16:       {"bfloat16", 16},
	Float8E4M3FN:   {"float8e4m3fn", 8},
	Float8E4M3FNUZ: {"float8e4m3fnuz", 8},
	Float8E5M2:     {"float8e5m2", 8},
	Float8E5M2FNUZ: {"float8e5m2fnuz", 8},
	Uint4:          {"uint4", 4},
	Int4:           {"int4", 4},
	Float4E2M1:     {"float4e2m1", 4},
	Float8E8M0:     {"float8e8m0", 8},
	Uint2:          {"uint2", 2},
	Int2:           {"int2", 2},
}

// String is the standard's lower-case name, such as "float32".
func (d DType) String() string {
	if d >= 0 && int(d) < len(dtypes) {
		return dtypes[d].name
	}
	return fmt.Sprintf("dtype(%d)", int32(d))
}

// Valid reports whether d is one of the standard's element types.
func (d DType) Valid() bool { return d > 0 && int(d) < len(dtypes) }

// Bits is the width of one element in bits: 2, 4, or a multiple of 8. It is 0
// for strings and for types that are not valid.
func (d DType) Bits() int {
	if !d.Valid() {
		return 0
	}
	return dtypes[d].bits
}

// Packed reports whether several elements share a byte.
func (d DType) Packed() bool { b := d.Bits(); return b > 0 && b < 8 }

// IsFloat reports whether d is a real floating-point type of any width.
func (d DType) IsFloat() bool {
	switch d {
	case Float16, Float32, Float64, BFloat16, Float8E4M3FN, Float8E4M3FNUZ, Float8E5M2, Float8E5M2FNUZ, Float8E8M0, Float4E2M1:
		return true
	default:
		return false
	}
}

// IsInteger reports whether d is a signed or unsigned integer of any width.
func (d DType) IsInteger() bool { return d.IsSigned() || d.IsUnsigned() }

// IsSigned reports whether d is a signed integer type.
func (d DType) IsSigned() bool {
	switch d {
	case Int2, Int4, Int8, Int16, Int32, Int64:
		return true
	default:
		return false
	}
}

// IsUnsigned reports whether d is an unsigned integer type.
func (d DType) IsUnsigned() bool {
	switch d {
	case Uint2, Uint4, Uint8, Uint16, Uint32, Uint64:
		return true
	default:
		return false
	}
}

// ParseDType is the inverse of [DType.String]. It also takes the standard's
// short names "float" and "double".
func ParseDType(name string) (DType, error) {
	switch name {
	case "float":
		return Float32, nil
	case "double":
		return Float64, nil
	}
	for d, info := range dtypes {
		if d != 0 && info.name == name {
			return DType(d), nil
		}
	}
	return Undefined, fmt.Errorf("tensor: no element type is named %q", name)
}
