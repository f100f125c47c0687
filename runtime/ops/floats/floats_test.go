package floats_test

import (
	"fmt"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// An operator that computes in float32 doubles a tensor of float16.
func ExampleView() {
	x := tensor.Vector(tensor.F16From(0.5), tensor.F16From(40000))
	y, _ := tensor.New(tensor.Float16, 2)
	in, _ := floats.View[float32](x)
	out := floats.Target[float32](y)
	for i, v := range in {
		out[i] = 2 * v
	}
	_ = floats.Flush(y, out)
	halves, _ := tensor.Data[tensor.F16](y)
	fmt.Println(halves[0].Float32(), halves[1].Float32())
	// Output: 1 +Inf
}

// Memory of the right type is used in place.
func TestInPlace(t *testing.T) {
	x := tensor.Vector[float64](1, 2)
	in, err := floats.View[float64](x)
	if err != nil {
		t.Fatal(err)
	}
	out := floats.Target[float64](x)
	out[0] = 3
	if in[0] != 3 {
		t.Error("view and target do not share the tensor's memory")
	}
	if none, err := floats.View[float32](nil); none != nil || err != nil {
		t.Errorf("a tensor that is absent gives %v, %v", none, err)
	}
	if _, err := floats.View[float32](tensor.Vector("a")); err == nil {
		t.Error("strings are read as numbers")
	}
}
