package adapt

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Parts are the two halves of a model: Frozen, which no trained value reaches,
// and Tail, which takes the features that Frozen gives.
type Parts struct {
	Frozen *onnx.Model // nil where nothing can be cut off
	Tail   *onnx.Model
	// Features are the outputs of Frozen and inputs of Tail.
	Features []string
}

// Cut cuts off what training does not change, where that can be run once an
// example and kept: where each value that crosses the cut has a row for each
// example and a known size otherwise. Else Tail is the whole model.
func Cut(m *onnx.Model, trainable []string) (*Parts, error) {
	b, err := emit.New(m.Clone())
	if err != nil {
		return nil, err
	}
	trained := map[string]bool{}
	for _, name := range trainable {
		trained[name] = true
	}
	var frozen, tail []*onnx.Node
	for _, n := range m.Graph.Nodes {
		if slices.ContainsFunc(readsOf(n), func(v string) bool { return trained[v] }) {
			for _, o := range n.Outputs {
				trained[o] = true
			}
			tail = append(tail, n)
		} else {
			frozen = append(frozen, n)
		}
	}
	made := map[string]bool{}
	for _, n := range frozen {
		for _, o := range n.Outputs {
			made[o] = true
		}
	}
	features, whole := crossing(m, tail, made), &Parts{Tail: m}
	if len(features) == 0 {
		return whole, nil
	}
	batch := batchSymbol(m.Graph)
	var infos []*onnx.ValueInfo
	for _, v := range features {
		d, ok := b.Dims(v)
		if !ok || len(d) == 0 || !isBatch(d[0], batch) || slices.ContainsFunc(d[1:], func(d onnx.Dim) bool { return !d.IsKnown() }) {
			return whole, nil
		}
		infos = append(infos, &onnx.ValueInfo{Name: v, Type: b.Type(v)})
	}
	p := &Parts{Frozen: m.Clone(), Tail: m.Clone(), Features: features}
	p.Frozen.Graph.Nodes, p.Frozen.Graph.Outputs = frozen, infos
	p.Tail.Graph.Nodes = tail
	p.Tail.Graph.Inputs = slices.Concat(m.Graph.Inputs, infos)
	for _, part := range []*onnx.Model{p.Frozen, p.Tail} {
		Prune(part)
	}
	return p, nil
}

// crossing lists what tail reads of the values that were made, and the outputs
// that tail does not make.
func crossing(m *onnx.Model, tail []*onnx.Node, made map[string]bool) []string {
	var list []string
	for _, n := range tail {
		for _, v := range readsOf(n) {
			if made[v] && !slices.Contains(list, v) {
				list = append(list, v)
			}
		}
	}
	for _, o := range m.Graph.Outputs {
		if made[o.Name] && !slices.Contains(list, o.Name) {
			list = append(list, o.Name)
		}
	}
	return list
}

// batchSymbol is the first dimension of the model's inputs, which counts the
// examples.
func batchSymbol(g *onnx.Graph) onnx.Dim {
	for _, in := range g.Inputs {
		if g.Initializer(in.Name) == nil && in.Type != nil && in.Type.Shape != nil && len(in.Type.Shape.Dims) > 0 {
			return in.Type.Shape.Dims[0]
		}
	}
	return onnx.UnknownDim()
}

// isBatch reports whether a size is that of the batch.
func isBatch(d, batch onnx.Dim) bool {
	return !d.IsKnown() && d.IsNamed() && d.Param == batch.Param
}

// Prune removes nodes and constants that no output needs, and inputs that
// nothing reads.
func Prune(m *onnx.Model) {
	g := m.Graph
	needed := map[string]bool{}
	for _, o := range g.Outputs {
		needed[o.Name] = true
	}
	var kept []*onnx.Node
	for _, n := range slices.Backward(g.Nodes) {
		if slices.ContainsFunc(n.Outputs, func(o string) bool { return needed[o] }) {
			kept = append(kept, n)
			for _, v := range readsOf(n) {
				needed[v] = true
			}
		}
	}
	slices.Reverse(kept)
	g.Nodes = kept
	g.Initializers = slices.DeleteFunc(g.Initializers, func(t *onnx.Tensor) bool { return !needed[t.Name] })
	g.Inputs = slices.DeleteFunc(g.Inputs, func(in *onnx.ValueInfo) bool { return !needed[in.Name] })
	g.ValueInfo = slices.DeleteFunc(g.ValueInfo, func(v *onnx.ValueInfo) bool { return !needed[v.Name] })
}

// readsOf lists what a node reads, its subgraphs included.
func readsOf(n *onnx.Node) []string {
	list := n.Inputs
	for g := range n.Subgraphs() {
		list = append(slices.Clip(list), onnx.Captures(g)...)
	}
	return list
}

// SetWeights writes values into the initializers of their names.
func SetWeights(m *onnx.Model, values map[string]tensor.Value) error {
	for name, v := range values {
		i := slices.IndexFunc(m.Graph.Initializers, func(t *onnx.Tensor) bool { return t.Name == name })
		t, ok := v.(*tensor.Tensor)
		if i < 0 || !ok {
			return fmt.Errorf("adapt: the model has no weight %q", name)
		}
		m.Graph.Initializers[i] = onnx.NewTensor(name, t)
	}
	return nil
}
