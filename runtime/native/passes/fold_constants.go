package passes

import (
	"context"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// foldConstants works out ahead of time what does not depend on the inputs:
// nodes whose inputs are all constants, and integer values that shape inference
// knows to the last number.
var foldConstants = Pass{
	Name: "fold-constants",
	Why:  "work out what does not depend on the inputs once, when the model is opened",
	Run:  runFoldConstants,
}

// growLimit is the size in bytes up to which a folded value may be larger than
// what it was made from: a large ConstantOfShape is cheaper to make than to
// keep.
const growLimit = 1 << 20

func runFoldConstants(g *Graph) (int, error) {
	gone := map[*onnx.Node]bool{}
	for _, n := range g.Nodes() {
		values := fold(g, n)
		if values == nil {
			// what became of its inputs may tell more of its outputs
			if err := g.scope.Node(n); err != nil {
				return 0, err
			}
			values = knownValues(g, n)
		}
		if values == nil {
			continue
		}
		for i, name := range n.Outputs {
			if name == "" {
				continue
			}
			t := onnx.NewTensor(name, values[i])
			g.Model.Graph.Initializers = append(g.Model.Graph.Initializers, t)
			g.scope.SetConst(name, values[i])
		}
		gone[n] = true
	}
	g.Remove(gone)
	return len(gone), g.Refresh()
}

// fold evaluates a node whose inputs are all constants; nil where it is none.
func fold(g *Graph, n *onnx.Node) []*tensor.Tensor {
	opset := g.scope.Opset(n.Domain)
	def := g.Registry.Find(n.Domain, n.OpType, opset)
	if def == nil || def.Random || hasSubgraph(n) || def.CheckArity(n) != nil {
		return nil
	}
	call := &ops.Call{Context: context.Background(), Outputs: make([]tensor.Value, len(n.Outputs)), Limit: g.Limit}
	size := 0
	args := g.scope.Args(n)
	call.Inputs = make([]tensor.Value, len(args))
	for i, a := range args {
		switch {
		case !a.Present():
		case a.Const == nil:
			return nil
		default:
			call.Inputs[i] = a.Const
			size += len(a.Const.Bytes())
		}
	}
	limit := max(2*size, growLimit)
	if g.Limit > 0 {
		limit = min(limit, g.Limit)
	}
	call.Memory = ops.Heap{MaxBytes: limit}
	if evaluate(def, n, opset, args, call) != nil {
		// A node that cannot be evaluated here is left alone: where it matters, it
		// fails again when it is compiled or run, with the same words.
		return nil
	}
	return folded(call.Outputs, n, limit)
}

// evaluate compiles and runs one node; a panic in it is an error.
func evaluate(def *ops.Def, n *onnx.Node, opset int, args []ops.Arg, call *ops.Call) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = ops.Recovered(v)
		}
	}()
	node := &ops.Node{Attrs: ops.NewAttrs(n), Def: def, Opset: opset, Inputs: args, Outputs: n.Outputs}
	compiled, err := def.Compile(node)
	if err != nil {
		return err
	}
	return compiled.Run(call)
}

// folded checks that all outputs are tensors that are worth keeping.
func folded(outputs []tensor.Value, n *onnx.Node, limit int) []*tensor.Tensor {
	list := make([]*tensor.Tensor, len(outputs))
	for i, v := range outputs {
		if n.Outputs[i] == "" {
			continue
		}
		t, ok := v.(*tensor.Tensor)
		if !ok || len(t.Bytes()) > limit {
			return nil
		}
		list[i] = t
	}
	return list
}

// knownValues makes constants of a node's outputs where inference knows every
// number of them.
func knownValues(g *Graph, n *onnx.Node) []*tensor.Tensor {
	list := make([]*tensor.Tensor, len(n.Outputs))
	for i, name := range n.Outputs {
		if name == "" {
			continue
		}
		k := g.scope.Get(name)
		if list[i] = constantOf(k.Type, k.Value); list[i] == nil {
			return nil
		}
	}
	return list
}

func constantOf(t *onnx.Type, value []onnx.Dim) *tensor.Tensor {
	if value == nil || t == nil || t.Kind != onnx.TypeTensor || t.DType != tensor.Int64 || t.Shape == nil || len(t.Shape.Dims) > 1 {
		return nil
	}
	data := make([]int64, len(value))
	for i, d := range value {
		if !d.IsKnown() {
			return nil
		}
		data[i] = d.Value
	}
	if len(t.Shape.Dims) == 0 {
		if len(data) != 1 {
			return nil
		}
		return tensor.Scalar(data[0])
	}
	return tensor.Vector(data...)
}

func hasSubgraph(n *onnx.Node) bool {
	for _, a := range n.Attributes {
		if a.Graph != nil || len(a.Graphs) > 0 {
			return true
		}
	}
	return false
}
