package runtime_test

import (
	"context"
	"fmt"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// An engine opens a model, and the session on it runs.
func Example() {
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 13]>
double (float[n] x) => (float[n] y) { y = Add(x, x) }`)
	if err != nil {
		fmt.Println(err)
		return
	}
	engine, err := native.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	session, err := engine.Open(context.Background(), m, runtime.Options{Threads: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()
	out, err := session.Run(context.Background(), map[string]tensor.Value{"x": tensor.Vector[float32](1, 2, 3)})
	if err != nil {
		fmt.Println(err)
		return
	}
	y, err := tensor.Data[float32](out["y"].(*tensor.Tensor))
	fmt.Println(y, err)

	_, err = session.Run(context.Background(), map[string]tensor.Value{"x": tensor.Vector[int32](1, 2, 3)})
	fmt.Println(err)
	// Output:
	// [2 4 6] <nil>
	// runtime: input "x" has elements of int32, expected float32[n]
}
