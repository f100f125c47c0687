package linear

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// FuzzEquation sees that no equation and no shapes make the parser or the binder
// panic, and that what is bound is whole: strides for every index that a result
// or a sum has.
func FuzzEquation(f *testing.F) {
	for _, text := range []string{"ij,jk->ik", "...ii->...i", "i,j,ij->", "a b , b c", "ij->ji", "->", ",", "...", "i->ii", "....->"} {
		f.Add(text, uint8(2), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, rank, size uint8) {
		eq, err := parseEquation(text)
		if err != nil {
			return
		}
		shapes := make([][]onnx.Dim, len(eq.terms))
		for i := range shapes {
			for range rank % 9 {
				shapes[i] = append(shapes[i], onnx.Known(int(size)))
			}
		}
		b, err := eq.bind(shapes)
		if err != nil {
			return
		}
		for i := range shapes {
			if len(b.strides(i, b.keep)) != len(b.keep) || len(b.strides(i, b.sum)) != len(b.sum) {
				t.Fatalf("%q: strides of input %d are short", text, i)
			}
		}
		for _, l := range slices.Concat(b.keep, b.sum) {
			if _, ok := b.size[l]; !ok {
				t.Fatalf("%q: index %d has no size", text, l)
			}
		}
	})
}
