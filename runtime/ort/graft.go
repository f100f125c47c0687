package ort

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// graft is a model rewritten so that the binding can carry what goes in and
// out of it. The model it was made of is left as it was.
type graft struct {
	model   *onnx.Model
	inputs  []port
	outputs []port
	idle    string // an input that nothing reads, for a model without any; or ""
}

// port is how a value crosses the binding.
type port struct {
	name    string       // its name for us
	inside  string       // the name it crosses by
	dtype   tensor.DType // its element type for us; Undefined where not a tensor, or not known
	carried tensor.DType // the element type it crosses as
	lifted  bool         // it crosses with a leading dimension of 1
	kind    onnx.TypeKind
}

// grafting is the state of [newGraft].
type grafting struct {
	graft
	graph *onnx.Graph
	used  map[string]bool
	axes  string // name of the constant [0], where it was needed
}

// newGraft rewrites m. Inputs that are initializers too are taken out, except
// those of keep, whose initializers are taken out instead. The outputs are
// those of specs: types that are not known there are not worked around.
func newGraft(m *onnx.Model, keep []string, specs []onnx.ValueInfo) (*graft, error) {
	model, graph := *m, *m.Graph
	model.Graph = &graph
	model.IRVersion = max(m.IRVersion, 4) // the first in which initializers need not be inputs
	graph.Nodes = slices.Clone(graph.Nodes)
	graph.Quantization = nil // names tensors that may be gone
	g := &grafting{graft: graft{model: &model}, graph: &graph, used: names(&graph)}
	if err := g.embed(keep); err != nil {
		return nil, err
	}
	declared := m.Graph.Inputs
	graph.Inputs = nil
	for _, in := range declared {
		if m.Graph.Initializer(in.Name) == nil || slices.Contains(keep, in.Name) {
			g.input(in)
		}
	}
	if len(graph.Inputs) == 0 {
		g.idle = g.fresh("idle")
		graph.Inputs = []*onnx.ValueInfo{{Name: g.idle, Type: onnx.TensorOf(tensor.Float32, onnx.Known(1))}}
	}
	graph.Outputs = nil
	for i := range specs {
		g.output(m.Graph, &specs[i])
	}
	if g.axes != "" && model.Opset("") == 0 {
		model.Opsets = append(slices.Clone(model.Opsets), onnx.OpsetID{Version: 18})
	}
	return &g.graft, nil
}

// embed drops the initializers of drop, and reads those that lie in other files
// into the model: ONNX Runtime is given bytes, and our own reader's checks of
// where such files may lie.
func (g *grafting) embed(drop []string) error {
	var list []*onnx.Tensor
	for _, t := range g.graph.Initializers {
		if slices.Contains(drop, t.Name) {
			continue
		}
		if t.Location != 0 {
			v, err := t.Value()
			if err != nil {
				return fmt.Errorf("ort: initializer %q: %w", t.Name, err)
			}
			t = onnx.NewTensor(t.Name, v)
		}
		list = append(list, t)
	}
	g.graph.Initializers = list
	return nil
}

// input declares an input. The binding can make values of rank 0 of plain
// numbers only.
func (g *grafting) input(in *onnx.ValueInfo) {
	p := port{name: in.Name, inside: in.Name}
	if in.Type != nil {
		p.kind = in.Type.Kind
	}
	if p.kind == onnx.TypeTensor {
		p.dtype, p.carried = in.Type.DType, in.Type.DType
		p.lifted = !plain(p.dtype) && mayBeScalar(in.Type) && reshapes(p.carried)
	}
	if p.lifted {
		p.inside = g.fresh(in.Name)
		in = &onnx.ValueInfo{Name: p.inside, Type: lift(in.Type)}
		g.squeeze("Squeeze", p.inside, p.name, true)
	}
	g.graph.Inputs = append(g.graph.Inputs, in)
	g.inputs = append(g.inputs, p)
}

// output declares an output of the original graph.
func (g *grafting) output(original *onnx.Graph, out *onnx.ValueInfo) {
	p := port{name: out.Name, inside: out.Name}
	typ := out.Type
	if typ != nil {
		p.kind = typ.Kind
	}
	if p.kind == onnx.TypeTensor && typ.DType != tensor.Undefined {
		p.dtype, p.carried = typ.DType, carrier(typ.DType)
		p.lifted = mayBeScalar(typ) && reshapes(p.carried)
	}
	at := p.name
	if p.carried != p.dtype {
		next := g.fresh(p.name)
		g.graph.Nodes = append(g.graph.Nodes, &onnx.Node{
			OpType: "Cast", Inputs: []string{at}, Outputs: []string{next},
			Attributes: []*onnx.Attribute{{Name: "to", Type: onnx.AttrInt, Int: int64(p.carried)}},
		})
		at, typ = next, &onnx.Type{Kind: onnx.TypeTensor, DType: p.carried, Shape: typ.Shape}
	}
	if p.lifted {
		next := g.fresh(p.name)
		g.squeeze("Unsqueeze", at, next, false)
		at, typ = next, lift(typ)
	}
	if at == p.name && !produced(original, at) { // an input or constant goes straight out
		next := g.fresh(p.name)
		g.graph.Nodes = append(g.graph.Nodes, &onnx.Node{OpType: "Identity", Inputs: []string{at}, Outputs: []string{next}})
		at = next
	}
	p.inside = at
	g.graph.Outputs = append(g.graph.Outputs, &onnx.ValueInfo{Name: at, Type: typ})
	g.outputs = append(g.outputs, p)
}

// squeeze adds a Squeeze or Unsqueeze of dimension 0, which has its axes in an
// attribute up to opset 12, and in an input from 13 on.
func (g *grafting) squeeze(op, from, to string, first bool) {
	n := &onnx.Node{OpType: op, Inputs: []string{from}, Outputs: []string{to}}
	if v := g.model.Opset(""); v > 0 && v < 13 {
		n.Attributes = []*onnx.Attribute{{Name: "axes", Type: onnx.AttrInts, Ints: []int64{0}}}
	} else {
		if g.axes == "" {
			g.axes = g.fresh("axes")
			g.graph.Initializers = append(g.graph.Initializers, onnx.NewTensor(g.axes, tensor.Vector[int64](0)))
		}
		n.Inputs = append(n.Inputs, g.axes)
	}
	if first {
		g.graph.Nodes = slices.Insert(g.graph.Nodes, 0, n)
	} else {
		g.graph.Nodes = append(g.graph.Nodes, n)
	}
}

// fresh makes a name that the graph does not have.
func (g *grafting) fresh(stem string) string {
	name := "ort/" + stem
	for i := 0; g.used[name]; i++ {
		name = "ort/" + stem + "/" + strconv.Itoa(i)
	}
	g.used[name] = true
	return name
}

// names lists what is taken on the graph's own level and below it.
func names(g *onnx.Graph) map[string]bool {
	used := map[string]bool{}
	for _, in := range g.Inputs {
		used[in.Name] = true
	}
	for _, t := range g.Initializers {
		used[t.Name] = true
	}
	for _, n := range g.Nodes {
		for _, name := range n.Outputs {
			used[name] = true
		}
		for _, a := range n.Attributes {
			for _, sub := range append(slices.Clone(a.Graphs), a.Graph) {
				if sub == nil {
					continue
				}
				for name := range names(sub) {
					used[name] = true
				}
			}
		}
	}
	return used
}

func produced(g *onnx.Graph, name string) bool {
	return slices.ContainsFunc(g.Nodes, func(n *onnx.Node) bool { return slices.Contains(n.Outputs, name) })
}

// plain reports whether the binding has a Go type for the elements.
func plain(d tensor.DType) bool {
	switch d {
	case tensor.Float32, tensor.Float64, tensor.Bool,
		tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64,
		tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64:
		return true
	default:
		return false
	}
}

// carrier is the type that outputs of type d cross as. Where the binding knows
// no Go type it copies one byte an element, which is right for 8-bit types and
// too short for those of 16. A wider type holds every value of a narrower one,
// so that nothing is lost on the way.
func carrier(d tensor.DType) tensor.DType {
	switch d {
	case tensor.Float16, tensor.BFloat16, tensor.Float4E2M1:
		return tensor.Float32
	case tensor.Int4, tensor.Int2:
		return tensor.Int8
	case tensor.Uint4, tensor.Uint2:
		return tensor.Uint8
	default:
		return d
	}
}

// mayBeScalar reports whether a tensor has rank 0, or might.
func mayBeScalar(t *onnx.Type) bool { return t.Shape == nil || len(t.Shape.Dims) == 0 }

// reshapes reports whether ONNX Runtime squeezes tensors of type d. Those that
// it does not are taken for no scalars, where the model does not say.
func reshapes(d tensor.DType) bool {
	return plain(d) || d == tensor.Float16 || d == tensor.BFloat16 || d == tensor.String
}

// lift gives a tensor type a leading dimension of 1.
func lift(t *onnx.Type) *onnx.Type {
	if t.Shape == nil {
		return t
	}
	return onnx.TensorOf(t.DType, append([]onnx.Dim{onnx.Known(1)}, t.Shape.Dims...)...)
}
