package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// fuseConvAdd lets a Conv add the other side of the Add that follows it, as the
// residual blocks of most networks do. The node becomes a FusedConv of the
// project's domain and stands where the Add stood, since only there the other
// side is sure to have been made.
var fuseConvAdd = Pass{
	Name: "fuse-conv-add",
	Why:  "the sum of a residual block is made while the convolution's results are in registers",
	Run:  runFuseConvAdd,
}

func runFuseConvAdd(g *Graph) (int, error) {
	if g.Registry.Find(Domain, "FusedConv", 1) == nil {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for _, add := range g.Nodes() {
		if !Is(add, "Add") || len(add.Inputs) != 2 || add.Inputs[0] == add.Inputs[1] {
			continue
		}
		// the side that was made last is the one that ends a residual block
		for _, side := range []int{1, 0} {
			if conv, ok := addable(g, add, side); ok && !gone[conv] {
				fuseAdd(g, add, conv, add.Inputs[1-side])
				gone[conv] = true
				break
			}
		}
	}
	if len(gone) == 0 {
		return 0, nil
	}
	g.RequireOpset(Domain, 1)
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// addable reports whether one side of an Add is a Conv that can add the other.
func addable(g *Graph, add *onnx.Node, side int) (*onnx.Node, bool) {
	conv := g.Maker(add.Inputs[side])
	if !Is(conv, "Conv") || g.Users(add.Inputs[side]) != 1 || !isFloat32(g, conv.Inputs[0]) {
		return nil, false
	}
	return conv, dims.SameShape(g.Known(add.Inputs[0]).Type, g.Known(add.Inputs[1]).Type)
}

// fuseAdd makes the Add the convolution.
func fuseAdd(g *Graph, add, conv *onnx.Node, other string) {
	inputs := append([]string(nil), conv.Inputs...)
	if len(inputs) == 2 {
		inputs = append(inputs, "")
	}
	add.Name, add.OpType, add.Domain = conv.Name, "FusedConv", Domain
	add.Inputs, add.Attributes = append(inputs, other), conv.Attributes
	g.makers[add.Outputs[0]] = add
}
