package signal

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/fft"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// dftDefs defines DFT (ONNX operator spec, DFT-20): the discrete Fourier
// transform, or its inverse, along one axis.
//
//	input [d0…dn, 1 or 2 (real, imaginary)], dft_length (scalar, optional), axis
//	→  output [d0…, k, …dn, 2]
//
// The lines are cut, or filled with zeros, to dft_length. With onesided, of a real
// input only the first ⌊length/2⌋+1 values are made; an inverse then takes such
// values and makes a real output [d0…, length, …dn, 1].
// In version 17 the axis is an attribute, by default 1; later an input, by default
// −2.
func dftDefs() []ops.Def {
	def := func(since, inputs int) ops.Def {
		return ops.Def{
			Name: "DFT", Since: since,
			MinInputs: 1, MaxInputs: inputs, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferDFT, Compile: compileDFT,
		}
	}
	return []ops.Def{def(17, 2), def(20, 3)}
}

// dft is a DFT's attributes.
type dft struct {
	inverse, oneSided bool
	axisInput         bool
	axis              int64
}

func readDFT(a *ops.Attrs, opset int) *dft {
	k := &dft{inverse: a.Bool("inverse", false), oneSided: a.Bool("onesided", false), axisInput: opset >= 20, axis: -2}
	if !k.axisInput {
		k.axis = a.Int("axis", 1)
	}
	return k
}

func inferDFT(n *ops.Inference) error {
	k := readDFT(n.Attrs, n.Opset)
	d := n.Input(0).DType()
	n.SetDType(0, d)
	in, ok := n.Input(0).Dims()
	if err := n.Err(); err != nil || !ok || len(in) < 2 {
		return err
	}
	out := slices.Clone(in)
	out[len(out)-1] = onnx.Known(k.components())
	axis := k.axis
	if k.axisInput && n.Has(2) {
		list, ok := n.Ints(2)
		if !ok || len(list) != 1 {
			if !k.oneSided && !n.Has(1) { // no axis changes its length
				n.Set(0, d, out...)
				return nil
			}
			for i := range out[:len(out)-1] {
				out[i] = onnx.UnknownDim()
			}
			n.Set(0, d, out...)
			return nil
		}
		axis = int64(list[0])
	}
	at, err := signalAxis(axis, len(in))
	if err != nil {
		return err
	}
	length := in[at]
	if n.Has(1) {
		length = onnx.UnknownDim()
		if list, ok := n.Ints(1); ok && len(list) == 1 {
			length = onnx.Known(max(list[0], 0))
		}
	} else if k.inverse && k.oneSided {
		length = dims.Mul(dims.Sub(length, onnx.Known(1)), onnx.Known(2))
	}
	if k.oneSided && !k.inverse {
		length = dims.Add(dims.Div(length, onnx.Known(2)), onnx.Known(1))
	}
	out[at] = length
	n.Set(0, d, out...)
	return nil
}

// components is how many numbers an output value has.
func (k *dft) components() int {
	if k.inverse && k.oneSided {
		return 1
	}
	return 2
}

// signalAxis resolves an axis, which must not be the last one.
func signalAxis(axis int64, rank int) (int, error) {
	at, err := dims.Axis(axis, rank)
	if err == nil && at == rank-1 {
		err = fmt.Errorf("axis %d is the one of real and imaginary parts", axis)
	}
	return at, err
}

func compileDFT(n *ops.Node) (ops.Compiled, error) {
	k := readDFT(n.Attrs, n.Opset)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return runDFT[float32](c, k, x)
		case tensor.Float64:
			return runDFT[float64](c, k, x)
		}
		return fmt.Errorf("input is %v, expected a float type", x.DType())
	}), nil
}

func runDFT[T float32 | float64](c *ops.Call, k *dft, x *tensor.Tensor) error {
	l, at, err := k.lines(c, x)
	if err != nil {
		return err
	}
	shape := slices.Clone(x.Shape())
	shape[at], shape[len(shape)-1] = l.Out(), k.components()
	y, err := c.Output(0, x.DType(), shape...)
	if err != nil {
		return err
	}
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[T](y)
	if err != nil || len(dst) == 0 {
		return err
	}
	fft.Run(c.Pool, l, nil, src, dst)
	return nil
}

// lines works out the lines of an input and the axis along which they lie.
func (k *dft) lines(c *ops.Call, x *tensor.Tensor) (*fft.Lines, int, error) {
	if x.Rank() < 2 || x.Dim(-1) != 1 && x.Dim(-1) != 2 {
		return nil, 0, fmt.Errorf("input is %v, expected real or complex values: a last dimension of 1 or 2", x)
	}
	axis := k.axis
	if k.axisInput && c.Has(2) {
		v, err := intScalar(c, 2, "axis")
		if err != nil {
			return nil, 0, err
		}
		axis = int64(v)
	}
	at, err := signalAxis(axis, x.Rank())
	if err != nil {
		return nil, 0, err
	}
	l := &fft.Lines{
		Outer: 1, In: x.Dim(at), Inner: 1, N: x.Dim(at),
		Complex: x.Dim(-1) == 2, Inverse: k.inverse, OneSided: k.oneSided,
	}
	if l.OneSided && l.Complex != l.Inverse {
		return nil, 0, fmt.Errorf("input is %v: a one-sided transform takes real values, its inverse complex ones", x)
	}
	if l.OneSided && l.Inverse {
		l.N = 2 * (l.In - 1)
	}
	if c.Has(1) {
		if l.N, err = intScalar(c, 1, "dft_length"); err != nil {
			return nil, 0, err
		}
	}
	if l.N < 1 || l.N > fft.MaxLength {
		return nil, 0, fmt.Errorf("the transform's length is %d, expected 1 to %d", l.N, fft.MaxLength)
	}
	for i, d := range x.Shape()[:x.Rank()-1] {
		switch {
		case i < at:
			l.Outer *= d
		case i > at:
			l.Inner *= d
		}
	}
	return l, at, nil
}

// intScalar reads input i, one integer.
func intScalar(c *ops.Call, i int, name string) (int, error) {
	t, err := c.Need(i)
	if err != nil {
		return 0, err
	}
	list, err := ops.IntsOf(t)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	if len(list) != 1 {
		return 0, fmt.Errorf("%s is %v, expected one integer", name, t)
	}
	return list[0], nil
}
