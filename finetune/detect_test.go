package finetune_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer/finetune"
	"github.com/seed6700ada1/infer/finetune/data"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// TestDetectTrainsHeads makes a few steps on the heads of a published detector,
// and opens what comes out as a detector.
func TestDetectTrainsHeads(t *testing.T) {
	model := fixture.Shared(t, "models/face-detect/ultralight/version-slim-320.onnx")
	labels := fixture.Shared(t, "data/faces/scenes/labels.jsonl")
	set, err := data.OpenScenes(labels, data.Options{Strict: true})
	if err != nil {
		t.Fatal(err)
	}
	var few []data.Scene
	uses := map[string]int{}
	for _, x := range set.Scenes {
		if len(x.Faces) > 0 && uses[x.Use] < 12 {
			uses[x.Use]++
			few = append(few, x)
		}
	}
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "labels.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := data.WriteScenes(f, few); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	report, err := finetune.Detect(t.Context(), e, finetune.Recipe{
		Model: model, Data: dir, Out: filepath.Join(dir, "run"), Epochs: 3, Batch: 4, Rate: 1e-4, Seed: 1,
		Detection: &finetune.Detection{Mirror: 0.5, Mosaic: 0.2, Colour: 0.3, Least: 10},
	}, finetune.Hooks{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Trainable == 0 || report.Trainable >= report.Total/2 {
		t.Errorf("%d of %d numbers were trained, want those of the heads", report.Trainable, report.Total)
	}
	before, after := report.Test["ap50_before"], report.Test["ap50"]
	if !(before > 0.2 && after > before-0.1) {
		t.Errorf("AP@0.5 went from %.3f to %.3f in a few small steps", before, after)
	}
	m, err := onnx.Open(report.Best)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s, err := e.Open(t.Context(), m, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d, err := face.Open(t.Context(), s, face.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := picture.Open(few[0].File, picture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Detect(t.Context(), p); err != nil {
		t.Fatal(err)
	}
}
