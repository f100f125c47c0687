package finetune_test

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune"
	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/input"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// loraReference is a training made by PyTorch and peft.
type loraReference struct {
	Trainable int       `json:"trainable_parameters"`
	Losses    []float64 `json:"losses_float64"`
	Norms     []float64 `json:"first_step_grad_norm_of_B_float64"`
	Train     []struct {
		Prompt int     `json:"prompt_length"`
		IDs    []int64 `json:"ids"`
	} `json:"train"`
}

// loraSteps is how many of the reference's 200 steps are made, unless
// INFER_LONG asks for all.
const loraSteps = 12

// projections get adapters, in each layer in this order.
var projections = []string{
	"self_attn/q_proj", "self_attn/k_proj", "self_attn/v_proj", "self_attn/o_proj",
	"mlp/gate_proj", "mlp/up_proj", "mlp/down_proj",
}

// TestLoRAFollowsPyTorch makes the steps of a published reference: the same
// adapters, data, optimizer and start give the same losses.
func TestLoRAFollowsPyTorch(t *testing.T) {
	for _, name := range []string{"stories260K", "babyllama-105"} {
		t.Run(name, func(t *testing.T) { followLoRA(t, "models/language/"+name) })
	}
}

func followLoRA(t *testing.T, dir string) {
	t.Helper()
	var ref loraReference
	text, err := os.ReadFile(fixture.Shared(t, dir+"/reference_lora.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Open(fixture.Shared(t, dir+"/onnx/model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	weights := addReferenceLoRA(t, m)
	if trained, _, err := adapt.Count(m, weights); err != nil || trained != ref.Trainable {
		t.Fatalf("%d numbers to train (%v), want %d", trained, err, ref.Trainable)
	}
	var examples []input.Tokens
	for _, e := range ref.Train {
		examples = append(examples, input.Tokens{IDs: e.IDs, Prompt: e.Prompt})
	}
	source, err := input.NewCausal(m, examples)
	if err != nil {
		t.Fatal(err)
	}
	compareNorms(t, m, source, weights, ref.Norms)

	s, err := step.Build(m, step.Config{
		Loss: causalLoss, Trainable: weights, Optimizer: optim.AdamW(0.9, 0.999, 1e-8, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	steps := loraSteps
	if os.Getenv("INFER_LONG") != "" {
		steps = len(ref.Losses)
	}
	worst := 0.0
	trainer := &finetune.Trainer{
		Step: s, Engine: e, Source: source, Epochs: 1 + steps*8/len(ref.Train), Batch: 8, Rate: 2e-3, InOrder: true,
		AfterStep: func(r finetune.StepResult) error {
			want := ref.Losses[r.Step-1]
			off := math.Abs(r.Loss-want) / want
			worst = max(worst, off)
			if !(off < 1e-4) {
				t.Errorf("step %d: loss %v, PyTorch has %v", r.Step, r.Loss, want)
			}
			if r.Step == steps {
				return finetune.ErrStop
			}
			return nil
		},
	}
	if err := trainer.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d steps, largest relative difference of the loss %.2g", trainer.Position.Step, worst)
}

func causalLoss(b *emit.Builder) string {
	labels := b.Input("labels", tensor.Int64, onnx.Symbol("batch_size"), onnx.Symbol("sequence_length"))
	return loss.CausalLM{}.Of(b, "logits", labels)
}

// addReferenceLoRA adds adapters that start as the reference's do.
func addReferenceLoRA(t *testing.T, m *onnx.Model) []string {
	t.Helper()
	var targets []string
	for _, p := range projections {
		targets = append(targets, "*/"+p+"/MatMul")
	}
	weights, err := adapt.AddLoRA(m, adapt.LoRA{Rank: 8, Alpha: 16, Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	start := map[string]tensor.Value{}
	for k := 0; k < len(weights); k += 2 {
		a := m.Graph.Initializer(weights[k])
		in, rank := int(a.Dims[0]), int(a.Dims[1])
		values := make([]float32, in*rank)
		// The formula has A as [rank, in].
		for i := range rank {
			for j := range in {
				x := float64(7919*(k/2)+104729*i+1299709*j) * 0.6180339887498949
				values[j*rank+i] = float32((2*(x-math.Floor(x)) - 1) / math.Sqrt(float64(in)))
			}
		}
		v, err := tensor.FromSlice(values, in, rank)
		if err != nil {
			t.Fatal(err)
		}
		start[weights[k]] = v
	}
	if err := adapt.SetWeights(m, start); err != nil {
		t.Fatal(err)
	}
	return weights
}

// compareNorms compares the norms of the gradients of B at the start.
func compareNorms(t *testing.T, m *onnx.Model, source *input.Causal, weights []string, want []float64) {
	t.Helper()
	s, err := step.Build(m, step.Config{Loss: causalLoss, Trainable: weights, Optimizer: optim.SGD(0)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	session, err := e.Open(t.Context(), s.Model, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	inputs, err := source.Batch([]int{0, 1, 2, 3, 4, 5, 6, 7})
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]step.Slot{s.Params, s.State} {
		for _, slot := range list {
			inputs[slot.In] = slot.Init
		}
	}
	inputs[step.Rate] = tensor.Scalar(float32(1)) // so that a step is the gradient
	out, err := session.Run(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for _, p := range s.Params {
		if !strings.HasSuffix(p.In, adapt.LoRAB) {
			continue
		}
		values, err := tensor.Float64s(out[p.Out].(*tensor.Tensor))
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, v := range values {
			sum += v * v
		}
		if got := math.Sqrt(sum); math.Abs(got-want[i])/want[i] > 1e-4 {
			t.Errorf("%s: gradient of norm %v, PyTorch has %v", p.In, got, want[i])
		}
		i++
	}
	if i != len(want) {
		t.Errorf("%d gradients, want %d", i, len(want))
	}
}
