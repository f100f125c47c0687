package nonzero_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/nonzero"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestPlaces(t *testing.T) {
	negative := math.Copysign(0, -1)
	fp4, err := tensor.Pack(tensor.Float4E2M1, []int8{0, 8, 1, 9}, 4) // 0, -0, ½, -½
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		in   *tensor.Tensor
		want []int
	}{
		{tensor.Vector(0, negative, 1, math.NaN()), []int{2, 3}},
		{tensor.Vector[float32](0, float32(negative), -1), []int{2}},
		{tensor.Vector[tensor.F16](0, 0x8000, 1), []int{2}},
		{tensor.Vector[tensor.F8E5M2](0, 0x80, 1), []int{2}},
		{tensor.Vector[tensor.F8E5M2FNUZ](0, 0x80, 1), []int{1, 2}}, // 0x80 is NaN there
		{tensor.Vector[int64](0, math.MinInt64, 1), []int{1, 2}},
		{tensor.Vector[uint8](0, 0x80), []int{1}},
		{tensor.Vector(true, false, true), []int{0, 2}},
		{tensor.Vector(complex(0, negative), complex(0, 1)), []int{1}},
		{tensor.Vector(complex(float32(negative), 0), complex(float32(2), 0)), []int{1}},
		{tensor.Vector("", "a"), []int{1}},
		{fp4, []int{2, 3}},
		{tensor.Vector[int32](), nil},
	}
	for _, tt := range tests {
		if got := nonzero.Places(cells.Load(tt.in), tt.in.DType()); !slices.Equal(got, tt.want) {
			t.Errorf("%v: got %v, want %v", tt.in, got, tt.want)
		}
	}
}
