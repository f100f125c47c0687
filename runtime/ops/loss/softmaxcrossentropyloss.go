package loss

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/softmax"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/half"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// crossEntropyDefs defines SoftmaxCrossEntropyLoss (ONNX operator spec,
// SoftmaxCrossEntropyLoss-13): the negative log likelihood loss of the
// logarithms of the softmax of scores [N, C, d1, …] over their classes. Output 1
// is those logarithms.
func crossEntropyDefs() []ops.Def {
	def := ops.Def{
		Name: "SoftmaxCrossEntropyLoss", MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 2,
		Infer: func(n *ops.Inference) error {
			n.Like(1, 0)
			return settingsOf(n.Attrs).infer(n)
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return crossEntropy{settings: settingsOf(n.Attrs), logs: n.Wants(1)}, n.Err()
		},
	}
	return at(def, 12, 13)
}

// crossEntropy is a compiled node.
type crossEntropy struct {
	settings
	logs bool // output 1 is wanted
}

// Run computes the loss of the scores in input 0.
func (op crossEntropy) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	if err := checkFloat(x.DType()); err != nil {
		return err
	}
	if x.Rank() < 2 {
		return fmt.Errorf("scores have shape %s, expected at least [N,C]", tensor.FormatShape(x.Shape()))
	}
	logs, err := op.logarithms(c, x)
	if err != nil {
		return err
	}
	if x.Len() > 0 {
		err = half.Run(c, logs, []*tensor.Tensor{x}, func(y *tensor.Tensor, in []*tensor.Tensor) error {
			if y.DType() == tensor.Float64 {
				return logSoftmax[float64](c, y, in[0])
			}
			return logSoftmax[float32](c, y, in[0])
		})
	}
	if err != nil {
		return err
	}
	return op.run(c, logs)
}

// logarithms is output 1, or memory in its place.
func (op crossEntropy) logarithms(c *ops.Call, x *tensor.Tensor) (*tensor.Tensor, error) {
	if op.logs {
		return c.Output(1, x.DType(), x.Shape()...)
	}
	return tensor.New(x.DType(), x.Shape()...)
}

func logSoftmax[T interface {
	elementwise.Float
	tensor.Element
}](c *ops.Call, y, x *tensor.Tensor) error {
	out, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	in, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	inner := 1
	for _, d := range x.Shape()[2:] {
		inner *= d
	}
	softmax.Log(c.Pool, out, in, x.Dim(0), x.Dim(1), inner)
	return nil
}
