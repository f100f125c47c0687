package native_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	gort "runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// soakModels are published models of each kind: convolutions in float32 of two
// families, a transformer in float32 and int8, and one with branches and an
// LSTM. Each has the inputs of one run.
var soakModels = []struct {
	file   string
	inputs func(r *rand.Rand) map[string]tensor.Value
}{
	{"face-detect/yunet/yunet_n_320_320.onnx", func(r *rand.Rand) map[string]tensor.Value {
		return map[string]tensor.Value{"input": floats(r, 0, 255, 1, 3, 320, 320)}
	}},
	{"face-detect/ultralight/version-RFB-320.onnx", func(r *rand.Rand) map[string]tensor.Value {
		return map[string]tensor.Value{"input": floats(r, -1, 1, 1, 3, 240, 320)}
	}},
	{"language/all-MiniLM-L6-v2/model.onnx", sentence},
	{"language/all-MiniLM-L6-v2/model_int8.onnx", sentence},
	{"speech/silero_vad.onnx", func(r *rand.Rand) map[string]tensor.Value {
		return map[string]tensor.Value{
			"input": floats(r, -1, 1, 1, 512), "state": floats(r, -1, 1, 2, 1, 128), "sr": tensor.Scalar[int64](16000),
		}
	}},
}

// floats is a tensor of values from low to high.
func floats(r *rand.Rand, low, high float32, shape ...int) *tensor.Tensor {
	t, err := tensor.New(tensor.Float32, shape...)
	if err != nil {
		panic(err) // shapes of these tests are good
	}
	data, _ := tensor.Data[float32](t)
	for i := range data {
		data[i] = low + (high-low)*r.Float32()
	}
	return t
}

// sentence is a text of 24 tokens.
func sentence(r *rand.Rand) map[string]tensor.Value {
	ids, mask := make([]int64, 24), make([]int64, 24)
	for i := range ids {
		ids[i], mask[i] = 1000+r.Int64N(20000), 1
	}
	m := map[string]tensor.Value{}
	for name, list := range map[string][]int64{"input_ids": ids, "attention_mask": mask, "token_type_ids": make([]int64, 24)} {
		t, _ := tensor.FromSlice(list, 1, 24)
		m[name] = t
	}
	return m
}

// TestConcurrentSessions is the short form of [TestSoakConcurrentSessions], on
// a model of its own.
func TestConcurrentSessions(t *testing.T) {
	const src = `<ir_version: 8, opset_import: ["": 17]>
net (float[1,3,17,19] x) => (float[1,n] y)
{
   s = Constant<value_ints = [8, 3, 3, 3]>()
   n = Constant<value_int = 216>() z = Constant<value_int = 0>() d = Constant<value_int = 1>()
   i = Range(z, n, d) f = Cast<to = 1>(i) g = Sin(f) w = Reshape(g, s)
   c = Conv<pads = [1, 1, 1, 1]>(x, w) r = Relu(c) p = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(r)
   q = Flatten(p) y = Softmax<axis = 1>(q)
}`
	open := func() (*onnx.Model, error) { return onnxtext.Parse(src) }
	var want map[string]tensor.Value
	for _, procs := range []int{1, 2, 8} {
		want = concurrently(t, 32, procs, 64, open, map[string]tensor.Value{"x": floats(rand.New(rand.NewPCG(1, 2)), -1, 1, 1, 3, 17, 19)}, want)
	}
}

// TestSoakConcurrentSessions opens each model 32 times at once and runs it
// 1,000 times, with 1, 2 and 8 threads: all outputs are the same bits.
func TestSoakConcurrentSessions(t *testing.T) {
	if os.Getenv("INFER_SOAK") == "" {
		t.Skip("INFER_SOAK is not set: make soak")
	}
	for _, model := range soakModels {
		path := fixture.Shared(t, "models/"+model.file)
		open := func() (*onnx.Model, error) { return onnx.Open(path) }
		inputs := model.inputs(rand.New(rand.NewPCG(1, 2)))
		var want map[string]tensor.Value
		for _, procs := range []int{1, 2, 8} {
			t.Run(fmt.Sprintf("%s/%d", model.file, procs), func(t *testing.T) {
				want = concurrently(t, 32, procs, 1000, open, inputs, want)
			})
		}
	}
}

// concurrently opens a model that many times at once on one engine, runs it that often
// in all, and compares every output with want; where that is nil, with those of
// the first run. It returns what it compared with.
func concurrently(t *testing.T, sessions, procs, runs int, load func() (*onnx.Model, error), inputs, want map[string]tensor.Value) map[string]tensor.Value {
	t.Helper()
	defer gort.GOMAXPROCS(gort.GOMAXPROCS(procs))
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	var (
		once sync.Once
		left atomic.Int64
		wait sync.WaitGroup
	)
	left.Store(int64(runs))
	for range sessions {
		wait.Go(func() {
			m, err := load()
			if err != nil {
				t.Error(err)
				return
			}
			s, err := e.Open(t.Context(), m, runtime.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			for left.Add(-1) >= 0 {
				got, err := s.Run(t.Context(), inputs)
				if err != nil {
					t.Error(err)
					break
				}
				once.Do(func() {
					if want == nil {
						want = got
					}
				})
				for name, v := range want {
					if !tensor.Equal(v, got[name]) {
						t.Errorf("output %q differs from run to run", name)
						left.Store(0)
					}
				}
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	return want
}
