package finetune

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// DivergedError says that a loss or gradient is no number any more, and where
// that began.
type DivergedError struct {
	Step     int
	Loss     float64
	Node, Op string // the first node of the step's graph that gave such a value; "" where none was found
	Input    string // an input that was so already
}

// Error is one line.
func (e *DivergedError) Error() string {
	where := "no node of the graph alone gives such a value"
	switch {
	case e.Input != "":
		where = fmt.Sprintf("input %q is not finite already", e.Input)
	case e.Node != "":
		where = fmt.Sprintf("the first value that is not finite is made by node %q (%s)", e.Node, e.Op)
	}
	return fmt.Sprintf("finetune: step %d: the loss is %v: %s; a smaller learning rate or clipping may help", e.Step, e.Loss, where)
}

// diagnose runs the step once more, giving out every value, and finds the first
// that is not finite.
func (t *Trainer) diagnose(ctx context.Context, inputs map[string]tensor.Value, loss float64) error {
	found := &DivergedError{Step: t.Position.Step + 1, Loss: loss}
	for _, in := range t.Step.Model.Graph.Inputs {
		if !finite(inputs[in.Name]) {
			found.Input = in.Name
			return found
		}
	}
	var names []string
	makers := map[string]*onnx.Node{}
	for _, n := range t.Step.Model.Graph.Nodes {
		for _, o := range n.Outputs {
			if o != "" {
				names, makers[o] = append(names, o), n
			}
		}
	}
	s, err := t.Engine.Open(ctx, t.Step.Model, runtime.Options{Threads: t.Threads, Outputs: names, Disable: []string{"all"}})
	if err != nil {
		return found // the engine cannot show the inside: the message does without
	}
	defer s.Close()
	out, err := s.Run(ctx, inputs)
	if err != nil {
		return found // as above
	}
	if i := slices.IndexFunc(names, func(name string) bool { return !finite(out[name]) }); i >= 0 {
		found.Node, found.Op = makers[names[i]].Label(), makers[names[i]].OpType
	}
	return found
}

// finite reports whether all elements of a floating-point tensor are numbers.
// Masks of attention hold −∞ on purpose, so that alone is no fault.
func finite(v tensor.Value) bool {
	t, ok := v.(*tensor.Tensor)
	if !ok || !t.DType().IsFloat() {
		return true
	}
	list, err := tensor.Float64s(t)
	if err != nil {
		return true
	}
	return !slices.ContainsFunc(list, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 1) })
}
