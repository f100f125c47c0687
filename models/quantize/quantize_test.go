package quantize

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// source is a graph with each thing that is quantised: a table, products with a constant,
// one that is turned around, and Gemm with a transposed weight and a bias.
const source = `<ir_version: 8, opset_import: ["": 18]>
net (int64[n] ids) => (float[n,24] y)
{
   x = Gather(table, ids)
   a = MatMul(x, w)
   vt = Transpose<perm = [1, 0]>(v)
   b = MatMul(a, vt)
   y = Gemm<transB = 1>(b, u, bias)
}`

// network fills the graph with random weights.
func network(t *testing.T) *onnx.Model {
	t.Helper()
	m, err := onnxtext.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, c := range []struct {
		name string
		dims []int
	}{{"table", []int{50, 40}}, {"w", []int{40, 36}}, {"v", []int{44, 36}}, {"u", []int{24, 44}}, {"bias", []int{24}}} {
		n := 1
		for _, d := range c.dims {
			n *= d
		}
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(rng.NormFloat64())
		}
		v, err := tensor.FromSlice(values, c.dims...)
		if err != nil {
			t.Fatal(err)
		}
		m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(c.name, v))
	}
	return m
}

func run(t *testing.T, m *onnx.Model) []float32 {
	t.Helper()
	s, err := infer.OpenModel(m, infer.WithThreads(1))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Run(t.Context(), map[string]tensor.Value{"ids": tensor.Vector[int64](0, 7, 49, 3, 3)})
	if err != nil {
		t.Fatal(err)
	}
	y, err := tensor.Data[float32](out["y"].(*tensor.Tensor))
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// TestModel compares what the small models compute with the whole one, by the length of
// the difference over the length of the result.
func TestModel(t *testing.T) {
	m := network(t)
	want := run(t, m)
	for _, tt := range []struct {
		o        Options
		ops      string // among those of the result
		most     float64
		products int
		tables   int
	}{
		{Options{Bits: 8}, "MatMulInteger", 0.03, 3, 0},
		{Options{Bits: 8, ReduceRange: true}, "MatMulInteger", 0.04, 3, 0},
		{Options{Bits: 8, Tables: true}, "MatMulInteger", 0.03, 3, 1},
		{Options{Bits: 4}, "com.microsoft.MatMulNBits", 0.25, 3, 0},
		{Options{Bits: 4, Block: 16}, "com.microsoft.MatMulNBits", 0.2, 3, 0},
		{Options{Bits: 4, Symmetric: true}, "com.microsoft.MatMulNBits", 0.25, 3, 0},
		{Options{Bits: 4, Format: QDQ}, "DequantizeLinear", 0.25, 3, 0},
		{Options{Bits: 8, Least: 1500}, "MatMulInteger", 0.03, 1, 0},
	} {
		small, report, err := Model(m, tt.o)
		if err != nil {
			t.Fatal(err)
		}
		if report.Products != tt.products || report.Tables != tt.tables || report.After >= report.Before {
			t.Errorf("%+v: %+v, want %d products and %d tables, and fewer bytes", tt.o, report, tt.products, tt.tables)
		}
		if err := onnx.Check(small); err != nil {
			t.Errorf("%+v: %v", tt.o, err)
		}
		if !strings.Contains(operators(small), tt.ops) {
			t.Errorf("%+v: operators %s, want %s", tt.o, operators(small), tt.ops)
		}
		path := filepath.Join(t.TempDir(), "small.onnx")
		if err := onnx.Save(path, small, onnx.SaveOptions{}); err != nil {
			t.Fatal(err)
		}
		again, err := onnx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var off, length float64
		for i, y := range run(t, again) {
			off += math.Pow(float64(y-want[i]), 2)
			length += math.Pow(float64(want[i]), 2)
		}
		if r := math.Sqrt(off / length); r > tt.most || r == 0 {
			t.Errorf("%+v: off by %.3f, want at most %v and more than 0", tt.o, r, tt.most)
		}
	}
	if got := run(t, m); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("the model itself has changed")
	}
}

func operators(m *onnx.Model) string {
	var list []string
	for _, n := range m.Graph.Nodes {
		name := n.OpType
		if n.Domain != "" {
			name = n.Domain + "." + name
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

// Values on the grid of their scale come back as they were.
func TestExactWeights(t *testing.T) {
	block := make([]float32, 32)
	for i := range block {
		block[i] = float32(i%16-8) * 0.5 // -4 to 3.5
	}
	for _, symmetric := range []bool{true, false} {
		s, zero := best(block, symmetric)
		for _, v := range block {
			if got := s * float32(level(v, s, zero)-zero); math.Abs(float64(got-v)) > 1e-6 {
				t.Errorf("symmetric %v: %v came back as %v", symmetric, v, got)
			}
		}
	}
	if s, zero := best(make([]float32, 32), false); s != 1 || zero != 8 {
		t.Errorf("a block of zeros has the scale %v and zero point %d, want 1 and 8", s, zero)
	}
}

// best is at least as good as covering the whole range, for blocks of any shape.
func FuzzBest(f *testing.F) {
	f.Add(uint64(1), 1.0, true)
	f.Add(uint64(2), 1e-30, false)
	f.Fuzz(func(t *testing.T, seed uint64, spread float64, symmetric bool) {
		if !(math.Abs(spread) < 1e30) {
			return
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		block := make([]float32, 32)
		for i := range block {
			block[i] = float32(rng.NormFloat64() * spread)
		}
		s, zero := best(block, symmetric)
		if s == 0 || s-s != 0 || zero < 0 || zero > 15 {
			t.Fatalf("scale %v, zero point %d", s, zero)
		}
		for _, v := range block {
			if l := level(v, s, zero); l < 0 || l > 15 {
				t.Fatalf("%v is level %d", v, l)
			}
		}
	})
}

func TestRefused(t *testing.T) {
	m := network(t)
	old := m.Clone()
	old.Opsets[0].Version = 17
	bad := network(t)
	value, err := bad.Graph.Initializer("w").Value()
	if err != nil {
		t.Fatal(err)
	}
	values, err := tensor.Data[float32](value)
	if err != nil {
		t.Fatal(err)
	}
	values[5] = float32(math.NaN())
	for name, tt := range map[string]struct {
		m    *onnx.Model
		o    Options
		says string
	}{
		"bits":         {m, Options{Bits: 3}, "expected 8 or 4"},
		"block":        {m, Options{Bits: 4, Block: 24}, "power of 2"},
		"format":       {m, Options{Bits: 4, Format: "gguf"}, "format"},
		"old for qdq":  {old, Options{Bits: 4, Format: QDQ}, "need 21"},
		"nothing":      {m, Options{Bits: 8, Least: 1 << 20}, "no product"},
		"not a number": {bad, Options{Bits: 8}, "cannot be quantised"},
	} {
		if _, _, err := Model(tt.m, tt.o); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
}

func ExampleModel() {
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 18]>
net (float[n,2] x) => (float[n,2] y) <float[2,2] w = {1, 2, 3, 4}> { y = MatMul(x, w) }`)
	if err != nil {
		fmt.Println(err)
		return
	}
	small, _, err := Model(m, Options{Bits: 8, Least: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(operators(small))
	// Output: DynamicQuantizeLinear MatMulInteger Cast Mul Mul
}
