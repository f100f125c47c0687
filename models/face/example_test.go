package face_test

import (
	"fmt"

	"github.com/seed6700ada1/infer/models/face"
)

func ExampleSuppress() {
	faces := face.Suppress([]face.Face{
		{Box: face.Box{X1: 12, Y1: 10, X2: 32, Y2: 30}, Score: 0.7},
		{Box: face.Box{X1: 10, Y1: 10, X2: 30, Y2: 30}, Score: 0.9},
		{Box: face.Box{X1: 60, Y1: 10, X2: 80, Y2: 30}, Score: 0.8},
	}, 0.3)
	for _, f := range faces {
		fmt.Println(f.Score, f.Box)
	}
	// Output:
	// 0.9 {10 10 30 30}
	// 0.8 {60 10 80 30}
}

func ExampleCosine() {
	same := face.Cosine([]float32{0.6, 0.8}, []float32{0.8, 0.6}) >= face.SamePerson
	fmt.Println(same)
	// Output: true
}
