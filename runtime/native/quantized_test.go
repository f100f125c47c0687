package native_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TestQuantizedEmbeddings holds the embeddings of the int8 MiniLM against those
// of ONNX Runtime: the mean of the last hidden state, of length 1. Rounding to
// int8 turns a difference in the last bit of a float near a half into a step:
// ONNX Runtime without its optimizations differs from itself with them by up to
// 7e-3. Kernels in assembly round as it does; those in plain Go do not, and show
// such steps in about half of the sentences.
func TestQuantizedEmbeddings(t *testing.T) {
	dir := fixture.Shared(t, "models/language/all-MiniLM-L6-v2")
	file, err := os.ReadFile(dir + "/reference_embeddings.json")
	if err != nil {
		t.Fatal(err)
	}
	var reference struct {
		Sentences []struct {
			IDs       []int64   `json:"ids"`
			Embedding []float64 `json:"embedding_int8"`
		} `json:"sentences"`
	}
	if err := json.Unmarshal(file, &reference); err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Open(dir + "/model_int8.onnx")
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), m, runtime.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	limit := 1e-6
	if cpu.Level < cpu.AVX2 {
		limit = 2e-2
	}
	for i, sentence := range reference.Sentences {
		worst := distance(embed(t, s, sentence.IDs), sentence.Embedding)
		if !(worst <= limit) {
			t.Errorf("sentence %d, of %d tokens, differs by %v", i, len(sentence.IDs), worst)
		}
	}
}

// embed runs the model on one sentence and pools.
func embed(t *testing.T, s runtime.Session, ids []int64) []float64 {
	t.Helper()
	ones := make([]int64, len(ids))
	for i := range ones {
		ones[i] = 1
	}
	row := func(v []int64) tensor.Value {
		x, err := tensor.FromSlice(v, 1, len(v))
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	inputs := map[string]tensor.Value{"input_ids": row(ids), "attention_mask": row(ones), "token_type_ids": row(make([]int64, len(ids)))}
	out, err := s.Run(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	hidden, err := tensor.Data[float32](out[s.Outputs()[0].Name].(*tensor.Tensor))
	if err != nil {
		t.Fatal(err)
	}
	mean := make([]float64, len(hidden)/len(ids))
	for i, v := range hidden {
		mean[i%len(mean)] += float64(v)
	}
	square := 0.0
	for _, v := range mean {
		square += v * v
	}
	for i := range mean {
		mean[i] /= math.Sqrt(square)
	}
	return mean
}

// distance is the largest difference of two vectors.
func distance(a, b []float64) float64 {
	worst := math.Inf(1)
	if len(a) == len(b) {
		worst = 0
		for i := range a {
			worst = max(worst, math.Abs(a[i]-b[i]))
		}
	}
	return worst
}

// TestQuantizedPasses holds models with the passes for quantised products against
// those without.
func TestQuantizedPasses(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"model_int8.onnx", "model_int4.onnx", "model_int4_qdq.onnx"} {
		t.Run(name, func(t *testing.T) {
			m, err := onnx.Open(fixture.Shared(t, "models/language/stories260K/onnx/"+name))
			if err != nil {
				t.Fatal(err)
			}
			var inputs, want map[string]tensor.Value
			for _, disable := range [][]string{{"fuse-dynamic-quant", "fuse-dequant-matmul"}, nil} {
				s, err := e.Open(t.Context(), m, runtime.Options{Threads: 1, Disable: disable})
				if err != nil {
					t.Fatal(err)
				}
				if inputs == nil {
					inputs = map[string]tensor.Value{}
					for _, in := range s.Inputs() {
						open := 5
						if in.Name == "attention_mask" {
							open = 10 // past and present
						}
						inputs[in.Name] = randomInput(t, in, open)
					}
				}
				got, err := s.Run(t.Context(), inputs)
				if err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				for name := range want {
					if err := tensor.AllClose(got[name], want[name], 1e-5, 1e-5); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		})
	}
}
