package native_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// magikaConfig is what the classifier of file contents says of itself.
type magikaConfig struct {
	BegSize      int               `json:"beg_size"`
	EndSize      int               `json:"end_size"`
	PaddingToken int32             `json:"padding_token"`
	BlockSize    int               `json:"block_size"`
	MinSize      int               `json:"min_file_size_for_dl"` // of files that the model is for
	Labels       []string          `json:"target_labels_space"`
	Overwrite    map[string]string `json:"overwrite_map"`
}

// features are the first and the last bytes of a file, white space at its ends
// left out, filled up with padding behind the first and before the last.
func (c *magikaConfig) features(data []byte) []int32 {
	const space = " \t\n\r\v\f"
	head := bytes.TrimLeft(data[:min(len(data), c.BlockSize)], space)
	tail := bytes.TrimRight(data[max(0, len(data)-c.BlockSize):], space)
	head, tail = head[:min(len(head), c.BegSize)], tail[max(0, len(tail)-c.EndSize):]
	out := make([]int32, c.BegSize+c.EndSize)
	for i := range out {
		out[i] = c.PaddingToken
	}
	for i, b := range head {
		out[i] = int32(b)
	}
	for i, b := range tail {
		out[len(out)-len(tail)+i] = int32(b)
	}
	return out
}

// TestMagikaKnowsItsSamples classifies the sample files that come with a
// published model; the folder of each names its content.
func TestMagikaKnowsItsSamples(t *testing.T) {
	dir := fixture.Shared(t, "models/files/magika_v3_3")
	text, err := os.ReadFile(filepath.Join(dir, "config.min.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c magikaConfig
	if err := json.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	m, err := onnx.Open(filepath.Join(dir, "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Open(t.Context(), m, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	err = filepath.WalkDir(filepath.Join(dir, "tests"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if len(data) < c.MinSize {
			return nil
		}
		files++
		if got, want := classify(t, s, &c, data), filepath.Base(filepath.Dir(path)); got != want {
			t.Errorf("%s is taken for %q, expected %q", filepath.Base(path), got, want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files", files)
	if files < 76 { // one of the 77 is empty
		t.Errorf("%d sample files, expected 76 and more", files)
	}
}

func classify(t *testing.T, s runtime.Session, c *magikaConfig, data []byte) string {
	t.Helper()
	x, err := tensor.FromSlice(c.features(data), 1, c.BegSize+c.EndSize)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Run(t.Context(), map[string]tensor.Value{"bytes": x})
	if err != nil {
		t.Fatal(err)
	}
	scores, err := tensor.Data[float32](out["target_label"].(*tensor.Tensor))
	if err != nil {
		t.Fatal(err)
	}
	best := 0
	for i, v := range scores {
		if v > scores[best] {
			best = i
		}
	}
	label := c.Labels[best]
	if over, ok := c.Overwrite[label]; ok {
		label = over
	}
	return label
}
