package ops

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxValues bounds the length of a constant whose elements are worth following
// through shape arithmetic.
const maxValues = 1024

// Inference is a node whose output types are being worked out.
type Inference struct {
	*Attrs
	Opset   int
	Inputs  []Arg
	Outputs []Result
	// Sub infers the output types of a subgraph from those of its inputs; nil
	// where subgraphs are not looked into.
	Sub func(attribute string, inputs []*onnx.Type) ([]*onnx.Type, error)
}

// Result is what is known of an output.
type Result struct {
	Type  *onnx.Type // nil where nothing is known
	Value []onnx.Dim // as in [Arg]
}

// Has reports whether the node names input i.
func (n *Inference) Has(i int) bool { return i < len(n.Inputs) && n.Inputs[i].Present() }

// Input is input i; the zero Arg where the node leaves it out.
func (n *Inference) Input(i int) Arg { return argAt(n.Inputs, i) }

// Const is the constant value of input i; nil where it is absent or changes.
func (n *Inference) Const(i int) *tensor.Tensor { return argAt(n.Inputs, i).Const }

// Set says that output i is a tensor of that type and shape.
func (n *Inference) Set(i int, d tensor.DType, dims ...onnx.Dim) {
	n.SetType(i, onnx.TensorOf(d, dims...))
}

// SetDType says that output i is a tensor of that type and unknown rank.
func (n *Inference) SetDType(i int, d tensor.DType) {
	n.SetType(i, &onnx.Type{Kind: onnx.TypeTensor, DType: d})
}

// SetType sets the type of output i, where the node has it.
func (n *Inference) SetType(i int, t *onnx.Type) {
	if i < len(n.Outputs) {
		n.Outputs[i].Type = t
	}
}

// SetValue sets the symbolic value of output i: see [Arg].
func (n *Inference) SetValue(i int, value []onnx.Dim) {
	if i < len(n.Outputs) {
		n.Outputs[i].Value = value
	}
}

// Like gives output i the type of input j.
func (n *Inference) Like(i, j int) {
	if t := n.Input(j).Type; t != nil {
		n.SetType(i, t)
	}
}

// InferLike is the Infer of operators whose output has the type and shape of
// their first input.
func InferLike(n *Inference) error {
	n.Like(0, 0)
	return nil
}

// Ints is the value of input i as integers where it is known: from a constant
// of an integer type, or from a symbolic value without symbols.
func (n *Inference) Ints(i int) ([]int, bool) {
	arg := n.Input(i)
	if arg.Const != nil {
		list, err := IntsOf(arg.Const)
		return list, err == nil
	}
	if arg.Value == nil {
		return nil, false
	}
	list := make([]int, len(arg.Value))
	for k, d := range arg.Value {
		if !d.IsKnown() {
			return nil, false
		}
		list[k] = int(d.Value)
	}
	return list, true
}

// Values is the symbolic value of input i, of rank 0 or 1: that of a small
// integer constant, or the one that was inferred; nil where there is neither.
// Elements below zero, which no dimension can hold, are unknown.
func (n *Inference) Values(i int) []onnx.Dim {
	arg := n.Input(i)
	if arg.Value != nil || arg.Const == nil || arg.Const.Rank() > 1 || arg.Const.Len() > maxValues {
		return arg.Value
	}
	list, err := IntsOf(arg.Const)
	if err != nil {
		return nil
	}
	value := make([]onnx.Dim, len(list))
	for k, v := range list {
		value[k] = onnx.Dim{Value: max(int64(v), -1)}
	}
	return value
}

// IntsOf reads the elements of an integer tensor as ints.
func IntsOf(t *tensor.Tensor) ([]int, error) {
	switch t.DType() {
	case tensor.Int64:
		return toInts[int64](t)
	case tensor.Int32:
		return toInts[int32](t)
	default:
		return nil, fmt.Errorf("elements are %v, expected int64 or int32", t.DType())
	}
}

func toInts[T int32 | int64](t *tensor.Tensor) ([]int, error) {
	data, err := tensor.Data[T](t)
	if err != nil {
		return nil, err
	}
	list := make([]int, len(data))
	for i, v := range data {
		list[i] = int(v)
	}
	return list, nil
}
