package main

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"path/filepath"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// shape is the size of a student.
type shape struct{ vocab, width, inner, heads int }

// The inputs and the output, under the names that programs look for.
const (
	idsInput  = "input_ids"          // [batch, sequence]
	maskInput = "attention_mask"     // [batch, sequence]
	output    = "sentence_embedding" // [batch, dimension], of length one
)

// weightShapes are those of the weights, in their order.
func (s shape) weightShapes() []struct {
	name string
	dims []int
} {
	type w = struct {
		name string
		dims []int
	}
	return []w{
		{"embeddings", []int{s.vocab, s.width}},
		{"mix.before", []int{s.width, s.width}},
		{"mix.here", []int{s.width, s.width}},
		{"mix.after", []int{s.width, s.width}},
		{"mix.bias", []int{s.width}},
		{"pool.query", []int{s.width, s.heads}},
		{"inner.weight", []int{s.width, s.inner}},
		{"inner.bias", []int{s.inner}},
		{"out.weight", []int{s.inner, dimension}},
		{"out.bias", []int{dimension}},
	}
}

// start draws the weights.
func (s shape) start(seed uint64) (map[string]*tensor.Tensor, []string, error) {
	random := rand.New(rand.NewPCG(seed, 2))
	weights := map[string]*tensor.Tensor{}
	var names []string
	for _, w := range s.weightShapes() {
		n := 1
		for _, d := range w.dims {
			n *= d
		}
		values := make([]float32, n)
		if len(w.dims) == 2 { // biases are 0 at first
			limit := 1 / math.Sqrt(float64(w.dims[0]))
			if w.name == "embeddings" {
				limit = 0.3
			}
			for i := range values {
				values[i] = float32(random.NormFloat64() * limit)
			}
		}
		t, err := tensor.FromSlice(values, w.dims...)
		if err != nil {
			return nil, nil, err
		}
		weights[w.name], names = t, append(names, w.name)
	}
	return weights, names, nil
}

// student is the encoder: the vector of each piece; what its neighbours add to it; a mean
// over the pieces, for each head weighed in its own way; and two layers behind.
//
//	x = e + gelu(e₋₁·A + e·B + e₊₁·C + b)   p = Σ softmax(x·q)·x   y = W₂·gelu(W₁·p)
func (s shape) student(weights map[string]*tensor.Tensor) (*onnx.Model, error) {
	const opset = 17
	m := &onnx.Model{
		IRVersion: 8, ProducerName: "infer", Opsets: []onnx.OpsetID{{Version: opset}},
		Graph: &onnx.Graph{Name: "sentence-mini"},
	}
	b, err := emit.New(m)
	if err != nil {
		return nil, err
	}
	batch, sequence := onnx.Symbol("batch"), onnx.Symbol("sequence")
	ids, mask := b.Input(idsInput, tensor.Int64, batch, sequence), b.Input(maskInput, tensor.Int64, batch, sequence)
	w := map[string]string{}
	for _, x := range s.weightShapes() {
		w[x.name] = b.Initializer(x.name, weights[x.name])
	}
	keep := b.Unsqueeze(b.Cast(mask, tensor.Float32), 2) // [batch, sequence, 1]
	e := b.Mul(b.Gather(w["embeddings"], ids, 0), keep)  // [batch, sequence, width]
	const end = 1 << 62
	before := b.Slice(b.Pad(e, 0, 1, 0, 0, 0, 0), 1, 0, -1)
	after := b.Slice(b.Pad(e, 0, 0, 0, 0, 1, 0), 1, 1, end)
	mixed := b.Add(b.Add(b.MatMul(before, w["mix.before"]), b.MatMul(e, w["mix.here"])), b.MatMul(after, w["mix.after"]))
	x := b.Add(e, adapt.Gelu(b, b.Add(mixed, w["mix.bias"])))
	const far = 1e4
	scores := b.Add(b.MatMul(x, w["pool.query"]), b.Scale(b.Sub(keep, b.Scalar(keep, 1)), far)) // [batch, sequence, heads]
	share := b.Softmax(scores, 1)
	size := s.width / s.heads
	parts := b.Mul(b.ReshapeTo(x, 0, 0, s.heads, size), b.Unsqueeze(share, 3))
	p := b.ReshapeTo(b.ReduceSum(parts, []int{1}, false), 0, s.width)
	y := adapt.Gelu(b, b.Add(b.MatMul(p, w["inner.weight"]), w["inner.bias"]))
	y = b.Add(b.MatMul(y, w["out.weight"]), w["out.bias"])
	b.Output(output, adapt.Unit(b, y, 1))
	m.Graph.Outputs[0].Type = onnx.TensorOf(tensor.Float32, batch, onnx.Known(dimension))
	return m, b.Err()
}

// longest is how many pieces a text may have.
const longest = 128

// export writes the model and its configuration.
func export(dir string, s shape, weights map[string]*tensor.Tensor) error {
	m, err := s.student(weights)
	if err != nil {
		return err
	}
	if err := onnx.Check(m); err != nil {
		return err
	}
	if err := onnx.Save(filepath.Join(dir, "model.onnx"), m, onnx.SaveOptions{}); err != nil {
		return err
	}
	for name, content := range map[string]any{
		"config.json": map[string]any{
			"architectures": []string{"SentenceMiniModel"}, "model_type": "sentence-mini", "hidden_size": dimension,
			"vocab_size": s.vocab, "max_position_embeddings": longest, "pad_token_id": 0,
		},
		"tokenizer_config.json": map[string]any{"model_max_length": longest, "pad_token": special[0], "unk_token": special[1]},
	} {
		data, err := json.MarshalIndent(content, "", " ")
		if err != nil {
			return err
		}
		if err := atomicfile.WriteBytes(filepath.Join(dir, name), append(data, '\n')); err != nil {
			return err
		}
	}
	return nil
}
