package signal

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// windowDefs defines HannWindow, HammingWindow and BlackmanWindow (ONNX operator
// spec, HannWindow-17 and its kin), sums of cosines:
//
//	size (scalar)  →  output [size] of the type output_datatype
//	w[n] = a0 − a1·cos(2πn/N) + a2·cos(4πn/N)
//
// where N is size if the window is periodic, else size − 1.
func windowDefs() []ops.Def {
	var defs []ops.Def
	for _, w := range []struct {
		name         string
		coefficients [3]float64
	}{
		{"HannWindow", [3]float64{0.5, 0.5, 0}},
		{"HammingWindow", [3]float64{25.0 / 46, 21.0 / 46, 0}},
		{"BlackmanWindow", [3]float64{0.42, 0.5, 0.08}},
	} {
		defs = append(defs, ops.Def{
			Name: w.name, Since: 17,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
			Infer:   inferWindow,
			Compile: func(n *ops.Node) (ops.Compiled, error) { return compileWindow(n, w.coefficients) },
		})
	}
	return defs
}

func inferWindow(n *ops.Inference) error {
	d := n.DType("output_datatype", tensor.Float32)
	if err := n.Err(); err != nil {
		return err
	}
	size := onnx.UnknownDim()
	if list, ok := n.Ints(0); ok && len(list) == 1 && list[0] >= 0 {
		size = onnx.Known(list[0])
	} else if v := n.Input(0).Value; len(v) == 1 {
		size = v[0]
	}
	n.Set(0, d, size)
	return nil
}

func compileWindow(n *ops.Node, a [3]float64) (ops.Compiled, error) {
	d, periodic := n.DType("output_datatype", tensor.Float32), n.Bool("periodic", true)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		size, err := intScalar(c, 0, "size")
		if err != nil {
			return err
		}
		if size < 0 {
			return fmt.Errorf("size is %d, expected at least 0", size)
		}
		y, err := c.Output(0, d, size)
		if err != nil {
			return err
		}
		values := make([]float64, size)
		period := float64(size)
		if !periodic {
			period--
		}
		for i := range values {
			angle := 0.0
			if period > 0 {
				angle = 2 * math.Pi * float64(i) / period
			}
			values[i] = a[0] - a[1]*math.Cos(angle) + a[2]*math.Cos(2*angle)
		}
		return convert(c, y, values)
	}), nil
}

// convert writes values to a tensor of any numeric type.
func convert(c *ops.Call, y *tensor.Tensor, values []float64) error {
	src, err := tensor.FromSlice(values, y.Shape()...)
	if err != nil {
		return err
	}
	return cast.Convert(c.Pool, y, src, cast.Options{})
}
