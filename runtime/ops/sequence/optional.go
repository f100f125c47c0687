package sequence

import (
	"errors"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Optional wraps a tensor or sequence, or makes an empty optional of the type
// that its attribute says (ONNX operator spec, Optional-15).
var optionalDefs = []ops.Def{{
	Name: "Optional", Since: 15,
	MinInputs: 0, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		elem := n.Input(0).Type
		if !n.Has(0) {
			elem = typeAttribute(n.Attrs)
		}
		n.SetType(0, &onnx.Type{Kind: onnx.TypeOptional, Elem: elem})
		return n.Err()
	},
	Compile: compileOptional,
}}

// typeAttribute is the attribute type; nil where the node has none.
func typeAttribute(a *ops.Attrs) *onnx.Type {
	attr := a.Proto().Attribute("type")
	if attr == nil {
		a.Fail(errors.New("there is neither an input nor an attribute \"type\""))
		return nil
	}
	if attr.Type != onnx.AttrType || attr.TypeProto == nil {
		a.Fail(errors.New("attribute \"type\" holds no type"))
		return nil
	}
	return attr.TypeProto
}

func compileOptional(n *ops.Node) (ops.Compiled, error) {
	if n.Has(0) {
		return ops.RunFunc(func(c *ops.Call) error {
			if !c.Has(0) {
				return errors.New("input 0 is missing")
			}
			v := c.Inputs[0]
			c.Set(0, &tensor.Optional{DType: dtypeOf(v), Value: v})
			return nil
		}), nil
	}
	elem := typeAttribute(n.Attrs)
	if err := n.Err(); err != nil {
		return nil, err
	}
	for elem.Kind != onnx.TypeTensor && elem.Elem != nil {
		elem = elem.Elem
	}
	empty := &tensor.Optional{DType: elem.DType}
	return ops.RunFunc(func(c *ops.Call) error {
		c.Set(0, empty)
		return nil
	}), nil
}

// dtypeOf is the element type of a tensor or of a sequence's tensors.
func dtypeOf(v tensor.Value) tensor.DType {
	switch v := v.(type) {
	case *tensor.Tensor:
		return v.DType()
	case *tensor.Sequence:
		return v.DType
	case *tensor.Optional:
		return v.DType
	}
	return tensor.Undefined
}

// OptionalHasElement tells whether an optional holds a value (ONNX operator
// spec, OptionalHasElement-18). Since version 18 the input may also be a tensor
// or a sequence, which holds itself, or be left out, which is nothing.
var optionalHasElementDefs = []ops.Def{
	optionalHasElementDef(15, 1),
	optionalHasElementDef(18, 0),
}

func optionalHasElementDef(since, least int) ops.Def {
	return ops.Def{
		Name: "OptionalHasElement", Since: since,
		MinInputs: least, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error {
			n.Set(0, tensor.Bool)
			return nil
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return ops.RunFunc(func(c *ops.Call) error {
				has := c.Has(0)
				if o, ok := first(c).(*tensor.Optional); ok {
					has = o.Value != nil
				}
				out, err := c.Output(0, tensor.Bool)
				if err != nil {
					return err
				}
				data, err := tensor.Data[bool](out)
				if err != nil {
					return err
				}
				data[0] = has
				return nil
			}), nil
		},
	}
}

// first is input 0; nil where it is left out.
func first(c *ops.Call) tensor.Value {
	if !c.Has(0) {
		return nil
	}
	return c.Inputs[0]
}

// OptionalGetElement gives the value that an optional holds; a tensor or
// sequence gives itself, since version 18 (ONNX operator spec,
// OptionalGetElement-18).
var optionalGetElementDefs = []ops.Def{{
	Name: "OptionalGetElement", Since: 15,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		t := n.Input(0).Type
		if t != nil && t.Kind == onnx.TypeOptional {
			t = t.Elem
		}
		n.SetType(0, t)
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		return ops.RunFunc(func(c *ops.Call) error {
			v := first(c)
			if o, ok := v.(*tensor.Optional); ok {
				v = o.Value
			}
			if v == nil {
				return errors.New("optional holds no value")
			}
			if t, ok := v.(*tensor.Tensor); ok {
				return c.Forward(0, t, t.Shape()...)
			}
			c.Set(0, v)
			return nil
		}), nil
	},
}}
