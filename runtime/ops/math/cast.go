package math

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// castDefs defines Cast, to the type of the attribute to, and CastLike, to that
// of input 1 (ONNX operator spec, Cast-25). Versions differ in the types they
// know; 19 brought saturate for float8, 24 round_mode for float8e8m0.
func castDefs() []ops.Def {
	castDef := ops.Def{
		Name: "Cast", MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer: func(n *ops.Inference) error {
			to := n.DType("to", tensor.Undefined)
			if to == tensor.Undefined {
				return nil // Compile says so
			}
			return inferCast(n, to)
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			op := caster{to: n.DType("to", tensor.Undefined), options: castOptions(n.Attrs)}
			if n.Err() == nil && op.to == tensor.Undefined {
				return nil, fmt.Errorf(`attribute "to" is missing, expected an element type`)
			}
			return op, n.Err()
		},
	}
	like := ops.Def{
		Name: "CastLike", MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer: func(n *ops.Inference) error {
			to := n.Input(1).DType()
			if to == tensor.Undefined {
				return nil
			}
			return inferCast(n, to)
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			return caster{options: castOptions(n.Attrs)}, n.Err()
		},
	}
	return slices.Concat(at(castDef, 6, 9, 13, 19, 21, 23, 24, 25), at(like, 15, 19, 21, 23, 24, 25))
}

func castOptions(a *ops.Attrs) cast.Options {
	opt := cast.Options{NoSaturate: !a.Bool("saturate", true)}
	switch a.OneOf("round_mode", "up", "down", "nearest") {
	case "down":
		opt.Round = cast.RoundDown
	case "nearest":
		opt.Round = cast.RoundNearest
	default:
		opt.Round = cast.RoundUp
	}
	return opt
}

func inferCast(n *ops.Inference, to tensor.DType) error {
	shape, ok := n.Input(0).Dims()
	if !ok {
		n.SetDType(0, to)
		return nil
	}
	n.Set(0, to, shape...)
	// sizes stay what they are in every type that holds them
	from := n.Input(0).DType()
	if wide := to == tensor.Int64 || to == tensor.Int32; wide && (from.IsInteger() || from == tensor.Bool) {
		n.SetValue(0, valueOf(n.Input(0)))
	}
	return nil
}

// caster converts input 0 to a type, or to that of input 1 where none is set.
type caster struct {
	to      tensor.DType
	options cast.Options
}

// Run converts.
func (op caster) Run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	to := op.to
	if to == tensor.Undefined {
		like, err := c.Need(1)
		if err != nil {
			return err
		}
		to = like.DType()
	}
	y, err := c.Output(0, to, x.Shape()...)
	if err != nil {
		return err
	}
	return cast.Convert(c.Pool, y, x, op.options)
}
