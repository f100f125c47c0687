package reduce_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/reduce"
)

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// sumOf is the definition: each input element is added to its output element.
func sumOf(src []float32, shape []int, reduced []bool) []float32 {
	n := 1
	for i, d := range shape {
		if !reduced[i] {
			n *= d
		}
	}
	acc := make([]float64, n)
	for i, v := range src {
		out, stride, rest := 0, 1, i
		for k := len(shape) - 1; k >= 0; k-- {
			place := rest % shape[k]
			rest /= shape[k]
			if !reduced[k] {
				out += place * stride
				stride *= shape[k]
			}
		}
		acc[out] += float64(v)
	}
	sums := make([]float32, n)
	for i, v := range acc {
		sums[i] = float32(v)
	}
	return sums
}

// Every subset of axes of some shapes, with small whole numbers, whose sums are
// exact in any order.
func TestSumOverAxes(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	for _, shape := range [][]int{{}, {7}, {3, 4}, {2, 3, 4, 5}, {1, 3, 1, 2}, {2, 0, 3}, {300, 500}, {3, 1000}} {
		src := make([]float32, product(shape))
		for i := range src {
			src[i] = float32(i % 97)
		}
		for mask := range 1 << len(shape) {
			reduced := make([]bool, len(shape))
			for i := range reduced {
				reduced[i] = mask>>i&1 == 1
			}
			want := sumOf(src, shape, reduced)
			plan := reduce.NewPlan(shape, reduced)
			if plan.Len() != len(want) {
				t.Fatalf("%v %v: %d outputs, want %d", shape, reduced, plan.Len(), len(want))
			}
			got := make([]float32, len(want))
			reduce.Sum[float32, float64]().Run(p, &plan, got, src)
			if !slices.Equal(got, want) {
				t.Fatalf("%v %v: got %v, want %v", shape, reduced, got, want)
			}
		}
	}
}

func folded[A any](t *testing.T, f reduce.Fold[float32, A, float32], src ...float32) float32 {
	t.Helper()
	plan := reduce.NewPlan([]int{len(src)}, []bool{true})
	got := make([]float32, 1)
	f.Run(nil, &plan, got, src)
	return got[0]
}

func TestFolds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	same := func(name string, got, want float32) {
		t.Helper()
		if got != want && (got == got || want == want) {
			t.Errorf("%s is %g, want %g", name, got, want)
		}
	}
	same("mean of nothing", folded(t, reduce.Mean[float32, float64]()), nan)
	same("product of nothing", folded(t, reduce.Prod[float32, float64]()), 1)
	same("logarithm of the sum of nothing", folded(t, reduce.LogSum[float32]()), -inf)
	same("log-sum-exp of nothing", folded(t, reduce.LogSumExp[float32]()), -inf)
	same("largest of nothing", folded(t, reduce.Max(-inf)), -inf)
	same("largest with NaN", folded(t, reduce.Max(-inf), 1, nan, 2), nan)
	same("smallest with NaN", folded(t, reduce.Min(inf), 1, nan, 2), nan)
	same("L1", folded(t, reduce.L1[float32, float64](), 1, -2, 3), 6)
	same("L2", folded(t, reduce.L2[float32](), 3, -4), 5)
	same("sum of squares", folded(t, reduce.SumSquare[float32, float64](), 1, 2, 3), 14)
	same("log-sum-exp of large", folded(t, reduce.LogSumExp[float32](), 1000, 1000), 1000+math.Ln2)
	same("log-sum-exp of -∞", folded(t, reduce.LogSumExp[float32](), -inf, 0), 0)
	same("log-sum-exp of ∞", folded(t, reduce.LogSumExp[float32](), inf, inf), inf)
	same("log-sum-exp of NaN", folded(t, reduce.LogSumExp[float32](), 1, nan), nan)
	// 2²⁴ + 1 + 1: float32 alone would lose both ones
	same("sum", folded(t, reduce.Sum[float32, float64](), 1<<24, 1, 1), 1<<24+2)
}

func TestArg(t *testing.T) {
	src := []float32{1, 5, 5, float32(math.NaN()), 2, float32(math.NaN())}
	for _, c := range []struct {
		n    int
		last bool
		want int64
	}{{3, false, 1}, {3, true, 2}, {6, false, 3}, {6, true, 5}} {
		got := make([]int64, 1)
		reduce.Arg(nil, got, src[:c.n], 1, c.n, 1, c.last, reduce.Larger[float32])
		if got[0] != c.want {
			t.Errorf("of %v (last: %t): %d, want %d", src[:c.n], c.last, got[0], c.want)
		}
	}
	got := make([]int64, 2) // columns of [[1 8] [7 2] [0 9]]
	reduce.Arg(nil, got, []float32{1, 8, 7, 2, 0, 9}, 1, 3, 2, false, reduce.Smaller[float32])
	if !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("columns: %v", got)
	}
}

func ExampleFold_Run() {
	plan := reduce.NewPlan([]int{2, 3}, []bool{true, false})
	sums := make([]float32, plan.Len())
	reduce.Sum[float32, float64]().Run(nil, &plan, sums, []float32{1, 2, 3, 10, 20, 30})
	fmt.Println(sums)
	// Output: [11 22 33]
}
