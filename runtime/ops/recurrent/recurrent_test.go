package recurrent_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/recurrent"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func floats(t *testing.T, list []float32, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(list, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func values(t *testing.T, v tensor.Value) []float32 {
	t.Helper()
	data, err := tensor.Data[float32](v.(*tensor.Tensor))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sum is a layer whose state is the sum of its inputs: H = X + H.
func sum(attrs ...*onnx.Attribute) *onnx.Node {
	attrs = append(attrs, opstest.Int("hidden_size", 1), &onnx.Attribute{
		Name: "activations", Type: onnx.AttrStrings, Strings: [][]byte{[]byte("affine")},
	})
	return opstest.NewNode("RNN", "", 6, 2, attrs...)
}

// TestLengthsAndDirections: two sequences, 1 2 3 and 10 20, in a batch. Behind the
// end of a sequence Y is zero; a reversed one begins at its own end.
func TestLengthsAndDirections(t *testing.T) {
	one := floats(t, []float32{1}, 1, 1, 1)
	x := floats(t, []float32{1, 10, 2, 20, 3, 99}, 3, 2, 1)
	lengths := tensor.Vector[int32](3, 2)
	tests := []struct {
		direction string
		y, last   []float32
	}{
		{"forward", []float32{1, 10, 3, 30, 6, 0}, []float32{6, 30}},
		{"reverse", []float32{6, 30, 5, 20, 3, 0}, []float32{6, 30}},
	}
	for _, tt := range tests {
		out := opstest.Node(t, recurrent.Ops, sum(opstest.Str("direction", tt.direction)), 14, x, one, one, nil, lengths)
		if got := values(t, out[0]); !slices.Equal(got, tt.y) {
			t.Errorf("%s: Y = %v, want %v", tt.direction, got, tt.y)
		}
		if got := values(t, out[1]); !slices.Equal(got, tt.last) {
			t.Errorf("%s: Y_h = %v, want %v", tt.direction, got, tt.last)
		}
	}
}

// TestLayouts runs the same layer with the batch first and the batch second, both
// ways at once, and compares element by element.
func TestLayouts(t *testing.T) {
	const seq, batch = 3, 2
	weights := floats(t, []float32{1, 2}, 2, 1, 1)
	recur := floats(t, []float32{1, -1}, 2, 1, 1)
	second := floats(t, []float32{1, 10, 2, 20, 3, 30}, seq, batch, 1)
	first := floats(t, []float32{1, 2, 3, 10, 20, 30}, batch, seq, 1)
	node := func(layout int64) *onnx.Node {
		n := opstest.NewNode("RNN", "", 3, 2, opstest.Int("layout", layout), opstest.Str("direction", "bidirectional"))
		n.Attributes = append(n.Attributes, &onnx.Attribute{
			Name: "activations", Type: onnx.AttrStrings, Strings: [][]byte{[]byte("Relu"), []byte("Relu")},
		})
		return n
	}
	a := opstest.Node(t, recurrent.Ops, node(0), 14, second, weights, recur)
	b := opstest.Node(t, recurrent.Ops, node(1), 14, first, weights, recur)
	ya, yb := values(t, a[0]), values(t, b[0]) // [seq, dirs, batch, 1] and [batch, seq, dirs, 1]
	for s := range seq {
		for d := range 2 {
			for n := range batch {
				if v, w := ya[(s*2+d)*batch+n], yb[(n*seq+s)*2+d]; v != w {
					t.Errorf("step %d, direction %d, sequence %d: %v and %v", s, d, n, v, w)
				}
			}
		}
	}
	if ya[0] != 1 || ya[2*2*batch] != 6 { // forward sums of 1 2 3
		t.Errorf("Y = %v", ya)
	}
}

// TestLSTMStep works one step out by hand: all weights are zero, so that the gates
// are sigmoid(bias) and the new memory is f·C + i·tanh(bias).
func TestLSTMStep(t *testing.T) {
	zero := func(n int) []float32 { return make([]float32, n) }
	bias := []float32{0, 0, 0, 1, 0, 0, 0, 0} // i, o, f, c of W; then of R
	out := opstest.Node(t, recurrent.Ops, opstest.NewNode("LSTM", "", 7, 3, opstest.Int("hidden_size", 1)), 14,
		floats(t, []float32{7}, 1, 1, 1), floats(t, zero(4), 1, 4, 1), floats(t, zero(4), 1, 4, 1),
		floats(t, bias, 1, 8), nil, nil, floats(t, []float32{2}, 1, 1, 1))
	memory := 0.5*2 + 0.5*math.Tanh(1)
	if got := float64(values(t, out[2])[0]); math.Abs(got-memory) > 1e-6 {
		t.Errorf("Y_c = %v, want %v", got, memory)
	}
	if got, want := float64(values(t, out[1])[0]), 0.5*math.Tanh(memory); math.Abs(got-want) > 1e-6 {
		t.Errorf("Y_h = %v, want %v", got, want)
	}
}

// TestEmptySequence keeps the initial state.
func TestEmptySequence(t *testing.T) {
	one := floats(t, []float32{1}, 1, 1, 1)
	out := opstest.Node(t, recurrent.Ops, sum(), 14, floats(t, nil, 0, 1, 1), one, one, nil, nil, floats(t, []float32{5}, 1, 1, 1))
	if y := out[0].(*tensor.Tensor); !slices.Equal(y.Shape(), []int{0, 1, 1, 1}) {
		t.Errorf("Y is %v", y)
	}
	if got := values(t, out[1]); got[0] != 5 {
		t.Errorf("Y_h = %v, want the initial state, 5", got)
	}
}

// TestEmptyBatch: without sequences every output is empty, for each kind of layer.
func TestEmptyBatch(t *testing.T) {
	for op, gates := range map[string]int{"LSTM": 4, "GRU": 3, "RNN": 1} {
		node := opstest.NewNode(op, "", 3, 2, opstest.Int("hidden_size", 2))
		x := floats(t, nil, 3, 0, 4)
		w, r := floats(t, make([]float32, gates*2*4), 1, gates*2, 4), floats(t, make([]float32, gates*2*2), 1, gates*2, 2)
		out := opstest.Node(t, recurrent.Ops, node, 14, x, w, r)
		if got := out[0].(*tensor.Tensor).Shape(); !slices.Equal(got, []int{3, 1, 0, 2}) {
			t.Errorf("%s: Y is %v", op, got)
		}
	}
}

func TestRefusals(t *testing.T) {
	x, one := floats(t, []float32{1}, 1, 1, 1), floats(t, []float32{1}, 1, 1, 1)
	names := func(list ...string) *onnx.Attribute {
		a := &onnx.Attribute{Name: "activations", Type: onnx.AttrStrings}
		for _, s := range list {
			a.Strings = append(a.Strings, []byte(s))
		}
		return a
	}
	rnn := func(attrs ...*onnx.Attribute) *onnx.Node { return opstest.NewNode("RNN", "", 6, 1, attrs...) }
	tests := []struct {
		name   string
		node   *onnx.Node
		inputs []tensor.Value
	}{
		{"X of rank 2", rnn(), []tensor.Value{floats(t, []float32{1}, 1, 1), one, one}},
		{"W of another size", rnn(), []tensor.Value{x, floats(t, []float32{1, 1}, 1, 1, 2), one}},
		{"another hidden_size", rnn(opstest.Int("hidden_size", 3)), []tensor.Value{x, one, one}},
		{"two directions, weights of one", rnn(opstest.Str("direction", "bidirectional")), []tensor.Value{x, one, one}},
		{"bias of another size", rnn(), []tensor.Value{x, one, one, floats(t, []float32{1}, 1, 1)}},
		{"lengths of another batch", rnn(), []tensor.Value{x, one, one, nil, tensor.Vector[int32](1, 1)}},
		{"unknown activation", rnn(names("Sine")), []tensor.Value{x, one, one}},
		{"too many activations", rnn(names("Tanh", "Tanh")), []tensor.Value{x, one, one}},
		{"unknown direction", rnn(opstest.Str("direction", "sideways")), []tensor.Value{x, one, one}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := opstest.Try(recurrent.Ops, tt.node, 14, tt.inputs...); err == nil {
				t.Error("it ran")
			}
		})
	}
}
