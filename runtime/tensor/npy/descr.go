package npy

import (
	"fmt"
	"strconv"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// element is how a file stores the elements of an array.
type element struct {
	kind byte // NumPy's: b bool, i, u, f, c, U, S, V
	size int  // bytes; characters of 4 bytes for kind U
	big  bool // big-endian
}

// width is the size of an element in the file, in bytes.
func (e element) width() int {
	if e.kind == 'U' {
		return 4 * e.size
	}
	return e.size
}

// maxWidth is the largest element in bytes that is read: strings are padded to
// the longest, and a claimed width costs a file nothing.
const maxWidth = 1 << 24

// parseDescr reads a dtype such as "<f4" or "|S5".
func parseDescr(descr string) (element, error) {
	fail := func() (element, error) {
		return element{}, fmt.Errorf("arrays of dtype %q are not supported", descr)
	}
	if len(descr) < 2 {
		return fail()
	}
	if descr[1] == 'O' {
		return element{}, fmt.Errorf("arrays of Python objects (dtype %q) are pickled, and refused", descr)
	}
	if len(descr) < 3 {
		return fail()
	}
	e := element{kind: descr[1]}
	switch descr[0] {
	case '<', '|', '=':
	case '>':
		e.big = true
	default:
		return fail()
	}
	size, err := strconv.ParseUint(descr[2:], 10, 31)
	if err != nil {
		return fail()
	}
	e.size = int(size)
	if e.width() > maxWidth {
		return element{}, fmt.Errorf("elements of dtype %q are wider than the %d bytes that are supported", descr, maxWidth)
	}
	return e, nil
}

// plain lists the types that NumPy knows, by how a file stores them.
var plain = map[element]tensor.DType{
	{kind: 'b', size: 1}:  tensor.Bool,
	{kind: 'i', size: 1}:  tensor.Int8,
	{kind: 'i', size: 2}:  tensor.Int16,
	{kind: 'i', size: 4}:  tensor.Int32,
	{kind: 'i', size: 8}:  tensor.Int64,
	{kind: 'u', size: 1}:  tensor.Uint8,
	{kind: 'u', size: 2}:  tensor.Uint16,
	{kind: 'u', size: 4}:  tensor.Uint32,
	{kind: 'u', size: 8}:  tensor.Uint64,
	{kind: 'f', size: 1}:  tensor.Float8E5M2, // ml_dtypes writes it, though NumPy cannot read it
	{kind: 'f', size: 2}:  tensor.Float16,
	{kind: 'f', size: 4}:  tensor.Float32,
	{kind: 'f', size: 8}:  tensor.Float64,
	{kind: 'c', size: 8}:  tensor.Complex64,
	{kind: 'c', size: 16}: tensor.Complex128,
	{kind: 'V', size: 2}:  tensor.BFloat16, // the only type of two raw bytes
}

// dtype is the element type of the tensor; as is the one asked for, or
// Undefined.
func (e element) dtype(as tensor.DType) (tensor.DType, error) {
	e.big = false
	own := plain[e]
	if e.kind == 'U' || e.kind == 'S' {
		own = tensor.String
	}
	raw := e.kind == 'V' || own == tensor.Float8E5M2
	switch {
	case as == tensor.Undefined && own != tensor.Undefined:
		return own, nil
	case as == tensor.Undefined && e.kind == 'V' && e.size == 1:
		return 0, fmt.Errorf("elements are raw bytes (dtype V1), of which the file does not say the type")
	case as == tensor.Undefined:
		return 0, fmt.Errorf("elements of kind %q and %d bytes are not supported", e.kind, e.size)
	case as == own, raw && as.Valid() && isRaw(as) && e.size == max(as.Bits()/8, 1):
		return as, nil
	case own == tensor.Undefined:
		return 0, fmt.Errorf("elements of kind %q and %d bytes cannot be %v", e.kind, e.size, as)
	default:
		return 0, fmt.Errorf("elements are %v, wanted %v", own, as)
	}
}

// isRaw reports whether NumPy knows the type only as raw bytes.
func isRaw(d tensor.DType) bool {
	switch d {
	case tensor.BFloat16, tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ, tensor.Float8E8M0:
		return true
	default:
		return d.Packed()
	}
}

// descrOf is the dtype that elements of type d are written as; not of strings.
func descrOf(d tensor.DType) (string, error) {
	if isRaw(d) {
		return "<V" + strconv.Itoa(max(d.Bits()/8, 1)), nil
	}
	for e, known := range plain {
		if known == d {
			order := "<"
			if e.size == 1 {
				order = "|"
			}
			return order + string(e.kind) + strconv.Itoa(e.size), nil
		}
	}
	return "", fmt.Errorf("elements of type %v cannot be written", d)
}
