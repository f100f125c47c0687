package linear_test

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/linear"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, linear.Ops, "MatMul", "Gemm", "Einsum", "Det", "MatMulInteger")
}

// of makes a tensor for a table of cases.
func of[T tensor.Element](t *testing.T, values []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// iota is 1, 2, … in a shape.
func iota[T float32 | float64 | int32 | uint64](t *testing.T, shape ...int) *tensor.Tensor {
	t.Helper()
	n, err := tensor.NumElements(shape)
	if err != nil {
		t.Fatal(err)
	}
	values := make([]T, n)
	for i := range values {
		values[i] = T(i + 1)
	}
	return of(t, values, shape...)
}

func expect(t *testing.T, got tensor.Value, want *tensor.Tensor) {
	t.Helper()
	if err := tensor.AllClose(got, want, 1e-6, 1e-6); err != nil {
		t.Error(err)
	}
}

// Expected values are those of numpy.matmul over 1, 2, ….
func TestMatMul(t *testing.T) {
	f16 := func(v ...float32) []tensor.F16 {
		out := make([]tensor.F16, len(v))
		for i := range v {
			out[i] = tensor.F16From(v[i])
		}
		return out
	}
	tests := []struct {
		name       string
		a, b, want *tensor.Tensor
	}{
		{"row by column", iota[float32](t, 3), iota[float32](t, 3), of(t, []float32{14})},
		{"row by matrix", iota[float64](t, 2), iota[float64](t, 2, 3), of(t, []float64{9, 12, 15}, 3)},
		{"batch by column", iota[int32](t, 2, 2, 2), iota[int32](t, 2), of(t, []int32{5, 11, 17, 23}, 2, 2)},
		{"broadcast left", iota[uint64](t, 1, 2), iota[uint64](t, 2, 2, 1), of(t, []uint64{5, 11}, 2, 1, 1)},
		{"broadcast both", iota[float32](t, 2, 1, 1, 2), iota[float32](t, 3, 2, 1), of(t, []float32{5, 11, 17, 11, 25, 39}, 2, 3, 1, 1)},
		{"float16", of(t, f16(1, 2), 1, 2), of(t, f16(0.5, 4), 2, 1), of(t, f16(8.5), 1, 1)},
		{"nothing to add", of(t, []float32{}, 2, 0), of(t, []float32{}, 0, 2), of(t, make([]float32, 4), 2, 2)},
		{"no rows", of(t, []float32{}, 0, 2), iota[float32](t, 2, 3), of(t, []float32{}, 0, 3)},
		{"no batch", of(t, []float32{}, 0, 2, 2), iota[float32](t, 2, 3), of(t, []float32{}, 0, 2, 3)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := opstest.Node(t, linear.Ops, opstest.NewNode("MatMul", "", 2, 1), 13, tt.a, tt.b)
			expect(t, got[0], tt.want)
		})
	}
}

func TestMatMulErrors(t *testing.T) {
	tests := []struct {
		name string
		a, b *tensor.Tensor
		want string
	}{
		{"inner sizes", iota[float32](t, 2, 3), iota[float32](t, 2, 3), "A has 3 columns, B has 2 rows"},
		{"batches", iota[float32](t, 2, 2, 2), iota[float32](t, 3, 2, 2), "do not broadcast"},
		{"scalar", iota[float32](t), iota[float32](t, 1), "scalar"},
		{"types", iota[float32](t, 2, 2), iota[int32](t, 2, 2), "expected one type"},
		{"bytes", of(t, []int8{1}, 1, 1), of(t, []int8{1}, 1, 1), "expected a float or a 32- or 64-bit integer type"},
		{"too large", of(t, []float32{}, 1<<40, 0), of(t, []float32{}, 0, 1<<40), "more elements than fit"},
	}
	for _, tt := range tests {
		_, err := opstest.Try(linear.Ops, opstest.NewNode("MatMul", "", 2, 1), 13, tt.a, tt.b)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got error %v, expected one with %q", tt.name, err, tt.want)
		}
	}
}

func TestGemm(t *testing.T) {
	node := opstest.NewNode("Gemm", "", 3, 1, opstest.Float("alpha", 2), opstest.Float("beta", 3), opstest.Int("transA", 1))
	a, b := iota[float32](t, 2, 1), iota[float32](t, 2, 2) // A'·B = [7 10]
	for _, tt := range []struct {
		name string
		c    *tensor.Tensor
		want []float32
	}{
		{"scalar", tensor.Scalar[float32](1), []float32{17, 23}},
		{"one", iota[float32](t, 1), []float32{17, 23}},
		{"row", iota[float32](t, 2), []float32{17, 26}},
		{"column", iota[float32](t, 1, 1), []float32{17, 23}},
	} {
		got := opstest.Node(t, linear.Ops, node, 11, a, b, tt.c)
		t.Run(tt.name, func(t *testing.T) { expect(t, got[0], of(t, tt.want, 1, 2)) })
	}
	without := opstest.Node(t, linear.Ops, node, 11, a, b)
	expect(t, without[0], of(t, []float32{14, 20}, 1, 2))

	half := opstest.NewNode("Gemm", "", 3, 1, opstest.Float("alpha", 0.5), opstest.Float("beta", 1.5))
	ints := opstest.Node(t, linear.Ops, half, 13, iota[int32](t, 1, 2), iota[int32](t, 2, 1), of(t, []int32{4}, 1))
	expect(t, ints[0], of(t, []int32{8}, 1, 1)) // 0.5·5 + 1.5·4 = 8.5

	for _, bad := range []struct {
		a, b, c *tensor.Tensor
		want    string
	}{
		{iota[float32](t, 1, 2, 1), b, nil, "A has rank 3, expected 2"},
		{a, iota[float32](t, 2), nil, "B has rank 1, expected 2"},
		{a, b, iota[float32](t, 2, 1), "expected one that broadcasts to"},
		{a, b, iota[float32](t, 3), "do not broadcast"},
	} {
		inputs := []tensor.Value{bad.a, bad.b}
		if bad.c != nil {
			inputs = append(inputs, bad.c)
		}
		_, err := opstest.Try(linear.Ops, node, 11, inputs...)
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("got error %v, expected one with %q", err, bad.want)
		}
	}
}

// Expected values are those of numpy.einsum over 1, 2, ….
func TestEinsum(t *testing.T) {
	tests := []struct {
		equation string
		inputs   []tensor.Value
		want     *tensor.Tensor
	}{
		{"ij,jk", []tensor.Value{iota[float32](t, 2, 2), iota[float32](t, 2, 1)}, of(t, []float32{5, 11}, 2, 1)},
		{"ba", []tensor.Value{iota[float32](t, 2, 2)}, of(t, []float32{1, 3, 2, 4}, 2, 2)},
		{"ii", []tensor.Value{iota[int32](t, 2, 2)}, tensor.Scalar[int32](5)},
		{"...i,...i->...", []tensor.Value{iota[float64](t, 2, 2), iota[float64](t, 2)}, of(t, []float64{5, 11}, 2)},
		{"...ij,...jk->...ik", []tensor.Value{iota[float32](t, 2, 1, 1, 2), iota[float32](t, 3, 2, 1)}, of(t, []float32{5, 11, 17, 11, 25, 39}, 2, 3, 1, 1)},
		{"i,j,ij->", []tensor.Value{iota[float32](t, 2), iota[float32](t, 2), iota[float32](t, 2, 2)}, tensor.Scalar[float32](27)},
		{"i->", []tensor.Value{of(t, []float32{}, 0)}, tensor.Scalar[float32](0)},
		{"i j, k -> k i j", []tensor.Value{iota[float32](t, 1, 2), iota[float32](t, 2)}, of(t, []float32{1, 2, 2, 4}, 2, 1, 2)},
	}
	for _, tt := range tests {
		t.Run(tt.equation, func(t *testing.T) {
			node := opstest.NewNode("Einsum", "", len(tt.inputs), 1, opstest.Str("equation", tt.equation))
			expect(t, opstest.Node(t, linear.Ops, node, 12, tt.inputs...)[0], tt.want)
		})
	}
}

// Equations that are matrix products give in float32, through kernel/gemm, what
// they give in float64, index by index.
func TestEinsumProducts(t *testing.T) {
	for _, tt := range []struct {
		equation string
		a, b     []int
	}{
		{"bhid,bhjd->bhij", []int{2, 2, 3, 4}, []int{2, 2, 5, 4}},
		{"bhij,bhjd->bihd", []int{2, 2, 3, 4}, []int{2, 2, 4, 5}},
		{"bihd,bjhd->bhij", []int{2, 3, 2, 4}, []int{2, 5, 2, 4}},
		{"...ab,...bc->...ca", []int{3, 2, 4}, []int{3, 4, 5}},
		{"abc,cd->dab", []int{2, 3, 4}, []int{4, 5}},
		{"ijk,kji->i", []int{2, 3, 4}, []int{4, 3, 2}},
		{"i,j->ji", []int{3}, []int{4}},
		{"ij,ij->", []int{3, 4}, []int{3, 4}},
		{"ij,kj->ik", []int{3, 1}, []int{4, 1}},
		{"ij,jk->k", []int{3, 2}, []int{2, 4}}, // i is summed over alone: no product
		{"ij,jk->ik", []int{3, 0}, []int{0, 4}},
		{"ij,jk->ik", []int{3, 1}, []int{2, 4}}, // j broadcasts
	} {
		node := opstest.NewNode("Einsum", "", 2, 1, opstest.Str("equation", tt.equation))
		single := opstest.Node(t, linear.Ops, node, 12, iota[float32](t, tt.a...), iota[float32](t, tt.b...))
		double := opstest.Node(t, linear.Ops, node, 12, iota[float64](t, tt.a...), iota[float64](t, tt.b...))
		wide, ok := double[0].(*tensor.Tensor)
		if !ok {
			t.Fatalf("%s: the result is no tensor", tt.equation)
		}
		values, err := tensor.Data[float64](wide)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float32, len(values))
		for i, v := range values {
			want[i] = float32(v) // whole, and small enough to be exact
		}
		t.Run(tt.equation, func(t *testing.T) { expect(t, single[0], of(t, want, wide.Shape()...)) })
	}
}

func TestEinsumErrors(t *testing.T) {
	for equation, want := range map[string]string{
		"":          "is missing",
		"ij->k":     "which no term has",
		"ij->ii":    "twice",
		"i,j->ij":   "2 terms for 1 inputs",
		"ijk->i":    "does not fit its term",
		"i......->": "two ellipses",
		"i1->i":     "neither a letter",
		"ii->i":     "the same index has",
		"i..->i":    "neither a letter",
	} {
		node := opstest.NewNode("Einsum", "", 1, 1, opstest.Str("equation", equation))
		_, err := opstest.Try(linear.Ops, node, 12, iota[float32](t, 2, 3))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, expected one with %q", equation, err, want)
		}
	}
}

func TestMatMulInteger(t *testing.T) {
	node := opstest.NewNode("MatMulInteger", "", 4, 1)
	a, b := of(t, []uint8{1, 2, 255, 0}, 2, 2), of(t, []int8{1, -128, 2, 127}, 2, 2)
	got := opstest.Node(t, linear.Ops, node, 10, a, b)
	expect(t, got[0], of(t, []int32{5, 126, 255, -32640}, 2, 2))
	// rows less 1 and 5, columns less -1 and 2:
	// [0 1; 250 -5]·[2 -130; 3 125] = [3 125; 485 -33125]
	got = opstest.Node(t, linear.Ops, node, 10, a, b, of(t, []uint8{1, 5}, 2), of(t, []int8{-1, 2}, 2))
	expect(t, got[0], of(t, []int32{3, 125, 485, -33125}, 2, 2))
	// two matrices in a batch against one
	got = opstest.Node(t, linear.Ops, node, 10, of(t, []uint8{1, 2, 255, 0}, 2, 1, 2), b, tensor.Scalar[uint8](1))
	expect(t, got[0], of(t, []int32{2, 127, 252, -32639}, 2, 1, 2))

	_, err := opstest.Try(linear.Ops, node, 10, a, b, of(t, []uint8{1, 2, 3}, 3))
	if err == nil || !strings.Contains(err.Error(), "a_zero_point has 3 values") {
		t.Errorf("got error %v", err)
	}
}
