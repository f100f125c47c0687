package linear_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fusedInteger runs FusedMatMulInteger with relu. Inputs that the operator wants
// constant are initializers.
func fusedInteger(t *testing.T, inputs ...tensor.Value) (tensor.Value, error) {
	t.Helper()
	n := opstest.NewNode("FusedMatMulInteger", "infer", len(inputs), 1, opstest.Str("activation", "Relu"))
	m := &onnx.Model{
		IRVersion: 10, Graph: &onnx.Graph{Name: "test", Nodes: []*onnx.Node{n}, Outputs: []*onnx.ValueInfo{{Name: n.Outputs[0]}}},
		Opsets: []onnx.OpsetID{{Version: 17}, {Domain: "infer", Version: 1}},
	}
	var args []tensor.Value
	for i, v := range inputs {
		switch i {
		case 1, 3, 5, 6:
			m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(n.Inputs[i], v.(*tensor.Tensor)))
		default:
			m.Graph.Inputs = append(m.Graph.Inputs, &onnx.ValueInfo{Name: n.Inputs[i], Type: opstest.TypeOf(v)})
			args = append(args, v)
		}
	}
	out, err := opstest.Run(linear.Ops, m, args)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// TestFusedMatMulInteger holds the node against its definition: of two rows,
// relu((A - 3)·(B - zero)·½·scale + bias + Z).
func TestFusedMatMulInteger(t *testing.T) {
	const k, n = 5, 3
	r := rand.New(rand.NewPCG(1, 2))
	a, b, add := make([]uint8, 2*k), make([]int8, k*n), make([]float32, 2*n)
	for i := range a {
		a[i] = uint8(r.IntN(256))
	}
	for i := range b {
		b[i] = int8(r.IntN(256) - 128)
	}
	for i := range add {
		add[i] = float32(r.IntN(9))
	}
	zero, scale, bias := []int8{0, 4, -2}, []float32{0.5, 2, 1}, []float32{10, 20, 30}
	want := make([]float32, 2*n)
	for i := range want {
		sum := int32(0)
		for x := range k {
			sum += (int32(a[i/n*k+x]) - 3) * (int32(b[x*n+i%n]) - int32(zero[i%n]))
		}
		want[i] = max(0, float32(sum)*0.5*scale[i%n]+bias[i%n]+add[i])
	}
	half := tensor.Scalar(float32(0.5))
	got, err := fusedInteger(t, of(t, a, 2, k), of(t, b, k, n), tensor.Scalar(uint8(3)), tensor.Vector(zero...),
		half, tensor.Vector(scale...), tensor.Vector(bias...), of(t, add, 2, n))
	if err != nil {
		t.Fatal(err)
	}
	expect(t, got, of(t, want, 2, n))
	for _, tt := range []struct {
		want   string
		inputs []tensor.Value
	}{
		{"b_scale has 2 values", []tensor.Value{of(t, a, 2, k), of(t, b, k, n), tensor.Scalar(uint8(3)), tensor.Vector(zero...), half, tensor.Vector(scale[:2]...)}},
		{"bias must be constant, of 3", []tensor.Value{of(t, a, 2, k), of(t, b, k, n), tensor.Scalar(uint8(3)), tensor.Vector(zero...), half, tensor.Vector(scale...), half}},
		{"to add is", []tensor.Value{of(t, a, 2, k), of(t, b, k, n), tensor.Scalar(uint8(3)), tensor.Vector(zero...), half, tensor.Vector(scale...), tensor.Vector(bias...), of(t, add, n, 2)}},
	} {
		if _, err := fusedInteger(t, tt.inputs...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, expected an error with %q", err, tt.want)
		}
	}
}
