// Package sequence holds the operators on sequences and optionals: making
// them, looking into them, and going from tensors to sequences and back.
//
// A sequence is never changed: an operator that adds or takes out an item makes
// a new one that shares the items.
package sequence

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	sequenceEmptyDefs,
	sequenceConstructDefs,
	sequenceAtDefs,
	sequenceInsertDefs,
	sequenceEraseDefs,
	sequenceLengthDefs,
	splitToSequenceDefs,
	concatFromSequenceDefs,
	optionalDefs,
	optionalHasElementDefs,
	optionalGetElementDefs,
)

// needSequence is input i, which must be a sequence.
func needSequence(c *ops.Call, i int) (*tensor.Sequence, error) {
	if !c.Has(i) {
		return nil, fmt.Errorf("input %d is missing", i)
	}
	s, ok := c.Inputs[i].(*tensor.Sequence)
	if !ok {
		return nil, fmt.Errorf("input %d is a %v, expected a sequence", i, c.Inputs[i].Kind())
	}
	return s, nil
}

// sequenceOf is the type of a sequence of such items.
func sequenceOf(elem *onnx.Type) *onnx.Type {
	return &onnx.Type{Kind: onnx.TypeSequence, Elem: elem}
}

// elemOf is the type of the items of input i; nil where it is not known.
func elemOf(n *ops.Inference, i int) *onnx.Type {
	t := n.Input(i).Type
	if t == nil || t.Kind != onnx.TypeSequence {
		return nil
	}
	return t.Elem
}

// position reads the scalar that names an item of n: one of -n to n-1.
func position(p ops.IntsInput, c *ops.Call, n int) (int, error) {
	list, err := p.Read(c)
	if err != nil {
		return 0, err
	}
	if len(list) != 1 {
		return 0, errors.New("position is not one element")
	}
	k := list[0]
	if k < -n || k >= n {
		return 0, fmt.Errorf("position %d is out of range for %d items", k, n)
	}
	if k < 0 {
		k += n
	}
	return k, nil
}

// withPosition compiles an operator whose input i is a position, which may be
// missing.
func withPosition(i int, run func(c *ops.Call, p ops.IntsInput) error) func(*ops.Node) (ops.Compiled, error) {
	return func(n *ops.Node) (ops.Compiled, error) {
		p, err := n.IntsInput(i, "position")
		if err != nil {
			return nil, err
		}
		return ops.RunFunc(func(c *ops.Call) error { return run(c, p) }), nil
	}
}

// SequenceEmpty makes a sequence without items, of tensors of type dtype (ONNX
// operator spec, SequenceEmpty-11).
var sequenceEmptyDefs = []ops.Def{{
	Name: "SequenceEmpty", Since: 11,
	MinInputs: 0, MaxInputs: 0, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		d := n.DType("dtype", tensor.Float32)
		n.SetType(0, sequenceOf(&onnx.Type{Kind: onnx.TypeTensor, DType: d}))
		return n.Err()
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		s := &tensor.Sequence{DType: n.DType("dtype", tensor.Float32)}
		return ops.RunFunc(func(c *ops.Call) error {
			c.Set(0, s)
			return nil
		}), n.Err()
	},
}}

// SequenceConstruct makes a sequence of its inputs, tensors of one type (ONNX
// operator spec, SequenceConstruct-11).
var sequenceConstructDefs = []ops.Def{{
	Name: "SequenceConstruct", Since: 11,
	MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		elem := n.Input(0).Type
		for i := range n.Inputs {
			elem = dims.Union(elem, n.Input(i).Type)
		}
		n.SetType(0, sequenceOf(elem))
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		return ops.RunFunc(func(c *ops.Call) error {
			s := &tensor.Sequence{Items: make([]tensor.Value, len(c.Inputs))}
			for i := range c.Inputs {
				t, err := c.Need(i)
				if err != nil {
					return err
				}
				if i > 0 && t.DType() != s.DType {
					return fmt.Errorf("input %d is %v, input 0 is %v", i, t.DType(), s.DType)
				}
				s.DType, s.Items[i] = t.DType(), t
			}
			c.Set(0, s)
			return nil
		}), nil
	},
}}

// SequenceAt gives the item at a position, which may count from the end (ONNX
// operator spec, SequenceAt-11).
var sequenceAtDefs = []ops.Def{{
	Name: "SequenceAt", Since: 11,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		n.SetType(0, elemOf(n, 0))
		return nil
	},
	Compile: withPosition(1, func(c *ops.Call, p ops.IntsInput) error {
		s, err := needSequence(c, 0)
		if err != nil {
			return err
		}
		k, err := position(p, c, len(s.Items))
		if err != nil {
			return err
		}
		if t, ok := s.Items[k].(*tensor.Tensor); ok {
			return c.Forward(0, t, t.Shape()...)
		}
		c.Set(0, s.Items[k])
		return nil
	}),
}}

// SequenceInsert puts a tensor in front of the item at a position, or at the end
// (ONNX operator spec, SequenceInsert-11).
var sequenceInsertDefs = []ops.Def{{
	Name: "SequenceInsert", Since: 11,
	MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		if elem := elemOf(n, 0); elem != nil {
			n.SetType(0, sequenceOf(dims.Union(elem, n.Input(1).Type)))
		}
		return nil
	},
	Compile: withPosition(2, runSequenceInsert),
}}

func runSequenceInsert(c *ops.Call, p ops.IntsInput) error {
	s, err := needSequence(c, 0)
	if err != nil {
		return err
	}
	t, err := c.Need(1)
	if err != nil {
		return err
	}
	if len(s.Items) > 0 && t.DType() != s.DType {
		return fmt.Errorf("tensor is %v, the sequence's are %v", t.DType(), s.DType)
	}
	k := len(s.Items)
	if c.Has(2) {
		list, err := p.Read(c)
		if err != nil {
			return err
		}
		if len(list) == 1 && list[0] == k {
			list = nil // right behind the last item
		}
		if list != nil {
			if k, err = position(p, c, k); err != nil {
				return err
			}
		}
	}
	items := slices.Insert(slices.Clone(s.Items), k, tensor.Value(t))
	if err := checkTotal(c, items); err != nil {
		return err
	}
	c.Set(0, &tensor.Sequence{DType: t.DType(), Items: items})
	return nil
}

// checkTotal holds a sequence to the limit of the call: a loop can make it grow
// without bound.
func checkTotal(c *ops.Call, items []tensor.Value) error {
	const header = 256 // what a tensor takes besides its elements, about
	total := 0
	for _, item := range items {
		total += header
		if t, ok := item.(*tensor.Tensor); ok {
			total += len(t.Bytes())
		}
	}
	if c.Limit > 0 && total > c.Limit {
		return &ops.LimitError{What: fmt.Sprintf("a sequence of %d tensors", len(items)), Bytes: total, Limit: c.Limit}
	}
	return nil
}

// SequenceErase takes out the item at a position, or the last (ONNX operator
// spec, SequenceErase-11).
var sequenceEraseDefs = []ops.Def{{
	Name: "SequenceErase", Since: 11,
	MinInputs: 1, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer: ops.InferLike,
	Compile: withPosition(1, func(c *ops.Call, p ops.IntsInput) error {
		s, err := needSequence(c, 0)
		if err != nil {
			return err
		}
		k := len(s.Items) - 1
		if c.Has(1) {
			if k, err = position(p, c, len(s.Items)); err != nil {
				return err
			}
		} else if k < 0 {
			return errors.New("sequence is empty")
		}
		items := slices.Delete(slices.Clone(s.Items), k, k+1)
		c.Set(0, &tensor.Sequence{DType: s.DType, Items: items})
		return nil
	}),
}}

// SequenceLength counts the items (ONNX operator spec, SequenceLength-11).
var sequenceLengthDefs = []ops.Def{{
	Name: "SequenceLength", Since: 11,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		n.Set(0, tensor.Int64)
		return nil
	},
	Compile: func(n *ops.Node) (ops.Compiled, error) {
		return ops.RunFunc(func(c *ops.Call) error {
			s, err := needSequence(c, 0)
			if err != nil {
				return err
			}
			out, err := c.Output(0, tensor.Int64)
			if err != nil {
				return err
			}
			data, err := tensor.Data[int64](out)
			if err != nil {
				return err
			}
			data[0] = int64(len(s.Items))
			return nil
		}), nil
	},
}}
