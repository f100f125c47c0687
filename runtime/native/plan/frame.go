package plan

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Env is what a run is given from outside.
type Env struct {
	Context context.Context
	Pool    *pool.Pool
	Random  *rand.Rand
}

// Frame holds what changes from run to run. It is used by one run at a time.
type Frame struct {
	program *Program
	env     Env
	values  []tensor.Value
	headers []tensor.Tensor // of values that live in slots, reused from run to run
	slots   [][]byte
	steps   []stepFrame
	budget  *budget
	heap    []int // bytes of each value that were taken from the budget for one run
}

// stepFrame is the part of a frame that belongs to one step. It is the
// [ops.Memory] of the step's call.
type stepFrame struct {
	frame  *Frame
	step   *step
	call   ops.Call
	bodies []*Frame // of the step's subgraphs, made when first run
}

// NewFrame makes a frame for runs of p.
func NewFrame(p *Program) *Frame { return newFrame(p, &budget{limit: p.limit}) }

func newFrame(p *Program, b *budget) *Frame {
	f := &Frame{
		budget:  b,
		heap:    make([]int, len(p.values)),
		program: p,
		values:  make([]tensor.Value, len(p.values)),
		headers: make([]tensor.Tensor, len(p.values)),
		slots:   make([][]byte, p.slots),
		steps:   make([]stepFrame, len(p.steps)),
	}
	for i := range p.values {
		f.values[i] = p.values[i].fixed
	}
	for i := range p.steps {
		s := &p.steps[i]
		sf := &f.steps[i]
		sf.frame, sf.step = f, s
		sf.call = ops.Call{
			Inputs: make([]tensor.Value, len(s.in)), Outputs: make([]tensor.Value, len(s.out)),
			Memory: sf, Engine: sf, Limit: p.limit,
		}
		for k, v := range s.out {
			if v == absent {
				sf.call.Skip(k)
			}
		}
	}
	return f
}

// Run evaluates the program: one value for each input, in order, for each
// output. The outputs belong to the caller. It ends within one node of the
// context's end.
func (f *Frame) Run(env Env, inputs []tensor.Value) ([]tensor.Value, error) {
	f.env = env
	defer f.release()
	return f.run(inputs)
}

// release lets go of what the run was given.
func (f *Frame) release() {
	f.env = Env{}
	for _, v := range f.program.inputs {
		f.values[v] = f.program.values[v].fixed
	}
}

func (f *Frame) run(inputs []tensor.Value) ([]tensor.Value, error) {
	p := f.program
	if len(inputs) != len(p.inputs) {
		return nil, fmt.Errorf("graph takes %d inputs, got %d", len(p.inputs), len(inputs))
	}
	for i, v := range p.inputs {
		f.values[v] = inputs[i]
	}
	for i := range f.steps {
		if err := f.env.Context.Err(); err != nil {
			return nil, err
		}
		if err := f.steps[i].run(); err != nil {
			return nil, err
		}
	}
	out := make([]tensor.Value, len(p.outputs))
	for i, o := range p.outputs {
		v := f.values[o.value]
		if t, ok := v.(*tensor.Tensor); ok && o.clone {
			v = t.Clone()
		}
		out[i] = v
	}
	for _, o := range p.outputs {
		if p.values[o.value].fixed == nil {
			f.values[o.value] = nil
		}
	}
	for v := range f.heap {
		f.giveBack(v)
	}
	return out, nil
}

// giveBack takes the bytes of a value on the heap off the budget.
func (f *Frame) giveBack(v int) {
	f.budget.give(f.heap[v])
	f.heap[v] = 0
}

// run runs one node. A panic in it is an error like any other.
func (sf *stepFrame) run() (err error) {
	s, f := sf.step, sf.frame
	defer func() {
		if v := recover(); v != nil {
			err = ops.NodeError(s.node, s.opset, ops.Recovered(v))
		}
	}()
	c := &sf.call
	c.Context, c.Pool, c.Random = f.env.Context, f.env.Pool, f.env.Random
	for i, v := range s.in {
		if v != absent {
			c.Inputs[i] = f.values[v]
		}
	}
	clear(c.Outputs)
	if err := s.run.Run(c); err != nil {
		return ops.NodeError(s.node, s.opset, err)
	}
	for i, v := range s.out {
		if v == absent {
			continue
		}
		if c.Outputs[i] == nil {
			return ops.NodeError(s.node, s.opset, fmt.Errorf("output %d was not made", i))
		}
		f.values[v] = c.Outputs[i]
	}
	for _, v := range s.drop {
		f.values[v] = nil
		f.giveBack(v)
	}
	return nil
}

// inner is the frame of a subgraph of this step.
func (sf *stepFrame) inner(s *subgraph) *Frame {
	for len(sf.bodies) <= s.index {
		sf.bodies = append(sf.bodies, nil)
	}
	if sf.bodies[s.index] == nil {
		sf.bodies[s.index] = newFrame(s.program, sf.frame.budget)
	}
	return sf.bodies[s.index]
}

// Output gives the tensor of output i over its slot, over the buffer that it
// takes over, or over new memory where it outlives the run.
func (sf *stepFrame) Output(_ *ops.Call, i int, d tensor.DType, shape []int) (*tensor.Tensor, error) {
	v, f := sf.value(i), sf.frame
	if err := ops.CheckSize(d, shape, f.program.limit); err != nil {
		return nil, err
	}
	slot := heap
	if v != absent {
		slot = f.program.values[v].slot
	}
	n, err := tensor.NumElements(shape)
	if err != nil {
		return nil, err
	}
	size, err := tensor.ByteSize(d, n)
	if err != nil {
		return nil, err
	}
	if slot == heap || d == tensor.String {
		if v != absent {
			f.giveBack(v)
			if err := f.budget.take(size); err != nil {
				return nil, err
			}
			f.heap[v] = size
		}
		return tensor.New(d, shape...)
	}
	buf, err := sf.buffer(i, slot, size)
	if err != nil {
		return nil, err
	}
	t := &f.headers[v]
	return t, t.Rebind(d, buf, shape)
}

// buffer is size bytes for output i in that slot.
func (sf *stepFrame) buffer(i, slot, size int) ([]byte, error) {
	f := sf.frame
	if r := sf.step.reuse; i == 0 && r != absent {
		if in, ok := f.values[r].(*tensor.Tensor); ok && len(in.Bytes()) == size {
			return in.Bytes(), nil
		}
		// The sizes turned out not to be those that were inferred: the slot still
		// holds the input.
		return tensor.Alloc(size), nil
	}
	if old := cap(f.slots[slot]); old < size {
		f.slots[slot] = nil
		f.budget.give(old)
		if err := f.budget.take(size); err != nil {
			return nil, err
		}
		f.slots[slot] = tensor.Alloc(size)
	}
	return f.slots[slot][:size:size], nil
}

// Forward gives output i the buffer of in. Where the output outlives the run
// and in does not, it gets a copy.
func (sf *stepFrame) Forward(c *ops.Call, i int, in *tensor.Tensor, shape []int) (*tensor.Tensor, error) {
	v := sf.value(i)
	if sf.step.def.View && i == 0 && v != absent && in == c.Input(0) {
		if in.DType() == tensor.String {
			return in.Reshape(shape...)
		}
		t := &sf.frame.headers[v]
		if sf.frame.program.values[v].escapes {
			t = new(tensor.Tensor)
		}
		return t, t.Rebind(in.DType(), in.Bytes(), shape)
	}
	out, err := in.Reshape(shape...)
	if err != nil {
		return nil, err
	}
	return out.Clone(), nil
}

// value is the value of output i, or absent where the node does not use it.
func (sf *stepFrame) value(i int) int {
	if i >= len(sf.step.out) {
		return absent
	}
	return sf.step.out[i]
}
