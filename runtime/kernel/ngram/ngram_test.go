package ngram_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/ngram"
)

func TestCount(t *testing.T) {
	// 1-grams: a, b; 2-grams: ab, aa
	pool, err := ngram.NewPool([]string{"a", "b", "a", "b", "a", "a"}, []int{0, 2})
	if err != nil {
		t.Fatal(err)
	}
	seq := []string{"a", "b", "a", "a", "c", "b"}
	tests := []struct {
		lo, hi, skips int
		want          []int
	}{
		{1, 1, 0, []int{3, 2, 0, 0}},
		{1, 2, 0, []int{3, 2, 1, 1}},
		{2, 2, 0, []int{0, 0, 1, 1}},
		{2, 2, 1, []int{0, 0, 2, 2}}, // besides: a_a at 0, a_b at 3
		{1, 2, 5, []int{3, 2, 4, 3}}, // and a__a at 0, a__b at 2, a____b at 0
	}
	for _, tt := range tests {
		got := make([]int, pool.Len())
		pool.Count(got, seq, tt.lo, tt.hi, tt.skips)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d to %d items, %d skips: got %v, want %v", tt.lo, tt.hi, tt.skips, got, tt.want)
		}
	}
}

func TestNewPoolRefuses(t *testing.T) {
	for _, starts := range [][]int{{0, 2}, {0, 9}, {-1}, {3, 1}} {
		if _, err := ngram.NewPool([]int{1, 2, 3}, starts); starts[0] != 0 || starts[1] != 2 {
			if err == nil {
				t.Errorf("starts %v passed", starts)
			}
		} else if err == nil {
			t.Error("a 2-gram of one item passed")
		}
	}
}
