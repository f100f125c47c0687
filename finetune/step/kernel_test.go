package step_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// kernelNet has each kind of node whose gradient has a kernel: convolutions with
// strides, groups and dilations, a transposed one, normalization by batches, Relu.
const kernelNet = `<ir_version: 10, opset_import: ["": %s]>
g (float[3,4,9,8] x, float[8,4,3,3] w1, float[8] b1, float[8] s, float[8] o, float[8,1,3,3] w2, float[8,2,2,3] w3, float[8,4,3,2] w4) => (y)
{
  c1 = Conv<strides = [2, 2], pads = [1, 1, 1, 0]>(x, w1, b1)
  r1 = Relu(c1)
  z = Sub(s, s)
  n1, rm, rv = BatchNormalization<training_mode = 1>(r1, s, o, z, z)
  c2 = Conv<group = 8, dilations = [2, 1], pads = [2, 1, 2, 1]>(n1, w2)
  c3 = Conv<group = 4, strides = [1, 2]>(c2, w3)
  y = ConvTranspose<strides = [2, 1], group = 2>(c3, w4)
}`

// TestKernels makes steps with the kernels of the engine, and with the bodies of
// the functions that they stand for.
func TestKernels(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"w1", "b1", "s", "o", "w2", "w3", "w4"}
	for _, opset := range []string{"15", "18", "22"} {
		for _, name := range optim.Names {
			t.Run(opset+"/"+name, func(t *testing.T) {
				o, err := optim.Named(name, 0.01)
				if err != nil {
					t.Fatal(err)
				}
				m, err := onnxtext.Parse(fmt.Sprintf(kernelNet, opset))
				if err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(3, 4))
				var x *tensor.Tensor
				for _, in := range m.Graph.Inputs {
					v := noise(t, r, in.Type)
					if in.Name == "x" {
						x = v
						continue
					}
					m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(in.Name, v))
				}
				m.Graph.Inputs = m.Graph.Inputs[:1]
				s, err := step.Build(m, step.Config{
					Trainable: names, Optimizer: o,
					Loss: func(b *emit.Builder) string { return b.ReduceMean(b.Square(b.Unary("Sin", "y")), nil, false) },
				})
				if err != nil {
					t.Fatal(err)
				}
				written, err := onnx.Inline(s.Model, nil)
				if err != nil {
					t.Fatal(err)
				}
				batch := func(int) map[string]tensor.Value { return map[string]tensor.Value{"x": x} }
				const steps = 3
				got := run(t, e, s, steps, 1e-3, batch)
				want := run(t, e, &step.Step{Model: written, Params: s.Params, State: s.State}, steps, 1e-3, batch)
				for value, v := range want[steps-1] {
					if err := tensor.AllClose(got[steps-1][value], v, 1e-4, 1e-5); err != nil {
						t.Errorf("%s: %v", value, err)
					}
				}
			})
		}
	}
}

func noise(t *testing.T, r *rand.Rand, typ *onnx.Type) *tensor.Tensor {
	t.Helper()
	var shape []int
	for _, d := range typ.Shape.Dims {
		shape = append(shape, int(d.Value))
	}
	v, err := tensor.New(tensor.Float32, shape...)
	if err != nil {
		t.Fatal(err)
	}
	data, err := tensor.Data[float32](v)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		data[i] = r.Float32() - 0.5
	}
	return v
}
