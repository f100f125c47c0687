package topk_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/topk"
)

// Against a stable sort of the whole line, with many equal elements.
func TestSelect(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ outer, n, k, inner int }{
		{1, 1, 1, 1}, {3, 50, 7, 1}, {2, 50, 50, 3}, {1, 3000, 1500, 2}, {4, 20, 0, 2}, {0, 5, 2, 3}, {2, 5, 1, 0},
	} {
		src := make([]int32, c.outer*c.n*c.inner)
		for i := range src {
			src[i] = r.Int32N(20)
		}
		for _, largest := range []bool{true, false} {
			values, indices := make([]int32, c.outer*c.k*c.inner), make([]int64, c.outer*c.k*c.inner)
			topk.Select(p, values, indices, src, c.outer, c.n, c.k, c.inner, largest)
			for l := range c.outer * c.inner {
				o, i := l/c.inner, l%c.inner
				order := make([]int, c.n)
				for j := range order {
					order[j] = j
				}
				slices.SortStableFunc(order, func(a, b int) int {
					d := cmp.Compare(src[(o*c.n+b)*c.inner+i], src[(o*c.n+a)*c.inner+i])
					if !largest {
						d = -d
					}
					return d
				})
				for j := range c.k {
					at := (o*c.k+j)*c.inner + i
					if int(indices[at]) != order[j] || values[at] != src[(o*c.n+order[j])*c.inner+i] {
						t.Fatalf("%+v, largest %t: line %d place %d is element %d, want %d", c, largest, l, j, indices[at], order[j])
					}
				}
			}
		}
	}
}

func ExampleSelect() {
	values, indices := make([]float32, 2), make([]int64, 2)
	topk.Select(nil, values, indices, []float32{0.1, 0.7, 0.2}, 1, 3, 2, 1, true)
	fmt.Println(values, indices)
	// Output: [0.7 0.2] [1 2]
}
