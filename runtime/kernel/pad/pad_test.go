package pad_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pad"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestRun(t *testing.T) {
	const f = pad.Fill
	tests := []struct {
		name   string
		in     []int
		tables [][]int
		want   []uint8
	}{
		{"scalar", nil, nil, []uint8{1}},
		{"row", []int{3}, [][]int{{f, 0, 1, 2, f, f}}, []uint8{9, 1, 2, 3, 9, 9}},
		{"edge and cut", []int{3}, [][]int{{1, 1, 2, 2}}, []uint8{2, 2, 3, 3}},
		{"rows filled", []int{2, 2}, [][]int{{f, 1}, {1, 0, f}}, []uint8{9, 9, 9, 4, 3, 9}},
		{"last dimension whole", []int{3, 2}, [][]int{{2, f, 0}, {0, 1}}, []uint8{5, 6, 9, 9, 1, 2}},
		{"outer dimension", []int{2, 1, 2}, [][]int{{1}, {f, 0}, {0, 1}}, []uint8{9, 9, 3, 4}},
		{"only fill, from nothing", []int{0, 2}, [][]int{{f}, {0, 1}}, []uint8{9, 9}},
	}
	for _, tt := range tests {
		n := 1
		for _, d := range tt.in {
			n *= d
		}
		in := tensor.Vector([]uint8{1, 2, 3, 4, 5, 6}[:n]...)
		out, err := tensor.New(tensor.Uint8, len(tt.want))
		if err != nil {
			t.Fatal(err)
		}
		pad.Run(nil, cells.Dest(out), cells.Load(in), cells.Load(tensor.Vector[uint8](9)), tt.in, tt.tables)
		if got := out.Bytes(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
