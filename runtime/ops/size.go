package ops

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// stringBytes is what an empty string takes in memory.
const stringBytes = 16

// CheckSize fails where a tensor of that type and shape would take more than
// limit bytes; a limit of 0 is none.
func CheckSize(d tensor.DType, shape []int, limit int) error {
	n, err := tensor.NumElements(shape)
	if err != nil {
		return err
	}
	size, err := tensor.ByteSize(d, n)
	if err != nil {
		return err
	}
	if d == tensor.String && n <= limit/stringBytes {
		size = n * stringBytes
	} else if d == tensor.String && limit > 0 {
		size = limit + 1
	}
	if limit > 0 && size > limit {
		return fmt.Errorf("a tensor of %v%s is larger than the limit of %d bytes", d, tensor.FormatShape(shape), limit)
	}
	return nil
}
