package dims

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Union is what is known of a value that has either of two types, such as the
// result of one of two branches: what both agree on. Nil is the type of which
// nothing is known.
func Union(a, b *onnx.Type) *onnx.Type {
	if a == nil || b == nil || a.Kind != b.Kind {
		return nil
	}
	switch a.Kind {
	case onnx.TypeTensor:
		if a.DType != b.DType {
			return nil
		}
		return unionTensor(a, b)
	case onnx.TypeSequence, onnx.TypeOptional:
		return &onnx.Type{Kind: a.Kind, Elem: Union(a.Elem, b.Elem)}
	default:
		return nil
	}
}

func unionTensor(a, b *onnx.Type) *onnx.Type {
	if a.Shape == nil || b.Shape == nil || len(a.Shape.Dims) != len(b.Shape.Dims) {
		return &onnx.Type{Kind: onnx.TypeTensor, DType: a.DType}
	}
	out := Unknown(len(a.Shape.Dims))
	for i, d := range a.Shape.Dims {
		if Equal(d, b.Shape.Dims[i]) {
			out[i] = d
		}
	}
	return onnx.TensorOf(a.DType, out...)
}

// Same reports whether two types say the same, dimensions included.
func Same(a, b *onnx.Type) bool {
	switch {
	case a == nil || b == nil:
		return a == b
	case a.Kind != b.Kind || a.DType != b.DType || (a.Shape == nil) != (b.Shape == nil):
		return false
	case a.Kind != onnx.TypeTensor:
		return Same(a.Elem, b.Elem)
	case a.Shape == nil:
		return true
	case len(a.Shape.Dims) != len(b.Shape.Dims):
		return false
	}
	for i, d := range a.Shape.Dims {
		e := b.Shape.Dims[i]
		if !Equal(d, e) && (d.IsKnown() || e.IsKnown() || d.Param != e.Param) {
			return false
		}
	}
	return true
}

// SameShape reports whether two types are known to have the same shape.
func SameShape(a, b *onnx.Type) bool {
	if a == nil || b == nil || a.Shape == nil || b.Shape == nil || len(a.Shape.Dims) != len(b.Shape.Dims) {
		return false
	}
	for i, d := range a.Shape.Dims {
		if !Equal(d, b.Shape.Dims[i]) {
			return false
		}
	}
	return true
}
