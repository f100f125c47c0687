package face

import (
	"math"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// input says how a picture becomes the tensor that a model takes.
type input struct {
	imageSpec
	multiple  int        // sides of a dynamic input are padded to multiples of it
	bgr       bool       // channels in the order blue, green, red
	mean, std [3]float32 // of red, green, blue: a pixel v becomes (v − mean)/std
	align     picture.Align
	fill      [3]uint8 // red, green, blue of the padding
}

// ones is the std of models that only subtract.
var ones = [3]float32{1, 1, 1}

func same(v float32) [3]float32 { return [3]float32{v, v, v} }

// place scales p into the size of the model's input: letter-boxed where that is
// fixed; else shrunk where its longer side is over longest, and padded.
func (in *input) place(p *picture.RGB, longest int) (*picture.RGB, picture.Placement) {
	if in.w != dynamic && in.h != dynamic {
		return picture.Letterbox(p, in.w, in.h, in.align, in.fill)
	}
	scale := min(1, float64(longest)/float64(max(p.W, p.H)))
	side := func(fixed, n int) int {
		if fixed != dynamic {
			return fixed
		}
		n = max(1, int(math.RoundToEven(float64(n)*scale)))
		return (n + in.multiple - 1) / in.multiple * in.multiple
	}
	w, h := side(in.w, p.W), side(in.h, p.H)
	// Where one side is fixed it may ask for less.
	scale = min(scale, float64(w)/float64(p.W), float64(h)/float64(p.H))
	return picture.Place(p, w, h, scale, in.align, in.fill)
}

// tensor copies pixels into the layout, channel order and range of the model.
func (in *input) tensor(p *picture.RGB) (*tensor.Tensor, error) {
	shape := []int{1, 3, p.H, p.W}
	if in.channelsLast {
		shape = []int{1, p.H, p.W, 3}
	}
	data := make([]float32, len(p.Pix))
	in.fillIn(data, p)
	return tensor.FromSlice(data, shape...)
}

// fillIn writes the values of [input.tensor] into data, as long as p.Pix.
func (in *input) fillIn(data []float32, p *picture.RGB) {
	var table [3][256]float32
	for c := range table {
		for v := range table[c] {
			table[c][v] = (float32(v) - in.mean[c]) / in.std[c]
		}
	}
	plane, step := p.W*p.H, 1
	if in.channelsLast {
		plane, step = 1, 3
	}
	for c := range 3 {
		at := c * plane
		if in.bgr {
			at = (2 - c) * plane
		}
		lut := &table[c]
		for i := c; i < len(p.Pix); i += 3 {
			data[at] = lut[p.Pix[i]]
			at += step
		}
	}
}
