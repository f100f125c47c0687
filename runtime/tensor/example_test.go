package tensor_test

import (
	"fmt"
	"log"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

func ExampleFromSlice() {
	t, err := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
	if err != nil {
		log.Fatal(err)
	}
	v, err := tensor.Data[float32](t) // shares memory with t
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(t, v[4])
	_, err = tensor.Data[int64](t)
	fmt.Println(err)
	// Output:
	// float32[2,3] 5
	// tensor: elements are float32, not int64
}

func ExamplePack() {
	t, err := tensor.Pack(tensor.Int4, []int8{1, -2, 3}, 3)
	if err != nil {
		log.Fatal(err)
	}
	values, err := tensor.Unpack(t)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%v %x %v\n", t, t.Bytes(), values)
	// Output: int4[3] e103 [1 -2 3]
}

func ExampleF16From() {
	h := tensor.F16From(0.1)
	fmt.Printf("%#04x %.6f\n", uint16(h), h.Float32())
	// Output: 0x2e66 0.099976
}

func ExampleAllClose() {
	got := tensor.Vector[float32](1, 2.001, 3.5)
	want := tensor.Vector[float32](1, 2, 3)
	fmt.Println(tensor.AllClose(got, want, 1e-3, 0))
	// Output: element [2] is 3.5, expected 3 (1 of 3 differ by more than 0 + 0.001·|expected|)
}
