package step_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/loss"
	"github.com/seed6700ada1/infer/finetune/optim"
	"github.com/seed6700ada1/infer/finetune/step"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// parityCase is one of testdata/parity.json, which testdata/gen/parity.py at the
// root of the module makes with PyTorch.
type parityCase struct {
	Name                        string    `json:"name"`
	Parameters                  int       `json:"parameters"`
	Losses                      []float64 `json:"losses"`  // in float64
	Narrow                      []float64 `json:"float32"` // in float32
	Length, Batch, Size, Hidden int
}

// hashes are the numbers that both sides take weights and data from.
func hashes(n, k int) []uint32 {
	list := make([]uint32, n)
	for i := range list {
		x := uint32(i)*2654435761 + uint32(k*40503+12345)
		x ^= x >> 15
		x *= 2246822519
		list[i] = x ^ x>>13
	}
	return list
}

func uniform(n, k int) []float64 {
	list := make([]float64, n)
	for i, v := range hashes(n, k) {
		list[i] = float64(v) / (1 << 32)
	}
	return list
}

// parityNet is a model that is put together with its weights.
type parityNet struct {
	wide   bool // in float64
	inits  []*onnx.Tensor
	names  []string
	params int
}

func (n *parityNet) add(t *testing.T, name string, values []float64, shape ...int) {
	t.Helper()
	v := n.real(t, values, shape...)
	n.inits = append(n.inits, onnx.NewTensor(name, v))
	n.names = append(n.names, name)
	n.params += len(values)
}

// real is a tensor of the type that the net computes in.
func (n *parityNet) real(t *testing.T, values []float64, shape ...int) *tensor.Tensor {
	t.Helper()
	if n.wide {
		return reshaped(t, values, shape...)
	}
	list := make([]float32, len(values))
	for i, v := range values {
		list[i] = float32(v)
	}
	return reshaped(t, list, shape...)
}

// typ is that type, and word how the text syntax calls it.
func (n *parityNet) typ() (d tensor.DType, word string) {
	if n.wide {
		return tensor.Float64, "double"
	}
	return tensor.Float32, "float"
}

// weight adds the k-th tensor.
func (n *parityNet) weight(t *testing.T, name string, k, fan int, shape ...int) {
	t.Helper()
	size := 1
	for _, d := range shape {
		size *= d
	}
	values := make([]float64, size)
	for i, u := range uniform(size, k) {
		values[i] = float64(float32((2*u - 1) / math.Sqrt(float64(fan))))
	}
	n.add(t, name, values, shape...)
}

// TestParity makes the same steps as PyTorch and compares every loss: in float64
// with what PyTorch has in float64, to 1e-4 and better. Steps of Adam enlarge what
// rounding does, so that PyTorch's own losses in float32 leave those in float64 by
// more than that after some dozens of steps; in float32, ours may leave them by a few
// times as much.
func TestParity(t *testing.T) {
	text, err := os.ReadFile("testdata/parity.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []parityCase `json:"cases"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Hidden > 512 && os.Getenv("INFER_LONG") == "" {
				t.Skip("takes minutes: set INFER_LONG")
			}
			for _, wide := range []bool{true, false} {
				net := &parityNet{wide: wide}
				_, word := net.typ()
				t.Run(word, func(t *testing.T) {
					if c.Name == "cnn" {
						c.cnn(t, net)
					} else {
						c.lstm(t, net)
					}
				})
			}
		})
	}
}

// compare makes the steps of a model.
func (c parityCase) compare(t *testing.T, net *parityNet, src string, rate float32, lossOf func(*emit.Builder) string, batch func(int) map[string]tensor.Value) {
	t.Helper()
	if net.params != c.Parameters {
		t.Fatalf("the net has %d parameters, PyTorch's %d", net.params, c.Parameters)
	}
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	m.Graph.ValueInfo = nil
	m.Graph.Initializers = append(m.Graph.Initializers, net.inits...)
	s, err := step.Build(m, step.Config{Loss: lossOf, Trainable: net.names, Optimizer: optim.Adam(0.9, 0.999, 1e-8, 0)})
	if err != nil {
		t.Fatal(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	const several = 5
	worst, narrow := 0.0, 0.0
	for i, out := range run(t, e, s, len(c.Losses), rate, batch) {
		got, err := tensor.Float64s(out[step.Loss].(*tensor.Tensor))
		if err != nil {
			t.Fatal(err)
		}
		worst = max(worst, math.Abs(got[0]-c.Losses[i])/c.Losses[i])
		narrow = max(narrow, math.Abs(c.Narrow[i]-c.Losses[i])/c.Losses[i])
		bound := 1e-4
		if !net.wide {
			bound += several * narrow
		}
		if worst > bound {
			t.Fatalf("step %d: the loss is %v, PyTorch's %v", i+1, got[0], c.Losses[i])
		}
	}
	t.Logf("%d steps, losses from %.4f to %.4f, the largest relative difference from PyTorch in float64 is %.2g; PyTorch's own in float32 is %.2g",
		len(c.Losses), c.Losses[0], c.Losses[len(c.Losses)-1], worst, narrow)
}

// cnn is the net of four convolutions and two layers.
func (c parityCase) cnn(t *testing.T, net *parityNet) {
	t.Helper()
	typ, word := net.typ()
	var src strings.Builder
	src.WriteString("<ir_version: 10, opset_import: [\"\": 18]>\ng (" + word + "[32,3,64,64] x) => (logits) {\n")
	channels, kernels, last := []int{3, 12, 24, 48, 72}, []int{5, 5, 3, 3}, "x"
	for i, k := range kernels {
		in, out := channels[i], channels[i+1]
		net.weight(t, fmt.Sprint("w", i), 4*i, in*k*k, out, in, k, k)
		net.weight(t, fmt.Sprint("b", i), 4*i+1, in*k*k, out)
		net.add(t, fmt.Sprint("s", i), slices.Repeat([]float64{1}, out), out)
		net.add(t, fmt.Sprint("o", i), make([]float64, out), out)
		fmt.Fprintf(&src, "c%[1]d = Conv<strides = [2, 2], pads = [%[3]d, %[3]d, %[3]d, %[3]d]>(%[2]s, w%[1]d, b%[1]d)\n", i, last, k/2)
		fmt.Fprintf(&src, "r%[1]d = Relu(c%[1]d)\nz%[1]d = Sub(s%[1]d, s%[1]d)\n", i)
		fmt.Fprintf(&src, "n%[1]d, p%[1]d, q%[1]d = BatchNormalization<training_mode = 1>(r%[1]d, s%[1]d, o%[1]d, z%[1]d, z%[1]d)\n", i)
		last = fmt.Sprint("n", i)
	}
	src.WriteString("f = Flatten(n3)\nh = Gemm<transB = 1>(f, w4, b4)\nr = Relu(h)\nlogits = Gemm<transB = 1>(r, w5, b5)\n}")
	net.weight(t, "w4", 16, 1152, 512, 1152)
	net.weight(t, "b4", 17, 1152, 512)
	net.weight(t, "w5", 18, 512, 1, 512)
	net.weight(t, "b5", 19, 512, 1)
	lossOf := func(b *emit.Builder) string {
		y := b.Input("target", typ, onnx.Known(32), onnx.Known(1))
		return b.ReduceMean(b.Sub(b.Unary("Softplus", "logits"), b.Mul("logits", y)), nil, false)
	}
	c.compare(t, net, src.String(), 1.0/(1<<13), lossOf, func(i int) map[string]tensor.Value {
		const batch, area = 32, 3 * 64 * 64
		x, y := make([]float64, batch*area), make([]float64, batch)
		for k, u := range uniform(batch, 1000+i) {
			if u > 0.5 {
				y[k] = 1
			}
		}
		told := uniform(batch, 2000+i)
		for k, u := range uniform(len(x), 100+i) {
			x[k] = float64(float32(u))
			if told[k/area] > 0.2 {
				x[k] += 0.125 * y[k/area] * float64(k%2)
			}
		}
		return map[string]tensor.Value{"x": net.real(t, x, batch, 3, 64, 64), "target": net.real(t, y, batch, 1)}
	})
}

func reshaped[T tensor.Element](t *testing.T, values []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// lstm predicts characters of folk tunes.
func (c parityCase) lstm(t *testing.T, net *parityNet) {
	t.Helper()
	text, err := os.ReadFile(fixture.Shared(t, "data/text/irish.abc"))
	if err != nil {
		t.Fatal(err)
	}
	runes := []rune(string(text))
	chars := slices.Clone(runes)
	slices.Sort(chars)
	chars = slices.Compact(chars)
	n := len(chars)
	net.weight(t, "embedding", 0, 1, n, c.Size)
	net.weight(t, "w", 1, c.Hidden, 1, 4*c.Hidden, c.Size)
	net.weight(t, "r", 2, c.Hidden, 1, 4*c.Hidden, c.Hidden)
	net.weight(t, "b", 3, c.Hidden, 1, 8*c.Hidden)
	net.weight(t, "wo", 4, c.Hidden, n, c.Hidden)
	net.weight(t, "bo", 5, c.Hidden, n)
	src := fmt.Sprintf(`<ir_version: 10, opset_import: ["": 18]>
g (int64[%[1]d,%[2]d] x, int64[1] one = {1}, int64[2] flat = {-1, %[3]d}) => (logits) {
  e = Gather(embedding, x)
  et = Transpose<perm = [1, 0, 2]>(e)
  y = LSTM<hidden_size = %[3]d>(et, w, r, b)
  ys = Squeeze(y, one)
  yt = Transpose<perm = [1, 0, 2]>(ys)
  rows = Reshape(yt, flat)
  logits = Gemm<transB = 1>(rows, wo, bo)
}`, c.Batch, c.Length, c.Hidden)
	lossOf := func(b *emit.Builder) string {
		return loss.CrossEntropy{}.Of(b, "logits", b.Input("labels", tensor.Int64, onnx.Known(c.Batch*c.Length)), "")
	}
	c.compare(t, net, src, 5e-3, lossOf, func(i int) map[string]tensor.Value {
		var x, y []int64
		for _, h := range hashes(c.Batch, 100+i) {
			start := int(h) % (len(runes) - c.Length - 1)
			for k := range c.Length + 1 {
				id, _ := slices.BinarySearch(chars, runes[start+k])
				if k < c.Length {
					x = append(x, int64(id))
				}
				if k > 0 {
					y = append(y, int64(id))
				}
			}
		}
		return map[string]tensor.Value{"x": reshaped(t, x, c.Batch, c.Length), "labels": reshaped(t, y, len(y))}
	})
}
