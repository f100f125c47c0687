package signal_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/signal"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func as[T tensor.Element](t *testing.T, list []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(list, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func expect(t *testing.T, got tensor.Value, want *tensor.Tensor) {
	t.Helper()
	if err := tensor.AllClose(got, want, 1e-5, 1e-6); err != nil {
		t.Error(err)
	}
}

// TestDFTVersions transforms 1 2 3, of which the spectrum is 6 and −3/2 ± √3/2·i,
// in both versions.
func TestDFTVersions(t *testing.T) {
	x := as(t, []float32{1, 2, 3}, 1, 3, 1)
	s := float32(math.Sqrt(3) / 2)
	want := as(t, []float32{6, 0, -1.5, s, -1.5, -s}, 1, 3, 2)
	expect(t, opstest.Node(t, signal.Ops, opstest.NewNode("DFT", "", 1, 1), 17, x)[0], want)
	expect(t, opstest.Node(t, signal.Ops, opstest.NewNode("DFT", "", 1, 1), 20, x)[0], want)
	expect(t, opstest.Node(t, signal.Ops, opstest.NewNode("DFT", "", 3, 1), 20, x, nil, tensor.Scalar[int64](1))[0], want)
}

// TestOneSided goes to a one-sided spectrum and back, for even and odd lengths and
// in float64 and float16.
func TestOneSided(t *testing.T) {
	for _, n := range []int64{4, 5} {
		x := as(t, []float64{1, -2, 3, 5}, 1, 4, 1)
		forth := opstest.NewNode("DFT", "", 3, 1, opstest.Int("onesided", 1))
		spectrum := opstest.Node(t, signal.Ops, forth, 20, x, tensor.Scalar(n))[0]
		if got := spectrum.(*tensor.Tensor).Dim(1); got != 3 {
			t.Errorf("the spectrum has %d values, want 3", got)
		}
		back := opstest.NewNode("DFT", "", 3, 1, opstest.Int("onesided", 1), opstest.Int("inverse", 1))
		want := as(t, append([]float64{1, -2, 3, 5}, make([]float64, n-4)...), 1, int(n), 1)
		expect(t, opstest.Node(t, signal.Ops, back, 20, spectrum, tensor.Scalar(n))[0], want)
	}
	half := as(t, []tensor.F16{tensor.F16From(1), tensor.F16From(3)}, 2, 1)
	y := opstest.Node(t, signal.Ops, opstest.NewNode("DFT", "", 1, 1), 20, half)[0]
	expect(t, y, as(t, []tensor.F16{tensor.F16From(4), 0, tensor.F16From(-2), 0}, 2, 2))
}

// TestWindowTypes makes a window of four, 0 ½ 1 ½ if it is periodic and 0 ¾ ¾ 0
// if not, in a float and an integer type.
func TestWindowTypes(t *testing.T) {
	size := tensor.Scalar[int32](4)
	node := opstest.NewNode("HannWindow", "", 1, 1, opstest.Int("output_datatype", int64(tensor.Float64)))
	expect(t, opstest.Node(t, signal.Ops, node, 17, size)[0], as(t, []float64{0, 0.5, 1, 0.5}, 4))
	node = opstest.NewNode("HannWindow", "", 1, 1, opstest.Int("periodic", 0))
	expect(t, opstest.Node(t, signal.Ops, node, 17, size)[0], as(t, []float32{0, 0.75, 0.75, 0}, 4))
	node = opstest.NewNode("HannWindow", "", 1, 1, opstest.Int("output_datatype", int64(tensor.Int8)))
	expect(t, opstest.Node(t, signal.Ops, node, 17, size)[0], as(t, []int8{0, 0, 1, 0}, 4))
}

func TestRefusals(t *testing.T) {
	x := as(t, []float32{1, 2, 3, 4}, 1, 4, 1)
	complexX := as(t, []float32{1, 2, 3, 4}, 1, 2, 2)
	n := tensor.Scalar[int64]
	tests := []struct {
		name   string
		node   *onnx.Node
		inputs []tensor.Value
	}{
		{"three parts", opstest.NewNode("DFT", "", 1, 1), []tensor.Value{as(t, make([]float32, 3), 1, 3)}},
		{"the axis of parts", opstest.NewNode("DFT", "", 3, 1), []tensor.Value{x, nil, n(2)}},
		{"axis out of range", opstest.NewNode("DFT", "", 3, 1), []tensor.Value{x, nil, n(5)}},
		{"length of zero", opstest.NewNode("DFT", "", 3, 1), []tensor.Value{x, n(0)}},
		{"gigantic length", opstest.NewNode("DFT", "", 3, 1), []tensor.Value{x, n(1 << 60)}},
		{"one-sided of complex values", opstest.NewNode("DFT", "", 1, 1, opstest.Int("onesided", 1)), []tensor.Value{complexX}},
		{"one-sided inverse of real values", opstest.NewNode("DFT", "", 1, 1, opstest.Int("onesided", 1), opstest.Int("inverse", 1)), []tensor.Value{x}},
		{"step of zero", opstest.NewNode("STFT", "", 4, 1), []tensor.Value{x, n(0), nil, n(2)}},
		{"frame longer than the signal", opstest.NewNode("STFT", "", 4, 1), []tensor.Value{x, n(1), nil, n(5)}},
		{"window of another length", opstest.NewNode("STFT", "", 4, 1), []tensor.Value{x, n(1), tensor.Vector[float32](1, 1, 1), n(2)}},
		{"negative window", opstest.NewNode("HannWindow", "", 1, 1), []tensor.Value{n(-1)}},
		{"mel bins of zero", opstest.NewNode("MelWeightMatrix", "", 5, 1), []tensor.Value{n(0), n(16), n(8192), tensor.Scalar[float32](0), tensor.Scalar[float32](4096)}},
		{"edges out of order", opstest.NewNode("MelWeightMatrix", "", 5, 1), []tensor.Value{n(8), n(16), n(8192), tensor.Scalar[float32](100), tensor.Scalar[float32](50)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if y, err := opstest.Try(signal.Ops, tt.node, 20, tt.inputs...); err == nil {
				t.Errorf("it ran: %v", y)
			}
		})
	}
}
