package runtime

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Tolerance is how far apart two engines may be: a number may differ from the
// second engine's by Absolute + Relative·|second|.
type Tolerance struct{ Relative, Absolute float64 }

// DefaultTolerance allows for another order of float32 additions.
func DefaultTolerance() Tolerance { return Tolerance{Relative: 1e-3, Absolute: 1e-5} }

// Comparison is what [Compare] found.
type Comparison struct {
	Values int // how many values were compared: outputs of nodes and of the model
	// First is where the engines part: nil where they do not.
	First *Difference
}

// Difference is a value on which two engines do not agree.
type Difference struct {
	Node   string // that computes the value; "" where the whole model does, see [Compare]
	Op     string // with its domain
	Opset  int
	Output string // name of the value
	Reason string // how it differs
}

// String is one line.
func (d *Difference) String() string {
	if d.Node == "" {
		return fmt.Sprintf("output %q of the model: %s", d.Output, d.Reason)
	}
	return fmt.Sprintf("node %q (%s, opset %d), output %q: %s", d.Node, d.Op, d.Opset, d.Output, d.Reason)
}

// Compare runs a model on two engines with the same inputs and finds the first
// node, in the order of the graph, of which an output differs.
//
// Every value of the graph is compared, which keeps engines from fusing nodes.
// Where all agree, the model's outputs are compared once more as the engines
// compute them by themselves; what differs then has no node, and comes from
// an optimization of one of the engines. Random operators will differ.
func Compare(ctx context.Context, m *onnx.Model, a, b Engine, inputs map[string]tensor.Value, opts Options, tol Tolerance) (*Comparison, error) {
	places, names := nodeOutputs(m.Graph)
	opts.Outputs = names
	got, err := evaluate(ctx, m, a, inputs, opts)
	if err != nil {
		return nil, err
	}
	want, err := evaluate(ctx, m, b, inputs, opts)
	if err != nil {
		return nil, err
	}
	c := &Comparison{}
	for i, name := range names {
		c.Values++
		if reason := tol.difference(got[name], want[name]); reason != "" {
			n := places[i]
			c.First = &Difference{Node: n.Label(), Op: operator(n), Opset: m.Opset(n.Domain), Output: name, Reason: reason}
			return c, nil
		}
	}
	opts.Outputs = nil
	if got, err = evaluate(ctx, m, a, inputs, opts); err != nil {
		return nil, err
	}
	if want, err = evaluate(ctx, m, b, inputs, opts); err != nil {
		return nil, err
	}
	for _, out := range m.Graph.Outputs {
		c.Values++
		if reason := tol.difference(got[out.Name], want[out.Name]); reason != "" {
			c.First = &Difference{Output: out.Name, Reason: reason}
			return c, nil
		}
	}
	return c, nil
}

// difference says how a differs from b; "" where it does not.
func (t Tolerance) difference(a, b tensor.Value) string {
	if err := tensor.AllClose(a, b, t.Relative, t.Absolute); err != nil {
		return err.Error()
	}
	return ""
}

// nodeOutputs lists what the nodes of a graph compute, in order, each with its
// node.
func nodeOutputs(g *onnx.Graph) (nodes []*onnx.Node, names []string) {
	for _, n := range g.Nodes {
		for _, out := range n.Outputs {
			if out != "" {
				nodes, names = append(nodes, n), append(names, out)
			}
		}
	}
	return nodes, names
}

func operator(n *onnx.Node) string {
	if d := onnx.CanonicalDomain(n.Domain); d != "" {
		return d + "." + n.OpType
	}
	return n.OpType
}

// evaluate opens a model, runs it once and closes it.
func evaluate(ctx context.Context, m *onnx.Model, e Engine, inputs map[string]tensor.Value, opts Options) (out map[string]tensor.Value, err error) {
	s, err := e.Open(ctx, m, opts)
	if err != nil {
		return nil, fmt.Errorf("runtime: on %s: %w", e.Name(), err)
	}
	defer func() {
		if e := s.Close(); e != nil && err == nil {
			err = e
		}
	}()
	if out, err = s.Run(ctx, inputs); err != nil {
		return nil, fmt.Errorf("runtime: on %s: %w", e.Name(), err)
	}
	return out, nil
}
