package control_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/runtime/native/plan"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// node makes a node from "Op in in -> out".
func node(text string, attrs ...*onnx.Attribute) *onnx.Node {
	left, right, _ := strings.Cut(text, "->")
	words := strings.Fields(left)
	n := &onnx.Node{OpType: words[0], Outputs: strings.Fields(right), Attributes: attrs}
	for _, w := range words[1:] {
		n.Inputs = append(n.Inputs, strings.Trim(w, "_"))
	}
	return n
}

// value names an edge and its type: "i" int64 scalar, "b" bool scalar, "v" int64
// vector of unknown length, "" nothing known.
func value(name, kind string) *onnx.ValueInfo {
	v := &onnx.ValueInfo{Name: name}
	switch kind {
	case "i":
		v.Type = onnx.TensorOf(tensor.Int64)
	case "b":
		v.Type = onnx.TensorOf(tensor.Bool)
	case "v":
		v.Type = onnx.TensorOf(tensor.Int64, onnx.UnknownDim())
	}
	return v
}

// graph makes a graph; inputs and outputs are written "name:kind".
func graph(inputs, outputs string, nodes ...*onnx.Node) *onnx.Graph {
	g := &onnx.Graph{Name: "body", Nodes: nodes}
	for w := range strings.FieldsSeq(inputs) {
		name, kind, _ := strings.Cut(w, ":")
		g.Inputs = append(g.Inputs, value(name, kind))
	}
	for w := range strings.FieldsSeq(outputs) {
		name, kind, _ := strings.Cut(w, ":")
		g.Outputs = append(g.Outputs, value(name, kind))
	}
	return g
}

// model wraps a graph, with opset 16 unless another is given.
func model(g *onnx.Graph, opset ...int64) *onnx.Model {
	version := int64(16)
	if opset != nil {
		version = opset[0]
	}
	return &onnx.Model{IRVersion: 8, Graph: g, Opsets: []onnx.OpsetID{{Version: version}}}
}

func ints(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func scalar[T tensor.Element](v T) *tensor.Tensor { return tensor.Scalar(v) }

// expect runs a model and compares its outputs.
func expect(t *testing.T, m *onnx.Model, inputs []tensor.Value, want ...tensor.Value) {
	t.Helper()
	got, err := opstest.Run(defs(), m, inputs)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		if !tensor.Equal(got[i], w) {
			t.Errorf("output %d: got %v, want %v", i, got[i], w)
		}
	}
}

func TestIf(t *testing.T) {
	branch := func(v int64) *onnx.Graph {
		return graph("", "y:", node("Constant -> k", opstest.Int("value_int", v)), node("Add x k -> y"))
	}
	g := graph("x:i c:b", "z:", node("If c -> z", opstest.Graph("then_branch", branch(10)), opstest.Graph("else_branch", branch(20))))
	expect(t, model(g), []tensor.Value{scalar[int64](1), scalar(true)}, scalar[int64](11))
	expect(t, model(g), []tensor.Value{scalar[int64](1), scalar(false)}, scalar[int64](21))
	if _, err := opstest.Run(defs(), model(g), []tensor.Value{scalar[int64](1), tensor.Vector(true, false)}); err == nil {
		t.Error("two conditions passed")
	}
	// a branch that is never taken need not be known
	unknown := graph("", "y:", node("Mystery x -> y"))
	fixed := graph("x:i", "z:", node("If c -> z", opstest.Graph("then_branch", branch(10)), opstest.Graph("else_branch", unknown)))
	fixed.Initializers = []*onnx.Tensor{onnx.NewTensor("c", scalar(true))}
	expect(t, model(fixed), []tensor.Value{scalar[int64](1)}, scalar[int64](11))
}

// counting is a body that adds the number of the run to the sum, goes on while
// the sum is below the limit of the graph around, and gives the sum to be
// stacked.
func counting() *onnx.Attribute {
	return opstest.Graph("body", graph("n:i c:b s:i", "go:b sum:i track:i",
		node("Add s n -> sum"), node("Less sum limit -> go"), node("Identity sum -> track")))
}

func TestLoop(t *testing.T) {
	g := graph("trips:i c:b s:i limit:i", "total: tracks:", node("Loop trips c s -> total tracks", counting()))
	run := func(trips int64, c bool, limit int64) []tensor.Value {
		return []tensor.Value{scalar(trips), scalar(c), scalar[int64](0), scalar(limit)}
	}
	expect(t, model(g), run(4, true, 100), scalar[int64](6), ints(0, 1, 3, 6))
	expect(t, model(g), run(100, true, 5), scalar[int64](6), ints(0, 1, 3, 6)) // 6 ends it
	expect(t, model(g), run(0, true, 5), scalar[int64](0), ints())
	expect(t, model(g), run(-1, true, 5), scalar[int64](0), ints())
	expect(t, model(g), run(4, false, 5), scalar[int64](0), ints())

	open := graph("s:i limit:i", "total: tracks:", node("Loop _ _ s -> total tracks", counting()))
	expect(t, model(open), []tensor.Value{scalar[int64](0), scalar[int64](5)}, scalar[int64](6), ints(0, 1, 3, 6))
}

// TestLoopGrows carries a vector that is longer after each run: what inference
// takes for its shape must hold for all of them.
func TestLoopGrows(t *testing.T) {
	body := graph("n:i c:b v:", "c2: w:", node("Identity c -> c2"), node("Concat v v -> w", opstest.Int("axis", 0)))
	g := graph("trips:i x:v", "y:", node("Loop trips _ x -> y", opstest.Graph("body", body)))
	g.Inputs[1].Type = onnx.TensorOf(tensor.Int64, onnx.Known(1))
	expect(t, model(g), []tensor.Value{scalar[int64](3), ints(7)}, ints(7, 7, 7, 7, 7, 7, 7, 7))
}

func TestLoopRefuses(t *testing.T) {
	short := graph("n:i c:b s:i", "c:b", node("Identity c -> d"))
	wrong := graph("n:i c:b s:i", "s:i s:i", node("Identity c -> d"))
	for name, body := range map[string]*onnx.Graph{"outputs": short, "condition": wrong} {
		g := graph("trips:i s:i", "y:", node("Loop trips _ s -> y", opstest.Graph("body", body)))
		if _, err := opstest.Run(defs(), model(g), []tensor.Value{scalar[int64](2), scalar[int64](0)}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// endless is a loop without a bound; its body gives a tensor of that many
// elements to be stacked.
func endless(size int64) *onnx.Model {
	body := graph("n:i c:b", "c2:b big:", node("Identity c -> c2"), node("Constant -> n1", opstest.Ints("value_ints", size)),
		node("ConstantOfShape n1 -> big"))
	return model(graph("", "y:", node("Loop _ _ -> y", opstest.Graph("body", body))))
}

func TestEndlessLoopEndsAtLimit(t *testing.T) {
	if _, err := opstest.Run(defs(), endless(1<<18), nil); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("got %v, want an error that names the limit", err)
	}
}

func TestEndlessLoopEndsWithItsContext(t *testing.T) {
	m := endless(0)
	registry, err := ops.NewRegistry(defs())
	if err != nil {
		t.Fatal(err)
	}
	scope, err := shapeinfer.New(m, registry, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := scope.Graph(m.Graph); err != nil {
		t.Fatal(err)
	}
	p, err := plan.Compile(m.Graph, scope, plan.Config{Registry: registry})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := plan.NewFrame(p).Run(plan.Env{Context: ctx}, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

// summing is a body that adds an item to the state, and gives the sum beside.
func summing() *onnx.Attribute {
	return opstest.Graph("body", graph("s: x:", "sum: track:", node("Add s x -> sum"), node("Identity sum -> track")))
}

func TestScan(t *testing.T) {
	matrix, err := tensor.FromSlice([]int64{1, 2, 3, 4, 5, 6}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name  string
		attrs []*onnx.Attribute
		state *tensor.Tensor
		shape []int // of the stacked output
		want  []int64
	}{
		{"rows", nil, ints(0, 0, 0), []int{2, 3}, []int64{1, 2, 3, 5, 7, 9}},
		{"columns", []*onnx.Attribute{opstest.Ints("scan_input_axes", -1)}, ints(0, 0), []int{3, 2}, []int64{1, 4, 3, 9, 6, 15}},
		{"columns to columns", []*onnx.Attribute{opstest.Ints("scan_input_axes", 1), opstest.Ints("scan_output_axes", 1)}, ints(0, 0), []int{2, 3}, []int64{1, 3, 6, 4, 9, 15}},
		{"from the last", []*onnx.Attribute{opstest.Ints("scan_input_directions", 1)}, ints(0, 0, 0), []int{2, 3}, []int64{4, 5, 6, 5, 7, 9}},
		{"to the front", []*onnx.Attribute{opstest.Ints("scan_output_directions", 1)}, ints(0, 0, 0), []int{2, 3}, []int64{5, 7, 9, 1, 2, 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, err := tensor.FromSlice(tt.want, tt.shape...)
			if err != nil {
				t.Fatal(err)
			}
			attrs := append([]*onnx.Attribute{summing(), opstest.Int("num_scan_inputs", 1)}, tt.attrs...)
			g := graph("s: x:", "total: tracks:", node("Scan s x -> total tracks", attrs...))
			g.Inputs[0].Type, g.Inputs[1].Type = opstest.TypeOf(tt.state), opstest.TypeOf(matrix)
			got, err := opstest.Run(defs(), model(g), []tensor.Value{tt.state, matrix})
			if err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(got[1], want) {
				t.Errorf("got %v, want %v", got[1], want)
			}
		})
	}
}

// TestScanBatches is version 8: two batches, of which the second is shorter.
func TestScanBatches(t *testing.T) {
	x, err := tensor.FromSlice([]int64{1, 2, 3, 4, 5, 6}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	want, err := tensor.FromSlice([]int64{1, 3, 6, 4, 9, 0}, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	g := graph("n:v s:v x:", "total: tracks:", node("Scan n s x -> total tracks", summing(), opstest.Int("num_scan_inputs", 1)))
	g.Inputs[2].Type = opstest.TypeOf(x)
	expect(t, model(g, 8), []tensor.Value{ints(3, 2), ints(0, 0), x}, ints(6, 9), want)
	if _, err := opstest.Run(defs(), model(g, 8), []tensor.Value{ints(3, 4), ints(0, 0), x}); err == nil {
		t.Error("a sequence longer than the input passed")
	}
}

func TestSequenceMap(t *testing.T) {
	body := graph("a: b: c:", "y:", node("Add a b -> ab"), node("Add ab c -> y"))
	g := graph("p: q: r:i", "s:", node("SequenceMap p q r -> s", opstest.Graph("body", body)))
	seq := func(v ...tensor.Value) *tensor.Sequence { return &tensor.Sequence{DType: tensor.Int64, Items: v} }
	g.Inputs[0].Type, g.Inputs[1].Type = opstest.TypeOf(seq()), opstest.TypeOf(seq())
	expect(t, model(g, 17), []tensor.Value{seq(ints(1), ints(2, 3)), seq(ints(10), ints(20)), scalar[int64](100)}, seq(ints(111), ints(122, 123)))
	expect(t, model(g, 17), []tensor.Value{seq(), seq(), scalar[int64](100)}, seq())
	if _, err := opstest.Run(defs(), model(g, 17), []tensor.Value{seq(ints(1), ints(2)), seq(ints(10)), scalar[int64](100)}); err == nil {
		t.Error("sequences of different lengths passed")
	}
}
