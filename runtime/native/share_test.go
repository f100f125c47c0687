package native_test

import (
	gort "runtime"
	"sync"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// product is a model that multiplies by a matrix of 4 MiB, read anew by each call.
func product(t *testing.T) *onnx.Model {
	t.Helper()
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 17]> net (float[n,1024] x) => (float[n,1024] y) { y = MatMul(x, w) }`)
	if err != nil {
		t.Fatal(err)
	}
	w, err := tensor.New(tensor.Float32, 1024, 1024)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := tensor.Data[float32](w)
	for i := range data {
		data[i] = float32(i % 7)
	}
	m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor("w", w))
	return m
}

func heapMiB() int {
	gort.GC()
	gort.GC() // what cleanups let go of
	var s gort.MemStats
	gort.ReadMemStats(&s)
	return int(s.HeapAlloc >> 20)
}

// Sessions of one engine have one copy of packed weights, which goes with the
// last of them.
func TestSessionsShareWeights(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	const n = 16
	sessions := make([]runtime.Session, n)
	models := make([]*onnx.Model, n)
	for i := range models {
		models[i] = product(t)
	}
	before := heapMiB()
	var wait sync.WaitGroup
	for i := range sessions {
		wait.Go(func() {
			var err error
			if sessions[i], err = e.Open(t.Context(), models[i], runtime.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}
	if grown := heapMiB() - before; grown > 8 {
		t.Errorf("%d sessions took %d MiB, expected one copy of 4 MiB", n, grown)
	}
	for _, s := range sessions {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left := heapMiB() - before; left > 1 {
		t.Errorf("%d MiB are left after all sessions closed", left)
	}
	gort.KeepAlive(sessions)
	gort.KeepAlive(models)
}
