package faceeval

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// oneFace answers as a YuNet of 32×32 that sees the same faces everywhere.
type oneFace struct{}

func (oneFace) Close() error { return nil }

func (oneFace) Inputs() []runtime.ValueSpec { return []runtime.ValueSpec{spec("input", 1, 3, 32, 32)} }

func (oneFace) Outputs() []runtime.ValueSpec {
	var list []runtime.ValueSpec
	for name, width := range map[string]int{"cls": 1, "obj": 1, "bbox": 4, "kps": 10} {
		for _, stride := range []int{8, 16, 32} {
			list = append(list, spec(fmt.Sprintf("%s_%d", name, stride), 1, 32/stride*32/stride, width))
		}
	}
	return list
}

// Run sees a face of 8×8 in the corner with a score of 0.9 and one of 32×32
// around the picture's first pixel with 0.3.
func (s oneFace) Run(context.Context, map[string]tensor.Value) (map[string]tensor.Value, error) {
	out := map[string]tensor.Value{}
	for _, o := range s.Outputs() {
		dims := o.Type.Shape.Dims
		cells, width := int(dims[1].Value), int(dims[2].Value)
		values := make([]float32, cells*width)
		switch o.Name {
		case "cls_8", "obj_8":
			values[0] = 0.9
		case "bbox_8":
			values[0], values[1] = 0.5, 0.5
		case "cls_32", "obj_32":
			values[0] = 0.3
		}
		t, err := tensor.FromSlice(values, 1, cells, width)
		if err != nil {
			return nil, err
		}
		out[o.Name] = t
	}
	return out, nil
}

func spec(name string, dims ...int) runtime.ValueSpec {
	list := make([]onnx.Dim, len(dims))
	for i, d := range dims {
		list[i] = onnx.Known(d)
	}
	return runtime.ValueSpec{Name: name, Type: onnx.TensorOf(tensor.Float32, list...)}
}

func TestMeasure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 32, 32))); err != nil {
		t.Fatal(err)
	}
	suite := Suite{
		HandMade: []Labels{{File: path, Faces: []face.Box{{X2: 8, Y2: 4}, {X1: 20, Y1: 20, X2: 30, Y2: 30}}}}, // IoU 0.5, none
		Scenes:   []Labels{{File: path, Faces: []face.Box{{X2: 8, Y2: 8}, {X1: -16, Y1: -16, X2: 16, Y2: 16}}}},
	}
	row, err := Measure(t.Context(), "m.onnx", oneFace{}, suite, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := Row{
		Model: "m.onnx", Family: "YuNet", Input: "32×32", Score: 0.6,
		Hit35: 1, Hit50: 1, Labelled: 2, AP: 1, Precision: 1, RecallOnScenes: 0.5,
	}
	if row != want {
		t.Errorf("got %+v, want %+v", row, want)
	}
	var page strings.Builder
	if err := WritePage(&page, []Row{row}, suite, "About."); err != nil {
		t.Fatal(err)
	}
	line := "| m.onnx | YuNet | 32×32 | 0.60 | 1 of 2 | 1 of 2 | 1.000 | 1.000 | 0.500 |\n"
	if !strings.Contains(page.String(), line) || !strings.HasSuffix(page.String(), "\nAbout.\n") {
		t.Errorf("page:\n%s\nwants the line\n%s", page.String(), line)
	}
}
