package nms_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/nms"
)

func TestSelect(t *testing.T) {
	// by corners: box 1 covers half of box 0 and a quarter of its own beyond it, an
	// overlap of ½ / 1½; box 2 touches neither; box 3 is empty
	corners := []float32{0, 0, 1, 1, 0.5, 0, 1.5, 1, 2, 2, 3, 3, 5, 5, 5, 6}
	scores := []float32{0.9, 0.8, 0.7, 0.6}
	tests := []struct {
		name string
		p    nms.Params
		want []int
	}{
		{"overlap above", nms.Params{Max: 9, Overlap: 0.3}, []int{0, 2, 3}},
		{"overlap below", nms.Params{Max: 9, Overlap: 0.34}, []int{0, 1, 2, 3}},
		{"at most one", nms.Params{Max: 1, Overlap: 0.3}, []int{0}},
		{"a score that is no more", nms.Params{Max: 9, Overlap: 0.3, Score: 0.7, Filter: true}, []int{0}},
		{"none", nms.Params{Overlap: 0.3}, nil},
	}
	for _, tt := range tests {
		if got := tt.p.Select(nil, corners, scores); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	// the same boxes about their centres
	centres := []float32{0.5, 0.5, 1, 1, 0.5, 1, 1, 1, 2.5, 2.5, 1, 1, 5.5, 5, 1, 0}
	p := nms.Params{Max: 9, Overlap: 0.3, ByCentre: true}
	if got := p.Select([]int{7}, centres, scores); !slices.Equal(got, []int{7, 0, 2, 3}) {
		t.Errorf("about centres: %v", got)
	}
}
