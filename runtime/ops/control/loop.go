package control

import (
	"errors"
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Loop runs its body again and again: as often as its first input says and
// while the condition holds, which the body gives anew each time (ONNX operator
// spec, Loop-25). Either may be left out. The body takes the number of the run,
// the condition and the values that it carries from run to run; it gives the
// condition, these values, and tensors that are stacked along a new first axis.
// Later versions only take more types; before 11 neither input may be left out
// of the list.
var loopDefs = []ops.Def{loopDef(1, 3), loopDef(11, 2)}

func loopDef(since, least int) ops.Def {
	return ops.Def{
		Name: "Loop", Since: since,
		MinInputs: 0, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: ops.Variadic,
		Infer: inferLoop,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			if len(n.Inputs) < least {
				return nil, fmt.Errorf("node has %d inputs, expected at least %d", len(n.Inputs), least)
			}
			return compileLoop(n)
		},
	}
}

// rounds bounds how often the types of carried values are made more general
// before their shapes are given up.
const rounds = 3

func inferLoop(n *ops.Inference) error {
	if n.Sub == nil || len(n.Inputs) < 2 {
		return nil
	}
	carried := make([]*onnx.Type, len(n.Inputs)-2)
	for i := range carried {
		carried[i] = n.Input(i + 2).Type
	}
	for round := 0; ; round++ {
		inputs := append([]*onnx.Type{onnx.TensorOf(tensor.Int64), onnx.TensorOf(tensor.Bool)}, carried...)
		out, err := n.Sub("body", inputs)
		if err != nil {
			return err
		}
		if len(out) < 1+len(carried) {
			return fmt.Errorf("body gives %d outputs, expected at least %d", len(out), 1+len(carried))
		}
		if stable := widenTypes(carried, out[1:], round >= rounds); !stable {
			continue
		}
		for i, t := range carried {
			n.SetType(i, t)
		}
		for i, t := range out[1+len(carried):] {
			n.SetType(len(carried)+i, stacked(t))
		}
		return nil
	}
}

// widenTypes makes the types of carried values hold what the body gives for
// them too, and reports whether they did already. Where it must end, it gives up
// what differs.
func widenTypes(carried, given []*onnx.Type, end bool) (stable bool) {
	stable = true
	for i, t := range carried {
		union := dims.Union(t, given[i])
		if dims.Same(union, t) {
			continue
		}
		stable = false
		if end {
			union = nil
		}
		carried[i] = union
	}
	return stable
}

// stacked is the type of tensors of type t along a new first axis.
func stacked(t *onnx.Type) *onnx.Type {
	if t == nil || t.Kind != onnx.TypeTensor {
		return nil
	}
	if t.Shape == nil {
		return &onnx.Type{Kind: onnx.TypeTensor, DType: t.DType}
	}
	return onnx.TensorOf(t.DType, append([]onnx.Dim{onnx.UnknownDim()}, t.Shape.Dims...)...)
}

// loop is a compiled Loop.
type loop struct {
	body     ops.Subgraph
	carried  int
	declared []*onnx.Type // of the body's scan outputs
}

func compileLoop(n *ops.Node) (ops.Compiled, error) {
	b, err := body(n, "body")
	if err != nil {
		return nil, err
	}
	l := &loop{body: b, carried: len(n.Inputs) - 2}
	l.declared = outputTypes(b, 1+l.carried)
	if err := checkBody(b, 2+l.carried, 1+len(n.Outputs)); err != nil {
		return nil, err
	}
	if len(n.Outputs) < l.carried {
		return nil, fmt.Errorf("node has %d outputs for %d carried values", len(n.Outputs), l.carried)
	}
	return l, n.Err()
}

// start reads the number of runs and the condition.
func (l *loop) start(c *ops.Call) (trips int64, going bool, err error) {
	trips, going = math.MaxInt64, true
	if c.Has(0) {
		t, err := c.Need(0)
		if err != nil {
			return 0, false, err
		}
		list, err := ops.IntsOf(t)
		if err != nil {
			return 0, false, fmt.Errorf("trip count: %w", err)
		}
		if len(list) != 1 {
			return 0, false, errors.New("trip count is not one element")
		}
		trips = int64(list[0])
	}
	if c.Has(1) {
		going, err = truth(c.Inputs[1])
	}
	return trips, going, err
}

// Run runs the loop.
func (l *loop) Run(c *ops.Call) error {
	trips, going, err := l.start(c)
	if err != nil {
		return err
	}
	state := append([]tensor.Value(nil), c.Inputs[2:]...)
	scans := &tracks{first: l.carried, lists: make([][]*tensor.Tensor, len(l.declared))}
	inputs := make([]tensor.Value, 2+l.carried)
	for i := int64(0); i < trips && going; i++ {
		if err := c.Context.Err(); err != nil {
			return err
		}
		inputs[0], inputs[1] = tensor.Scalar(i), tensor.Scalar(going)
		copy(inputs[2:], state)
		out, err := l.body.Run(c, inputs)
		if err != nil {
			return err
		}
		if going, err = truth(out[0]); err != nil {
			return err
		}
		copy(state, out[1:1+l.carried])
		if err := scans.add(c, out[1+l.carried:]); err != nil {
			return err
		}
	}
	for i, v := range state {
		if v == nil {
			return fmt.Errorf("carried value %d is missing", i)
		}
		c.Set(i, v)
	}
	return scans.set(c, nil, nil, l.declared)
}
