package ops

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Node is a node as its operator sees it when it is compiled.
type Node struct {
	*Attrs
	Def     *Def
	Opset   int            // version of the operator's domain that the model imports
	Inputs  []Arg          // as many as the node names, absent ones included
	Outputs []string       // names; "" where the node does not want the output
	Sub     SubgraphSource // compiles subgraphs; nil where the engine runs none
	Packs   *Packs         // what [Pack] shares; nil where nothing is
}

// Arg is what is known of an input before the model runs.
type Arg struct {
	Name  string         // "" where the node leaves the input out
	Type  *onnx.Type     // nil where nothing is known
	Const *tensor.Tensor // the value, where it never changes
	// Value is the symbolic value of a small integer tensor of rank 0 or 1, such
	// as a shape; nil where it is not known.
	Value []onnx.Dim
}

// Present reports whether the node names the input.
func (a Arg) Present() bool { return a.Name != "" }

// DType is the element type where it is known, else [tensor.Undefined].
func (a Arg) DType() tensor.DType {
	if a.Type == nil {
		return tensor.Undefined
	}
	return a.Type.DType
}

// Dims is the shape where at least the rank is known.
func (a Arg) Dims() ([]onnx.Dim, bool) {
	if a.Type == nil || a.Type.Kind != onnx.TypeTensor || a.Type.Shape == nil {
		return nil, false
	}
	return a.Type.Shape.Dims, true
}

// Rank is the number of dimensions, or -1 where it is not known.
func (a Arg) Rank() int {
	dims, ok := a.Dims()
	if !ok {
		return -1
	}
	return len(dims)
}

// Has reports whether the node names input i.
func (n *Node) Has(i int) bool { return i < len(n.Inputs) && n.Inputs[i].Present() }

// Input is input i; the zero Arg where the node leaves it out.
func (n *Node) Input(i int) Arg { return argAt(n.Inputs, i) }

// Const is the constant value of input i; nil where it is absent or changes.
func (n *Node) Const(i int) *tensor.Tensor { return argAt(n.Inputs, i).Const }

// Wants reports whether the node uses output i.
func (n *Node) Wants(i int) bool { return i < len(n.Outputs) && n.Outputs[i] != "" }

func argAt(list []Arg, i int) Arg {
	if i < 0 || i >= len(list) {
		return Arg{}
	}
	return list[i]
}

// SubgraphSource compiles the subgraphs of a node.
type SubgraphSource interface {
	// Subgraph compiles the graph attribute of that name.
	Subgraph(attribute string) (Subgraph, error)
}

// Subgraph is a compiled body of a control-flow node. Values that it takes from
// the graph around it are bound by the engine.
type Subgraph interface {
	// NumInputs and NumOutputs count the formal ones.
	NumInputs() int
	NumOutputs() int
	// OutputType is what is known of an output before the body runs; nil where that is
	// nothing.
	OutputType(i int) *onnx.Type
	// Run evaluates the body within the run of the node it belongs to. The
	// outputs belong to the caller.
	Run(c *Call, inputs []tensor.Value) ([]tensor.Value, error)
}

// Error says which node failed, and why, in one line.
func (n *Node) Error(err error) error {
	return NodeError(n.Proto(), n.Opset, err)
}

// NodeError puts the name, operator and opset of a node before err.
func NodeError(n *onnx.Node, opset int, err error) error {
	op := n.OpType
	if d := onnx.CanonicalDomain(n.Domain); d != "" {
		op = d + "." + op
	}
	return fmt.Errorf("onnx: node %q (%s, opset %d): %w", n.Label(), op, opset, err)
}
