package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/all"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Builder adds nodes at the end of a model's graph.
type Builder struct {
	model  *onnx.Model
	view   *onnx.Model // whose imports inference reads
	scope  *shapeinfer.Scope
	taken  map[string]bool   // names of values
	consts map[string]string // small constants by what they hold
	prefix string
	count  int
	err    error
}

// New makes a builder that adds to m's graph, which must be in order. Types that
// inference cannot find are taken from what the graph declares.
func New(m *onnx.Model) (*Builder, error) {
	r, err := all.Registry()
	if err != nil {
		return nil, err
	}
	plain := withoutConstants(m)
	scope, err := shapeinfer.New(plain, r, shapeinfer.Cache{})
	if err != nil {
		return nil, err
	}
	if err := scope.Graph(plain.Graph); err != nil {
		return nil, err
	}
	b := &Builder{model: m, view: plain, scope: scope, taken: map[string]bool{}, consts: map[string]string{}}
	for _, in := range m.Graph.Inputs {
		b.taken[in.Name] = true
	}
	for _, t := range m.Graph.Initializers {
		b.taken[t.Name] = true
	}
	onnx.Walk(m.Graph, func(n *onnx.Node) {
		for _, o := range n.Outputs {
			b.taken[o] = true
		}
	})
	return b, nil
}

// withoutConstants is a view of a model in which Constant nodes that hold a
// tensor are initializers, whose values inference knows.
func withoutConstants(m *onnx.Model) *onnx.Model {
	view, g := *m, *m.Graph
	view.Graph = &g
	g.Nodes, g.Initializers = nil, slices.Clone(m.Graph.Initializers)
	for _, n := range m.Graph.Nodes {
		a := n.Attribute("value")
		if n.OpType != "Constant" || onnx.CanonicalDomain(n.Domain) != "" || a == nil || a.Tensor == nil || len(n.Outputs) != 1 {
			g.Nodes = append(g.Nodes, n)
			continue
		}
		t := *a.Tensor
		t.Name = n.Outputs[0]
		g.Initializers = append(g.Initializers, &t)
	}
	return &view
}

// Model is the model that is added to.
func (b *Builder) Model() *onnx.Model { return b.model }

// Opset is the version of the default domain that the model imports.
func (b *Builder) Opset() int { return b.model.Opset("") }

// Err is the first fault; nil where there was none.
func (b *Builder) Err() error { return b.err }

// Failf records a fault, unless there is one already.
func (b *Builder) Failf(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf(format, args...)
	}
}

// Prefix sets what the names of values begin with from now on, such as the name
// of the node whose gradient is being written; it returns the former one.
func (b *Builder) Prefix(p string) string {
	old := b.prefix
	b.prefix = p
	return old
}

// Fresh makes a name for a value that the graph does not have yet.
func (b *Builder) Fresh(hint string) string {
	name := strings.TrimPrefix(b.prefix+"/"+hint, "/")
	for b.taken[name] {
		b.count++
		name = strings.TrimPrefix(fmt.Sprintf("%s/%s_%d", b.prefix, hint, b.count), "/")
	}
	b.taken[name] = true
	return name
}

// Node adds a node of the default domain with one output and returns its name.
// Inputs that are "" are left out.
func (b *Builder) Node(op string, inputs []string, attrs ...*onnx.Attribute) string {
	return b.Nodes(op, 1, inputs, attrs...)[0]
}

// Nodes adds a node of the default domain with n outputs.
func (b *Builder) Nodes(op string, n int, inputs []string, attrs ...*onnx.Attribute) []string {
	return b.Call("", op, n, inputs, attrs...)
}

// Call adds a node of any domain, such as a call of a model-local function.
func (b *Builder) Call(domain, op string, n int, inputs []string, attrs ...*onnx.Attribute) []string {
	outputs := make([]string, n)
	if b.err != nil {
		return outputs
	}
	for i := range outputs {
		outputs[i] = b.Fresh(strings.ToLower(op))
	}
	for len(inputs) > 0 && inputs[len(inputs)-1] == "" {
		inputs = inputs[:len(inputs)-1]
	}
	b.Append(&onnx.Node{Name: outputs[0], Domain: domain, OpType: op, Inputs: inputs, Outputs: outputs, Attributes: attrs})
	return outputs
}

// Append adds a node as it is, whose outputs must be new.
func (b *Builder) Append(n *onnx.Node) {
	if b.err != nil {
		return
	}
	if err := b.scope.Node(n); err != nil {
		b.err = err
		return
	}
	for _, o := range n.Outputs {
		b.taken[o] = true
	}
	b.model.Graph.Nodes = append(b.model.Graph.Nodes, n)
}

// Input adds an input to the graph and returns its name.
func (b *Builder) Input(name string, d tensor.DType, dims ...onnx.Dim) string {
	typ := onnx.TensorOf(d, dims...)
	b.model.Graph.Inputs = append(b.model.Graph.Inputs, &onnx.ValueInfo{Name: name, Type: typ})
	b.scope.Set(name, shapeinfer.Known{Type: typ})
	b.taken[name] = true
	return name
}

// Output makes a value an output of the graph under a name, which may be its
// own.
func (b *Builder) Output(name, value string) {
	if name != value {
		if b.taken[name] {
			b.Failf("emit: the graph has a value %q already", name)
			return
		}
		b.Append(&onnx.Node{Name: name, OpType: "Identity", Inputs: []string{value}, Outputs: []string{name}})
	}
	b.model.Graph.Outputs = append(b.model.Graph.Outputs, &onnx.ValueInfo{Name: name, Type: b.scope.Get(value).Type})
}

// Type is what is known of a value's type; nil where that is nothing.
func (b *Builder) Type(v string) *onnx.Type { return b.scope.Get(v).Type }

// SetType says what inference cannot know, such as what a function returns.
func (b *Builder) SetType(v string, t *onnx.Type) {
	k := b.scope.Get(v)
	k.Type = t
	b.scope.Set(v, k)
}

// DType is the element type of a value; tensor.Undefined where it is not known.
func (b *Builder) DType(v string) tensor.DType {
	if t := b.Type(v); t != nil && t.Kind == onnx.TypeTensor {
		return t.DType
	}
	return tensor.Undefined
}

// Dims is the shape of a value where at least its rank is known.
func (b *Builder) Dims(v string) ([]onnx.Dim, bool) {
	if t := b.Type(v); t != nil && t.Kind == onnx.TypeTensor && t.Shape != nil {
		return t.Shape.Dims, true
	}
	return nil, false
}

// Rank is the number of dimensions of a value. Where it is not known, that is a
// fault.
func (b *Builder) Rank(v string) int {
	d, ok := b.Dims(v)
	if !ok {
		b.Failf("the number of dimensions of %q is not known", v)
	}
	return len(d)
}

// Const is the value of a constant; nil where v is none.
func (b *Builder) Const(v string) *tensor.Tensor { return b.scope.Get(v).Const }

// KnownInts is the value of a small integer tensor where it is known before the
// model runs.
func (b *Builder) KnownInts(v string) ([]int, bool) {
	k := b.scope.Get(v)
	if k.Const != nil {
		list, err := ops.IntsOf(k.Const)
		return list, err == nil
	}
	if k.Value == nil {
		return nil, false
	}
	list := make([]int, len(k.Value))
	for i, d := range k.Value {
		if !d.IsKnown() {
			return nil, false
		}
		list[i] = int(d.Value)
	}
	return list, true
}
