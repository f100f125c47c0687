package gradcheck

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Model checks the gradients of a model by every weight that is not a mere
// number, in float64: see [Double]. Inputs that the caller does not give are
// random.
func Model(ctx context.Context, e runtime.Engine, m *onnx.Model, open int, opts Options) ([]Result, error) {
	m, err := Double(m)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(opts.Seed, 2))
	inputs := map[string]tensor.Value{}
	for _, in := range m.Graph.Inputs {
		if m.Graph.Initializer(in.Name) != nil {
			continue
		}
		if inputs[in.Name], err = randomInput(random, in, open); err != nil {
			return nil, fmt.Errorf("gradcheck: input %q: %w", in.Name, err)
		}
	}
	var wrt []string
	for _, t := range m.Graph.Initializers {
		if t.DType != tensor.Float64 || len(t.Dims) == 0 {
			continue
		}
		v, err := t.Value()
		if err != nil {
			return nil, err
		}
		inputs[t.Name] = v
		wrt = append(wrt, t.Name)
		dims := make([]onnx.Dim, len(t.Dims))
		for i, d := range t.Dims {
			dims[i] = onnx.Dim{Value: d}
		}
		m.Graph.Inputs = slices.DeleteFunc(m.Graph.Inputs, func(in *onnx.ValueInfo) bool { return in.Name == t.Name })
		m.Graph.Inputs = append(m.Graph.Inputs, &onnx.ValueInfo{Name: t.Name, Type: onnx.TensorOf(t.DType, dims...)})
	}
	if wrt == nil {
		return nil, fmt.Errorf("gradcheck: the model has no weights")
	}
	m.Graph.Initializers = slices.DeleteFunc(m.Graph.Initializers, func(t *onnx.Tensor) bool { return slices.Contains(wrt, t.Name) })
	return Run(ctx, e, m, inputs, wrt, opts)
}

// randomInput is numbers from −1 to 1, or 0 and 1 for integers. Of sizes that
// are open, the first is 1.
func randomInput(random *rand.Rand, in *onnx.ValueInfo, open int) (*tensor.Tensor, error) {
	if in.Type == nil || in.Type.Shape == nil {
		return nil, fmt.Errorf("its shape is not known")
	}
	shape := make([]int, len(in.Type.Shape.Dims))
	for i, d := range in.Type.Shape.Dims {
		switch {
		case d.IsKnown():
			shape[i] = int(d.Value)
		case i == 0:
			shape[i] = 1
		default:
			shape[i] = open
		}
	}
	t, err := tensor.New(in.Type.DType, shape...)
	if err != nil {
		return nil, err
	}
	switch in.Type.DType {
	case tensor.Float64:
		data, err := tensor.Data[float64](t)
		for i := range data {
			data[i] = random.Float64()*2 - 1
		}
		return t, err
	case tensor.Int64:
		data, err := tensor.Data[int64](t)
		for i := range data {
			data[i] = random.Int64N(2)
		}
		return t, err
	}
	return t, nil
}

// Double gives a copy of a model that computes in float64 what it computed in
// float32.
func Double(m *onnx.Model) (*onnx.Model, error) {
	m = m.Clone()
	var fault error
	widen := func(t *onnx.Tensor) *onnx.Tensor {
		if t.DType != tensor.Float32 || fault != nil {
			return t
		}
		v, err := t.Value()
		if err == nil {
			var list []float64
			if list, err = tensor.Float64s(v); err == nil {
				if v, err = tensor.FromSlice(list, v.Shape()...); err == nil {
					return onnx.NewTensor(t.Name, v)
				}
			}
		}
		fault = err
		return t
	}
	scales := keptNarrow(m.Graph)
	for i, t := range m.Graph.Initializers {
		if !scales[t.Name] {
			m.Graph.Initializers[i] = widen(t)
		}
	}
	for _, list := range [][]*onnx.ValueInfo{m.Graph.Inputs, m.Graph.Outputs} {
		for _, v := range list {
			if v.Type != nil && v.Type.DType == tensor.Float32 {
				v.Type = v.Type.Clone()
				v.Type.DType = tensor.Float64
			}
		}
	}
	m.Graph.ValueInfo = nil
	onnx.Walk(m.Graph, func(n *onnx.Node) {
		for _, a := range n.Attributes {
			switch {
			case a.Tensor != nil && !(len(n.Outputs) == 1 && scales[n.Outputs[0]]):
				a.Tensor = widen(a.Tensor)
			case (a.Name == "to" || a.Name == "dtype") && a.Int == int64(tensor.Float32):
				a.Int = int64(tensor.Float64)
			}
		}
	})
	return m, fault
}

// keptNarrow lists the values that the standard wants in float32 whatever the
// model computes in: the scales of Resize and Upsample.
func keptNarrow(g *onnx.Graph) map[string]bool {
	kept := map[string]bool{}
	onnx.Walk(g, func(n *onnx.Node) {
		if n.OpType == "Resize" || n.OpType == "Upsample" {
			for _, in := range n.Inputs[1:] {
				kept[in] = true
			}
		}
	})
	return kept
}
