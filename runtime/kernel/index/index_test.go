package index_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/index"
)

func TestAxis(t *testing.T) {
	got := make([]int, 4)
	if err := index.Axis(got, []int32{0, 2, -1, -3}, 3); err != nil || !slices.Equal(got, []int{0, 2, 2, 0}) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []int64{3, -4, 1 << 62, -1 << 63} {
		if err := index.Axis(got, []int64{bad}, 3); err == nil {
			t.Errorf("index %d of a dimension of 3 passed", bad)
		}
	}
	if err := index.Axis(got, []int64{0}, 0); err == nil {
		t.Error("index 0 of an empty dimension passed")
	}
}

func TestElements(t *testing.T) {
	got := make([]int, 4)
	// data [3,4], indices [2,2] along axis 0: column k of row index
	if err := index.Elements(got, []int64{2, -1, 0, 1}, []int{2, 2}, []int{3, 4}, 0); err != nil || !slices.Equal(got, []int{8, 9, 0, 5}) {
		t.Errorf("axis 0: got %v, %v", got, err)
	}
	// along axis 1: row i, column index
	if err := index.Elements(got, []int32{3, 0, -4, 2}, []int{2, 2}, []int{3, 4}, 1); err != nil || !slices.Equal(got, []int{3, 0, 4, 6}) {
		t.Errorf("axis 1: got %v, %v", got, err)
	}
	if err := index.Elements(got, []int64{0, 0, 0, 4}, []int{2, 2}, []int{3, 4}, 1); err == nil {
		t.Error("index 4 of a dimension of 4 passed")
	}
	if err := index.Elements[int64](nil, nil, []int{2, 0}, []int{3, 4}, 1); err != nil {
		t.Errorf("no indices: %v", err)
	}
}

func TestTuples(t *testing.T) {
	got := make([]int, 2)
	// blocks of 5 in [3,4,5]
	if err := index.Tuples(got, []int64{2, 1, 0, -1}, []int{3, 4}, 5, 1, 0); err != nil || !slices.Equal(got, []int{45, 15}) {
		t.Errorf("got %v, %v", got, err)
	}
	// two batches of [3,5], blocks of 5, one tuple each
	if err := index.Tuples(got, []int64{2, 1}, []int{3}, 5, 2, 15); err != nil || !slices.Equal(got, []int{10, 20}) {
		t.Errorf("batches: got %v, %v", got, err)
	}
	if err := index.Tuples(got, []int64{2, 4, 0, 0}, []int{3, 4}, 5, 1, 0); err == nil {
		t.Error("index 4 of a dimension of 4 passed")
	}
}
