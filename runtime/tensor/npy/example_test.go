package npy_test

import (
	"bytes"
	"fmt"
	"log"

	"github.com/seed6700ada1/infer/runtime/tensor"
	"github.com/seed6700ada1/infer/runtime/tensor/npy"
)

func ExampleWrite() {
	v, err := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err != nil {
		log.Fatal(err)
	}
	var file bytes.Buffer
	if err := npy.Write(&file, v); err != nil {
		log.Fatal(err)
	}
	got, err := npy.Read(&file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(got)
	// Output: float32[2,3]
}

func ExampleReadArchive() {
	var file bytes.Buffer
	err := npy.WriteArchive(&file, []npy.Entry{
		{Name: "ids", Tensor: tensor.Vector[int64](101, 102)},
		{Name: "score", Tensor: tensor.Scalar[float32](0.5)},
	}, true)
	if err != nil {
		log.Fatal(err)
	}
	entries, err := npy.ReadArchive(bytes.NewReader(file.Bytes()), int64(file.Len()), 0)
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range entries {
		fmt.Println(e.Name, e.Tensor)
	}
	// Output:
	// ids int64[2]
	// score float32[]
}
