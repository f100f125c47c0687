package rotary_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/kernel/rotary"
)

// Two vectors of five elements, of which four are turned: the first by nothing,
// the second by a right angle.
func ExampleRun() {
	x := []float32{1, 2, 3, 4, 5, 1, 2, 3, 4, 5}
	y := make([]float32, len(x))
	for _, interleaved := range []bool{false, true} {
		rotary.Run(nil, &rotary.Args[float32]{
			Batch: 1, Heads: 1, Rows: 2, Size: 5, Rotated: 4, Interleaved: interleaved,
			X: attention.HeadsFirst(x, 1, 2, 5), Y: attention.HeadsFirst(y, 1, 2, 5),
			Cos: []float32{1, 1, 0, 0}, Sin: []float32{0, 0, 1, 1},
			Position: func(_, i int) int { return i },
		})
		fmt.Println(y)
	}
	// Output:
	// [1 2 3 4 5 -3 -4 1 2 5]
	// [1 2 3 4 5 -2 1 -4 3 5]
}
