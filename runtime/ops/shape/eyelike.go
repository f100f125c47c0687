package shape

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// EyeLike makes a matrix of the input's shape with ones on diagonal k, above the
// main one where k is positive, and zeros elsewhere (ONNX operator spec,
// EyeLike-22). Its type is the input's unless dtype says another.
var eyeLikeDefs = []ops.Def{{
	Name: "EyeLike", Since: 9,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferEyeLike,
	Compile: compileEyeLike,
}}

func inferEyeLike(n *ops.Inference) error {
	in := n.Input(0)
	d := n.DType("dtype", in.DType())
	shape, ok := in.Dims()
	switch {
	case !ok:
		n.Set(0, d, dims.Unknown(2)...)
	case len(shape) != 2:
		return fmt.Errorf("input has rank %d, expected a matrix", len(shape))
	default:
		n.Set(0, d, shape...)
	}
	return n.Err()
}

func compileEyeLike(n *ops.Node) (ops.Compiled, error) {
	dtype := n.DType("dtype", tensor.Undefined)
	k := n.Int("k", 0)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		d := dtype
		if d == tensor.Undefined {
			d = in.DType()
		}
		return runEyeLike(c, in, d, k)
	}), nil
}

func runEyeLike(c *ops.Call, in *tensor.Tensor, d tensor.DType, k int64) error {
	if in.Rank() != 2 {
		return fmt.Errorf("input has rank %d, expected a matrix", in.Rank())
	}
	one, err := oneOf(d)
	if err != nil {
		return err
	}
	out, err := c.Output(0, d, in.Shape()...)
	if err != nil {
		return err
	}
	clear(out.Bytes())
	rows, cols := in.Dim(0), in.Dim(1)
	if k <= -int64(rows) || k >= int64(cols) {
		return nil
	}
	row, col := max(-int(k), 0), max(int(k), 0)
	length := min(rows-row, cols-col)
	strided.New([]int{length}, []int{cols + 1}, []int{0}, row*cols+col, 0).Run(nil, cells.Dest(out), cells.Load(one))
	return nil
}

// oneOf is the number 1 in each of the types that EyeLike may have.
func oneOf(d tensor.DType) (*tensor.Tensor, error) {
	var bits uint64
	switch d {
	case tensor.Float16:
		bits = uint64(tensor.F16From(1))
	case tensor.BFloat16:
		bits = uint64(tensor.BF16From(1))
	case tensor.Float32:
		bits = uint64(math.Float32bits(1))
	case tensor.Float64:
		bits = math.Float64bits(1)
	case tensor.Bool, tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64,
		tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64:
		bits = 1
	default:
		return nil, fmt.Errorf("type is %v, expected a number of at least 8 bits, not complex", d)
	}
	t, err := tensor.New(d)
	if err != nil {
		return nil, err
	}
	for i := range t.Bytes() {
		t.Bytes()[i] = byte(bits >> (8 * i))
	}
	return t, nil
}
