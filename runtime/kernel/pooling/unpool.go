package pooling

import "fmt"

// Unpool puts each value of x at its index, counted within a tensor of shape
// inner, of a tensor y of shape outer, and zeros everywhere else. The two shapes
// have the same rank; a value whose place is not within outer, or whose index is
// not within inner, is an error.
func Unpool[T any](inner, outer []int, x []T, indices []int64, y []T) error {
	clear(y)
	size := 1
	for _, n := range inner {
		size *= n
	}
	for i, v := range x {
		at := int(indices[i])
		if at < 0 || at >= size {
			return fmt.Errorf("index %d is out of range for %d elements", at, size)
		}
		to, step := 0, 1
		for d := len(inner) - 1; d >= 0; d-- {
			c := at % inner[d]
			at /= inner[d]
			if c >= outer[d] {
				return fmt.Errorf("index %d lies beyond the output of %v", indices[i], outer)
			}
			to += c * step
			step *= outer[d]
		}
		y[to] = v
	}
	return nil
}
