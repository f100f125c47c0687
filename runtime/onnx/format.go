package onnx

import (
	"fmt"
	"strconv"
	"strings"
)

// String writes a type as messages show it, such as "float32[batch,3,?,320]" or
// "seq(int64[?])". A tensor of unknown rank has "[…]".
func (t *Type) String() string {
	if t == nil {
		return "unknown"
	}
	switch t.Kind {
	case TypeTensor:
		return t.DType.String() + t.Shape.String()
	case TypeSparseTensor:
		return "sparse(" + t.DType.String() + t.Shape.String() + ")"
	case TypeSequence:
		return "seq(" + t.Elem.String() + ")"
	case TypeOptional:
		return "optional(" + t.Elem.String() + ")"
	case TypeMap:
		return "map(" + t.DType.String() + "," + t.Elem.String() + ")"
	case TypeOpaque:
		return "opaque"
	default:
		return "unknown"
	}
}

// String writes a shape as "[batch,3,?,320]", and an unknown one as "[…]".
func (s *Shape) String() string {
	if s == nil {
		return "[…]"
	}
	parts := make([]string, len(s.Dims))
	for i, d := range s.Dims {
		parts[i] = d.String()
	}
	return "[" + strings.Join(parts, ",") + "]"
}

// String is the number, the symbol, or "?".
func (d Dim) String() string {
	switch {
	case d.IsKnown():
		return strconv.FormatInt(d.Value, 10)
	case d.Param != "":
		return d.Param
	default:
		return "?"
	}
}

var attributeTypeNames = [...]string{
	"undefined", "float", "int", "string", "tensor", "graph", "floats", "ints", "strings",
	"tensors", "graphs", "sparse_tensor", "sparse_tensors", "type", "types",
}

// String is the lower-case name of the attribute type.
func (t AttributeType) String() string {
	if t >= 0 && int(t) < len(attributeTypeNames) {
		return attributeTypeNames[t]
	}
	return fmt.Sprintf("attribute type %d", int32(t))
}
