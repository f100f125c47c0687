// Package rule is the contract between the rules of differentiation and package
// grad, which applies them.
//
// A rule belongs to one operator. It is given a node and the gradients of its
// outputs, and adds nodes that compute the gradients of its inputs, in standard
// operators:
//
//	var tanh = rule.Rule{Op: "Tanh", Grad: func(c *rule.Context) {
//		c.Set(0, c.Mul(c.G(0), c.OneMinus(c.Square(c.Y(0)))))
//	}}
//
// An operator that is an abbreviation for others may say how to write it out
// instead, after which theirs are differentiated.
package rule

import (
	"fmt"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// Rule says how one operator is differentiated. Exactly one of Grad, Expand and
// Constant is set.
type Rule struct {
	Op     string
	Domain string // "" is the default domain
	// Grad adds the gradients of the inputs that are wanted.
	Grad func(*Context)
	// Expand writes the node out in other operators and names their results with
	// [Context.Result]. It is called before anything is differentiated.
	Expand func(*Context)
	// Constant says that the outputs are flat wherever they have a derivative, so
	// that nothing flows back.
	Constant bool
}

// Context is one node whose rule is applied.
type Context struct {
	*emit.Builder
	Node  *onnx.Node
	Attrs *ops.Attrs

	grads   []string // of the outputs
	want    []bool   // inputs whose gradient is of use
	result  []string // gradients of the inputs
	outputs []string // of an expanded node
}

// New makes the context of a node. grads has the gradient of each output, ""
// where nothing flows back through it; want tells the inputs whose gradient is
// of use.
func New(b *emit.Builder, n *onnx.Node, grads []string, want []bool) *Context {
	return &Context{
		Builder: b, Node: n, Attrs: ops.NewAttrs(n), grads: grads, want: want,
		result: make([]string, len(n.Inputs)), outputs: make([]string, len(n.Outputs)),
	}
}

// Apply calls the rule's Grad and returns the gradients of the inputs.
func (c *Context) Apply(r *Rule) ([]string, error) {
	r.Grad(c)
	if err := c.fault(); err != nil {
		return nil, err
	}
	return c.result, nil
}

// Write calls the rule's Expand and returns the values of the outputs.
func (c *Context) Write(r *Rule) ([]string, error) {
	r.Expand(c)
	if err := c.fault(); err != nil {
		return nil, err
	}
	return c.outputs, nil
}

func (c *Context) fault() error {
	err := c.Err()
	if err == nil {
		err = c.Attrs.Err()
	}
	if err != nil {
		return fmt.Errorf("gradient of node %q (%s): %w", c.Node.Label(), c.Node.OpType, err)
	}
	return nil
}

// X is input i of the node; "" where the node leaves it out.
func (c *Context) X(i int) string {
	if i >= len(c.Node.Inputs) {
		return ""
	}
	return c.Node.Inputs[i]
}

// Y is output i of the node.
func (c *Context) Y(i int) string {
	if i >= len(c.Node.Outputs) {
		return ""
	}
	return c.Node.Outputs[i]
}

// Has reports whether the node names input i.
func (c *Context) Has(i int) bool { return c.X(i) != "" }

// G is the gradient of output i; "" where nothing flows back through it.
func (c *Context) G(i int) string {
	if i >= len(c.grads) {
		return ""
	}
	return c.grads[i]
}

// Want reports whether the gradient of input i is of use.
func (c *Context) Want(i int) bool { return i < len(c.want) && c.want[i] }

// Set gives the gradient of input i.
func (c *Context) Set(i int, g string) {
	if i < len(c.result) && g != "" {
		c.result[i] = c.Like(g, c.X(i))
	}
}

// SetIf gives the gradient of input i, which is made only where it is of use.
func (c *Context) SetIf(i int, g func() string) {
	if c.Want(i) {
		c.Set(i, g())
	}
}

// Result names the value of output i of a node that is written out.
func (c *Context) Result(i int, value string) {
	if i < len(c.outputs) {
		c.outputs[i] = value
	}
}

// OnlyFirst is for rules that know nothing of the gradients of later outputs:
// it reports whether only output 0 has one, and records a fault otherwise.
func (c *Context) OnlyFirst() bool {
	for i := 1; i < len(c.grads); i++ {
		if c.grads[i] != "" {
			c.Failf("output %d has a gradient, which is known for the first only", i)
			return false
		}
	}
	return c.G(0) != ""
}

// Axis is an integer attribute that names an axis of input 0, counted from the
// front.
func (c *Context) Axis(def int) int {
	axis, rank := int(c.Attrs.Int("axis", int64(def))), c.Rank(c.X(0))
	if axis < 0 {
		axis += rank
	}
	if axis < 0 || axis > rank {
		c.Failf("axis %d is out of range for %d dimensions", axis, rank)
		return 0
	}
	return axis
}

// ScatterBack is the gradient of an operator that only moves elements of x:
// pick applies it to integers that number the elements of x, and each element
// of g is added to the one that it came from. Positions at which pick gives −1
// came from none. once says that no element was taken twice, which old opsets
// need to know.
func (c *Context) ScatterBack(x, g string, once bool, pick func(numbers string) string) string {
	if !once && c.Opset() < 16 {
		c.Failf("its gradient adds at repeated places, which needs opset 16; the model has %d", c.Opset())
		return ""
	}
	count := c.Size(c.ReshapeTo(x, -1), 0)
	numbers := c.Reshape(c.Range(count), c.Shape(x))
	places := c.ReshapeTo(pick(numbers), -1)
	zeros := c.Expand(c.Scalar(x, 0), count)
	args := []string{zeros, places, c.ReshapeTo(g, -1)}
	attrs := []*onnx.Attribute{emit.IntAttr("axis", 0)}
	if !once {
		attrs = append(attrs, emit.StringAttr("reduction", "add"))
	}
	return c.Reshape(c.Builder.Node("ScatterElements", args, attrs...), c.Shape(x))
}
