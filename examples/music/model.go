package main

import (
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// size is that of a network: characters, numbers a character becomes, and the
// width of what it remembers.
type size struct{ vocab, embedding, hidden int }

// The names of the weights.
const (
	embeddingName = "embedding"
	inputName     = "lstm.w" // [1, 4·hidden, embedding], the gates in the order i, o, f, c
	recurrentName = "lstm.r" // [1, 4·hidden, hidden]
	biasName      = "lstm.b" // [1, 8·hidden]
	headName      = "head.weight"
	headBiasName  = "head.bias"
)

// weightNames lists the weights.
var weightNames = []string{embeddingName, inputName, recurrentName, biasName, headName, headBiasName}

// shapes are those of the weights.
func (s size) shapes() map[string][]int {
	return map[string][]int{
		embeddingName: {s.vocab, s.embedding},
		inputName:     {1, 4 * s.hidden, s.embedding},
		recurrentName: {1, 4 * s.hidden, s.hidden},
		biasName:      {1, 8 * s.hidden},
		headName:      {s.hidden, s.vocab},
		headBiasName:  {s.vocab},
	}
}

// parameters is how many numbers are trained.
func (s size) parameters() int {
	total := 0
	for _, shape := range s.shapes() {
		total += dims.Count(shape)
	}
	return total
}

// start draws weights as PyTorch does: the embedding from a normal distribution,
// everything else evenly from ±1/√hidden.
func (s size) start(seed uint64) (map[string]*tensor.Tensor, error) {
	random := rand.New(rand.NewPCG(seed, 0x6d75736963))
	limit := 1 / math.Sqrt(float64(s.hidden))
	out := map[string]*tensor.Tensor{}
	for _, name := range weightNames {
		shape := s.shapes()[name]
		values := make([]float32, dims.Count(shape))
		for i := range values {
			if name == embeddingName {
				values[i] = float32(random.NormFloat64())
			} else {
				values[i] = float32((random.Float64()*2 - 1) * limit)
			}
		}
		t, err := tensor.FromSlice(values, shape...)
		if err != nil {
			return nil, err
		}
		out[name] = t
	}
	return out, nil
}

// The inputs and the output of the network that is trained. Time comes first, as
// the operator LSTM has it.
const (
	idsInput    = "ids"    // [length, batch]
	labelsInput = "labels" // [length, batch]
	logits      = "logits" // [length, batch, vocab]
)

// opset is the version of the standard's operators.
const opset = 17

// network is the graph that is trained: it remembers nothing at first.
func (s size) network(weights map[string]*tensor.Tensor, length int) (*onnx.Model, error) {
	m, b, err := empty("music")
	if err != nil {
		return nil, err
	}
	ids := b.Input(idsInput, tensor.Int64, onnx.Known(length), onnx.Symbol("batch"))
	w := map[string]string{}
	for _, name := range weightNames {
		w[name] = b.Initializer(name, weights[name])
	}
	x := b.Gather(w[embeddingName], ids, 0)
	y := b.Nodes("LSTM", 3, []string{x, w[inputName], w[recurrentName], w[biasName]}, emit.IntAttr("hidden_size", s.hidden))[0]
	x = b.Add(b.MatMul(b.Squeeze(y, 1), w[headName]), w[headBiasName])
	b.Output(logits, x)
	return m, b.Err()
}

// empty is a model without a node.
func empty(name string) (*onnx.Model, *emit.Builder, error) {
	m := &onnx.Model{
		IRVersion: 8, ProducerName: "infer", Opsets: []onnx.OpsetID{{Version: opset}},
		Graph: &onnx.Graph{Name: name},
	}
	b, err := emit.New(m)
	return m, b, err
}
