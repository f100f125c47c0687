package math

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// bitcastDefs defines BitCast: the same bits read as elements of another type
// of the same width (ONNX operator spec, BitCast-26).
func bitcastDefs() []ops.Def {
	return at(ops.Def{
		Name: "BitCast", MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer: func(n *ops.Inference) error {
			to, from := n.DType("to", tensor.Undefined), n.Input(0).DType()
			if from == tensor.Undefined || n.Err() != nil {
				return n.Err()
			}
			if err := checkBitcast(from, to); err != nil {
				return err
			}
			if shape, ok := n.Input(0).Dims(); ok {
				n.Set(0, to, shape...)
			} else {
				n.SetDType(0, to)
			}
			return nil
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			to := n.DType("to", tensor.Undefined)
			return ops.RunFunc(func(c *ops.Call) error { return runBitcast(c, to) }), n.Err()
		},
	}, 26)
}

func checkBitcast(from, to tensor.DType) error {
	if from.Bits() == 0 || from.Bits() != to.Bits() {
		return fmt.Errorf("elements of %v cannot be read as %v: expected types of one width", from, to)
	}
	return nil
}

func runBitcast(c *ops.Call, to tensor.DType) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	if err := checkBitcast(x.DType(), to); err != nil {
		return err
	}
	y, err := c.Output(0, to, x.Shape()...)
	if err != nil {
		return err
	}
	copy(y.Bytes(), x.Bytes())
	return nil
}
