// Package shapeinfer works out the types of all values of a graph from those
// of its inputs, operator by operator, with symbolic dimensions.
//
// A [Scope] walks a graph in order. Beside types it keeps what is known of the
// values themselves: constants, and the symbolic value of small integer tensors
// such as shapes, which is how the result of Shape → Gather → Concat → Reshape
// is known before a model runs.
package shapeinfer

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxValue is the largest number of elements of an integer tensor whose value
// is followed symbolically.
const maxValue = 64

// Scope holds what is known of the values of one graph. Names that it does not
// have are looked for in the graph around it.
type Scope struct {
	registry *ops.Registry
	opset    func(domain string) int
	outer    *Scope
	values   map[string]*Known
	cache    Cache
}

// Cache keeps the values of stored constants from one scope to the next, since
// making one may copy it.
type Cache map[*onnx.Tensor]*tensor.Tensor

// value is a stored constant's value.
func (c Cache) value(t *onnx.Tensor) (*tensor.Tensor, error) {
	if v := c[t]; v != nil {
		return v, nil
	}
	v, err := t.Value()
	if err == nil && c != nil {
		c[t] = v
	}
	return v, err
}

// Known is what is known of a value before the model runs.
type Known struct {
	Type  *onnx.Type     // nil where nothing is known
	Const *tensor.Tensor // where the value never changes
	Value []onnx.Dim     // see [ops.Arg]
}

// New makes the scope of a model's graph: its inputs and initializers are
// known. Initializers count as constants, also those that are inputs too. The
// cache may be nil.
func New(m *onnx.Model, r *ops.Registry, cache Cache) (*Scope, error) {
	s := &Scope{registry: r, opset: m.Opset, values: map[string]*Known{}, cache: cache}
	return s, s.enter(m.Graph)
}

// enter adds a graph's inputs and initializers.
func (s *Scope) enter(g *onnx.Graph) error {
	for _, in := range g.Inputs {
		s.values[in.Name] = &Known{Type: in.Type}
	}
	for _, init := range g.Initializers {
		v, err := s.cache.value(init)
		if err != nil {
			return err
		}
		s.SetConst(init.Name, v)
	}
	for _, init := range g.SparseInitializers {
		v, err := init.Value()
		if err != nil {
			return err
		}
		s.SetConst(init.Values.Name, v)
	}
	return nil
}

// Get is what is known of a value; the zero Known where that is nothing.
func (s *Scope) Get(name string) Known {
	for ; s != nil; s = s.outer {
		if k := s.values[name]; k != nil {
			return *k
		}
	}
	return Known{}
}

// Set replaces what is known of a value.
func (s *Scope) Set(name string, k Known) { s.values[name] = &k }

// SetConst says that a value is a constant.
func (s *Scope) SetConst(name string, v *tensor.Tensor) {
	s.values[name] = &Known{Type: onnx.TensorOf(v.DType(), dims.Of(v.Shape())...), Const: v, Value: symbolic(v)}
}

// symbolic is the value of a small integer tensor; nil where it has none or
// where an element is negative, which a dimension cannot be.
func symbolic(v *tensor.Tensor) []onnx.Dim {
	if v.Rank() > 1 || v.Len() > maxValue {
		return nil
	}
	list, err := ops.IntsOf(v)
	if err != nil {
		return nil
	}
	out := make([]onnx.Dim, len(list))
	for i, d := range list {
		if d < 0 {
			return nil
		}
		out[i] = onnx.Known(d)
	}
	return out
}

// Node works out one node from its inputs and records its outputs. Unknown
// operators leave their outputs unknown.
func (s *Scope) Node(n *onnx.Node) error {
	version := s.opset(n.Domain)
	inf := &ops.Inference{
		Attrs: ops.NewAttrs(n), Opset: version,
		Inputs: s.Args(n), Outputs: make([]ops.Result, len(n.Outputs)),
		Sub: func(attribute string, inputs []*onnx.Type) ([]*onnx.Type, error) {
			return s.subgraph(n, attribute, inputs)
		},
	}
	if def := s.registry.Find(n.Domain, n.OpType, version); def != nil {
		if err := infer(def, inf); err != nil {
			return ops.NodeError(n, version, err)
		}
	}
	for i, name := range n.Outputs {
		if name != "" {
			r := inf.Outputs[i]
			s.values[name] = &Known{Type: r.Type, Value: clip(r)}
		}
	}
	return nil
}

// infer runs an operator's inference; a fault in it that panics is an error.
func infer(def *ops.Def, inf *ops.Inference) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("shape inference of %s failed: %v", def.ID(), v)
		}
	}()
	if err := def.Infer(inf); err != nil {
		return err
	}
	return inf.Err()
}

// clip drops a symbolic value that is too long to be a shape.
func clip(r ops.Result) []onnx.Dim {
	if len(r.Value) > maxValue {
		return nil
	}
	return r.Value
}

// Args describes the inputs of a node.
func (s *Scope) Args(n *onnx.Node) []ops.Arg {
	args := make([]ops.Arg, len(n.Inputs))
	for i, name := range n.Inputs {
		if name == "" {
			continue
		}
		k := s.Get(name)
		args[i] = ops.Arg{Name: name, Type: k.Type, Const: k.Const, Value: k.Value}
	}
	return args
}

// Opset is the version that the model imports of a domain.
func (s *Scope) Opset(domain string) int { return s.opset(domain) }

// Graph works out all nodes of a graph. Where they leave even the element type or
// the rank of a value open, it believes what the graph declares.
func (s *Scope) Graph(g *onnx.Graph) error {
	declared := make(map[string]*onnx.Type, len(g.ValueInfo)+len(g.Outputs))
	for _, list := range [][]*onnx.ValueInfo{g.ValueInfo, g.Outputs} {
		for _, v := range list {
			declared[v.Name] = v.Type
		}
	}
	for _, n := range g.Nodes {
		if err := s.Node(n); err != nil {
			return err
		}
		for _, name := range n.Outputs {
			if k := s.values[name]; k != nil {
				k.Type = complete(k.Type, declared[name])
			}
		}
	}
	return nil
}

// complete fills what inference left open from a declaration: element type and
// rank. Sizes are not believed: exporters write down those of the one run that
// they traced, and one symbol for sizes that differ.
func complete(t, declared *onnx.Type) *onnx.Type {
	switch {
	case declared == nil || declared.Kind == onnx.TypeNone:
		return t
	case t == nil && (declared.Kind != onnx.TypeTensor || declared.Shape == nil):
		return declared
	case t != nil && (t.Kind != onnx.TypeTensor || t.Shape != nil || declared.Kind != t.Kind || t.DType != declared.DType || declared.Shape == nil):
		return t
	}
	return onnx.TensorOf(declared.DType, dims.Unknown(len(declared.Shape.Dims))...)
}

// Inner is the scope of a subgraph of a node in this one.
func (s *Scope) Inner(g *onnx.Graph) (*Scope, error) {
	in := &Scope{registry: s.registry, opset: s.opset, outer: s, values: map[string]*Known{}, cache: s.cache}
	return in, in.enter(g)
}

// subgraph infers the output types of a node's subgraph.
func (s *Scope) subgraph(n *onnx.Node, attribute string, inputs []*onnx.Type) ([]*onnx.Type, error) {
	attr := n.Attribute(attribute)
	if attr == nil || attr.Graph == nil {
		return nil, fmt.Errorf("attribute %q holds no graph", attribute)
	}
	in, err := s.Inner(attr.Graph)
	if err != nil {
		return nil, err
	}
	for i, formal := range attr.Graph.Inputs {
		if i < len(inputs) && inputs[i] != nil {
			in.values[formal.Name] = &Known{Type: complete(inputs[i], formal.Type)}
		}
	}
	if err := in.Graph(attr.Graph); err != nil {
		return nil, err
	}
	out := make([]*onnx.Type, len(attr.Graph.Outputs))
	for i, o := range attr.Graph.Outputs {
		out[i] = complete(in.Get(o.Name).Type, o.Type)
	}
	return out, nil
}
