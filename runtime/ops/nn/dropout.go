package nn

import (
	"fmt"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/runtime/kernel/mt19937"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// dropoutDefs defines Dropout (ONNX operator spec, Dropout-22): in training, each
// value is zeroed with the probability ratio, and the rest are divided by
// 1 − ratio; in inference the output is the input.
//
//	data, ratio (scalar), training_mode (bool scalar)  →  output, mask (of data's shape)
//
// Since version 12 ratio and training_mode are inputs; a node with a seed draws
// the same numbers in every run, those of the standard's reference. Versions 7
// and 10 know inference alone. Before that the attribute is_test says which it
// is; a node of these versions that is in training is refused. The mask is of
// data's type up to version 7, then bool.
func dropoutDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{1, 6, 7, 10} {
		defs = append(defs, ops.Def{
			Name: "Dropout", Since: since,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 2,
			View:  true,
			Infer: inferDropout, Compile: compileOldDropout,
		})
	}
	for _, since := range []int{12, 13, 22} {
		defs = append(defs, ops.Def{
			Name: "Dropout", Since: since,
			MinInputs: 1, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 2,
			InPlace: []int{0}, Random: true,
			Infer: inferDropout, Compile: compileDropout,
		})
	}
	return defs
}

func inferDropout(n *ops.Inference) error {
	n.Like(0, 0)
	mask := tensor.Bool
	if n.Opset < 10 {
		mask = n.Input(0).DType()
	}
	if dims, ok := n.Input(0).Dims(); ok {
		n.Set(1, mask, dims...)
	} else {
		n.SetDType(1, mask)
	}
	return nil
}

func compileOldDropout(n *ops.Node) (ops.Compiled, error) {
	if n.Def.Since < 7 && !n.Bool("is_test", false) {
		n.Fail(fmt.Errorf("attribute %q is 0: a Dropout of opset %d cannot run in training", "is_test", n.Opset))
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	boolMask := n.Def.Since >= 10
	return ops.RunFunc(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		if c.Wants(1) {
			if err := onesMask(c, x, boolMask); err != nil {
				return err
			}
		}
		return c.Forward(0, x, x.Shape()...)
	}), nil
}

// onesMask makes the mask of a run that drops nothing.
func onesMask(c *ops.Call, x *tensor.Tensor, boolMask bool) error {
	d := tensor.Bool
	if !boolMask {
		d = x.DType()
	}
	mask, err := c.Output(1, d, x.Shape()...)
	if err != nil {
		return err
	}
	switch d {
	case tensor.Bool:
		return setAll(mask, true)
	case tensor.Float32:
		return setAll(mask, float32(1))
	case tensor.Float64:
		return setAll(mask, float64(1))
	case tensor.Float16:
		return setAll(mask, tensor.F16From(1))
	}
	return fmt.Errorf("data is %v, expected a float type", d)
}

func setAll[T tensor.Element](t *tensor.Tensor, v T) error {
	data, err := tensor.Data[T](t)
	for i := range data {
		data[i] = v
	}
	return err
}

// dropout is a Dropout that may train.
type dropout struct {
	seeded bool
	seed   uint32
}

func compileDropout(n *ops.Node) (ops.Compiled, error) {
	k := &dropout{seeded: n.Attrs.Has("seed"), seed: uint32(n.Int("seed", 0))}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(k.run), nil
}

func (k *dropout) run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	ratio, training, err := dropoutMode(c)
	if err != nil {
		return err
	}
	switch x.DType() {
	case tensor.Float32:
		return runDropout[float32](c, k, x, ratio, training)
	case tensor.Float64:
		return runDropout[float64](c, k, x, ratio, training)
	}
	return fmt.Errorf("data is %v, expected a float type", x.DType())
}

// dropoutMode reads the inputs ratio and training_mode.
func dropoutMode(c *ops.Call) (ratio float64, training bool, err error) {
	ratio = 0.5
	if t := c.Input(1); t != nil {
		if ratio, err = floatScalar(t); err != nil {
			return 0, false, fmt.Errorf("ratio: %w", err)
		}
	}
	if t := c.Input(2); t != nil {
		flags, err := tensor.Data[bool](t)
		if err != nil || len(flags) != 1 {
			return 0, false, fmt.Errorf("training_mode is %v, expected one bool", t)
		}
		training = flags[0]
	}
	if training && !(ratio >= 0 && ratio < 1) {
		return 0, false, fmt.Errorf("ratio is %v, expected at least 0 and less than 1", ratio)
	}
	return ratio, training, nil
}

// floatScalar reads a tensor of one float32 or float64.
func floatScalar(t *tensor.Tensor) (float64, error) {
	if t.Len() == 1 {
		switch t.DType() {
		case tensor.Float32:
			v, err := tensor.Data[float32](t)
			return float64(v[0]), err
		case tensor.Float64:
			v, err := tensor.Data[float64](t)
			return v[0], err
		}
	}
	return 0, fmt.Errorf("value is %v, expected one float", t)
}

func runDropout[T float32 | float64](c *ops.Call, k *dropout, x *tensor.Tensor, ratio float64, training bool) error {
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), x.Shape()...)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[T](y)
	if err != nil {
		return err
	}
	if !training || ratio == 0 {
		copy(dst, src)
		if c.Wants(1) {
			return onesMask(c, x, true)
		}
		return nil
	}
	mask := []bool(nil)
	if c.Wants(1) {
		t, err := c.Output(1, tensor.Bool, x.Shape()...)
		if err != nil {
			return err
		}
		if mask, err = tensor.Data[bool](t); err != nil {
			return err
		}
	}
	draw, scale := k.source(c), T(1/(1-ratio))
	for i, v := range src {
		keep := draw() >= ratio
		dst[i] = 0
		if keep {
			dst[i] = v * scale
		}
		if mask != nil {
			mask[i] = keep
		}
	}
	return nil
}

// source gives random numbers in [0, 1).
func (k *dropout) source(c *ops.Call) func() float64 {
	switch {
	case k.seeded:
		return mt19937.New(k.seed).Float64
	case c.Random != nil:
		return c.Random.Float64
	}
	return rand.Float64
}
