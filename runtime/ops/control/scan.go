package control

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Scan runs its body on each slice of its scan inputs in turn, with state that
// goes from run to run, and stacks what the body gives beside the state (ONNX
// operator spec, Scan-25).
//
//	8  over batches: every value has a batch axis in front, and sequences may
//	   have lengths of their own; see scan8.go
//	9  without batches; axes and directions for inputs and outputs
//	11 axes may count from the end
var scanDefs = []ops.Def{
	{
		Name: "Scan", Since: 8,
		MinInputs: 0, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: ops.Variadic,
		Infer:   inferScan8,
		Compile: compileScan8,
	},
	{
		Name: "Scan", Since: 9,
		MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: ops.Variadic,
		Infer:   inferScan,
		Compile: compileScan,
	},
}

// scan is a compiled Scan.
type scan struct {
	body          ops.Subgraph
	states, scans int
	inAxes        []int64
	inReverse     []bool
	outAxes       []int64
	outReverse    []bool
	declared      []*onnx.Type // of the body's scan outputs
}

// readScan reads the attributes of a node with that many inputs, states before
// scan inputs, and outputs.
func readScan(a *ops.Attrs, inputs, outputs int) (*scan, error) {
	n := a.Int("num_scan_inputs", 0)
	if err := a.Err(); err != nil {
		return nil, err
	}
	if n < 1 || n > int64(inputs) {
		return nil, fmt.Errorf("attribute \"num_scan_inputs\" is %d, the node has %d inputs", n, inputs)
	}
	s := &scan{scans: int(n), states: inputs - int(n)}
	if outputs < s.states {
		return nil, fmt.Errorf("node has %d outputs for %d states", outputs, s.states)
	}
	s.inAxes = axisList(a, "scan_input_axes", s.scans)
	s.outAxes = axisList(a, "scan_output_axes", outputs-s.states)
	s.inReverse = directions(a, "scan_input_directions", s.scans)
	s.outReverse = directions(a, "scan_output_directions", outputs-s.states)
	return s, a.Err()
}

func axisList(a *ops.Attrs, name string, n int) []int64 {
	list := make([]int64, n)
	given := a.Ints(name)
	if given != nil && len(given) != n {
		a.Fail(fmt.Errorf("attribute %q has %d entries, expected %d", name, len(given), n))
		return list
	}
	for i, v := range given {
		list[i] = int64(v)
	}
	return list
}

func directions(a *ops.Attrs, name string, n int) []bool {
	list := make([]bool, n)
	for i, v := range axisList(a, name, n) {
		if v != 0 && v != 1 {
			a.Fail(fmt.Errorf("attribute %q has entry %d, expected 0 or 1", name, v))
		}
		list[i] = v == 1
	}
	return list
}

func inferScan(n *ops.Inference) error {
	s, err := readScan(n.Attrs, len(n.Inputs), len(n.Outputs))
	if err != nil || n.Sub == nil {
		return err
	}
	inputs := make([]*onnx.Type, len(n.Inputs))
	length := onnx.UnknownDim()
	for i := range inputs {
		inputs[i] = n.Input(i).Type
		if i < s.states {
			continue
		}
		if shape, ok := n.Input(i).Dims(); ok {
			at, err := dims.Axis(s.inAxes[i-s.states], len(shape))
			if err != nil {
				return err
			}
			length = shape[at]
			inputs[i] = onnx.TensorOf(inputs[i].DType, without(shape, at)...)
		} else if inputs[i] != nil {
			inputs[i] = &onnx.Type{Kind: onnx.TypeTensor, DType: inputs[i].DType}
		}
	}
	out, err := s.inferBody(n, inputs)
	if err != nil {
		return err
	}
	for i, t := range out {
		if i >= s.states {
			if t, err = insertAxis(t, s.outAxes[i-s.states], length); err != nil {
				return err
			}
		}
		n.SetType(i, t)
	}
	return nil
}

// inferBody finds types of the states that hold for every run, and gives the
// body's output types for them.
func (s *scan) inferBody(n *ops.Inference, inputs []*onnx.Type) ([]*onnx.Type, error) {
	for round := 0; ; round++ {
		out, err := n.Sub("body", inputs)
		if err != nil {
			return nil, err
		}
		if len(out) != len(n.Outputs) {
			return nil, fmt.Errorf("body gives %d outputs, the node has %d", len(out), len(n.Outputs))
		}
		if widenTypes(inputs[:s.states], out, round >= rounds) {
			copy(out, inputs[:s.states])
			return out, nil
		}
	}
}

func without(shape []onnx.Dim, at int) []onnx.Dim {
	return append(append([]onnx.Dim{}, shape[:at]...), shape[at+1:]...)
}

// insertAxis puts a dimension into a tensor type.
func insertAxis(t *onnx.Type, axis int64, d onnx.Dim) (*onnx.Type, error) {
	if t == nil || t.Kind != onnx.TypeTensor || t.Shape == nil {
		return t, nil
	}
	at, err := dims.Axis(axis, len(t.Shape.Dims)+1)
	if err != nil {
		return nil, err
	}
	shape := append([]onnx.Dim{}, t.Shape.Dims[:at]...)
	shape = append(append(shape, d), t.Shape.Dims[at:]...)
	return onnx.TensorOf(t.DType, shape...), nil
}

func compileScan(n *ops.Node) (ops.Compiled, error) {
	s, err := readScan(n.Attrs, len(n.Inputs), len(n.Outputs))
	if err != nil {
		return nil, err
	}
	if s.body, err = body(n, "body"); err != nil {
		return nil, err
	}
	s.declared = outputTypes(s.body, s.states)
	return s, checkBody(s.body, len(n.Inputs), len(n.Outputs))
}

// Run runs the scan.
func (s *scan) Run(c *ops.Call) error {
	slices, length, err := s.scanInputs(c)
	if err != nil {
		return err
	}
	state := append([]tensor.Value(nil), c.Inputs[:s.states]...)
	tracks := &tracks{first: s.states, lists: make([][]*tensor.Tensor, len(s.declared))}
	for k := range length {
		items, err := s.items(slices, k, length)
		if err != nil {
			return err
		}
		extra, err := s.step(c, state, items)
		if err != nil {
			return err
		}
		if err := tracks.add(c, extra); err != nil {
			return err
		}
	}
	for i, v := range state {
		c.Set(i, v)
	}
	return tracks.set(c, s.outAxes, s.outReverse, s.declared)
}

// slicing is a scan input and the axis along which it is cut.
type slicing struct {
	in *tensor.Tensor
	at int
}

// scanInputs checks the scan inputs and gives the number of their slices.
func (s *scan) scanInputs(c *ops.Call) ([]slicing, int, error) {
	list := make([]slicing, s.scans)
	for i := range list {
		t, err := c.Need(s.states + i)
		if err != nil {
			return nil, 0, err
		}
		at, err := dims.Axis(s.inAxes[i], t.Rank())
		if err != nil {
			return nil, 0, fmt.Errorf("scan input %d: %w", i, err)
		}
		list[i] = slicing{t, at}
		if n := list[0].in.Dim(list[0].at); t.Dim(at) != n {
			return nil, 0, fmt.Errorf("scan input %d has %d slices, the first has %d", i, t.Dim(at), n)
		}
	}
	return list, list[0].in.Dim(list[0].at), nil
}

// items cuts slice k of length out of each scan input.
func (s *scan) items(list []slicing, k, length int) ([]tensor.Value, error) {
	out := make([]tensor.Value, len(list))
	for i, x := range list {
		at := k
		if s.inReverse[i] {
			at = length - 1 - k
		}
		t, err := movement.Pick(x.in, x.at, at)
		if err != nil {
			return nil, err
		}
		out[i] = t
	}
	return out, nil
}

// step runs the body once. It replaces state and gives the body's other
// outputs.
func (s *scan) step(c *ops.Call, state, items []tensor.Value) ([]tensor.Value, error) {
	if err := c.Context.Err(); err != nil {
		return nil, err
	}
	for _, v := range state {
		if v == nil {
			return nil, errors.New("a state is missing")
		}
	}
	out, err := s.body.Run(c, append(append([]tensor.Value{}, state...), items...))
	if err != nil {
		return nil, err
	}
	copy(state, out[:s.states])
	return out[s.states:], nil
}
