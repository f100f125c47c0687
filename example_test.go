package infer_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// positive is the snippet of the README: see TestReadme.
func positive(ctx context.Context, path string) ([]float32, error) {
	s, err := infer.Open(path)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	x, err := tensor.FromSlice([]float32{1, -2, 3}, 1, 3)
	if err != nil {
		return nil, err
	}
	out, err := s.Run(ctx, map[string]tensor.Value{"x": x})
	if err != nil {
		return nil, err
	}
	return tensor.Data[float32](out["y"].(*tensor.Tensor))
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "infer")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "model.onnx")
	if err := os.WriteFile(path, relu(), 0o600); err != nil {
		log.Print(err)
		return
	}
	y, err := positive(context.Background(), path)
	fmt.Println(y, err)
	// Output: [1 0 3] <nil>
}

// relu is a model of one node.
func relu() []byte {
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 17]>
relu (float[n,3] x) => (float[n,3] y) { a = Neg(x) y = Relu(x) }`)
	if err != nil {
		log.Panic(err)
	}
	data, err := m.Marshal()
	if err != nil {
		log.Panic(err)
	}
	return data
}
