package control

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// SequenceMap runs its body on each item of a sequence, together with the items
// at that position of further sequences, or with further tensors as they are,
// and makes sequences of what it gives (ONNX operator spec, SequenceMap-17).
var sequenceMapDefs = []ops.Def{{
	Name: "SequenceMap", Since: 17,
	MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: ops.Variadic,
	Infer:   inferSequenceMap,
	Compile: compileSequenceMap,
}}

func inferSequenceMap(n *ops.Inference) error {
	if n.Sub == nil {
		return nil
	}
	inputs := make([]*onnx.Type, len(n.Inputs))
	for i := range inputs {
		inputs[i] = n.Input(i).Type
		if t := inputs[i]; t != nil && t.Kind == onnx.TypeSequence {
			inputs[i] = t.Elem
		}
	}
	out, err := n.Sub("body", inputs)
	if err != nil {
		return err
	}
	for i, t := range out {
		n.SetType(i, &onnx.Type{Kind: onnx.TypeSequence, Elem: t})
	}
	return nil
}

func compileSequenceMap(n *ops.Node) (ops.Compiled, error) {
	b, err := body(n, "body")
	if err != nil {
		return nil, err
	}
	if err := checkBody(b, len(n.Inputs), len(n.Outputs)); err != nil {
		return nil, err
	}
	declared := outputTypes(b, 0)
	return ops.RunFunc(func(c *ops.Call) error { return runSequenceMap(c, b, declared) }), n.Err()
}

func runSequenceMap(c *ops.Call, b ops.Subgraph, declared []*onnx.Type) error {
	first, ok := c.Inputs[0].(*tensor.Sequence)
	if !ok {
		return errors.New("input 0 is no sequence")
	}
	results := make([]*tensor.Sequence, b.NumOutputs())
	for i := range results {
		results[i] = &tensor.Sequence{}
		if t := declared[i]; t != nil {
			results[i].DType = t.DType
		}
	}
	inputs := make([]tensor.Value, len(c.Inputs))
	for k := range first.Items {
		if err := c.Context.Err(); err != nil {
			return err
		}
		for i, v := range c.Inputs {
			s, ok := v.(*tensor.Sequence)
			switch {
			case !ok:
				inputs[i] = v
			case k >= len(s.Items):
				return fmt.Errorf("input %d has %d items, input 0 has %d", i, len(s.Items), len(first.Items))
			default:
				inputs[i] = s.Items[k]
			}
		}
		out, err := b.Run(c, inputs)
		if err != nil {
			return err
		}
		for i, v := range out {
			if t, ok := v.(*tensor.Tensor); ok {
				results[i].DType = t.DType()
			}
			results[i].Items = append(results[i].Items, v)
		}
	}
	for i, s := range results {
		c.Set(i, s)
	}
	return nil
}
