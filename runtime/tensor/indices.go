package tensor

import "fmt"

// FromIndices makes a tensor of tokens, positions or places in the one of the two
// types that models take them in: int64, over values without copying them, or int32.
// Values beyond int32 wrap there.
func FromIndices(d DType, values []int64, shape ...int) (*Tensor, error) {
	switch d {
	case Int64:
		return FromSlice(values, shape...)
	case Int32:
		narrow := make([]int32, len(values))
		for i, v := range values {
			narrow[i] = int32(v)
		}
		return FromSlice(narrow, shape...)
	}
	return nil, fmt.Errorf("elements of %v, expected int64 or int32", d)
}
