package unique_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/unique"
)

func TestRows(t *testing.T) {
	keys := []int{2, 1, 1, 3, 4, 3}
	got := unique.Rows(keys, 6, true)
	want := unique.Result{First: []int{1, 0, 3, 4}, Inverse: []int{1, 0, 0, 2, 3, 2}, Counts: []int{2, 1, 2, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sorted: got %v, want %v", got, want)
	}
	got = unique.Rows(keys, 6, false)
	want = unique.Result{First: []int{0, 1, 3, 4}, Inverse: []int{0, 1, 1, 2, 3, 2}, Counts: []int{1, 2, 2, 1}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in order: got %v, want %v", got, want)
	}
}

func TestRowsOfSeveral(t *testing.T) {
	got := unique.Rows([]string{"b", "a", "a", "b", "b", "a"}, 3, true)
	want := unique.Result{First: []int{1, 0}, Inverse: []int{1, 0, 1}, Counts: []int{1, 2}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRowsNaN(t *testing.T) {
	nan := math.NaN()
	got := unique.Rows([]float64{nan, math.Inf(1), nan, -1}, 4, true)
	want := unique.Result{First: []int{3, 1, 0}, Inverse: []int{2, 1, 2, 0}, Counts: []int{1, 1, 2}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRowsEmpty(t *testing.T) {
	if got := unique.Rows[int](nil, 0, true); len(got.First)+len(got.Inverse)+len(got.Counts) != 0 {
		t.Errorf("got %v", got)
	}
	// rows of no elements are all the same
	if got := unique.Rows[int](nil, 3, false); len(got.First) != 1 || got.Counts[0] != 3 {
		t.Errorf("got %v", got)
	}
}
