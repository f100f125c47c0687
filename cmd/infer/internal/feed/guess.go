package feed

import "github.com/seed6700ada1/infer/runtime/onnx"

// What open dimensions are taken for.
const (
	guessPicture  = 320 // height and width
	guessColours  = 3
	guessSequence = 128
	mostColours   = 4 // a known dimension up to that may be the channels of a picture
)

// Guess chooses the dimensions that an input leaves open: one example; pictures
// of 320×320, where the shape is [N, C, H, W] or [N, H, W, C] with up to 4
// channels; no past, where it is [N, heads, past, size], as the caches of decoders
// are; and sequences of 128. Nil where the rank is open too, or nothing is.
func Guess(t *onnx.Type) []int {
	if t == nil || t.Kind != onnx.TypeTensor || t.Shape == nil {
		return nil
	}
	d := t.Shape.Dims
	shape := make([]int, len(d))
	open := false
	for i := range d {
		if d[i].IsKnown() {
			shape[i] = int(d[i].Value)
			continue
		}
		open = true
		shape[i] = guessDim(d, i)
	}
	if !open {
		return nil
	}
	return shape
}

func guessDim(d []onnx.Dim, i int) int {
	colours := func(k int) bool { return d[k].IsKnown() && d[k].Value <= mostColours }
	switch {
	case i == 0:
		return 1
	case len(d) != 4:
		return guessSequence
	case colours(3) && !colours(1): // [N, H, W, C]
		return guessPicture
	case i == 2 && d[1].IsKnown() && !colours(1) && d[3].IsKnown():
		return 0
	case i == 1:
		return guessColours
	}
	return guessPicture
}
