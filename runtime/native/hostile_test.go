package native_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	gort "runtime"
	"strings"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// small is the memory limit of sessions in tests of hostile models.
const small = 16 << 20

// hostile are models of a few lines that ask for much: more memory than the
// limit, or more time than anyone has. %d stands for a size, which is tried at
// several magnitudes. Inputs are x, float32 of [1,1,4,4], and n, one int64,
// which is the same size, given when the model is run.
var hostile = map[string]string{
	"ConstantOfShape folded": `x2 = Constant<value_ints = [%d]>() y = ConstantOfShape(x2)`,
	"ConstantOfShape":        `y = ConstantOfShape(n)`,
	"Expand folded":          `s = Constant<value_ints = [%d, 1, 1, 1]>() c = Constant<value_floats = [1.0]>() y = Expand(c, s)`,
	"Expand":                 `y = Expand(f, n)`,
	"Tile":                   `o = Constant<value_ints = [1, 1, 1]>() r = Concat<axis = 0>(n, o) y = Tile(x, r)`,
	"Pad":                    `o = Constant<value_ints = [0, 0, 0, 0, 0, 0, 0]>() r = Concat<axis = 0>(o, n) y = Pad(x, r)`,
	"negative Pad":           `o = Constant<value_ints = [0, 0, 0, 0, 0, 0, 0]>() m = Neg(n) r = Concat<axis = 0>(o, m) y = Pad(x, r)`,
	"Range":                  `z = Constant<value_int = 0>() e = Squeeze(n) d = Constant<value_int = 1>() y = Range(z, e, d)`,
	"Range folded":           `z = Constant<value_int = 0>() e = Constant<value_int = %d>() d = Constant<value_int = 1>() y = Range(z, e, d)`,
	"OneHot":                 `i = Constant<value_ints = [1]>() v = Constant<value_floats = [0.0, 1.0]>() y = OneHot(i, n, v)`,
	"Resize sizes":           `o = Constant<value_ints = [1, 1]>() k = Constant<value_ints = [4]>() r = Concat<axis = 0>(o, k, n) y = Resize<mode = "linear">(x, "", "", r)`,
	"Resize scales":          `o = Constant<value_floats = [1.0, 1.0, 1.0]>() g = Cast<to = 1>(n) r = Concat<axis = 0>(o, g) y = Resize(x, "", r)`,
	"Reshape":                `y = Reshape(x, n)`,
	"ConvTranspose strides":  `w = Constant<value_floats = [1.0]>() s = Constant<value_ints = [1, 1, 1, 1]>() k = Reshape(w, s) y = ConvTranspose<strides = [1, %d]>(x, k)`,
	"Conv pads":              `w = Constant<value_floats = [1.0]>() s = Constant<value_ints = [1, 1, 1, 1]>() k = Reshape(w, s) y = Conv<pads = [0, 0, 0, %d]>(x, k)`,
	"Conv dilations":         `w = Constant<value_floats = [1.0, 1.0]>() s = Constant<value_ints = [1, 1, 1, 2]>() k = Reshape(w, s) y = Conv<dilations = [1, %d], pads = [0, %d, 0, %d]>(x, k)`,
	"MaxPool kernel":         `y = MaxPool<kernel_shape = [1, %d], pads = [0, %d, 0, %d]>(x)`,
	"AveragePool kernel":     `y = AveragePool<kernel_shape = [1, %d], pads = [0, %d, 0, %d], count_include_pad = 1>(x)`,
	"LpPool kernel":          `y = LpPool<kernel_shape = [1, %d], pads = [0, %d, 0, %d]>(x)`,
	"MaxUnpool":              `a, b = MaxPool<kernel_shape = [2, 2]>(x) y = MaxUnpool<kernel_shape = [2, %d]>(a, b)`,
	"Col2Im":                 `k = Constant<value_ints = [1]>() r = Concat<axis = 0>(k, n) b = Constant<value_ints = [1, 1]>() t = Constant<value_ints = [1, 1, 4]>() h = Constant<value_floats = [1.0, 2.0, 3.0, 4.0]>() g = Reshape(h, t) y = Col2Im(g, r, b)`,
	"TopK":                   `y, i = TopK(x, n)`,
	"CenterCropPad":          `y = CenterCropPad<axes = [0]>(x, n)`,
	"RandomNormal":           `y = RandomNormal<shape = [%d]>()`,
	"RandomUniform":          `y = RandomUniform<shape = [%d, %d]>()`,
	"Multinomial":            `q = Flatten(x) y = Multinomial<sample_size = %d>(q)`,
	"HannWindow":             `e = Squeeze(n) y = HannWindow(e)`,
	"MelWeightMatrix":        `e = Squeeze(n) l = Constant<value_float = 0.0>() h = Constant<value_float = 4000.0>() r = Constant<value_int = 8000>() y = MelWeightMatrix(e, e, r, l, h)`,
	"DFT":                    `e = Squeeze(n) a = Constant<value_int = 2>() s = Constant<value_ints = [1, 4, 4, 1]>() g = Reshape(x, s) y = DFT(g, e, a)`,
	"STFT":                   `e = Squeeze(n) s = Constant<value_ints = [1, 16, 1]>() g = Reshape(x, s) k = Constant<value_int = 1>() y = STFT(g, k, "", e)`,
	"AffineGrid":             `s = Constant<value_ints = [1, 2, 3]>() h = Constant<value_floats = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]>() t = Reshape(h, s) o = Constant<value_ints = [1, 1, 4]>() z = Concat<axis = 0>(o, n) y = AffineGrid(t, z)`,
	"RoiAlign":               `b = Constant<value_floats = [0.0, 0.0, 1.0, 1.0]>() s = Constant<value_ints = [1, 4]>() r = Reshape(b, s) i = Constant<value_ints = [0]>() y = RoiAlign<output_height = %d, output_width = %d>(x, r, i)`,
	"RoiAlign sampling":      `b = Constant<value_floats = [0.0, 0.0, 1.0, 1.0]>() s = Constant<value_ints = [1, 4]>() r = Reshape(b, s) i = Constant<value_ints = [0]>() y = RoiAlign<sampling_ratio = %d>(x, r, i)`,
	"Split":                  `y, z = Split<num_outputs = %d, axis = 3>(x)`,
	"SplitToSequence":        `e = Squeeze(n) q = SplitToSequence(x, e) y = SequenceLength(q)`,
	"Gather":                 `s = ConstantOfShape(n) i = Cast<to = 7>(s) y = Gather(x, i)`,
	"LRN":                    `y = LRN<size = %d>(x)`,
	"DepthToSpace":           `y = DepthToSpace<blocksize = %d>(x)`,
	"SpaceToDepth":           `y = SpaceToDepth<blocksize = %d>(x)`,
	"BitShift":               `u = Cast<to = 13>(n) y = BitShift<direction = "LEFT">(u, u)`,
	"LSTM":                   `s = Constant<value_ints = [1, 4, 4]>() g = Reshape(x, s) y = LSTM<hidden_size = %d>(g, g, g)`,
	"TfIdfVectorizer":        `i = Cast<to = 6>(x) m1 = Constant<value_ints = [16]>() q = Reshape(i, m1) y = TfIdfVectorizer<mode = "TF", min_gram_length = 1, max_gram_length = %d, max_skip_count = %d, ngram_counts = [0], ngram_indexes = [%d], pool_int64s = [1]>(q)`,
	"Loop of large tensors":  `q = SequenceEmpty() p = Loop(n, "", q) <body = b (int64 i, bool c, seq(float[]) v) => (bool c2, seq(float[]) v2) { c2 = Identity(c) k = Constant<value_ints = [65536]>() t = ConstantOfShape(k) v2 = SequenceInsert(v, t) }> y = SequenceLength(p)`,
	"many large values":      "k = Constant<value_ints = [3000000]>() " + chain(200) + "y = Sum(" + strings.Join(names(200), ", ") + ")",
	"wide kernel":            `k = Constant<value_ints = [1, 1, 128, 128]>() w = ConstantOfShape(k) y = Conv<pads = [64, 64, 64, 64]>(w, w)`,
	"outer sum":              `i = ConstantOfShape(n) s = Constant<value_ints = [-1, 1]>() a = Reshape(i, s) y = Add(a, i)`,
	"outer product":          `i = ConstantOfShape(n) s = Constant<value_ints = [-1, 1]>() a = Reshape(i, s) t = Constant<value_ints = [1, -1]>() b = Reshape(i, t) y = MatMul(a, b)`,
	"Einsum":                 `i = ConstantOfShape(n) y = Einsum<equation = "a,b,c->abc">(i, i, i)`,
	"Loop without end":       `t = Constant<value = bool {1}>() y = Loop("", t, f) <body = b (int64 i, bool c, float[1] v) => (bool c2, float[1] v2) { c2 = Identity(c) v2 = Add(v, v) }>`,
	"Loop that doubles":      `y = Loop(n, "", f) <body = b (int64 i, bool c, float[k] v) => (bool c2, float[l] v2) { c2 = Identity(c) v2 = Concat<axis = 0>(v, v) }>`,
	"Loop that gathers":      `v, y = Loop(n, "", f) <body = b (int64 i, bool c, float[1] v) => (bool c2, float[1] v2, float[1] s) { c2 = Identity(c) v2 = Identity(v) s = Add(v, v) }>`,
	"Loop of a sequence":     `q = SequenceEmpty() p = Loop(n, "", q) <body = b (int64 i, bool c, seq(float[]) v) => (bool c2, seq(float[]) v2) { c2 = Identity(c) v2 = SequenceInsert(v, x) }> y = SequenceLength(p)`,
	"MatMulNBits":            `b = Constant<value = uint8[1] {1}>() y = com.microsoft.MatMulNBits<K = %d, N = %d, bits = 4, block_size = 16>(x, b, f)`,
	"StringSplit":            `i = ConstantOfShape(n) y = Cast<to = 8>(i)`,
	"Unsqueeze twice":        `i = ConstantOfShape(n) a = Tile(i, n) y = Exp(a)`,
}

// names are v0, v1, and so on.
func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("v%d", i)
	}
	return list
}

// chain makes n values of one shape, each by a node of its own.
func chain(n int) string {
	var b strings.Builder
	for _, name := range names(n) {
		fmt.Fprintf(&b, "%s = ConstantOfShape(k) ", name)
	}
	return b.String()
}

// hostileModel is the model around a line of hostile.
func hostileModel(tb testing.TB, body string, size int64) *onnx.Model {
	tb.Helper()
	body = strings.ReplaceAll(body, "%d", fmt.Sprint(size))
	m, err := onnxtext.Parse(`<ir_version: 10, opset_import: ["": 20, "com.microsoft": 1]>
g (float[1,1,4,4] x, float[1] f, int64[1] n) => (y) { ` + body + ` }`)
	if err != nil {
		tb.Fatalf("%v in %s", err, body)
	}
	return m
}

// allocated is how many bytes f allocates.
func allocated(f func()) int {
	var before, after gort.MemStats
	gort.ReadMemStats(&before)
	f()
	gort.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// openAndRun opens a model and runs it for a moment with inputs made up for it.
func openAndRun(ctx context.Context, e *native.Engine, m *onnx.Model, n int64, limit int) error {
	s, err := e.Open(ctx, m, runtime.Options{MemoryLimit: limit, Threads: 1})
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Run(ctx, madeUp(s.Inputs(), n, rand.New(rand.NewPCG(1, 2))))
	return err
}

// madeUp makes a value for each input: dimensions that are open are 2, integers
// are n.
func madeUp(specs []runtime.ValueSpec, n int64, r *rand.Rand) map[string]tensor.Value {
	values := map[string]tensor.Value{}
	for _, spec := range specs {
		t := spec.Type
		if spec.Optional || t == nil || t.Kind != onnx.TypeTensor {
			continue
		}
		var shape []int
		if t.Shape != nil {
			for _, d := range t.Shape.Dims {
				if !d.IsKnown() {
					d = onnx.Known(2)
				}
				shape = append(shape, int(d.Value))
			}
		}
		count, err := tensor.NumElements(shape)
		if err != nil || count > 1<<16 {
			continue
		}
		v, err := tensor.New(t.DType, shape...)
		if err != nil {
			continue
		}
		if data, err := tensor.Data[float32](v); err == nil {
			for i := range data {
				data[i] = r.Float32()*2 - 1
			}
		}
		if data, err := tensor.Data[int64](v); err == nil {
			for i := range data {
				data[i] = n
			}
		}
		values[spec.Name] = v
	}
	return values
}

// TestHostileModels: whatever a model asks for, opening and running it ends
// soon, and takes no more memory than a few values at their limit.
func TestHostileModels(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range hostile {
		for _, size := range []int64{1 << 21, 1 << 31, 1 << 40, 1<<62 - 1, 1 << 62, 1<<63 - 1, -1} {
			t.Run(fmt.Sprintf("%s/%d", name, size), func(t *testing.T) {
				m := hostileModel(t, body, size)
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				start := time.Now()
				bytes := allocated(func() { err = openAndRun(ctx, e, m, size, small) })
				took := time.Since(start)
				if err != nil && strings.Contains(err.Error(), "internal fault") {
					t.Errorf("an internal fault: %v", err)
				}
				// twice as much where a value grows by doubling, and again for the last
				if bytes > 8*small && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("took %d MiB: %v", bytes>>20, err)
				}
				if took > 10*time.Second {
					t.Errorf("took %v: %v", took, err)
				}
				t.Logf("%d KiB, %v: %v", bytes>>10, took.Round(time.Millisecond), err)
			})
		}
	}
}

// FuzzModel: whatever the bytes, a model is refused or opened, and what opens
// runs or says why not; nothing panics, nothing takes more memory than it may,
// and what the engine infers it keeps.
func FuzzModel(f *testing.F) {
	e, err := native.New()
	if err != nil {
		f.Fatal(err)
	}
	for _, body := range hostile {
		for _, size := range []int64{2, 1 << 40} {
			data, err := hostileModel(f, body, size).Marshal()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := onnx.Parse(data)
		if err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		bytes := allocated(func() { err = openAndRun(ctx, e, m, 3, small) })
		if err != nil && strings.Contains(err.Error(), "internal fault") {
			t.Error(err)
		}
		if bytes > 8*small && ctx.Err() == nil {
			t.Errorf("took %d MiB: %v", bytes>>20, err)
		}
	})
}
