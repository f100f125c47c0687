package passes

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseConvBatchNorm moves a BatchNormalization that follows a Conv into the
// convolution's weights and bias:
//
//	w' = w · scale/√(var+ε)   b' = (b - mean) · scale/√(var+ε) + shift
//
// both over output channels. It needs all of them constant and float32, and
// nobody else reading the convolution's output.
var fuseConvBatchNorm = Pass{
	Name: "fuse-conv-bn",
	Why:  "a normalization with fixed statistics is a scale and a shift, which the weights can carry",
	Run:  runFuseConvBatchNorm,
}

func runFuseConvBatchNorm(g *Graph) (int, error) {
	gone := map[*onnx.Node]bool{}
	for _, bn := range g.Nodes() {
		if !Is(bn, "BatchNormalization") || len(bn.Outputs) == 0 || len(bn.Inputs) != 5 || trainingMode(g, bn) {
			continue
		}
		conv := g.Maker(bn.Inputs[0])
		if !Is(conv, "Conv") || g.Users(bn.Inputs[0]) != 1 {
			continue
		}
		w, b, ok := foldBatchNorm(g, conv, bn)
		if !ok {
			continue
		}
		conv.Inputs = []string{conv.Inputs[0], g.AddInitializer(conv.Inputs[1], w), g.AddInitializer(bn.Inputs[2], b)}
		conv.Outputs = []string{bn.Outputs[0]}
		gone[bn] = true
	}
	g.Remove(gone)
	if len(gone) == 0 {
		return 0, nil
	}
	return len(gone), g.Refresh()
}

// trainingMode reports whether the node computes statistics or gives them out.
func trainingMode(g *Graph, bn *onnx.Node) bool {
	if a := bn.Attribute("training_mode"); a != nil && a.Int != 0 {
		return true
	}
	for _, o := range bn.Outputs[1:] {
		if g.Users(o) > 0 {
			return true
		}
	}
	return false
}

// foldBatchNorm computes the weights and bias that do both.
func foldBatchNorm(g *Graph, conv, bn *onnx.Node) (w, b *onnx.Tensor, ok bool) {
	weights := g.Known(conv.Inputs[1]).Const
	if weights == nil || weights.Rank() < 3 {
		return nil, nil, false
	}
	channels := weights.Dim(0)
	var stats [4][]float32 // scale, shift, mean, variance
	for i := range stats {
		if stats[i], ok = constFloats(g, bn.Inputs[i+1], channels); !ok {
			return nil, nil, false
		}
	}
	bias := make([]float32, channels)
	if len(conv.Inputs) > 2 && conv.Inputs[2] != "" {
		old, ok := constFloats(g, conv.Inputs[2], channels)
		if !ok {
			return nil, nil, false
		}
		copy(bias, old)
	}
	scaled := weights.Clone()
	data, err := tensor.Data[float32](scaled)
	if err != nil || channels == 0 {
		return nil, nil, false
	}
	epsilon := float32(1e-5)
	if a := bn.Attribute("epsilon"); a != nil {
		epsilon = a.Float
	}
	per := len(data) / channels
	for c := range channels {
		factor := float64(stats[0][c]) / math.Sqrt(float64(stats[3][c])+float64(epsilon))
		for i := range per {
			data[c*per+i] = float32(float64(data[c*per+i]) * factor)
		}
		bias[c] = float32((float64(bias[c])-float64(stats[2][c]))*factor + float64(stats[1][c]))
	}
	return onnx.NewTensor("", scaled), onnx.NewTensor("", tensor.Vector(bias...)), true
}

// constFloats is a constant float32 vector of n elements.
func constFloats(g *Graph, name string, n int) ([]float32, bool) {
	c := g.Known(name).Const
	if c == nil {
		return nil, false
	}
	data, err := tensor.Data[float32](c)
	return data, err == nil && len(data) == n
}
