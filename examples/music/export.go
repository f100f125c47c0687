package main

import (
	"encoding/json"
	"path/filepath"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// contextLength is how many characters config.json says that the model has room for. An
// LSTM has room for any number.
const contextLength = 4096

// export writes a model folder: the graph, whose weights are float16 in the file, the
// characters as a tokenizer, and what a program that generates has to know.
func export(dir string, c *corpus, s size, weights map[string]*tensor.Tensor) error {
	m, err := s.decoder(weights)
	if err != nil {
		return err
	}
	if err := onnx.Check(m); err != nil {
		return err
	}
	if err := onnx.Save(filepath.Join(dir, "model.onnx"), m, onnx.SaveOptions{}); err != nil {
		return err
	}
	vocab := map[string]int64{}
	for r, i := range c.number {
		vocab[string(r)] = i
	}
	for name, content := range map[string]any{
		"tokenizer.json": map[string]any{
			"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": []any{},
			"normalizer": nil, "pre_tokenizer": nil, "post_processor": nil,
			"decoder": map[string]any{"type": "Fuse"},
			"model":   map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}, "unk_token": nil},
		},
		"config.json": map[string]any{
			"architectures": []string{"CharLSTMForCausalLM"}, "model_type": "lstm",
			"vocab_size": s.vocab, "hidden_size": s.hidden, "num_attention_heads": 1, "head_dim": s.hidden,
			"max_position_embeddings": contextLength,
		},
		"generation_config.json": map[string]any{"stop_strings": []string{between}},
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

// The state of the decoder: [batch, 1, 1, hidden], of fixed size, where a decoder with
// attention has keys and values of all that it read.
var states = []string{"hidden", "cell"}

// decoder is the network as programs that generate want it: ids and logits [batch,
// sequence], and what is remembered as inputs and outputs.
func (s size) decoder(weights map[string]*tensor.Tensor) (*onnx.Model, error) {
	m, b, err := empty("folk-music")
	if err != nil {
		return nil, err
	}
	batch := onnx.Symbol("batch")
	ids := b.Input("input_ids", tensor.Int64, batch, onnx.Symbol("sequence"))
	var past []string
	for _, name := range states {
		in := b.Input("past."+name, tensor.Float32, batch, onnx.Known(1), onnx.Known(1), onnx.Known(s.hidden))
		past = append(past, b.Transpose(b.Squeeze(in, 2), 1, 0, 2)) // [1, batch, hidden]
	}
	w := map[string]string{}
	for _, name := range weightNames {
		half, err := float16(weights[name])
		if err != nil {
			return nil, err
		}
		w[name] = b.Cast(b.Initializer(name, half), tensor.Float32)
	}
	x := b.Transpose(b.Gather(w[embeddingName], ids, 0), 1, 0, 2)
	inputs := []string{x, w[inputName], w[recurrentName], w[biasName], "", past[0], past[1]}
	out := b.Nodes("LSTM", 3, inputs, emit.IntAttr("hidden_size", s.hidden))
	y := b.Transpose(b.Squeeze(out[0], 1), 1, 0, 2)
	b.Output("logits", b.Add(b.MatMul(y, w[headName]), w[headBiasName]))
	for i, name := range states {
		b.Output("present."+name, b.Unsqueeze(b.Transpose(out[i+1], 1, 0, 2), 2))
	}
	return m, b.Err()
}

// float16 rounds a tensor.
func float16(t *tensor.Tensor) (*tensor.Tensor, error) {
	values, err := tensor.Data[float32](t)
	if err != nil {
		return nil, err
	}
	half := make([]tensor.F16, len(values))
	for i, v := range values {
		half[i] = tensor.F16From(v)
	}
	return tensor.FromSlice(half, t.Shape()...)
}
