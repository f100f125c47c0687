// Package random holds the operators that draw random numbers.
//
// Without a seed the numbers come from the engine's source and differ from run
// to run. With a seed a node gives the same numbers in every run, on every
// machine and for any number of threads; the standard leaves the numbers
// themselves to the implementation.
package random

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/random"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	fillDefs("RandomUniform", "RandomUniformLike", compileUniform),
	fillDefs("RandomNormal", "RandomNormalLike", compileNormal),
	bernoulliDefs,
	multinomialDefs,
)

// seed is where a node's numbers come from.
type seed struct {
	bits  uint32
	fixed bool
}

func readSeed(a *ops.Attrs) seed {
	return seed{bits: math.Float32bits(a.Float("seed", 0)), fixed: a.Has("seed")}
}

// source is the source of one run.
func (s seed) source(c *ops.Call) *rand.Rand {
	if s.fixed {
		return rand.New(rand.NewPCG(uint64(s.bits), 0x9e3779b97f4a7c15))
	}
	if c.Random != nil {
		return c.Random
	}
	return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
}

// fillFunc fills dst with numbers.
type fillFunc func(dst []float64, r *rand.Rand)

// fillDefs defines an operator that fills a tensor of the shape that an
// attribute says, and its relative that takes shape and, without dtype, type
// from a tensor (ONNX operator spec, RandomUniform-22, RandomUniformLike-22,
// RandomNormal-22, RandomNormalLike-22).
func fillDefs(name, like string, compile func(*ops.Attrs) fillFunc) []ops.Def {
	return []ops.Def{
		{
			Name: name, Since: 1,
			MinInputs: 0, MaxInputs: 0, MinOutputs: 1, MaxOutputs: 1,
			Random: true,
			Infer:  inferFill,
			Compile: func(n *ops.Node) (ops.Compiled, error) {
				return compileFill(n, compile)
			},
		},
		{
			Name: like, Since: 1,
			MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
			Random: true,
			Infer:  inferLike,
			Compile: func(n *ops.Node) (ops.Compiled, error) {
				return compileFill(n, compile)
			},
		},
	}
}

func inferFill(n *ops.Inference) error {
	if !n.Attrs.Has("shape") {
		return fmt.Errorf("attribute %q is missing", "shape")
	}
	shape := n.Attrs.Ints("shape")
	for _, d := range shape {
		if d < 0 {
			return fmt.Errorf("shape %v has a negative dimension", shape)
		}
	}
	n.Set(0, n.DType("dtype", tensor.Float32), dims.Of(shape)...)
	return n.Err()
}

// inferLike gives the output the input's shape, and its type unless dtype says
// another.
func inferLike(n *ops.Inference) error {
	in := n.Input(0)
	d := n.DType("dtype", in.DType())
	n.SetDType(0, d)
	if shape, ok := in.Dims(); ok {
		n.Set(0, d, shape...)
	}
	return n.Err()
}

func compileUniform(a *ops.Attrs) fillFunc {
	low, high := float64(a.Float("low", 0)), float64(a.Float("high", 1))
	return func(dst []float64, r *rand.Rand) { random.Uniform(dst, r, low, high) }
}

func compileNormal(a *ops.Attrs) fillFunc {
	mean, scale := float64(a.Float("mean", 0)), float64(a.Float("scale", 1))
	return func(dst []float64, r *rand.Rand) { random.Normal(dst, r, mean, scale) }
}

func compileFill(n *ops.Node, compile func(*ops.Attrs) fillFunc) (ops.Compiled, error) {
	s, fill := readSeed(n.Attrs), compile(n.Attrs)
	shape := n.Ints("shape")
	like := n.Has(0)
	d := tensor.Undefined
	if !like {
		d = tensor.Float32
	}
	d = n.DType("dtype", d)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		shape, d := shape, d
		if like {
			in, err := c.Need(0)
			if err != nil {
				return err
			}
			shape = in.Shape()
			if d == tensor.Undefined {
				d = in.DType()
			}
		}
		if !d.IsFloat() {
			return fmt.Errorf("type is %v, expected a floating-point type", d)
		}
		return write(c, d, shape, func(dst []float64) error {
			fill(dst, s.source(c))
			return nil
		})
	}), nil
}

// write makes output 0, of any number type, of what make writes.
func write(c *ops.Call, d tensor.DType, shape []int, draw func(dst []float64) error) error {
	out, err := c.Output(0, d, shape...)
	if err != nil {
		return err
	}
	wide, err := tensor.New(tensor.Float64, shape...)
	if err != nil {
		return err
	}
	numbers, err := tensor.Data[float64](wide)
	if err != nil {
		return err
	}
	if err := draw(numbers); err != nil {
		return err
	}
	return cast.Convert(c.Pool, out, wide, cast.Options{})
}

// read gives the elements of input 0.
func read(c *ops.Call) (*tensor.Tensor, []float64, error) {
	in, err := c.Need(0)
	if err != nil {
		return nil, nil, err
	}
	if !in.DType().IsFloat() {
		return nil, nil, fmt.Errorf("input is %v, expected a floating-point type", in.DType())
	}
	wide, err := tensor.New(tensor.Float64, in.Shape()...)
	if err != nil {
		return nil, nil, err
	}
	if err := cast.Convert(c.Pool, wide, in, cast.Options{}); err != nil {
		return nil, nil, err
	}
	numbers, err := tensor.Data[float64](wide)
	return in, numbers, err
}

// Bernoulli draws 1 with the probability that the input says for each element,
// and 0 otherwise (ONNX operator spec, Bernoulli-22).
var bernoulliDefs = []ops.Def{{
	Name: "Bernoulli", Since: 15,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Random:  true,
	Infer:   inferLike,
	Compile: compileBernoulli,
}}

func compileBernoulli(n *ops.Node) (ops.Compiled, error) {
	s, dtype := readSeed(n.Attrs), n.DType("dtype", tensor.Undefined)
	return ops.RunFunc(func(c *ops.Call) error {
		in, p, err := read(c)
		if err != nil {
			return err
		}
		for i, v := range p {
			if !(v >= 0 && v <= 1) {
				return fmt.Errorf("element %d is %v, expected a probability", i, v)
			}
		}
		d := dtype
		if d == tensor.Undefined {
			d = in.DType()
		}
		return write(c, d, in.Shape(), func(dst []float64) error {
			random.Bernoulli(dst, p, s.source(c))
			return nil
		})
	}), n.Err()
}

// Multinomial draws sample_size classes for each row of the input, whose
// elements are logarithms of probabilities up to a common summand (ONNX operator
// spec, Multinomial-22).
var multinomialDefs = []ops.Def{{
	Name: "Multinomial", Since: 7,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Random:  true,
	Infer:   inferMultinomial,
	Compile: compileMultinomial,
}}

// sampling reads what Multinomial shares between inference and compiling.
func sampling(a *ops.Attrs) (d tensor.DType, size int64, err error) {
	d, size = a.DType("dtype", tensor.Int32), a.Int("sample_size", 1)
	if err := a.Err(); err != nil {
		return d, size, err
	}
	if d != tensor.Int32 && d != tensor.Int64 {
		return d, size, fmt.Errorf("attribute \"dtype\" is %v, expected int32 or int64", d)
	}
	if size < 1 {
		return d, size, fmt.Errorf("attribute \"sample_size\" is %d, expected at least 1", size)
	}
	return d, size, nil
}

func inferMultinomial(n *ops.Inference) error {
	d, size, err := sampling(n.Attrs)
	if err != nil {
		return err
	}
	batch := onnx.UnknownDim()
	if shape, ok := n.Input(0).Dims(); ok {
		if len(shape) != 2 {
			return fmt.Errorf("input has rank %d, expected 2", len(shape))
		}
		batch = shape[0]
	}
	n.Set(0, d, batch, onnx.Known(int(size)))
	return nil
}

func compileMultinomial(n *ops.Node) (ops.Compiled, error) {
	s := readSeed(n.Attrs)
	d, size, err := sampling(n.Attrs)
	if err != nil {
		return nil, err
	}
	samples := int(size)
	return ops.RunFunc(func(c *ops.Call) error {
		in, logits, err := read(c)
		if err != nil {
			return err
		}
		if in.Rank() != 2 {
			return fmt.Errorf("input has rank %d, expected 2", in.Rank())
		}
		batch, classes := in.Dim(0), in.Dim(1)
		return write(c, d, []int{batch, samples}, func(dst []float64) error {
			r := s.source(c)
			for b := range batch {
				if !random.Multinomial(dst[b*samples:(b+1)*samples], logits[b*classes:(b+1)*classes], r) {
					return fmt.Errorf("row %d holds no distribution", b)
				}
			}
			return nil
		})
	}), nil
}
