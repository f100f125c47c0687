package adapt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune/adapt"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

const twoLayers = `<ir_version: 8, opset_import: ["": 17]>
g (float[n,2] x) => (float[n,2] y)
<float[2,3] w1 = {1, 2, 3, 4, 5, 6}, float[3] b1 = {1, 1, 1}, float[2,3] w2 = {1, 0, -1, 2, 1, 0}>
{
  [first] h = MatMul(x, w1)
  hb = Add(h, b1)
  r = Relu(hb)
  [second] y = Gemm<transB = 1>(r, w2)
}`

func parse(t *testing.T, src string) *onnx.Model {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern, name string
		want          bool
	}{
		{"a", "a", true},
		{"a", "ab", false},
		{"*", "", true},
		{"*q_proj*", "/layers.0/q_proj/MatMul", true},
		{"/layers.1/*", "/layers.0/q_proj", false},
		{"a*b*c", "axxbyyc", true},
		{"a*b*c", "axxcyyb", false},
	} {
		if got := adapt.Match(tt.pattern, tt.name); got != tt.want {
			t.Errorf("%q on %q: %v", tt.pattern, tt.name, got)
		}
	}
}

func TestSelect(t *testing.T) {
	m := parse(t, twoLayers)
	for _, tt := range []struct {
		patterns []string
		last     int
		want     []string
	}{
		{[]string{"w*"}, 0, []string{"w1", "w2"}},
		{[]string{"second"}, 0, []string{"w2"}},
		{nil, 1, []string{"w2"}},
		{nil, 2, []string{"b1", "w2"}},
		{[]string{"w1"}, 1, []string{"w1", "w2"}},
	} {
		got, err := adapt.Select(m, tt.patterns, tt.last, nil)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%v, last %d: got %v, %v; want %v", tt.patterns, tt.last, got, err, tt.want)
		}
	}
	if _, err := adapt.Select(m, []string{"q_proj"}, 0, nil); err == nil || !strings.Contains(err.Error(), `"q_proj" fits no weight`) {
		t.Errorf("a pattern that fits nothing: got %v", err)
	}
	if _, err := adapt.Select(m, nil, 4, nil); err == nil {
		t.Error("more layers than there are: no error")
	}
}

func run(t *testing.T, m *onnx.Model, inputs map[string]tensor.Value) map[string]tensor.Value {
	t.Helper()
	if err := onnx.Check(m); err != nil {
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
	defer s.Close()
	out, err := s.Run(t.Context(), inputs)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Adapters change nothing at first; with weights, the model that they are merged
// into computes what the one beside which they stand does.
func TestLoRA(t *testing.T) {
	x, _ := tensor.FromSlice([]float32{1, -0.5, 0.25, 2}, 2, 2)
	inputs := map[string]tensor.Value{"x": x}
	plain := run(t, parse(t, twoLayers), inputs)["y"]
	m, l := parse(t, twoLayers), adapt.LoRA{Rank: 2, Alpha: 3}
	weights, err := adapt.AddLoRA(m, l)
	if err != nil {
		t.Fatal(err)
	}
	if trained, total, err := adapt.Count(m, weights); err != nil || trained != 2*(2+3)*2 || total != 15+trained {
		t.Errorf("%d of %d numbers are trained (%v), want 20 of 35", trained, total, err)
	}
	if err := tensor.AllClose(run(t, m, inputs)["y"], plain, 1e-6, 1e-6); err != nil {
		t.Errorf("at first: %v", err)
	}
	for _, w := range weights {
		v, err := m.Graph.Initializer(w).Value()
		if err != nil {
			t.Fatal(err)
		}
		data, _ := tensor.Data[float32](v)
		for i := range data {
			data[i] += float32(i+1) / 4
		}
		if err := adapt.SetWeights(m, map[string]tensor.Value{w: v}); err != nil {
			t.Fatal(err)
		}
	}
	beside := run(t, m, inputs)["y"]
	if tensor.AllClose(beside, plain, 1e-3, 1e-3) == nil {
		t.Error("adapters with weights change nothing")
	}
	if err := adapt.MergeLoRA(m, l); err != nil {
		t.Fatal(err)
	}
	if len(m.Graph.Nodes) != 4 {
		t.Errorf("%d nodes after merging, want the 4 that were published", len(m.Graph.Nodes))
	}
	if err := tensor.AllClose(run(t, m, inputs)["y"], beside, 1e-5, 1e-5); err != nil {
		t.Errorf("merged: %v", err)
	}
	if _, err := adapt.AddLoRA(m, adapt.LoRA{Rank: 1, Targets: []string{"third"}}); err == nil {
		t.Error("a pattern that fits nothing: no error")
	}
}

// The two parts, one after the other, compute what the model does.
func TestCut(t *testing.T) {
	m := parse(t, twoLayers)
	p, err := adapt.Cut(m, []string{"w2"})
	if err != nil {
		t.Fatal(err)
	}
	if p.Frozen == nil || !slices.Equal(p.Features, []string{"r"}) || len(p.Tail.Graph.Nodes) != 1 {
		t.Fatalf("features %v and a tail of %d nodes, want r and 1", p.Features, len(p.Tail.Graph.Nodes))
	}
	x, _ := tensor.FromSlice([]float32{1, -0.5, 0.25, 2}, 2, 2)
	whole := run(t, m, map[string]tensor.Value{"x": x})
	parts := run(t, p.Tail, run(t, p.Frozen, map[string]tensor.Value{"x": x}))
	if err := tensor.AllClose(parts["y"], whole["y"], 0, 0); err != nil {
		t.Error(err)
	}
	if p, err = adapt.Cut(m, []string{"w1"}); err != nil || p.Frozen != nil {
		t.Errorf("where everything is trained, something was cut off: %v, %v", p.Features, err)
	}
}

func TestHead(t *testing.T) {
	for _, h := range []adapt.Head{{Classes: 3}, {Classes: 3, Hidden: []int{5, 4}}, {Classes: 3, Cosine: true}} {
		m := parse(t, twoLayers)
		weights, err := adapt.AddHead(m, "y", h)
		if err != nil {
			t.Fatal(err)
		}
		x, _ := tensor.FromSlice([]float32{1, -0.5, 0.25, 2}, 2, 2)
		out := run(t, m, map[string]tensor.Value{"x": x})[adapt.Logits].(*tensor.Tensor)
		if !slices.Equal(out.Shape(), []int{2, 3}) || len(weights) == 0 {
			t.Errorf("%+v: logits %v, weights %v", h, out, weights)
		}
	}
	if _, err := adapt.AddHead(parse(t, twoLayers), "y", adapt.Head{Classes: 1}); err == nil {
		t.Error("one class: no error")
	}
}
