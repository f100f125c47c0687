package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Domain is the domain of operators that only passes make.
const Domain = "infer"

// fuseConvActivation lets a Conv apply the activation that follows it while its
// results are in registers. The node becomes a FusedConv of the project's
// domain: Conv's inputs and attributes, and the activation with its parameters.
var fuseConvActivation = Pass{
	Name: "fuse-conv-activation",
	Why:  "an activation over a stored result reads and writes all of it once more",
	Run:  runFuseConvActivation,
}

func runFuseConvActivation(g *Graph) (int, error) {
	if g.Registry.Find(Domain, "FusedConv", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for _, act := range g.Nodes() {
		if len(act.Inputs) == 0 || len(act.Outputs) != 1 || onnx.CanonicalDomain(act.Domain) != "" {
			continue
		}
		conv := g.Maker(act.Inputs[0])
		if !takesActivation(conv) || g.Users(act.Inputs[0]) != 1 || !isFloat32(g, conv.Inputs[0]) {
			continue
		}
		params, ok := activationParams(g, act)
		if !ok {
			continue
		}
		conv.OpType, conv.Domain = "FusedConv", Domain
		conv.Attributes = append(conv.Attributes, &onnx.Attribute{Name: "activation", Type: onnx.AttrString, String: []byte(act.OpType)})
		if params != nil {
			conv.Attributes = append(conv.Attributes, &onnx.Attribute{Name: "activation_params", Type: onnx.AttrFloats, Floats: params})
		}
		conv.Outputs = []string{act.Outputs[0]}
		g.makers[act.Outputs[0]] = conv
		gone[act] = true
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.RequireOpset(Domain, 1)
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// takesActivation reports whether a node is a convolution without an activation
// so far.
func takesActivation(n *onnx.Node) bool {
	return Is(n, "Conv") || n != nil && n.Domain == Domain && n.OpType == "FusedConv" && n.Attribute("activation") == nil
}

// activationParams tells whether a node is an activation that a convolution
// can apply, and with which parameters.
func activationParams(g *Graph, n *onnx.Node) (params []float32, ok bool) {
	switch n.OpType {
	case "Relu", "Sigmoid", "Tanh":
		return nil, len(n.Inputs) == 1
	case "LeakyRelu":
		return []float32{floatAttr(n, "alpha", 0.01)}, true
	case "HardSigmoid":
		return []float32{floatAttr(n, "alpha", 0.2), floatAttr(n, "beta", 0.5)}, true
	case "Clip":
		return clipBounds(g, n)
	}
	return nil, false
}

// clipBounds reads the bounds of a Clip, attributes before opset 11 and inputs
// since.
func clipBounds(g *Graph, n *onnx.Node) ([]float32, bool) {
	lo, hi := float32(-maxFloat32), float32(maxFloat32)
	lo, hi = floatAttr(n, "min", lo), floatAttr(n, "max", hi)
	for i, bound := range []*float32{&lo, &hi} {
		if len(n.Inputs) <= i+1 || n.Inputs[i+1] == "" {
			continue
		}
		c := g.Known(n.Inputs[i+1]).Const
		if c == nil {
			return nil, false
		}
		v, err := tensor.Data[float32](c)
		if err != nil || len(v) != 1 {
			return nil, false
		}
		*bound = v[0]
	}
	return []float32{lo, hi}, true
}

const maxFloat32 = 0x1p127 * (1 + (1 - 0x1p-23))

func floatAttr(n *onnx.Node, name string, def float32) float32 {
	if a := n.Attribute(name); a != nil && a.Type == onnx.AttrFloat {
		return a.Float
	}
	return def
}

func isFloat32(g *Graph, name string) bool {
	t := g.Known(name).Type
	return t != nil && t.Kind == onnx.TypeTensor && t.DType == tensor.Float32
}
