package input

import (
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Tokens is a text for a causal language model: a prompt, and an answer that is
// learnt.
type Tokens struct {
	IDs    []int64
	Prompt int // how many of the ids are the prompt
}

// Causal are texts for a causal language model. Its batches have labels, which
// are [loss.Ignore] for prompts and padding, and an empty past.
type Causal struct {
	examples []Tokens
	inputs   []*onnx.ValueInfo
}

// NewCausal makes batches for a model that takes input_ids and, where it has
// them, attention_mask, position_ids and a past.
func NewCausal(m *onnx.Model, examples []Tokens) (*Causal, error) {
	c := &Causal{examples: examples}
	for _, in := range m.Graph.Inputs {
		if m.Graph.Initializer(in.Name) != nil {
			continue
		}
		if in.Type == nil || in.Type.Shape == nil {
			return nil, fmt.Errorf("input: the model's input %q has no shape", in.Name)
		}
		switch {
		case in.Name == "input_ids", in.Name == "attention_mask", in.Name == "position_ids", strings.HasPrefix(in.Name, "past"):
			c.inputs = append(c.inputs, in)
		default:
			return nil, fmt.Errorf("input: the model has an input %q, which is none of a causal language model", in.Name)
		}
	}
	return c, nil
}

// Len is the number of texts.
func (c *Causal) Len() int { return len(c.examples) }

// Size is the number of tokens of a text.
func (c *Causal) Size(i int) int { return len(c.examples[i].IDs) }

// Batch pads texts on the right.
func (c *Causal) Batch(rows []int) (map[string]tensor.Value, error) {
	width := 0
	for _, r := range rows {
		width = max(width, c.Size(r))
	}
	out := map[string]tensor.Value{}
	for _, in := range c.inputs {
		v, err := c.one(in, rows, width)
		if err != nil {
			return nil, fmt.Errorf("input: %q: %w", in.Name, err)
		}
		out[in.Name] = v
	}
	labels := make([]int64, len(rows)*width)
	for k, r := range rows {
		e := c.examples[r]
		for i := range width {
			labels[k*width+i] = loss.Ignore
			if i >= e.Prompt && i < len(e.IDs) {
				labels[k*width+i] = e.IDs[i]
			}
		}
	}
	t, err := tensor.FromSlice(labels, len(rows), width)
	out["labels"] = t
	return out, err
}

// one makes one input of a batch.
func (c *Causal) one(in *onnx.ValueInfo, rows []int, width int) (tensor.Value, error) {
	if strings.HasPrefix(in.Name, "past") {
		shape := make([]int, len(in.Type.Shape.Dims))
		for i, d := range in.Type.Shape.Dims {
			switch {
			case i == 0:
				shape[i] = len(rows)
			case d.IsKnown():
				shape[i] = int(d.Value)
			}
		}
		return tensor.New(in.Type.DType, shape...)
	}
	values := make([]int64, len(rows)*width)
	for k, r := range rows {
		ids := c.examples[r].IDs
		row := values[k*width : (k+1)*width]
		for i := range row {
			switch {
			case in.Name == "position_ids":
				row[i] = int64(i)
			case i >= len(ids):
			case in.Name == "attention_mask":
				row[i] = 1
			default:
				row[i] = ids[i]
			}
		}
	}
	return tensor.FromIndices(in.Type.DType, values, len(rows), width)
}
