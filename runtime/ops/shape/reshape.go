package shape

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Reshape gives the elements another shape (ONNX operator spec, Reshape-25). In
// the target a -1 stands for what is left over, and a 0 for the input's
// dimension at that place, or for itself where allowzero says so.
//
//	1  the target is an attribute
//	5  it is an input
//	14 allowzero
var reshapeDefs = []ops.Def{
	reshapeDef(1, 1, reshape{}),
	reshapeDef(5, 2, reshape{}),
	reshapeDef(14, 2, reshape{mayKeepZero: true}),
}

type reshape struct {
	mayKeepZero bool // the version has allowzero
}

func reshapeDef(since, inputs int, r reshape) ops.Def {
	return ops.Def{
		Name: "Reshape", Since: since,
		MinInputs: inputs, MaxInputs: inputs, MinOutputs: 1, MaxOutputs: 1,
		View:    true,
		Infer:   r.infer,
		Compile: r.compile,
	}
}

func (r reshape) keepZero(a *ops.Attrs) bool {
	return r.mayKeepZero && a.Bool("allowzero", false)
}

func (r reshape) infer(n *ops.Inference) error {
	var target []onnx.Dim
	exact := true // every element of target is what it says, and -1 is only the wildcard
	if list, ok := n.IntsInput(1, "shape"); ok {
		target = fromInts(list)
	} else {
		target, exact = n.Values(1), false
	}
	d := n.Input(0).DType()
	if target == nil {
		return inferRankOnly(n, d)
	}
	in, known := n.Input(0).Dims()
	out, err := inferReshape(in, known, target, r.keepZero(n.Attrs), exact)
	if err != nil {
		return err
	}
	n.Set(0, d, out...)
	return nil
}

// inferRankOnly uses the length of a target that is not known.
func inferRankOnly(n *ops.Inference, d tensor.DType) error {
	if s, ok := n.Input(1).Dims(); ok && len(s) == 1 && s[0].IsKnown() && s[0].Value <= tensor.MaxRank {
		n.Set(0, d, dims.Unknown(int(s[0].Value))...)
		return nil
	}
	n.SetDType(0, d)
	return nil
}

// inferReshape works out the shape of the output. A single dimension that is
// not known is what the others leave over, whether it was a -1 or not.
func inferReshape(in []onnx.Dim, known bool, target []onnx.Dim, keepZero, exact bool) ([]onnx.Dim, error) {
	out := make([]onnx.Dim, len(target))
	missing := -1
	for i, d := range target {
		switch {
		case d.IsKnown() && d.Value == 0 && !keepZero:
			if known && i >= len(in) {
				return nil, fmt.Errorf("target dimension %d is 0, but the input has rank %d", i, len(in))
			}
			out[i] = onnx.UnknownDim()
			if known {
				out[i] = in[i]
			}
		case d.IsKnown() || d.Param != "":
			out[i] = d
		case missing >= 0 && exact:
			return nil, errors.New("target has more than one -1")
		case missing >= 0:
			out[i] = d
			known = false
		default:
			out[i], missing = d, i
		}
	}
	if known && missing >= 0 {
		out[missing] = leftOver(in, out, missing)
	}
	return out, nil
}

// leftOver divides the input's elements by those of the target without
// dimension at, after what both name is crossed out.
func leftOver(in, out []onnx.Dim, at int) onnx.Dim {
	rest := append([]onnx.Dim(nil), in...)
	divisor := onnx.Known(1)
	for i, d := range out {
		if i == at {
			continue
		}
		if d.IsKnown() {
			divisor = dims.Mul(divisor, d)
			continue
		}
		k := 0
		for k < len(rest) && !dims.Equal(rest[k], d) {
			k++
		}
		if k == len(rest) {
			return onnx.UnknownDim()
		}
		rest[k] = onnx.Known(1)
	}
	number, symbols := onnx.Known(1), onnx.Known(1)
	for _, d := range rest {
		if d.IsKnown() {
			number = dims.Mul(number, d)
		} else {
			symbols = dims.Mul(symbols, d)
		}
	}
	if divisor.IsKnown() && divisor.Value > 0 && number.IsKnown() && number.Value%divisor.Value == 0 {
		return dims.Mul(symbols, dims.Div(number, divisor))
	}
	return dims.Div(dims.Mul(symbols, number), divisor)
}

func fromInts(list []int) []onnx.Dim {
	out := make([]onnx.Dim, len(list))
	for i, v := range list {
		out[i] = onnx.Dim{Value: max(int64(v), -1)}
	}
	return out
}

func (r reshape) compile(n *ops.Node) (ops.Compiled, error) {
	keepZero := r.keepZero(n.Attrs)
	target, err := n.IntsInput(1, "shape")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		want, err := target.Read(c)
		if err != nil {
			return err
		}
		shape, err := Resolve(in.Shape(), want, keepZero)
		if err != nil {
			return err
		}
		return c.Forward(0, in, shape...)
	}), nil
}

// Resolve works out the shape that a Reshape of a tensor of shape in to target
// gives.
func Resolve(in, target []int, keepZero bool) ([]int, error) {
	total, err := tensor.NumElements(in)
	if err != nil {
		return nil, err
	}
	out := make([]int, len(target))
	wild := -1
	for i, d := range target {
		switch {
		case d == 0 && !keepZero:
			if i >= len(in) {
				return nil, fmt.Errorf("target dimension %d is 0, but the input has rank %d", i, len(in))
			}
			out[i] = in[i]
		case d == -1 && wild >= 0:
			return nil, fmt.Errorf("target %v has more than one -1", target)
		case d == -1:
			out[i], wild = 1, i
		case d < 0:
			return nil, fmt.Errorf("target %v has dimension %d", target, d)
		default:
			out[i] = d
		}
	}
	rest, err := tensor.NumElements(out)
	if err != nil {
		return nil, err
	}
	if wild >= 0 {
		if rest == 0 || total%rest != 0 {
			return nil, fmt.Errorf("shape %v has %d elements, which target %v does not divide", in, total, target)
		}
		out[wild] = total / rest
		return out, nil
	}
	if rest != total {
		return nil, fmt.Errorf("shape %v has %d elements, target %v needs %d", in, total, target, rest)
	}
	return out, nil
}
