package finetune

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// features are what the frozen part of a model gives for each example, kept in
// memory.
type features struct {
	count  int
	values map[string]*feature
}

// feature is one value that crosses the cut: a row of numbers an example.
type feature struct {
	shape []int // of a row
	width int   // its elements
	rows  []float32
}

// Len is the number of examples.
func (f *features) Len() int { return f.count }

// Size is 1.
func (f *features) Size(int) int { return 1 }

// Batch picks the rows of some examples.
func (f *features) Batch(rows []int) (map[string]tensor.Value, error) {
	out := make(map[string]tensor.Value, len(f.values)+1)
	for name, v := range f.values {
		data := make([]float32, len(rows)*v.width)
		for k, r := range rows {
			copy(data[k*v.width:(k+1)*v.width], v.rows[r*v.width:(r+1)*v.width])
		}
		t, err := tensor.FromSlice(data, append([]int{len(rows)}, v.shape...)...)
		if err != nil {
			return nil, err
		}
		out[name] = t
	}
	return out, nil
}

// How large a run of the frozen part may be: enough rows to keep the kernels
// busy, few enough that activations stay near the processor.
const (
	mostSize = 4096 // of all examples, padding counted
	mostRows = 64
)

// extract runs the frozen part over every example. fixed is the number of rows
// that the model wants, 0 for any.
func extract(ctx context.Context, s runtime.Session, e input.Encoder, fixed int, done func(n int)) (*features, error) {
	f := &features{count: e.Len(), values: map[string]*feature{}}
	finished := 0
	for _, rows := range batches(e, fixed) {
		inputs, err := e.Batch(rows)
		if err != nil {
			return nil, err
		}
		out, err := s.Run(ctx, inputs)
		if err != nil {
			return nil, fmt.Errorf("finetune: features: %w", err)
		}
		for name, v := range out {
			if err := f.keep(name, v, rows); err != nil {
				return nil, err
			}
		}
		finished += len(rows)
		done(finished)
	}
	return f, nil
}

// batches puts examples of about the same size together, the largest first, so
// that memory runs out early if it does.
func batches(e input.Encoder, fixed int) [][]int {
	order := make([]int, e.Len())
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(e.Size(b), e.Size(a)) })
	var list [][]int
	for len(order) > 0 {
		n := min(max(mostSize/max(e.Size(order[0]), 1), 1), mostRows, len(order))
		if fixed > 0 {
			n = min(fixed, len(order))
		}
		list, order = append(list, order[:n]), order[n:]
	}
	return list
}

// keep stores an output, a row for each example.
func (f *features) keep(name string, v tensor.Value, rows []int) error {
	t, ok := v.(*tensor.Tensor)
	if !ok || t.Rank() < 1 || t.Dim(0) != len(rows) {
		return fmt.Errorf("finetune: feature %q is %v, expected %d rows", name, v, len(rows))
	}
	data, err := tensor.Data[float32](t)
	if err != nil {
		return fmt.Errorf("finetune: feature %q: %w", name, err)
	}
	x := f.values[name]
	if x == nil {
		x = &feature{shape: slices.Clone(t.Shape()[1:]), width: len(data) / len(rows)}
		x.rows = make([]float32, x.width*f.count)
		f.values[name] = x
	}
	if len(data) != x.width*len(rows) {
		return fmt.Errorf("finetune: feature %q is %v, expected rows of %d elements", name, t, x.width)
	}
	for k, r := range rows {
		copy(x.rows[r*x.width:(r+1)*x.width], data[k*x.width:(k+1)*x.width])
	}
	return nil
}

// labelled is an encoder whose batches have the labels.
type labelled struct {
	input.Encoder
	labels []int64
}

// labelsInput is the input that the labels of a batch are given to.
const labelsInput = "labels"

// Batch is the batch with its labels.
func (l labelled) Batch(rows []int) (map[string]tensor.Value, error) {
	out, err := l.Encoder.Batch(rows)
	if err != nil {
		return nil, err
	}
	values := make([]int64, len(rows))
	for k, r := range rows {
		values[k] = l.labels[r]
	}
	out[labelsInput] = tensor.Vector(values...)
	return out, nil
}
