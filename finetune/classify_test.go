package finetune_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
)

// backbone averages the channels of a picture of 8×8.
const backbone = `<ir_version: 8, opset_import: ["": 17]>
g (float[n,3,8,8] x) => (float[n,3] y) { p = GlobalAveragePool(x) y = Flatten(p) }`

// pictures makes a folder of red and blue pictures, and a model that sees
// colours.
func pictures(t *testing.T) (model, data string) {
	t.Helper()
	dir := t.TempDir()
	m, err := onnxtext.Parse(backbone)
	if err != nil {
		t.Fatal(err)
	}
	model, data = filepath.Join(dir, "model.onnx"), filepath.Join(dir, "data")
	if err := onnx.Save(model, m, onnx.SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		class, c := "red", color.RGBA{R: uint8(120 + 3*i), G: 40, B: 60, A: 255}
		if i%2 == 1 {
			class, c = "blue", color.RGBA{R: 60, G: 40, B: uint8(120 + 3*i), A: 255}
		}
		img := image.NewRGBA(image.Rect(0, 0, 8, 8))
		for p := range 64 {
			img.Set(p%8, p/8, c)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(data, class), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(data, class, fmt.Sprintf("%d.png", i)), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return model, data
}

func recipe(t *testing.T, out string) finetune.Recipe {
	t.Helper()
	model, data := pictures(t)
	return finetune.Recipe{Model: model, Data: data, Out: filepath.Join(t.TempDir(), out), Batch: 4, Epochs: 6, Seed: 1, Rate: 0.05}
}

func TestClassifyPictures(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	r := recipe(t, "run")
	report, err := finetune.Classify(t.Context(), e, r, finetune.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Test["accuracy"] != 1 || report.Trainable != 2*3+2 {
		t.Errorf("accuracy %v with %d numbers, want 1 with 8", report.Test["accuracy"], report.Trainable)
	}
	m, err := onnx.Open(report.Best)
	if err != nil {
		t.Fatal(err)
	}
	if err := onnx.Check(m); err != nil {
		t.Error(err)
	}
	if _, err := finetune.Classify(t.Context(), e, r, finetune.Hooks{}); err == nil || !strings.Contains(err.Error(), "has a run already") {
		t.Errorf("into the same folder: got %v", err)
	}
}

// TestResume ends a training after each of its epochs in turn; continued, it
// comes to the same file, byte for byte.
func TestResume(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	r := recipe(t, "whole")
	report, err := finetune.Classify(t.Context(), e, r, finetune.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(report.Best)
	if err != nil {
		t.Fatal(err)
	}
	for stop := 1; stop < r.Epochs; stop++ {
		part := r
		part.Out = filepath.Join(t.TempDir(), "part")
		ctx, cancel := context.WithCancel(t.Context())
		_, err := finetune.Classify(ctx, e, part, finetune.Hooks{Epoch: func(rec finetune.Record) {
			if rec.Epoch == stop {
				cancel()
			}
		}})
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after epoch %d: %v", stop, err)
		}
		report, err := finetune.Resume(t.Context(), e, part.Out, finetune.Hooks{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(report.Best)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("continued after epoch %d: another model", stop)
		}
	}
}

func TestDivergence(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	r := recipe(t, "run")
	r.Rate, r.Optimizer = 1e39, "sgd"
	_, err = finetune.Classify(t.Context(), e, r, finetune.Hooks{})
	if diverged := new(finetune.DivergedError); !errors.As(err, &diverged) || diverged.Node == "" && diverged.Input == "" {
		t.Errorf("got %v, want an error that names a node", err)
	}
}
