package scatter_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/scatter"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestBlocksTakesTheLast(t *testing.T) {
	dst := []string{"", "", "", ""}
	out := tensor.Vector(dst...)
	scatter.Blocks(cells.Dest(out), cells.Load(tensor.Vector("a", "b", "c", "d")), []int{2, 2}, 2)
	got, err := tensor.Data[string](out)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReduce(t *testing.T) {
	tests := []struct {
		r    scatter.Reduction
		want []int8
	}{
		{scatter.None, []int8{3, 5, 100}},
		{scatter.Add, []int8{9, 5, -56}}, // 100 + 100 wraps
		{scatter.Mul, []int8{24, 5, 16}}, // 10,000 mod 256
		{scatter.Max, []int8{4, 5, 100}},
		{scatter.Min, []int8{2, 5, 100}},
	}
	for _, tt := range tests {
		got := []int8{2, 5, 100}
		scatter.Reduce(got, []int8{4, 3, 100}, []int{0, 0, 2}, 1, tt.r)
		if !slices.Equal(got, tt.want) {
			t.Errorf("reduction %d: got %v, want %v", tt.r, got, tt.want)
		}
	}
}

func TestReduceNaN(t *testing.T) {
	nan := float32(math.NaN())
	for _, r := range []scatter.Reduction{scatter.Add, scatter.Mul, scatter.Max, scatter.Min} {
		got := []float32{1, nan}
		scatter.Reduce(got, []float32{nan, 1}, []int{0}, 2, r)
		if got[0] == got[0] || got[1] == got[1] {
			t.Errorf("reduction %d of NaN gives %v", r, got)
		}
	}
}

func TestReduceAs(t *testing.T) {
	got := []tensor.F16{tensor.F16From(1), tensor.F16From(2)}
	add := []tensor.F16{tensor.F16From(0.5), tensor.F16From(4)}
	scatter.ReduceAs(got, add, []int{0}, 2, scatter.Add, tensor.F16.Float32, tensor.F16From)
	if got[0].Float32() != 1.5 || got[1].Float32() != 6 {
		t.Errorf("got %v and %v, want 1.5 and 6", got[0].Float32(), got[1].Float32())
	}
}
