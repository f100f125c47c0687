// Package text holds the operators on strings.
package text

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Ops lists the definitions of this family.
var Ops = slices.Concat(
	stringNormalizerDefs,
	regexFullMatchDefs,
	stringSplitDefs,
	stringConcatDefs,
	tfIdfVectorizerDefs,
)

// needStrings gives the elements of input i.
func needStrings(c *ops.Call, i int) (*tensor.Tensor, []string, error) {
	t, err := c.Need(i)
	if err != nil {
		return nil, nil, err
	}
	data, err := tensor.Data[string](t)
	if err != nil {
		return nil, nil, fmt.Errorf("input %d: %w", i, err)
	}
	return t, data, nil
}

// output makes output i and gives its elements.
func output[T tensor.Element](c *ops.Call, i int, shape ...int) ([]T, error) {
	t, err := c.Output(i, tensor.TypeOf[T](), shape...)
	if err != nil {
		return nil, err
	}
	return tensor.Data[T](t)
}
