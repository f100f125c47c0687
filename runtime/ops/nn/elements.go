package nn

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// inputs views the first inputs as elements of T; absent ones are nil.
func inputs[T tensor.Element](c *ops.Call, to [][]T) error {
	for i := range to {
		if t := c.Input(i); t != nil {
			var err error
			if to[i], err = tensor.Data[T](t); err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
		}
	}
	return nil
}

// output makes output i of elements of T; nil where the node does not want it.
func output[T tensor.Element](c *ops.Call, i int, shape []int) ([]T, error) {
	if !c.Wants(i) {
		return nil, nil
	}
	t, err := c.Output(i, tensor.TypeOf[T](), shape...)
	if err != nil {
		return nil, err
	}
	return tensor.Data[T](t)
}
