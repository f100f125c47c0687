package strided_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// A transpose is a copy whose source strides are permuted.
func ExamplePlan_Run() {
	in, _ := tensor.FromSlice([]int32{1, 2, 3, 4, 5, 6}, 2, 3)
	out, _ := tensor.New(tensor.Int32, 3, 2)
	plan := strided.New([]int{3, 2}, []int{2, 1}, []int{1, 3}, 0, 0)
	plan.Run(nil, cells.Dest(out), cells.Load(in))
	values, _ := tensor.Data[int32](out)
	fmt.Println(values)
	// Output: [1 4 2 5 3 6]
}
