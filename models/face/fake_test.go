package face

import (
	"context"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fake is a session without a model: it answers every run with what is set.
type fake struct {
	inputs, outputs []runtime.ValueSpec
	answer          map[string]tensor.Value
	run             func(in *tensor.Tensor) map[string]tensor.Value // in place of answer, if set
	seen            []*tensor.Tensor                                // the first input of each run
}

func (f *fake) Inputs() []runtime.ValueSpec  { return f.inputs }
func (f *fake) Outputs() []runtime.ValueSpec { return f.outputs }
func (f *fake) Close() error                 { return nil }

func (f *fake) Run(ctx context.Context, in map[string]tensor.Value) (map[string]tensor.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := runtime.CheckInputs(f.inputs, in); err != nil {
		return nil, err
	}
	t := in[f.inputs[0].Name].(*tensor.Tensor)
	f.seen = append(f.seen, t)
	if f.run != nil {
		return f.run(t), nil
	}
	return f.answer, nil
}

// value is a float32 input or output; a size of −1 is left open.
func value(name string, dims ...int) runtime.ValueSpec {
	list := make([]onnx.Dim, len(dims))
	for i, d := range dims {
		list[i] = onnx.Known(d)
		if d < 0 {
			list[i] = onnx.UnknownDim()
		}
	}
	return runtime.ValueSpec{Name: name, Type: onnx.TensorOf(tensor.Float32, list...)}
}

// zeros answers each output with zeros of its shape; the elements are returned
// by name, to be set.
func (f *fake) zeros(tb testing.TB) map[string][]float32 {
	tb.Helper()
	f.answer = map[string]tensor.Value{}
	elems := map[string][]float32{}
	for _, o := range f.outputs {
		dims, err := tensorDims(o)
		if err != nil {
			tb.Fatal(err)
		}
		v := make([]float32, elements(dims))
		t, err := tensor.FromSlice(v, dims...)
		if err != nil {
			tb.Fatal(err)
		}
		f.answer[o.Name], elems[o.Name] = t, v
	}
	return elems
}

// open opens a detector on f.
func (f *fake) open(tb testing.TB, opts Options) *Detector {
	tb.Helper()
	d, err := Open(tb.Context(), f, opts)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func fakeYuNet(w, h int) *fake {
	f := &fake{inputs: []runtime.ValueSpec{value("input", 1, 3, h, w)}}
	for _, m := range yunetMaps {
		for _, s := range yunetStrides {
			cells := -1
			if w > 0 {
				cells = w / s * (h / s)
			}
			f.outputs = append(f.outputs, value(m.output(s), 1, cells, m.width))
		}
	}
	return f
}

func fakeUltraLight(w, h int) *fake {
	n := countAnchors(ultraLightLevels, w, h)
	return &fake{
		inputs:  []runtime.ValueSpec{value("input", 1, 3, h, w)},
		outputs: []runtime.ValueSpec{value("scores", 1, n, 2), value("boxes", 1, n, 4)},
	}
}

func fakeBlazeFace(side, anchors int, channelsLast bool) *fake {
	in := value("image", 1, 3, side, side)
	if channelsLast {
		in = value("image", 1, side, side, 3)
	}
	return &fake{
		inputs:  []runtime.ValueSpec{in},
		outputs: []runtime.ValueSpec{value("r", 1, anchors, 16), value("c", 1, anchors, 1)},
	}
}

func fakeRetinaFace() *fake {
	return &fake{
		inputs:  []runtime.ValueSpec{value("x", -1, 3, -1, -1)},
		outputs: []runtime.ValueSpec{value("loc", -1, -1, 4), value("conf", -1, -1, 2), value("iou", -1, -1, 10)},
	}
}
