package softmax_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/softmax"
)

// Against the formula in float64, over contiguous and strided lines, in place.
func TestSoftmaxAndLog(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	for _, c := range []struct{ outer, n, inner int }{{1, 1, 1}, {5, 100, 1}, {130, 2, 1}, {9000, 3, 1}, {70, 15, 1}, {70, 16, 1}, {2, 7, 3}, {3, 4, 130}, {0, 3, 2}, {2, 0, 2}, {2, 3, 0}, {40, 1000, 1}} {
		src := make([]float32, c.outer*c.n*c.inner)
		for i := range src {
			src[i] = float32(math.Sin(float64(i))) * 200 // eˣ alone would overflow
		}
		soft, logs := append([]float32(nil), src...), append([]float32(nil), src...)
		softmax.Softmax(p, soft, soft, c.outer, c.n, c.inner)
		softmax.Log(p, logs, logs, c.outer, c.n, c.inner)
		for i, v := range src {
			first := i/(c.n*c.inner)*c.n*c.inner + i%c.inner
			sum := 0.0
			for k := range c.n {
				sum += math.Exp(float64(src[first+k*c.inner] - v))
			}
			if want := 1 / sum; math.Abs(float64(soft[i])-want) > 1e-6*want+1e-38 {
				t.Fatalf("%+v: softmax at %d is %g, want %g", c, i, soft[i], want)
			}
			if want := -math.Log(sum); math.Abs(float64(logs[i])-want) > 1e-6*math.Abs(want)+1e-6 {
				t.Fatalf("%+v: logarithm at %d is %g, want %g", c, i, logs[i], want)
			}
		}
	}
}

func ExampleSoftmax() {
	y := make([]float32, 3)
	softmax.Softmax(nil, y, []float32{0, 0, float32(math.Log(2))}, 1, 3, 1)
	fmt.Println(y)
	// Output: [0.25 0.25 0.5]
}
