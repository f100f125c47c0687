// Package opstest runs operators in tests: one node, or the standard's own
// node tests, with just the definitions that are given.
//
// Everything runs twice where that can differ: with the inputs as constants
// that Compile sees, and as inputs that only the run sees. The types that shape
// inference gave are compared with those of the results.
package opstest

import (
	"context"
	"fmt"
	"testing"

	"github.com/seed6700ada1/infer/runtime/native/plan"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// limit bounds one value in bytes.
const limit = 1 << 28

// NewNode makes a node: nin inputs named x0, x1, … and nout outputs y0, y1, ….
func NewNode(op, domain string, nin, nout int, attrs ...*onnx.Attribute) *onnx.Node {
	n := &onnx.Node{Name: "node", OpType: op, Domain: domain, Attributes: attrs}
	for i := range nin {
		n.Inputs = append(n.Inputs, fmt.Sprintf("x%d", i))
	}
	for i := range nout {
		n.Outputs = append(n.Outputs, fmt.Sprintf("y%d", i))
	}
	return n
}

// Int makes an integer attribute.
func Int(name string, v int64) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInt, Int: v}
}

// Ints makes an attribute that is a list of integers.
func Ints(name string, v ...int64) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInts, Ints: v}
}

// Float makes a float attribute.
func Float(name string, v float32) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrFloat, Float: v}
}

// Floats makes an attribute that is a list of floats.
func Floats(name string, v ...float32) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrFloats, Floats: v}
}

// Str makes a string attribute.
func Str(name, v string) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrString, String: []byte(v)}
}

// Tensor makes a tensor attribute.
func Tensor(name string, v *tensor.Tensor) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrTensor, Tensor: onnx.NewTensor("", v)}
}

// Graph makes a graph attribute.
func Graph(name string, g *onnx.Graph) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrGraph, Graph: g}
}

// Node runs a node, with its inputs constant and not, and fails the test where
// it fails or the two disagree. A nil input is one that the node leaves out.
func Node(tb testing.TB, defs []ops.Def, n *onnx.Node, opset int, inputs ...tensor.Value) []tensor.Value {
	tb.Helper()
	out, err := Try(defs, n, opset, inputs...)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// Try is [Node] for a node that may fail. Where it fails one way it must fail
// the other way too.
func Try(defs []ops.Def, n *onnx.Node, opset int, inputs ...tensor.Value) ([]tensor.Value, error) {
	moving, err := run(defs, n, opset, inputs, false)
	fixed, err2 := run(defs, n, opset, inputs, true)
	if (err == nil) != (err2 == nil) {
		return nil, fmt.Errorf("with inputs that change: %w; with constant inputs: %w", err, err2)
	}
	if err != nil {
		return nil, err
	}
	if def := find(defs, n, opset); def != nil && def.Random {
		return moving, nil
	}
	for i := range moving {
		if err := tensor.AllClose(fixed[i], moving[i], 0, 0); err != nil {
			return nil, fmt.Errorf("output %d differs with constant inputs: %w", i, err)
		}
	}
	return moving, nil
}

func find(defs []ops.Def, n *onnx.Node, opset int) *ops.Def {
	r, err := ops.NewRegistry(defs)
	if err != nil {
		return nil
	}
	return r.Find(n.Domain, n.OpType, opset)
}

// run makes a model of the one node and runs it.
func run(defs []ops.Def, n *onnx.Node, opset int, inputs []tensor.Value, constant bool) ([]tensor.Value, error) {
	n = copyNode(n, len(inputs))
	m := &onnx.Model{
		IRVersion: 10, Graph: &onnx.Graph{Name: "test", Nodes: []*onnx.Node{n}},
		Opsets: []onnx.OpsetID{{Domain: n.Domain, Version: int64(opset)}},
	}
	if onnx.CanonicalDomain(n.Domain) != "" {
		m.Opsets = append(m.Opsets, onnx.OpsetID{Version: 25})
	}
	var args []tensor.Value
	for i, v := range inputs {
		if v == nil {
			n.Inputs[i] = ""
			continue
		}
		if t, ok := v.(*tensor.Tensor); ok && constant {
			m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(n.Inputs[i], t))
			continue
		}
		m.Graph.Inputs = append(m.Graph.Inputs, &onnx.ValueInfo{Name: n.Inputs[i], Type: TypeOf(v)})
		args = append(args, v)
	}
	for _, o := range n.Outputs {
		if o != "" {
			m.Graph.Outputs = append(m.Graph.Outputs, &onnx.ValueInfo{Name: o})
		}
	}
	return Run(defs, m, args)
}

func copyNode(n *onnx.Node, inputs int) *onnx.Node {
	c := *n
	c.Inputs = append([]string(nil), n.Inputs...)
	if len(c.Inputs) > inputs {
		c.Inputs = c.Inputs[:inputs]
	}
	return &c
}

// TypeOf is the type of a value, with all that is known of it.
func TypeOf(v tensor.Value) *onnx.Type {
	switch v := v.(type) {
	case *tensor.Tensor:
		return onnx.TensorOf(v.DType(), dims.Of(v.Shape())...)
	case *tensor.Sequence:
		return &onnx.Type{Kind: onnx.TypeSequence, Elem: &onnx.Type{Kind: onnx.TypeTensor, DType: v.DType}}
	case *tensor.Optional:
		elem := &onnx.Type{Kind: onnx.TypeTensor, DType: v.DType}
		if v.Value != nil {
			elem = TypeOf(v.Value)
		}
		return &onnx.Type{Kind: onnx.TypeOptional, Elem: elem}
	case *tensor.Map:
		return &onnx.Type{Kind: onnx.TypeMap, DType: v.Keys.DType(), Elem: TypeOf(v.Values)}
	}
	return nil
}

// Run runs a model as it stands, without passes, on the inputs that are not
// initializers, in the graph's order. It fails where an inferred type does not
// fit the result.
func Run(defs []ops.Def, m *onnx.Model, inputs []tensor.Value) ([]tensor.Value, error) {
	registry, err := ops.NewRegistry(defs)
	if err != nil {
		return nil, err
	}
	scope, err := shapeinfer.New(m, registry, nil)
	if err != nil {
		return nil, err
	}
	if err := scope.Graph(m.Graph); err != nil {
		return nil, err
	}
	p, err := plan.Compile(m.Graph, scope, plan.Config{Registry: registry, Limit: limit, Engine: "opstest"})
	if err != nil {
		return nil, err
	}
	out, err := plan.NewFrame(p).Run(plan.Env{Context: context.Background()}, inputs)
	if err != nil {
		return nil, err
	}
	for i, o := range m.Graph.Outputs {
		if err := Fits(out[i], scope.Get(o.Name).Type); err != nil {
			return nil, fmt.Errorf("output %q: %w", o.Name, err)
		}
	}
	return out, nil
}

// Fits fails where a value contradicts the type that was inferred for it.
func Fits(v tensor.Value, t *onnx.Type) error {
	got, ok := v.(*tensor.Tensor)
	switch {
	case v == nil:
		return fmt.Errorf("no value")
	case t == nil:
		return nil
	case ok != (t.Kind == onnx.TypeTensor):
		return fmt.Errorf("value is a %v, inferred type is %s", v.Kind(), t)
	case !ok:
		return nil
	case got.DType() != t.DType:
		return fmt.Errorf("value is %s, inferred type is %s", got, t)
	case t.Shape == nil:
		return nil
	case len(t.Shape.Dims) != got.Rank():
		return fmt.Errorf("value is %s, inferred type is %s", got, t)
	}
	for i, d := range t.Shape.Dims {
		if d.IsKnown() && int(d.Value) != got.Dim(i) {
			return fmt.Errorf("value is %s, inferred type is %s", got, t)
		}
	}
	return nil
}
