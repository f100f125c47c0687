package ops

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Attrs reads the attributes of a node. A method gives the attribute's value,
// or the default where the node does not have it. An attribute of the wrong
// type is remembered as the error that [Attrs.Err] returns, so that an operator
// reads all it needs and checks once.
type Attrs struct {
	proto *onnx.Node
	err   error
}

// NewAttrs reads the attributes of a node.
func NewAttrs(n *onnx.Node) *Attrs { return &Attrs{proto: n} }

// Err is the first fault met while reading; nil where there was none.
func (a *Attrs) Err() error { return a.err }

// Has reports whether the node has the attribute.
func (a *Attrs) Has(name string) bool { return a.proto.Attribute(name) != nil }

// find gives the attribute if it is there and of the wanted type.
func (a *Attrs) find(name string, want onnx.AttributeType) *onnx.Attribute {
	attr := a.proto.Attribute(name)
	if attr == nil {
		return nil
	}
	if attr.Type != want {
		a.Fail(fmt.Errorf("attribute %q has type %v, expected %v", name, attr.Type, want))
		return nil
	}
	return attr
}

// Fail records an operator's own complaint about an attribute's value.
func (a *Attrs) Fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// Int reads an integer.
func (a *Attrs) Int(name string, def int64) int64 {
	if attr := a.find(name, onnx.AttrInt); attr != nil {
		return attr.Int
	}
	return def
}

// Bool reads an integer that stands for false (0) or true.
func (a *Attrs) Bool(name string, def bool) bool {
	if attr := a.find(name, onnx.AttrInt); attr != nil {
		return attr.Int != 0
	}
	return def
}

// Ints reads a list of integers, as ints; nil where the node has none.
func (a *Attrs) Ints(name string) []int {
	attr := a.find(name, onnx.AttrInts)
	if attr == nil {
		return nil
	}
	list := make([]int, len(attr.Ints))
	for i, v := range attr.Ints {
		list[i] = int(v)
	}
	return list
}

// Float reads a float.
func (a *Attrs) Float(name string, def float32) float32 {
	if attr := a.find(name, onnx.AttrFloat); attr != nil {
		return attr.Float
	}
	return def
}

// Floats reads a list of floats; nil where the node has none.
func (a *Attrs) Floats(name string) []float32 {
	if attr := a.find(name, onnx.AttrFloats); attr != nil {
		return attr.Floats
	}
	return nil
}

// String reads a string.
func (a *Attrs) String(name, def string) string {
	if attr := a.find(name, onnx.AttrString); attr != nil {
		return string(attr.String)
	}
	return def
}

// OneOf reads a string that must be one of the allowed ones, the first of which
// is the default.
func (a *Attrs) OneOf(name string, allowed ...string) string {
	s := a.String(name, allowed[0])
	if slices.Contains(allowed, s) {
		return s
	}
	a.Fail(fmt.Errorf("attribute %q is %q, expected one of %q", name, s, allowed))
	return allowed[0]
}

// Strings reads a list of strings; nil where the node has none.
func (a *Attrs) Strings(name string) []string {
	attr := a.find(name, onnx.AttrStrings)
	if attr == nil {
		return nil
	}
	list := make([]string, len(attr.Strings))
	for i, v := range attr.Strings {
		list[i] = string(v)
	}
	return list
}

// Tensor reads a constant; nil where the node has none.
func (a *Attrs) Tensor(name string) *tensor.Tensor {
	attr := a.find(name, onnx.AttrTensor)
	if attr == nil {
		return nil
	}
	if attr.Tensor == nil {
		a.Fail(fmt.Errorf("attribute %q holds no tensor", name))
		return nil
	}
	v, err := attr.Tensor.Value()
	if err != nil {
		a.Fail(fmt.Errorf("attribute %q: %w", name, err))
		return nil
	}
	return v
}

// Graph reads a subgraph as the file has it; nil where the node has none.
func (a *Attrs) Graph(name string) *onnx.Graph {
	if attr := a.find(name, onnx.AttrGraph); attr != nil {
		return attr.Graph
	}
	return nil
}

// DType reads an integer that stands for an element type.
func (a *Attrs) DType(name string, def tensor.DType) tensor.DType {
	d := tensor.DType(a.Int(name, int64(def)))
	if d != def && !d.Valid() {
		a.Fail(fmt.Errorf("attribute %q is %d, which is no element type", name, int32(d)))
	}
	return d
}

// Proto is the node itself, for what the other methods do not cover.
func (a *Attrs) Proto() *onnx.Node { return a.proto }
