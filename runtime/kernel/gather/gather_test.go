package gather_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestBlocks(t *testing.T) {
	// two groups of [3,2]
	in := tensor.Vector[int16](0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121)
	out, err := tensor.New(tensor.Int16, 8)
	if err != nil {
		t.Fatal(err)
	}
	gather.Blocks(nil, cells.Dest(out), cells.Load(in), []int{2, 0}, 2, 2, 2, 6)
	got, err := tensor.Data[int16](out)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int16{20, 21, 0, 1, 120, 121, 100, 101}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBlocksInManyChunks(t *testing.T) {
	const groups, n, size = 7, 3000, 50
	src, places := make([]float64, groups*size), make([]int, n)
	for i := range src {
		src[i] = float64(i)
	}
	for i := range places {
		places[i] = i * 17 % size
	}
	in := tensor.Vector(src...)
	out, err := tensor.New(tensor.Float64, groups*n)
	if err != nil {
		t.Fatal(err)
	}
	workers := pool.New(3)
	defer workers.Close()
	gather.Blocks(workers, cells.Dest(out), cells.Load(in), places, 1, 1, groups, size)
	got, err := tensor.Data[float64](out)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got {
		if want := float64(i/n*size + places[i%n]); v != want {
			t.Fatalf("element %d is %v, want %v", i, v, want)
		}
	}
}
