package passes

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// trainingDomain is the domain of the operator Gradient.
const trainingDomain = "ai.onnx.preview.training"

// ExpandGradients replaces each Gradient node of the main graph by the nodes that
// compute it (ONNX operator spec, ai.onnx.preview.training.Gradient-1). Such a node
// names a part of its own graph, from the values xs and zs to the value y, and gives
// the derivatives of the sum of y by each of xs, at the values that its inputs have:
// where these are not xs and zs themselves, that part is copied first. Nodes are taken
// in order, so that a Gradient may differentiate what an earlier one made.
//
// The derivatives of operators are in gradient_rules.go. Where an operator has none,
// or a shape is not known that decides what is to be summed, the error is a
// [*runtime.UnsupportedError], in the name of engine.
//
// It is no part of the [Pipeline]: what it replaces cannot run otherwise.
func ExpandGradients(m *onnx.Model, r *ops.Registry, engine string) error {
	for {
		at := slices.IndexFunc(m.Graph.Nodes, isGradient)
		if at < 0 {
			return nil
		}
		g, err := New(m, r, 0)
		if err != nil {
			return err
		}
		n := m.Graph.Nodes[at]
		d := &differentiation{g: g, gradients: map[string]string{}}
		if err := d.expand(n, at); err != nil {
			opset := m.Opset(n.Domain)
			if reason, ok := ops.UnsupportedReason(err); ok {
				op := trainingDomain + "." + n.OpType
				return &runtime.UnsupportedError{Engine: engine, Nodes: []runtime.Unsupported{{Node: n.Label(), Op: op, Opset: opset, Reason: reason}}}
			}
			return ops.NodeError(n, opset, err)
		}
	}
}

func isGradient(n *onnx.Node) bool {
	return n.OpType == "Gradient" && onnx.CanonicalDomain(n.Domain) == trainingDomain
}

// differentiation is one Gradient node while it is replaced.
type differentiation struct {
	g         *Graph
	nodes     []*onnx.Node      // what replaces it
	gradients map[string]string // value → its derivative so far
}

// expand replaces the node at a place of the graph.
func (d *differentiation) expand(n *onnx.Node, at int) error {
	a := ops.NewAttrs(n)
	xs, zs, y := a.Strings("xs"), a.Strings("zs"), a.String("y", "")
	if err := a.Err(); err != nil {
		return err
	}
	names := slices.Concat(xs, zs)
	switch {
	case len(names) != len(n.Inputs):
		return fmt.Errorf("node has %d inputs, expected the %d that \"xs\" and \"zs\" name", len(n.Inputs), len(names))
	case len(n.Outputs) > len(xs):
		return fmt.Errorf("node has %d outputs, expected at most the %d that \"xs\" names", len(n.Outputs), len(xs))
	}
	path, err := d.path(xs, names, y, at)
	if err != nil {
		return err
	}
	if !slices.Equal(names, n.Inputs) {
		path, xs, y = d.copyPath(path, names, n.Inputs, xs, y)
	}
	if err := d.backward(path, y); err != nil {
		return err
	}
	for i, out := range n.Outputs {
		if out == "" {
			continue
		}
		if by, ok := d.gradients[xs[i]]; ok {
			d.nodes = append(d.nodes, &onnx.Node{OpType: "Identity", Inputs: []string{by}, Outputs: []string{out}})
			continue
		}
		if err := d.fill(xs[i], out, 0); err != nil {
			return err
		}
	}
	d.g.Model.Graph.Nodes = slices.Concat(d.g.Model.Graph.Nodes[:at], d.nodes, d.g.Model.Graph.Nodes[at+1:])
	return nil
}

// path lists the nodes before a place that lie between xs and y, in order. ends are
// the values at which it ends: xs and zs.
func (d *differentiation) path(xs, ends []string, y string, at int) ([]*onnx.Node, error) {
	depends := map[string]bool{}
	for _, x := range xs {
		depends[x] = true
	}
	before := d.g.Nodes()[:at]
	known := d.g.Maker(y) != nil && slices.Contains(before, d.g.Maker(y)) || slices.Contains(ends, y)
	if !known {
		return nil, fmt.Errorf("attribute \"y\" names %q, which no node before this one makes", y)
	}
	var forward []*onnx.Node
	for _, n := range before {
		if slices.ContainsFunc(n.Outputs, func(o string) bool { return slices.Contains(ends, o) }) {
			continue // what is made here counts as independent
		}
		if slices.ContainsFunc(n.Inputs, func(in string) bool { return depends[in] }) {
			forward = append(forward, n)
			for _, o := range n.Outputs {
				depends[o] = o != ""
			}
		}
	}
	needed := map[string]bool{y: true}
	var path []*onnx.Node
	for _, n := range slices.Backward(forward) {
		if slices.ContainsFunc(n.Outputs, func(o string) bool { return needed[o] }) {
			path = append(path, n)
			for _, in := range n.Inputs {
				needed[in] = true
			}
		}
	}
	slices.Reverse(path)
	return path, nil
}

// copyPath copies the nodes of a path for other values of the named inputs, and
// gives the copies of xs and y.
func (d *differentiation) copyPath(path []*onnx.Node, names, values, xs []string, y string) (copied []*onnx.Node, newXs []string, newY string) {
	renamed := map[string]string{}
	for i, name := range names { // each a value of its own, even where two are one tensor
		renamed[name] = d.emit("Identity", values[i])
		d.g.scope.Set(renamed[name], d.g.Known(values[i]))
	}
	rename := func(name string) string {
		if by, ok := renamed[name]; ok {
			return by
		}
		return name
	}
	for _, n := range path {
		c := n.Clone()
		c.Name = ""
		for i, in := range c.Inputs {
			c.Inputs[i] = rename(in)
		}
		for i, out := range c.Outputs {
			if out != "" {
				c.Outputs[i] = d.g.Fresh(out)
				d.g.scope.Set(c.Outputs[i], d.g.Known(out))
				renamed[out] = c.Outputs[i]
			}
		}
		copied = append(copied, c)
	}
	d.nodes = append(d.nodes, copied...)
	for _, x := range xs {
		newXs = append(newXs, rename(x))
	}
	return copied, newXs, rename(y)
}

// backward emits the derivatives along a path, from y back.
func (d *differentiation) backward(path []*onnx.Node, y string) error {
	seed := d.g.Fresh(y + "/gradient")
	if err := d.fill(y, seed, 1); err != nil {
		return err
	}
	d.gradients[y] = seed
	for _, n := range slices.Backward(path) {
		if len(n.Outputs) != 1 {
			return ops.Unsupported("the derivative of %s, which has %d outputs", n.OpType, len(n.Outputs))
		}
		dy, ok := d.gradients[n.Outputs[0]]
		if !ok {
			continue
		}
		rule := gradientRule(n)
		if rule == nil {
			return ops.Unsupported("the derivative of %s", n.OpType)
		}
		if err := rule(d, n, dy); err != nil {
			return err
		}
	}
	return nil
}

// emit adds a node with one output and returns the output's name.
func (d *differentiation) emit(op string, inputs ...string) string {
	out := d.g.Fresh("gradient/" + op)
	d.nodes = append(d.nodes, &onnx.Node{OpType: op, Inputs: inputs, Outputs: []string{out}})
	return out
}

// fill emits a tensor of the shape and type of a value, all of one number.
func (d *differentiation) fill(like, out string, v float64) error {
	one, err := d.scalar(like, []int{1}, v)
	if err != nil {
		return err
	}
	d.nodes = append(d.nodes, &onnx.Node{
		OpType: "ConstantOfShape", Inputs: []string{d.emit("Shape", like)}, Outputs: []string{out},
		Attributes: []*onnx.Attribute{{Name: "value", Type: onnx.AttrTensor, Tensor: onnx.NewTensor("", one)}},
	})
	return nil
}

// scalar is a number in the type of a value, which must be float32 or float64.
func (d *differentiation) scalar(like string, shape []int, v float64) (*tensor.Tensor, error) {
	t := d.g.Known(like).Type
	switch {
	case t != nil && t.DType == tensor.Float32:
		return tensor.FromSlice([]float32{float32(v)}, shape...)
	case t != nil && t.DType == tensor.Float64:
		return tensor.FromSlice([]float64{v}, shape...)
	case t == nil || t.DType == tensor.Undefined:
		return nil, ops.Unsupported("the gradient by %q, whose type is not known", like)
	}
	return nil, ops.Unsupported("the gradient by %q of type %v", like, t.DType)
}

// number adds a constant in the type of a value.
func (d *differentiation) number(like string, v float64) (string, error) {
	t, err := d.scalar(like, nil, v)
	if err != nil {
		return "", err
	}
	return d.g.AddInitializer("gradient/number", onnx.NewTensor("", t)), nil
}

// add counts dx towards the derivative by x, first summing it to the shape of x where
// x was broadcast to the shape of like.
func (d *differentiation) add(x, dx, like string) error {
	dx, err := d.reduce(dx, x, like)
	if err != nil {
		return err
	}
	if so, ok := d.gradients[x]; ok {
		dx = d.emit("Add", so, dx)
	}
	d.gradients[x] = dx
	return nil
}
