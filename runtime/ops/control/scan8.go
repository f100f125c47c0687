package control

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// scan8 is a compiled Scan of version 8: a scan of its own for each batch.
// Input 0 holds the sequences' lengths, then come states [batch, …] and scan
// inputs [batch, sequence, …]. Scan outputs are [batch, sequence, …], zero
// behind the end of a shorter sequence.
type scan8 struct{ scan }

func readScan8(a *ops.Attrs, inputs, outputs int) (*scan, error) {
	if inputs < 1 {
		return nil, errors.New("node has no inputs")
	}
	s, err := readScan(a, inputs-1, outputs)
	if err == nil && a.Has("directions") {
		s.inReverse = directions(a, "directions", s.scans)
		err = a.Err()
	}
	return s, err
}

func inferScan8(n *ops.Inference) error {
	s, err := readScan8(n.Attrs, len(n.Inputs), len(n.Outputs))
	if err != nil || n.Sub == nil {
		return err
	}
	batch, length := onnx.UnknownDim(), onnx.UnknownDim()
	inputs := make([]*onnx.Type, s.states+s.scans)
	for i := range inputs {
		in := n.Input(i + 1)
		shape, ok := in.Dims()
		cut := 1
		if i >= s.states {
			cut = 2
		}
		if !ok {
			continue
		}
		if len(shape) < cut {
			return fmt.Errorf("input %d has rank %d, expected at least %d", i+1, len(shape), cut)
		}
		batch = shape[0]
		if cut == 2 {
			length = shape[1]
		}
		inputs[i] = onnx.TensorOf(in.DType(), shape[cut:]...)
	}
	out, err := s.inferBody(n, inputs)
	if err != nil {
		return err
	}
	for i, t := range out {
		if i >= s.states {
			if t, err = insertAxis(t, 0, length); err != nil {
				return err
			}
		}
		if t, err = insertAxis(t, 0, batch); err != nil {
			return err
		}
		n.SetType(i, t)
	}
	return nil
}

func compileScan8(n *ops.Node) (ops.Compiled, error) {
	s, err := readScan8(n.Attrs, len(n.Inputs), len(n.Outputs))
	if err != nil {
		return nil, err
	}
	if s.body, err = body(n, "body"); err != nil {
		return nil, err
	}
	return &scan8{*s}, checkBody(s.body, len(n.Inputs)-1, len(n.Outputs))
}

// Run runs a scan for each batch.
func (s *scan8) Run(c *ops.Call) error {
	lengths, longest, err := s.lengths(c)
	if err != nil {
		return err
	}
	finals := make([][]*tensor.Tensor, s.states)
	extras := make([][][]*tensor.Tensor, len(c.Outputs)-s.states) // by output, batch, step
	for b, n := range lengths {
		state, given, err := s.batch(c, b, n)
		if err != nil {
			return err
		}
		for i, v := range state {
			t, ok := v.(*tensor.Tensor)
			if !ok {
				return fmt.Errorf("state %d is no tensor", i)
			}
			finals[i] = append(finals[i], t)
		}
		for i, list := range given.lists {
			extras[i] = append(extras[i], list)
		}
	}
	for i, list := range finals {
		if err := movement.Stack(c, i, list, 0); err != nil {
			return fmt.Errorf("state %d: %w", i, err)
		}
	}
	for i, batches := range extras {
		if err := padded(c, s.states+i, batches, longest); err != nil {
			return fmt.Errorf("scan output %d: %w", i, err)
		}
	}
	return nil
}

// lengths gives the length of each batch's sequence, and that of the inputs.
func (s *scan8) lengths(c *ops.Call) (list []int, longest int, err error) {
	first, err := c.Need(1 + s.states)
	if err != nil {
		return nil, 0, err
	}
	if first.Rank() < 2 {
		return nil, 0, fmt.Errorf("scan input 0 has rank %d, expected at least 2", first.Rank())
	}
	batches, longest := first.Dim(0), first.Dim(1)
	for i := range s.states + s.scans {
		t, err := c.Need(i + 1)
		if err != nil {
			return nil, 0, err
		}
		if t.Rank() < 1 || t.Dim(0) != batches || i >= s.states && (t.Rank() < 2 || t.Dim(1) != longest) {
			return nil, 0, fmt.Errorf("input %d has shape %v, expected %d batches of %d steps", i+1, t.Shape(), batches, longest)
		}
	}
	list = make([]int, batches)
	for b := range list {
		list[b] = longest
	}
	if c.Has(0) {
		t, err := c.Need(0)
		if err != nil {
			return nil, 0, err
		}
		given, err := ops.IntsOf(t)
		if err != nil || len(given) != batches {
			return nil, 0, fmt.Errorf("sequence lengths are %v, expected %d int64", t, batches)
		}
		copy(list, given)
	}
	for b, n := range list {
		if n < 0 || n > longest {
			return nil, 0, fmt.Errorf("sequence %d has length %d, expected 0 to %d", b, n, longest)
		}
	}
	return list, longest, nil
}

// batch runs the scan of batch b over n steps.
func (s *scan8) batch(c *ops.Call, b, n int) ([]tensor.Value, *tracks, error) {
	state := make([]tensor.Value, s.states)
	list := make([]slicing, s.scans)
	for i := range s.states + s.scans {
		t, err := movement.Pick(c.Input(i+1), 0, b)
		if err != nil {
			return nil, nil, err
		}
		if i < s.states {
			state[i] = t
		} else {
			list[i-s.states] = slicing{in: t}
		}
	}
	given := &tracks{first: s.states, lists: make([][]*tensor.Tensor, len(c.Outputs)-s.states)}
	for k := range n {
		items, err := s.items(list, k, n)
		if err != nil {
			return nil, nil, err
		}
		extra, err := s.step(c, state, items)
		if err != nil {
			return nil, nil, err
		}
		if err := given.add(c, extra); err != nil {
			return nil, nil, err
		}
	}
	return state, given, nil
}

// padded makes output i of tensors by batch and step: [batch, longest, …].
func padded(c *ops.Call, i int, batches [][]*tensor.Tensor, longest int) error {
	var first *tensor.Tensor
	for _, list := range batches {
		if first == nil && len(list) > 0 {
			first = list[0]
		}
	}
	if first == nil {
		return errors.New("body never ran, so that the shape is not known")
	}
	out, err := c.Output(i, first.DType(), append([]int{len(batches), longest}, first.Shape()...)...)
	if err != nil {
		return err
	}
	clear(out.Bytes())
	dst, n := cells.Dest(out), first.Len()
	clear(dst.Strings)
	for b, list := range batches {
		for k, t := range list {
			if t.DType() != first.DType() || t.Len() != n {
				return fmt.Errorf("step %d of batch %d gives %v, the first %v", k, b, t, first)
			}
			strided.New([]int{n}, []int{1}, []int{1}, (b*longest+k)*n, 0).Run(nil, dst, cells.Load(t))
		}
	}
	dst.Flush()
	return nil
}
