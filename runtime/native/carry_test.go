package native_test

import (
	"errors"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// decoder remembers what it was given: keys and values are the input itself,
// repeated for two heads of queries.
const decoder = `<ir_version: 8, opset_import: ["": 18]>
decoder (float[B,1,S,2] x, float[B,1,P,2] past_key, float[B,1,P,2] past_value) => (float[B,1,S,2] y, float[B,1,T,2] present_key, float[B,1,T,2] present_value, int64[4] seen)
{
   present_key = Concat<axis = 2>(past_key, x)
   present_value = Concat<axis = -2>(past_value, x)
   turned = Transpose<perm = [0, 1, 3, 2]>(present_key)
   scores = MatMul(x, turned)
   weights = Softmax<axis = -1>(scores)
   y = MatMul(weights, present_value)
   seen = Shape(past_key)
}`

func vectors(t *testing.T, rows int, first float32) *tensor.Tensor {
	t.Helper()
	v := make([]float32, 2*rows)
	for i := range v {
		v[i] = first + 0.25*float32(i)
	}
	x, err := tensor.FromSlice(v, 1, 1, rows, 2)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestCarry runs a decoder step by step with tensors and with caches.
func TestCarry(t *testing.T) {
	plain := mustOpen(t, decoder, runtime.Options{})
	carrying, err := plain.(runtime.Carrier).Carry([]runtime.Pair{{Input: "past_key", Output: "present_key"}, {Input: "past_value", Output: "present_value"}})
	if err != nil {
		t.Fatal(err)
	}
	var past [2]map[string]tensor.Value
	empty, err := tensor.New(tensor.Float32, 1, 1, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	for i := range past {
		past[i] = map[string]tensor.Value{"key": empty, "value": empty}
	}
	for step, rows := range []int{3, 1, 1, 70, 1} {
		x := vectors(t, rows, float32(step))
		var out [2]map[string]tensor.Value
		for i, s := range []runtime.Session{plain, carrying} {
			out[i], err = s.Run(t.Context(), map[string]tensor.Value{"x": x, "past_key": past[i]["key"], "past_value": past[i]["value"]})
			if err != nil {
				t.Fatal(err)
			}
			past[i] = map[string]tensor.Value{"key": out[i]["present_key"], "value": out[i]["present_value"]}
		}
		for _, name := range []string{"y", "seen"} {
			if err := tensor.AllClose(out[1][name], out[0][name], 1e-6, 1e-6); err != nil {
				t.Errorf("step %d, %s: %v", step, name, err)
			}
		}
		dense, err := out[1]["present_value"].(*tensor.Cache).Tensor()
		if err != nil {
			t.Fatal(err)
		}
		if !tensor.Equal(dense, out[0]["present_value"]) {
			t.Errorf("step %d: the cache is not what the tensor is", step)
		}
	}
}

func TestNotCarried(t *testing.T) {
	for _, src := range []string{
		`g (float[1,1,S,2] x, float[1,1,P,2] past) => (float[1,1,T,2] present) { present = Concat<axis = 3>(past, x) }`,
		`g (float[1,1,S,2] x, float[1,1,P,2] past) => (float[1,1,T,2] present, float[1,1,T,2] y) { present = Concat<axis = 2>(past, x) y = Relu(present) }`,
		`g (float[1,1,S,2] x, float[1,1,P,2] past) => (float[1,1,T,2] present) { present = Relu(x) }`,
	} {
		s := mustOpen(t, src, runtime.Options{})
		_, err := s.(runtime.Carrier).Carry([]runtime.Pair{{Input: "past", Output: "present"}})
		if !errors.Is(err, runtime.ErrNotCarried) {
			t.Errorf("got %v, want ErrNotCarried", err)
		}
	}
}
