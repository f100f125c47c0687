package widen_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// double is an operator that knows float32 alone: it doubles its first input into
// output 0, counts it in output 1, and adds its second input, if there.
func double(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	src, err := tensor.Data[float32](x)
	if err != nil {
		return err
	}
	y, err := c.Output(0, tensor.Float32, x.Shape()...)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[float32](y)
	if err != nil {
		return err
	}
	for i, v := range src {
		dst[i] = 2 * v
		if t := c.Input(1); t != nil {
			add, err := tensor.Data[float32](t)
			if err != nil {
				return err
			}
			dst[i] += add[0]
		}
	}
	n, err := c.Output(1, tensor.Int64)
	if err != nil {
		return err
	}
	count, err := tensor.Data[int64](n)
	if err == nil {
		count[0] = int64(len(src))
	}
	return err
}

// run runs double, widened, twice in the same call.
func run(t *testing.T, memory ops.Memory, inputs ...tensor.Value) ([]tensor.Value, error) {
	t.Helper()
	c := &ops.Call{Inputs: inputs, Outputs: make([]tensor.Value, 2), Memory: memory}
	f := widen.Func(double)
	if err := f(c); err != nil {
		return nil, err
	}
	return c.Outputs, f(c)
}

func TestFunc(t *testing.T) {
	half := tensor.F16From
	out, err := run(t, ops.Heap{}, tensor.Vector(half(1), half(-2.5)), tensor.Vector(half(0.5)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensor.Data[tensor.F16](out[0].(*tensor.Tensor))
	if err != nil || !slices.Equal(got, []tensor.F16{half(2.5), half(-4.5)}) {
		t.Errorf("output 0 = %v, %v", out[0], err)
	}
	count, err := tensor.Data[int64](out[1].(*tensor.Tensor))
	if err != nil || count[0] != 2 {
		t.Errorf("output 1 = %v, %v: what is no float32 is left alone", out[1], err)
	}
}

// TestTypeFollowsFirstInput: a narrow second input does not narrow the output.
func TestTypeFollowsFirstInput(t *testing.T) {
	out, err := run(t, ops.Heap{}, tensor.Vector[float32](1), tensor.Vector(tensor.BF16From(0.5)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tensor.Data[float32](out[0].(*tensor.Tensor)); err != nil || got[0] != 2.5 {
		t.Errorf("output 0 = %v, %v", out[0], err)
	}
}

func TestLimit(t *testing.T) {
	if _, err := run(t, ops.Heap{MaxBytes: 2}, tensor.Vector(tensor.F16From(1), tensor.F16From(2))); err == nil {
		t.Error("an output of 4 bytes passed a limit of 2")
	}
}
