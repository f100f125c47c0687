package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/pooling"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// globalPoolDefs defines GlobalAveragePool, GlobalMaxPool and GlobalLpPool (ONNX
// operator spec, GlobalAveragePool-22 and its kin): each channel as a whole
// becomes one value.
//
//	X [N, C, D1…Dn]  →  Y [N, C, 1…1]
//
// Version 22 added bfloat16; in version 1 of GlobalLpPool p is a float.
func globalPoolDefs() []ops.Def {
	def := func(name string, since int, compile func(*ops.Node) (ops.Compiled, error)) ops.Def {
		return ops.Def{
			Name: name, Since: since,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferGlobalPool, Compile: compile,
		}
	}
	return []ops.Def{
		def("GlobalAveragePool", 1, compileGlobalAverage),
		def("GlobalAveragePool", 22, compileGlobalAverage),
		def("GlobalMaxPool", 1, compileGlobalMax),
		def("GlobalMaxPool", 22, compileGlobalMax),
		def("GlobalLpPool", 1, compileGlobalLp),
		def("GlobalLpPool", 2, compileGlobalLp),
		def("GlobalLpPool", 22, compileGlobalLp),
	}
}

func inferGlobalPool(n *ops.Inference) error {
	batch, channels, sizes, ok, err := spatialDims(n, 0)
	if err != nil || !ok {
		n.SetDType(0, n.Input(0).DType())
		return err
	}
	ones := slices.Repeat([]onnx.Dim{onnx.Known(1)}, len(sizes))
	n.Set(0, n.Input(0).DType(), append([]onnx.Dim{batch, channels}, ones...)...)
	return nil
}

func compileGlobalAverage(*ops.Node) (ops.Compiled, error) {
	return globalPool(pooling.GlobalAverage[float32], pooling.GlobalAverage[float64]), nil
}

func compileGlobalMax(*ops.Node) (ops.Compiled, error) {
	return globalPool(
		func(p *pool.Pool, planes, size int, x, y []float32) {
			pooling.GlobalMax(p, planes, size, float32(math.Inf(-1)), x, y)
		},
		func(p *pool.Pool, planes, size int, x, y []float64) {
			pooling.GlobalMax(p, planes, size, math.Inf(-1), x, y)
		},
	), nil
}

func compileGlobalLp(n *ops.Node) (ops.Compiled, error) {
	norm := readNorm(n)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return globalPool(
		func(p *pool.Pool, planes, size int, x, y []float32) {
			pooling.GlobalLp(p, planes, size, norm, x, y)
		},
		func(p *pool.Pool, planes, size int, x, y []float64) {
			pooling.GlobalLp(p, planes, size, norm, x, y)
		},
	), nil
}

// planeKernel reduces planes of size values each.
type planeKernel[T tensor.Element] func(p *pool.Pool, planes, size int, x, y []T)

func globalPool(single planeKernel[float32], double planeKernel[float64]) ops.Compiled {
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return runGlobalPool(c, x, single)
		case tensor.Float64:
			return runGlobalPool(c, x, double)
		}
		return fmt.Errorf("data is %v, expected a float type", x.DType())
	})
}

func runGlobalPool[T tensor.Element](c *ops.Call, x *tensor.Tensor, kernel planeKernel[T]) error {
	if x.Rank() < 2 {
		return fmt.Errorf("data is %v, expected a rank of at least 2: [batch, channels, spatial…]", x)
	}
	shape := slices.Repeat([]int{1}, x.Rank())
	shape[0], shape[1] = x.Dim(0), x.Dim(1)
	y, err := c.Output(0, x.DType(), shape...)
	if err != nil {
		return err
	}
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	planes := len(dst)
	if planes > 0 {
		kernel(c.Pool, planes, len(src)/planes, src, dst)
	}
	return nil
}
