package adapt

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// FreeBatch lets a model that was exported for one example take any number:
// the first dimension of inputs and outputs becomes a symbol, and shapes written
// out for one example copy it. A model that does not follow is an error.
func FreeBatch(m *onnx.Model) error {
	g := m.Graph
	fixed := false
	for _, in := range g.Inputs {
		if g.Initializer(in.Name) == nil && in.Type != nil && in.Type.Shape != nil && len(in.Type.Shape.Dims) > 0 && in.Type.Shape.Dims[0].IsKnown() {
			in.Type.Shape.Dims[0] = onnx.Symbol("batch")
			fixed = true
		}
	}
	if !fixed {
		return nil
	}
	g.ValueInfo = nil
	for _, n := range g.Nodes {
		if n.OpType != "Reshape" || len(n.Inputs) != 2 {
			continue
		}
		i := slices.IndexFunc(g.Initializers, func(t *onnx.Tensor) bool { return t.Name == n.Inputs[1] })
		if i < 0 {
			continue
		}
		v, err := g.Initializers[i].Value()
		if err != nil {
			return err
		}
		shape, err := tensor.Data[int64](v)
		if err != nil || len(shape) == 0 || shape[0] != 1 {
			continue
		}
		shape = slices.Clone(shape)
		shape[0] = 0
		g.Initializers[i] = onnx.NewTensor(n.Inputs[1], tensor.Vector(shape...))
	}
	for _, o := range g.Outputs {
		if o.Type != nil && o.Type.Shape != nil && len(o.Type.Shape.Dims) > 0 {
			o.Type.Shape.Dims[0] = onnx.Symbol("batch")
		}
	}
	b, err := emit.New(m)
	if err != nil {
		return fmt.Errorf("adapt: the model does not take more than one example: %w", err)
	}
	for _, o := range g.Outputs {
		if d, ok := b.Dims(o.Name); ok && len(d) > 0 && d[0].IsKnown() {
			return fmt.Errorf("adapt: output %q stays at %d examples whatever the input has", o.Name, d[0].Value)
		}
	}
	return nil
}

// LastLayers names the weights of the layers that the outputs come from: going
// back from each, the first convolution or product on every way, and where it
// only mixes channels also the one before it, which looks at the neighbourhood.
func LastLayers(m *onnx.Model, outputs ...string) ([]string, error) {
	makers := map[string]*onnx.Node{}
	for _, n := range m.Graph.Nodes {
		for _, o := range n.Outputs {
			makers[o] = n
		}
	}
	var list []string
	seen := map[string]bool{}
	var back func(value string, deeper bool)
	back = func(value string, deeper bool) {
		n := makers[value]
		if n == nil || seen[value] {
			return
		}
		seen[value] = true
		if !slices.Contains([]string{"Conv", "Gemm", "MatMul"}, n.OpType) {
			for _, in := range n.Inputs {
				back(in, deeper)
			}
			return
		}
		groups := n.Attribute("group")
		depthwise := groups != nil && groups.Int > 1
		if !deeper && !depthwise {
			return
		}
		for _, in := range n.Inputs[1:] {
			if m.Graph.Initializer(in) != nil && !slices.Contains(list, in) {
				list = append(list, in)
			}
		}
		if deeper && mixes(n) {
			back(n.Inputs[0], false)
		}
	}
	for _, o := range outputs {
		back(o, true)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("adapt: no layer with weights leads to the outputs %q", outputs)
	}
	return list, nil
}

// mixes reports whether a convolution has a kernel of one pixel.
func mixes(n *onnx.Node) bool {
	k := n.Attribute("kernel_shape")
	return n.OpType == "Conv" && k != nil && !slices.ContainsFunc(k.Ints, func(v int64) bool { return v != 1 })
}
