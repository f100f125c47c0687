package gorgonia_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/gorgonia"
	"github.com/seed6700ada1/infer/runtime/native"
)

// The first run on Gorgonia is compared with a reference engine.
func ExampleWithReference() {
	reference, err := native.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	engine := gorgonia.New(gorgonia.WithReference(reference))
	fmt.Println(engine.Name())
	// Output: gorgonia
}
