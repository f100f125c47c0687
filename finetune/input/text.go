package input

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Texts are texts cut into tokens.
type Texts struct {
	encodings []tokenizer.Encoding
	inputs    map[string]tensor.DType
	pad       int64
}

// The inputs that a language model may have.
var textInputs = []string{"input_ids", "attention_mask", "token_type_ids", "position_ids"}

// NewTexts cuts texts into tokens, at most so many of each (0: any number), for a
// model with those inputs.
func NewTexts(tok *tokenizer.Tokenizer, texts []string, most int, specs []runtime.ValueSpec) (*Texts, error) {
	t := &Texts{inputs: map[string]tensor.DType{}}
	for _, in := range specs {
		if in.Optional {
			continue
		}
		if !slices.Contains(textInputs, in.Name) {
			return nil, fmt.Errorf("input: the model has an input %q, expected some of %q", in.Name, textInputs)
		}
		t.inputs[in.Name] = tensor.Int64
		if in.Type != nil && in.Type.DType != tensor.Undefined {
			t.inputs[in.Name] = in.Type.DType
		}
	}
	opts := []tokenizer.Option{tokenizer.IDsOnly()}
	if most > 0 {
		opts = append(opts, tokenizer.WithTruncation(tokenizer.Truncation{MaxLength: most}))
	}
	if p, ok := tok.FilePadding(); ok {
		t.pad = p.ID
	}
	var err error
	t.encodings, err = tok.EncodeBatch(texts, opts...)
	return t, err
}

// Len is the number of texts.
func (t *Texts) Len() int { return len(t.encodings) }

// Size is the number of tokens of a text.
func (t *Texts) Size(i int) int { return len(t.encodings[i].IDs) }

// Batch makes inputs [rows, tokens of the longest], padded on the right.
func (t *Texts) Batch(rows []int) (map[string]tensor.Value, error) {
	width := 1
	for _, r := range rows {
		width = max(width, t.Size(r))
	}
	out := make(map[string]tensor.Value, len(t.inputs))
	for name, d := range t.inputs {
		values := make([]int64, len(rows)*width)
		for k, r := range rows {
			t.fill(values[k*width:(k+1)*width], name, r)
		}
		v, err := tensor.FromIndices(d, values, len(rows), width)
		if err != nil {
			return nil, fmt.Errorf("input: %q: %w", name, err)
		}
		out[name] = v
	}
	return out, nil
}

// fill writes one row of an input.
func (t *Texts) fill(row []int64, name string, r int) {
	e := &t.encodings[r]
	switch name {
	case "input_ids":
		for i := copy(row, e.IDs); i < len(row); i++ {
			row[i] = t.pad
		}
	case "attention_mask":
		copy(row, e.AttentionMask)
	case "token_type_ids":
		copy(row, e.TypeIDs)
	case "position_ids":
		for i := range row {
			row[i] = int64(i)
		}
	}
}
