package contrib

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// SkipLayerNormalization normalises sum = input + skip + bias over its last
// dimension:
//
//	(sum - mean)/√(variance + epsilon)·gamma + beta
//
// and SkipSimplifiedLayerNormalization, without means and beta:
//
//	sum/√(mean(sum²) + epsilon)·gamma
//
// skip has the shape of input, or its last dimensions. The outputs are the
// result, the means, the inverse deviations (or roots), and the sum.
func skipLayerNormalizationDefs() []ops.Def {
	d := ops.Def{
		Name: "SkipLayerNormalization", Domain: domain, Since: 1,
		MinInputs: 3, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 4,
		Infer: inferSkip, Compile: compileSkip,
	}
	simple := d
	simple.Name, simple.MaxInputs = "SkipSimplifiedLayerNormalization", 4
	return []ops.Def{d, simple}
}

func inferSkip(n *ops.Inference) error {
	n.Like(0, 0)
	n.Like(3, 0)
	n.SetDType(1, tensor.Float32)
	n.SetDType(2, tensor.Float32)
	if shape, ok := n.Input(0).Dims(); ok && len(shape) > 0 {
		moments := append([]onnx.Dim{}, shape...)
		moments[len(moments)-1] = onnx.Known(1)
		n.Set(1, tensor.Float32, moments...)
		n.Set(2, tensor.Float32, moments...)
	}
	return nil
}

// skipNorm is a compiled node: the places of its inputs; -1 where the operator
// has none.
type skipNorm struct {
	epsilon    float32
	beta, bias int
	simplified bool
}

func compileSkip(n *ops.Node) (ops.Compiled, error) {
	s := skipNorm{epsilon: n.Float("epsilon", 1e-12), beta: 3, bias: 4}
	if n.Def.Name == "SkipSimplifiedLayerNormalization" {
		s = skipNorm{epsilon: n.Float("epsilon", 1e-12), beta: -1, bias: 3, simplified: true}
	}
	return s, n.Err()
}

// Run adds and normalises.
func (s skipNorm) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	if x.Rank() == 0 {
		return fmt.Errorf("input is a scalar, expected at least one dimension")
	}
	n := x.Dim(-1)
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	sum, total := out, (*tensor.Tensor)(nil)
	if c.Wants(3) {
		if total, err = c.Output(3, x.DType(), x.Shape()...); err != nil {
			return err
		}
		sum = floats.Target[float32](total)
	}
	if err := s.add(c, sum, x, n); err != nil {
		return err
	}
	if err := s.normalize(c, out, sum, x.Shape()); err != nil {
		return err
	}
	if total != nil {
		if err := floats.Flush(total, sum); err != nil {
			return err
		}
	}
	return floats.Flush(y, out)
}

// add writes input + skip + bias.
func (s skipNorm) add(c *ops.Call, sum []float32, x *tensor.Tensor, n int) error {
	in, err := floats.View[float32](x)
	if err != nil {
		return err
	}
	skip, err := c.Need(1)
	if err != nil {
		return err
	}
	if skip.Rank() > x.Rank() || !slicesEnd(x.Shape(), skip.Shape()) {
		return fmt.Errorf("skip has shape %s, expected the last dimensions of %s", tensor.FormatShape(skip.Shape()), tensor.FormatShape(x.Shape()))
	}
	more, err := floats.View[float32](skip)
	if err != nil {
		return err
	}
	bias, err := vector(c, s.bias, n, "bias")
	if err != nil {
		return err
	}
	kernel.AddRows(c.Pool, sum, in, more, n, bias)
	return nil
}

// slicesEnd reports whether shape ends in tail, whose first dimensions may be 1.
func slicesEnd(shape, tail []int) bool {
	for len(tail) > 1 && tail[0] == 1 {
		tail = tail[1:]
	}
	if len(tail) == 0 || len(tail) > len(shape) {
		return false
	}
	for i, d := range tail {
		if d != shape[len(shape)-len(tail)+i] {
			return false
		}
	}
	return true
}

// vector reads input i, of n values; nil where it is absent or i is negative.
func vector(c *ops.Call, i, n int, name string) ([]float32, error) {
	if i < 0 || !c.Has(i) {
		return nil, nil
	}
	t, err := c.Need(i)
	if err != nil {
		return nil, err
	}
	if t.Len() != n {
		return nil, fmt.Errorf("%s has %d values, expected %d", name, t.Len(), n)
	}
	return floats.View[float32](t)
}

// normalize runs the kernel, with outputs 1 and 2 where they are wanted.
func (s skipNorm) normalize(c *ops.Call, out, sum []float32, shape []int) error {
	n := shape[len(shape)-1]
	gamma, err := vector(c, 2, n, "gamma")
	if err != nil {
		return err
	}
	beta, err := vector(c, s.beta, n, "beta")
	if err != nil {
		return err
	}
	moments := append(append([]int{}, shape[:len(shape)-1]...), 1)
	var stats [2][]float32
	for i := range stats {
		if !c.Wants(i + 1) {
			continue
		}
		t, err := c.Output(i+1, tensor.Float32, moments...)
		if err != nil {
			return err
		}
		if stats[i], err = tensor.Data[float32](t); err != nil {
			return err
		}
	}
	a := kernel.Affine[float32]{Scale: gamma, Bias: beta}
	if s.simplified {
		clear(stats[0])
		kernel.RMS(c.Pool, out, sum, n, s.epsilon, a, stats[1])
	} else {
		kernel.Running(c.Pool, out, sum, n, s.epsilon, a, stats[0], stats[1])
	}
	return nil
}
