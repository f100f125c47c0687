package ops

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Call is one run of a node: the inputs, the place for the outputs, and what
// the engine lends. It is valid until Run returns.
type Call struct {
	// Context ends when the run is cancelled. Engines look at it between nodes;
	// an operator that can run for long looks itself.
	Context context.Context
	// Pool shares work among threads; nil means one thread.
	Pool *pool.Pool
	// Inputs holds a value for each input that the node names, nil for absent
	// ones.
	Inputs []tensor.Value
	// Outputs is where Run puts its results, through the methods below.
	Outputs []tensor.Value
	// Memory is where output buffers come from.
	Memory Memory
	// Random is the source for random operators without a seed of their own.
	Random *rand.Rand
	// Limit bounds the bytes of memory that the operator may take at once; 0 is
	// no limit. Outputs and scratch memory are held to it on their own; what an
	// operator gathers from run to run of a body it holds to it itself.
	Limit int

	// Engine is the engine's own; operators leave it alone.
	Engine any

	skipped uint64
	scratch []byte
	state   any
}

// Memory hands out the memory of outputs.
type Memory interface {
	// Output is the tensor of output i: a header over a buffer whose contents
	// are undefined.
	Output(c *Call, i int, d tensor.DType, shape []int) (*tensor.Tensor, error)
	// Forward is a tensor for output i that shares the buffer of in.
	Forward(c *Call, i int, in *tensor.Tensor, shape []int) (*tensor.Tensor, error)
}

// Has reports whether input i is there.
func (c *Call) Has(i int) bool { return i < len(c.Inputs) && c.Inputs[i] != nil }

// Wants reports whether the node uses output i.
func (c *Call) Wants(i int) bool {
	return i < len(c.Outputs) && (i >= 64 || c.skipped&(1<<i) == 0)
}

// Skip says that the node leaves out output i, though not a later one.
func (c *Call) Skip(i int) { c.skipped |= 1 << i }

// Input is tensor input i; nil where it is absent or no tensor. Engines check
// before a run that inputs which must be there are, and are of the right kind
// where the kind is known.
func (c *Call) Input(i int) *tensor.Tensor {
	if i >= len(c.Inputs) {
		return nil
	}
	t, _ := c.Inputs[i].(*tensor.Tensor)
	return t
}

// Need is tensor input i, or an error where it is absent or no tensor.
func (c *Call) Need(i int) (*tensor.Tensor, error) {
	if t := c.Input(i); t != nil {
		return t, nil
	}
	if i < len(c.Inputs) && c.Inputs[i] != nil {
		return nil, fmt.Errorf("input %d is a %v, expected a tensor", i, c.Inputs[i].Kind())
	}
	return nil, fmt.Errorf("input %d is missing", i)
}

// Output makes the tensor of output i, whose elements are undefined until they
// are written. Where the definition allows it, the buffer may be that of a
// dying input.
func (c *Call) Output(i int, d tensor.DType, shape ...int) (*tensor.Tensor, error) {
	t, err := c.Memory.Output(c, i, d, shape)
	if err != nil {
		return nil, err
	}
	c.Set(i, t)
	return t, nil
}

// Forward makes output i a tensor with another shape over the elements of
// input in.
func (c *Call) Forward(i int, in *tensor.Tensor, shape ...int) error {
	t, err := c.Memory.Forward(c, i, in, shape)
	if err != nil {
		return err
	}
	c.Set(i, t)
	return nil
}

// Set makes v output i. The value must be the operator's own making or one of
// its inputs, and not change any more.
func (c *Call) Set(i int, v tensor.Value) {
	if i < len(c.Outputs) {
		c.Outputs[i] = v
	}
}

// Scratch is a buffer of n bytes, aligned to 64, whose contents are undefined.
// It is valid until the next Scratch or until Run returns. Beyond the limit it
// panics with a [*LimitError], which engines recover.
func (c *Call) Scratch(n int) []byte {
	if cap(c.scratch) < n {
		if c.Limit > 0 && n > c.Limit {
			panic(&LimitError{What: "working memory", Bytes: n, Limit: c.Limit})
		}
		c.scratch = tensor.Alloc(n)
	}
	return c.scratch[:n]
}

// State keeps a value of the operator's from one run of this node to the next,
// so that what a run needs is made once. make is called the first time; a state
// is never used by two runs at once.
func (c *Call) State(make func() any) any {
	if c.state == nil {
		c.state = make()
	}
	return c.state
}
