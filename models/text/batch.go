package text

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// How large a run may be: enough rows to keep the kernels busy, few enough that the
// activations stay near the processor.
const (
	defaultBatchTokens = 4096
	mostRows           = 64
)

// TooLongError is a text that the model has no room for.
type TooLongError struct {
	Index  int // of the text
	Tokens int // that it has, special ones counted
	Most   int // that the model takes
}

// Error is one line.
func (e *TooLongError) Error() string {
	return fmt.Sprintf("text: text %d has %d tokens, and the model takes %d: shorten it, or say that it shall be cut", e.Index+1, e.Tokens, e.Most)
}

// encode cuts texts into tokens. Those that are too long are cut to the limit if cut says
// so, and else are an error.
func (m *Model) encode(texts []string, limit int, cut bool) (encodings []tokenizer.Encoding, truncated []bool, err error) {
	var opts []tokenizer.Option
	if cut && limit > 0 {
		opts = append(opts, tokenizer.WithTruncation(tokenizer.Truncation{MaxLength: limit}))
	}
	if encodings, err = m.Tokenizer.EncodeBatch(texts, opts...); err != nil {
		return nil, nil, err
	}
	truncated, err = checkLengths(encodings, limit)
	return encodings, truncated, err
}

// encodePairs is encode for pairs of texts, of which the second is cut.
func (m *Model) encodePairs(pairs [][2]string, cut bool) ([]tokenizer.Encoding, error) {
	var opts []tokenizer.Option
	if cut && m.MaxTokens > 0 {
		opts = append(opts, tokenizer.WithTruncation(tokenizer.Truncation{MaxLength: m.MaxTokens, Strategy: tokenizer.OnlySecond}))
	}
	encodings, err := m.Tokenizer.EncodePairBatch(pairs, opts...)
	if err != nil {
		return nil, err
	}
	_, err = checkLengths(encodings, m.MaxTokens)
	return encodings, err
}

func checkLengths(encodings []tokenizer.Encoding, limit int) (truncated []bool, err error) {
	truncated = make([]bool, len(encodings))
	for i := range encodings {
		if n := encodings[i].Len(); limit > 0 && n > limit {
			return nil, &TooLongError{Index: i, Tokens: n, Most: limit}
		}
		truncated[i] = len(encodings[i].Overflowing) > 0
	}
	return truncated, nil
}

// batch is one run: the texts that are in it, and what came out.
type batch struct {
	rows    []int // which text each row is
	width   int   // tokens of a row, padding counted
	outputs map[string]tensor.Value
}

// each runs the texts in micro-batches of about the same length, the longest first, so
// that memory runs out early if it does, and calls use after each run.
func (m *Model) each(ctx context.Context, encodings []tokenizer.Encoding, use func(b *batch) error) error {
	order := make([]int, len(encodings))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return encodings[b].Len() - encodings[a].Len() })
	budget := m.BatchTokens
	if budget == 0 {
		budget = defaultBatchTokens
	}
	for len(order) > 0 {
		width := encodings[order[0]].Len()
		n := min(max(budget/max(width, 1), 1), mostRows, len(order))
		if m.OneByOne {
			n = 1
		}
		b := &batch{rows: order[:n], width: width}
		order = order[n:]
		if width == 0 {
			return fmt.Errorf("text: text %d has no tokens", b.rows[0]+1)
		}
		inputs, err := m.inputsOf(encodings, b)
		if err != nil {
			return err
		}
		if b.outputs, err = m.Session.Run(ctx, inputs); err != nil {
			return err
		}
		if err := use(b); err != nil {
			return err
		}
	}
	return nil
}

// inputsOf makes the inputs of a run, each [rows, width], padded on the right.
func (m *Model) inputsOf(encodings []tokenizer.Encoding, b *batch) (map[string]tensor.Value, error) {
	inputs := map[string]tensor.Value{}
	for name, dtype := range m.inputs {
		values := make([]int64, len(b.rows)*b.width)
		for r, at := range b.rows {
			row := values[r*b.width : (r+1)*b.width]
			e := &encodings[at]
			switch name {
			case inputIDs:
				for i := copy(row, e.IDs); i < len(row); i++ {
					row[i] = m.pad
				}
			case inputMask:
				copy(row, e.AttentionMask)
			case inputTypes:
				copy(row, e.TypeIDs)
			case inputPlace:
				for i := range row {
					row[i] = int64(i)
				}
			}
		}
		t, err := integers(dtype, values, len(b.rows), b.width)
		if err != nil {
			return nil, fmt.Errorf("text: input %q: %w", name, err)
		}
		inputs[name] = t
	}
	return inputs, nil
}

// integers makes a tensor of the type that an input has, float32 among them.
func integers(d tensor.DType, values []int64, shape ...int) (*tensor.Tensor, error) {
	if d != tensor.Float32 {
		return tensor.FromIndices(d, values, shape...)
	}
	real := make([]float32, len(values))
	for i, v := range values {
		real[i] = float32(v)
	}
	return tensor.FromSlice(real, shape...)
}

// floats returns an output of the run as float32, and its shape. The first dimension is
// that of the texts.
func (b *batch) floats(name string, rank int) ([]float32, []int, error) {
	t, ok := b.outputs[name].(*tensor.Tensor)
	if !ok {
		return nil, nil, fmt.Errorf("text: output %q is not there, or no tensor", name)
	}
	shape := t.Shape()
	if len(shape) != rank || shape[0] != len(b.rows) {
		return nil, nil, fmt.Errorf("text: output %q has shape %s, expected %d dimensions, the first of %d texts", name, tensor.FormatShape(shape), rank, len(b.rows))
	}
	if t.DType() == tensor.Float32 {
		data, err := tensor.Data[float32](t)
		return data, shape, err
	}
	wide, err := tensor.Float64s(t)
	if err != nil {
		return nil, nil, fmt.Errorf("text: output %q: %w", name, err)
	}
	data := make([]float32, len(wide))
	for i, v := range wide {
		data[i] = float32(v)
	}
	return data, shape, nil
}
