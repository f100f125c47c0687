package norm

import (
	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// InstanceNormalization computes Y = (X - mean)/√(variance + epsilon)·scale + B
// with the moments of each channel of each image, X being [N,C,…].
//
// ONNX operator spec, InstanceNormalization-6, InstanceNormalization-22
// (bfloat16); -1 has an attribute consumed_inputs, which nothing depends on.
func instanceNormalizationDefs() []ops.Def {
	return versions(ops.Def{
		Name: "InstanceNormalization", MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: ops.InferLike,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return compileGroups(groups{epsilon: n.Float("epsilon", 1e-5), count: -1}, n.Err())
		},
	}, 1, 6, 22)
}

// groups says how channels are normalised together.
type groups struct {
	epsilon  float32
	count    int  // of groups; -1 for each channel on its own
	perGroup bool // scale and bias are one for each group, not for each channel
}

func compileGroups(g groups, err error) (ops.Compiled, error) {
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		return same(c,
			func(x *tensor.Tensor, in, out []float32) error { return runGroups(c, g, x, in, out) },
			func(x *tensor.Tensor, in, out []float64) error { return runGroups(c, g, x, in, out) })
	}), nil
}

func runGroups[T floats.Float](c *ops.Call, g groups, x *tensor.Tensor, in, out []T) error {
	if err := needChannels(x); err != nil {
		return err
	}
	channels, per := x.Dim(1), 1
	if g.count > 0 {
		if err := divides(g.count, channels); err != nil {
			return err
		}
		per = channels / g.count
	}
	want := channels
	if g.perGroup {
		want = g.count
	}
	scale, err := perChannel[T](c, 1, want, "scale")
	if err != nil {
		return err
	}
	bias, err := perChannel[T](c, 2, want, "bias")
	if err != nil {
		return err
	}
	if g.perGroup {
		scale, bias = repeat(scale, per), repeat(bias, per)
	}
	kernel.Group(c.Pool, out, in, channels, per, inner(x.Shape()), T(g.epsilon), scale, bias)
	return nil
}

// repeat writes each value n times.
func repeat[T floats.Float](values []T, n int) []T {
	out := make([]T, 0, len(values)*n)
	for _, v := range values {
		for range n {
			out = append(out, v)
		}
	}
	return out
}
