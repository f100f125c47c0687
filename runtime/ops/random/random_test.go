package random_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/random"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, random.Ops, "Bernoulli")
}

func numbers[T tensor.Element](t *testing.T, v tensor.Value) []T {
	t.Helper()
	x, ok := v.(*tensor.Tensor)
	if !ok {
		t.Fatalf("output is %T", v)
	}
	data, err := tensor.Data[T](x)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSeedRepeats(t *testing.T) {
	shape := opstest.Ints("shape", 3, 5)
	seeded := opstest.NewNode("RandomNormal", "", 0, 1, shape, opstest.Float("seed", 7))
	a, b := opstest.Node(t, random.Ops, seeded, 13)[0], opstest.Node(t, random.Ops, seeded, 13)[0]
	if !tensor.Equal(a, b) {
		t.Error("two runs with one seed differ")
	}
	other := opstest.NewNode("RandomNormal", "", 0, 1, shape, opstest.Float("seed", 8))
	if tensor.Equal(a, opstest.Node(t, random.Ops, other, 13)[0]) {
		t.Error("two seeds give the same numbers")
	}
	free := opstest.NewNode("RandomNormal", "", 0, 1, shape)
	if tensor.Equal(opstest.Node(t, random.Ops, free, 13)[0], opstest.Node(t, random.Ops, free, 13)[0]) {
		t.Error("two runs without a seed give the same numbers")
	}
}

func TestUniformLike(t *testing.T) {
	in, err := tensor.New(tensor.Float64, 40, 50)
	if err != nil {
		t.Fatal(err)
	}
	node := opstest.NewNode("RandomUniformLike", "", 1, 1, opstest.Float("low", 5), opstest.Float("high", 6))
	sum := 0.0
	for _, v := range numbers[float64](t, opstest.Node(t, random.Ops, node, 22, in)[0]) {
		if v < 5 || v >= 6 {
			t.Fatalf("%v is out of range", v)
		}
		sum += v
	}
	// the mean of 2,000 draws has a standard deviation of sqrt(1/12/2000) = 0.0065
	if mean := sum / 2000; mean < 5.46 || mean > 5.54 {
		t.Errorf("mean is %v, expected about 5.5", mean)
	}
	half := opstest.NewNode("RandomUniformLike", "", 1, 1, opstest.Int("dtype", int64(tensor.Float16)))
	if got := opstest.Node(t, random.Ops, half, 22, in)[0].(*tensor.Tensor); got.DType() != tensor.Float16 {
		t.Errorf("type is %v, expected float16", got.DType())
	}
}

func TestMultinomial(t *testing.T) {
	in, err := tensor.FromSlice([]float32{0, -100, -100, -100, 0, -100}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	node := opstest.NewNode("Multinomial", "", 1, 1, opstest.Int("sample_size", 4), opstest.Int("dtype", int64(tensor.Int64)))
	got := numbers[int64](t, opstest.Node(t, random.Ops, node, 7, in)[0])
	for i, want := range []int64{0, 0, 0, 0, 1, 1, 1, 1} {
		if got[i] != want {
			t.Errorf("sample %d is %d, expected %d", i, got[i], want)
		}
	}
}

func TestRefuses(t *testing.T) {
	tests := []struct {
		name string
		node *onnx.Node
		in   []tensor.Value
	}{
		{"no shape", opstest.NewNode("RandomUniform", "", 0, 1), nil},
		{"negative shape", opstest.NewNode("RandomUniform", "", 0, 1, opstest.Ints("shape", 2, -1)), nil},
		{"huge shape", opstest.NewNode("RandomUniform", "", 0, 1, opstest.Ints("shape", 1<<40, 1<<20)), nil},
		{"integer type", opstest.NewNode("RandomNormalLike", "", 1, 1), []tensor.Value{tensor.Vector[int64](1)}},
		{"probability of 2", opstest.NewNode("Bernoulli", "", 1, 1), []tensor.Value{tensor.Vector[float32](2)}},
		{"vector of logits", opstest.NewNode("Multinomial", "", 1, 1), []tensor.Value{tensor.Vector[float32](2)}},
	}
	for _, tt := range tests {
		if _, err := opstest.Try(random.Ops, tt.node, 15, tt.in...); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
}
