package ort_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/ort"
)

// Where there is no library, or the build has no cgo, the engine says so, and a
// program can go on with another one.
func ExampleEngine_Available() {
	engine := ort.New(ort.WithLibrary("/no/such/libonnxruntime.so"))
	if err := engine.Available(); err != nil {
		fmt.Println(engine.Name(), "cannot be used")
	}
	// Output: ort cannot be used
}
