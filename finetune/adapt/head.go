package adapt

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Logits is the output of the heads that this package makes.
const Logits = "logits"

// Head says what a new head is.
type Head struct {
	Classes int
	// Hidden lists the widths of layers between, each followed by GELU; none makes
	// a linear head.
	Hidden []int
	// Cosine compares directions: features and the weight of each class are made
	// of length one, and the cosines multiplied by Scale (16 where it is 0).
	Cosine bool
	Scale  float64
	Seed   uint64
}

// AddHead puts a head on the value features, [batch, width], makes its result
// the model's only output, and returns the names of the new weights.
func AddHead(m *onnx.Model, features string, h Head) ([]string, error) {
	if h.Classes < 2 {
		return nil, fmt.Errorf("adapt: a head for %d classes, expected at least 2", h.Classes)
	}
	b, err := emit.New(m)
	if err != nil {
		return nil, err
	}
	d, ok := b.Dims(features)
	if !ok || len(d) != 2 || !d[1].IsKnown() {
		return nil, fmt.Errorf("adapt: a head goes on a value [batch, width] of known width; %q is %v", features, b.Type(features))
	}
	random := rand.New(rand.NewPCG(h.Seed, 0x68656164))
	var weights []string
	x, width := features, int(d[1].Value)
	layer := func(name string, out int, bias bool) (w, c string) {
		w = b.Initializer(name+".weight", uniform(random, width, b.DType(features), out, width))
		weights = append(weights, w)
		if bias {
			c = b.Initializer(name+".bias", uniform(random, width, b.DType(features), out))
			weights = append(weights, c)
		}
		return w, c
	}
	for i, n := range h.Hidden {
		w, c := layer(fmt.Sprintf("head.%d", i), n, true)
		x = Gelu(b, b.Node("Gemm", []string{x, w, c}, emit.IntAttr("transB", 1)))
		width = n
	}
	name := "head"
	if len(h.Hidden) > 0 {
		name = fmt.Sprintf("head.%d", len(h.Hidden))
	}
	w, c := layer(name, h.Classes, !h.Cosine)
	if h.Cosine {
		scale := h.Scale
		if scale == 0 {
			scale = 16
		}
		x, w = Unit(b, x, 1), Unit(b, w, 1)
		x = b.Scale(b.MatMul(x, b.Transpose(w, 1, 0)), scale)
	} else {
		x = b.Node("Gemm", []string{x, w, c}, emit.IntAttr("transB", 1))
	}
	m.Graph.Outputs = nil
	b.Output(Logits, x)
	return weights, b.Err()
}

// uniform is ±1/√fan, as PyTorch starts linear layers.
func uniform(random *rand.Rand, fan int, d tensor.DType, shape ...int) *tensor.Tensor {
	n := 1
	for _, s := range shape {
		n *= s
	}
	limit := 1 / math.Sqrt(float64(fan))
	values := make([]float64, n)
	for i := range values {
		values[i] = (random.Float64()*2 - 1) * limit
	}
	return convert(values, d, shape...)
}

// convert makes a tensor of float32, or of float64 where d says so.
func convert(values []float64, d tensor.DType, shape ...int) *tensor.Tensor {
	if d == tensor.Float64 {
		t, _ := tensor.FromSlice(values, shape...) // as many as the shape needs
		return t
	}
	narrow := make([]float32, len(values))
	for i, v := range values {
		narrow[i] = float32(v)
	}
	t, _ := tensor.FromSlice(narrow, shape...) // as many as the shape needs
	return t
}

// Gelu is x·Φ(x), in operators that every opset has.
func Gelu(b *emit.Builder, x string) string {
	return b.Mul(x, b.Scale(b.Shift(b.Unary("Erf", b.Scale(x, math.Sqrt2/2)), 1), 0.5))
}

// Unit divides x by its length along an axis. Lengths below 1e-12 count as that.
func Unit(b *emit.Builder, x string, axis int) string {
	length := b.Sqrt(b.ReduceSum(b.Square(x), []int{axis}, true))
	return b.Div(x, b.Node("Max", []string{length, b.Scalar(x, 1e-12)}))
}

// Pool adds the mean over the tokens that a mask of 0 and 1, [batch, time],
// keeps of hidden states [batch, time, width].
func Pool(b *emit.Builder, hidden, mask string) string {
	m := b.Unsqueeze(b.CastLike(mask, hidden), 2)
	sum := b.ReduceSum(b.Mul(hidden, m), []int{1}, false)
	count := b.ReduceSum(m, []int{1}, false)
	return b.Div(sum, b.Node("Max", []string{count, b.Scalar(hidden, 1e-9)}))
}
