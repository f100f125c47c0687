// Package input turns examples into the inputs of a model: texts into tokens,
// pictures into pixels.
package input

import "github.com/seed6700ada1/infer/runtime/tensor"

// Encoder makes the inputs of a run from some of a list of examples.
type Encoder interface {
	// Len is the number of examples.
	Len() int
	// Size is how much work an example is, in units of its kind: examples of the
	// same size are best run together.
	Size(i int) int
	// Batch makes the inputs of the examples, a row each.
	Batch(rows []int) (map[string]tensor.Value, error)
}
