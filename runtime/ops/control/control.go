// Package control holds the operators that run subgraphs: If, Loop, Scan and
// SequenceMap.
//
// The engine compiles a subgraph and binds what it takes from the graph around
// it (see [ops.Subgraph]); the operators here decide which one runs, how often
// and on what, and put the results together.
package control

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	ifDefs,
	loopDefs,
	scanDefs,
	sequenceMapDefs,
)

// body compiles the subgraph that an attribute holds.
func body(n *ops.Node, attribute string) (ops.Subgraph, error) {
	if n.Sub == nil {
		return nil, ops.Unsupported("subgraphs")
	}
	return n.Sub.Subgraph(attribute)
}

// checkBody compares the body's inputs and outputs with what its node needs.
func checkBody(b ops.Subgraph, inputs, outputs int) error {
	if b.NumInputs() != inputs {
		return fmt.Errorf("body takes %d inputs, expected %d", b.NumInputs(), inputs)
	}
	if b.NumOutputs() != outputs {
		return fmt.Errorf("body gives %d outputs, expected %d", b.NumOutputs(), outputs)
	}
	return nil
}

// truth reads a condition.
func truth(v tensor.Value) (bool, error) {
	t, ok := v.(*tensor.Tensor)
	if !ok {
		return false, errors.New("condition is no tensor")
	}
	data, err := tensor.Data[bool](t)
	if err != nil {
		return false, fmt.Errorf("condition: %w", err)
	}
	if len(data) != 1 {
		return false, fmt.Errorf("condition has shape %v, expected one element", t.Shape())
	}
	return data[0], nil
}

// tracks gathers the tensors that the runs of a body give for outputs that are
// stacked in the end.
type tracks struct {
	first int // output of the node that the first track becomes
	lists [][]*tensor.Tensor
	bytes int // of all tensors in them
}

// tensorBytes is what a tensor takes besides its elements, about.
const tensorBytes = 256

// add keeps one more tensor for each track, as long as all of them stay within
// the limit of the call.
func (t *tracks) add(c *ops.Call, values []tensor.Value) error {
	for i, v := range values {
		item, ok := v.(*tensor.Tensor)
		if !ok {
			return fmt.Errorf("scan output %d of the body is no tensor", i)
		}
		t.lists[i] = append(t.lists[i], item)
		t.bytes += tensorBytes + len(item.Bytes())
		if c.Limit > 0 && t.bytes > c.Limit {
			return &ops.LimitError{What: fmt.Sprintf("scan outputs of %d runs of the body", len(t.lists[i])), Bytes: t.bytes, Limit: c.Limit}
		}
	}
	return nil
}

// set makes an output of each track, stacked along an axis of its own, in
// reverse order where asked for. Without a tensor the declared type tells what
// an empty output looks like.
func (t *tracks) set(c *ops.Call, axes []int64, reverse []bool, declared []*onnx.Type) error {
	for i, list := range t.lists {
		if reverse != nil && reverse[i] {
			slices.Reverse(list)
		}
		axis := int64(0)
		if axes != nil {
			axis = axes[i]
		}
		if len(list) > 0 {
			if err := movement.Stack(c, t.first+i, list, axis); err != nil {
				return fmt.Errorf("scan output %d: %w", i, err)
			}
			continue
		}
		if err := setEmpty(c, t.first+i, declared[i], axis); err != nil {
			return err
		}
	}
	return nil
}

// setEmpty makes output i a stack of no tensors of the declared type.
func setEmpty(c *ops.Call, i int, t *onnx.Type, axis int64) error {
	if t == nil || t.Kind != onnx.TypeTensor || !t.DType.Valid() {
		return fmt.Errorf("body never ran, and the type of output %d is not known", i)
	}
	shape := []int{}
	if t.Shape != nil {
		for _, d := range t.Shape.Dims {
			shape = append(shape, max(int(d.Value), 0))
		}
	}
	at := int(axis)
	if at < 0 {
		at += len(shape) + 1
	}
	shape = slices.Insert(shape, min(max(at, 0), len(shape)), 0)
	_, err := c.Output(i, t.DType, shape...)
	return err
}

// outputTypes lists the types of the body's outputs from number first on, as far as they
// are known.
func outputTypes(b ops.Subgraph, first int) []*onnx.Type {
	var list []*onnx.Type
	for i := first; i < b.NumOutputs(); i++ {
		list = append(list, b.OutputType(i))
	}
	return list
}
