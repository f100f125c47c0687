package matdims_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/matdims"
)

func TestOf(t *testing.T) {
	tests := []struct {
		a, b           []int
		transA, transB bool
		shape          []int // nil where it must fail
		m, n, k, batch int
		pairs          []int // which matrices of A and B each product takes, one after the other
	}{
		{[]int{2, 3}, []int{3, 4}, false, false, []int{2, 4}, 2, 4, 3, 1, []int{0, 0}},
		{[]int{3, 2}, []int{4, 3}, true, true, []int{2, 4}, 2, 4, 3, 1, []int{0, 0}},
		{[]int{3}, []int{3}, false, false, []int{}, 1, 1, 3, 1, []int{0, 0}},
		{[]int{5, 2, 3}, []int{3}, false, false, []int{5, 2}, 10, 1, 3, 1, []int{0, 0}},
		{[]int{3}, []int{2, 3, 4}, false, false, []int{2, 4}, 1, 4, 3, 2, []int{0, 0, 0, 1}},
		{[]int{2, 1, 1, 3}, []int{2, 3, 1}, false, false, []int{2, 2, 1, 1}, 1, 1, 3, 4, []int{0, 0, 0, 1, 1, 0, 1, 1}},
		{[]int{2, 3, 4}, []int{1, 4, 5}, false, false, []int{2, 3, 5}, 6, 5, 4, 1, []int{0, 0}},
		{[]int{2, 4, 3}, []int{4, 5}, true, false, []int{2, 3, 5}, 3, 5, 4, 2, []int{0, 0, 1, 0}},
		{[]int{1 << 40, 0, 3}, []int{3, 4}, false, false, []int{1 << 40, 0, 4}, 0, 4, 3, 0, nil},
		{a: []int{2, 3}, b: []int{2, 3}},
		{a: []int{}, b: []int{1}},
		{a: []int{2, 1, 1}, b: []int{3, 1, 1}},
		{a: []int{1 << 40, 0}, b: []int{0, 1 << 40}},
	}
	for _, tt := range tests {
		p, err := matdims.Of(tt.a, tt.b, tt.transA, tt.transB)
		if tt.shape == nil {
			if err == nil {
				t.Errorf("%v·%v: got %+v, expected an error", tt.a, tt.b, p)
			}
			continue
		}
		if err != nil {
			t.Errorf("%v·%v: %v", tt.a, tt.b, err)
			continue
		}
		var pairs []int
		for i := range p.Batch {
			a, b := p.At(i)
			pairs = append(pairs, a, b)
		}
		got := []int{p.M, p.N, p.K, p.Batch}
		if !slices.Equal(p.Shape, tt.shape) || !slices.Equal(got, []int{tt.m, tt.n, tt.k, tt.batch}) || !slices.Equal(pairs, tt.pairs) {
			t.Errorf("%v·%v: got %v, %v, %v; expected %+v", tt.a, tt.b, p.Shape, got, pairs, tt)
		}
	}
}

func ExampleInfer() {
	a := []onnx.Dim{onnx.Symbol("batch"), onnx.Symbol("sequence"), onnx.Known(64)}
	b := []onnx.Dim{onnx.Known(64), onnx.Known(10)}
	shape, err := matdims.Infer(a, b, false, false)
	fmt.Println(&onnx.Shape{Dims: shape}, err, matdims.Flops(shape, b[1:], false, false))
	// Output: [batch,sequence,10] <nil> 0
}
