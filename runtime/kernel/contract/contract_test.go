package contract_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/contract"
)

// The product of a 2×3 and a 3×2 matrix: rows and columns are kept, the index
// between them is summed over.
func ExampleSum() {
	out := make([]int32, 4)
	contract.Sum(nil, out, []int{2, 2}, []int{3}, []contract.Operand[int32]{
		{Data: []int32{1, 2, 3, 4, 5, 6}, Keep: []int{3, 0}, Sum: []int{1}},
		{Data: []int32{1, 0, 0, 1, 1, 1}, Keep: []int{0, 1}, Sum: []int{2}},
	})
	fmt.Println(out)
	// Output: [4 5 10 11]
}

// Three factors and two summed indices: Σ a[i]·b[j]·c[i,j].
func ExampleSum_threeOperands() {
	out := make([]float64, 1)
	contract.Sum(nil, out, nil, []int{2, 2}, []contract.Operand[float64]{
		{Data: []float64{1, 2}, Sum: []int{1, 0}},
		{Data: []float64{3, 4}, Sum: []int{0, 1}},
		{Data: []float64{5, 6, 7, 8}, Sum: []int{2, 1}},
	})
	fmt.Println(out) // 1·3·5 + 1·4·6 + 2·3·7 + 2·4·8
	// Output: [145]
}
