package ops

import (
	"fmt"
	"math"

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
	if d == tensor.String {
		size = min(n, math.MaxInt/stringBytes) * stringBytes
	}
	if limit > 0 && size > limit {
		return &LimitError{What: fmt.Sprintf("a tensor of %v%s", d, tensor.FormatShape(shape)), Bytes: size, Limit: limit}
	}
	return nil
}

// Recovered makes an error of what an operator panicked with: what a limit says
// is said as it is, anything else is a fault of the operator.
func Recovered(v any) error {
	if e, ok := v.(*LimitError); ok {
		return e
	}
	return fmt.Errorf("internal fault: %v", v)
}

// LimitError says that something would take more memory than it may.
type LimitError struct {
	What         string
	Bytes, Limit int
}

// Error names what it is, and both sizes.
func (e *LimitError) Error() string {
	return fmt.Sprintf("%s would take %d bytes, more than the limit of %d", e.What, e.Bytes, e.Limit)
}
