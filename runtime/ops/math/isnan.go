package math

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// isNaNDefs defines IsNaN and IsInf, whose output is bool (ONNX operator spec,
// IsNaN-20, IsInf-20). IsInf looks for the signs that its attributes
// detect_negative and detect_positive name, both by default.
func isNaNDefs() []ops.Def {
	nan := floatTest(elementwise.IsNaN[float32], elementwise.IsNaN[float64])
	inf := func(a *ops.Attrs) unary {
		negative, positive := a.Bool("detect_negative", true), a.Bool("detect_positive", true)
		return floatTest(elementwise.IsInf[float32](negative, positive), elementwise.IsInf[float64](negative, positive))
	}
	def := nan.def("IsInf")
	def.Infer = func(n *ops.Inference) error { return inf(n.Attrs).infer(n) }
	def.Compile = func(n *ops.Node) (ops.Compiled, error) { return inf(n.Attrs), n.Err() }
	return append(at(nan.def("IsNaN"), 9, 13, 20), at(def, 10, 20)...)
}

// floatTest is a test of floating-point numbers, float8 types included.
func floatTest(f32 elementwise.Unary[float32, bool], f64 elementwise.Unary[float64, bool]) unary {
	op := unary{grain: elementwise.GrainCheap, kernels: []unaryKernel{one(f32), one(f64)}}
	for _, d := range []tensor.DType{tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2, tensor.Float8E5M2FNUZ, tensor.Float8E8M0} {
		op.kernels = append(op.kernels, float8Test{d, f32})
	}
	return op
}

// float8Test tests elements of a float8 type by their values in float32.
type float8Test struct {
	dtype tensor.DType
	test  elementwise.Unary[float32, bool]
}

func (k float8Test) in() tensor.DType  { return k.dtype }
func (k float8Test) out() tensor.DType { return tensor.Bool }

func (k float8Test) run(p *pool.Pool, _ int, dst, src *tensor.Tensor) error {
	wide := make([]float32, src.Len())
	if err := cast.ToFloat32(p, wide, src); err != nil {
		return err
	}
	out, err := tensor.Data[bool](dst)
	if err != nil {
		return err
	}
	k.test(out, wide)
	return nil
}
