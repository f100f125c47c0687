package text_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
)

// All texts are embedded in one call, so that rows are sorted and padded.
func TestEmbeddingsAreTheReference(t *testing.T) {
	dir := fixture.Shared(t, "models/language/all-MiniLM-L6-v2")
	data, err := os.ReadFile(filepath.Join(dir, "reference_embeddings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var ref struct {
		Sentences []struct {
			Text string    `json:"text"`
			Full []float64 `json:"embedding"`
			Int8 []float64 `json:"embedding_int8"`
		} `json:"sentences"`
	}
	if err := json.Unmarshal(data, &ref); err != nil {
		t.Fatal(err)
	}
	quantized := 1e-4
	if cpu.Level < cpu.AVX2 {
		// Plain kernels round otherwise than the reference's, and a tie before a
		// quantisation that falls the other way grows through the layers.
		quantized = 2e-2
	}
	for _, tt := range []struct {
		file string
		most float64
		int8 bool
	}{{"model.onnx", 1e-5, false}, {"model_int8.onnx", quantized, true}} {
		path := filepath.Join(dir, tt.file)
		s, err := infer.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		m, err := text.Open(s, path)
		if err != nil {
			t.Fatal(err)
		}
		if m.OneByOne != tt.int8 {
			t.Errorf("%s: one by one %v, want %v", tt.file, m.OneByOne, tt.int8)
		}
		e, err := text.NewEmbedder(m, text.EmbedOptions{Truncate: true})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, c := range ref.Sentences {
			texts = append(texts, c.Text)
		}
		got, err := e.Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range ref.Sentences {
			want := c.Full
			if tt.int8 {
				want = c.Int8
			}
			for j, x := range got[i].Vector {
				if d := math.Abs(float64(x) - want[j]); !(d <= tt.most) {
					t.Errorf("%s: text %d: number %d is off by %v, at most %v", tt.file, i, j, d, tt.most)
					break
				}
			}
		}
	}
}
