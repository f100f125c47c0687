package augment

import (
	"math/rand/v2"

	"github.com/seed6700ada1/infer/models/face/picture"
)

// colour changes brightness, contrast and the balance of the channels; now and
// then it takes the colour away, or adds noise.
func colour(r *rand.Rand, p *picture.RGB, strength float64) {
	spread := func(most float64) float64 { return 1 + strength*most*(2*r.Float64()-1) }
	contrast, bright := spread(0.5), strength*60*(2*r.Float64()-1)
	var table [3][256]uint8
	for c := range table {
		gain := contrast * spread(0.2)
		for v := range table[c] {
			table[c][v] = clamp((float64(v)-128)*gain + 128 + bright)
		}
	}
	const (
		greyShare  = 0.1
		noiseShare = 0.15
	)
	grey := r.Float64() < greyShare*strength
	noise := 0
	if r.Float64() < noiseShare*strength {
		noise = 2 + r.IntN(14)
	}
	for i := 0; i < len(p.Pix); i += 3 {
		px := p.Pix[i : i+3 : i+3]
		for c := range px {
			px[c] = table[c][px[c]]
		}
		if grey {
			const red, green, blue = 77, 150, 29 // of 256: luma
			l := uint8((red*int(px[0]) + green*int(px[1]) + blue*int(px[2])) >> 8)
			px[0], px[1], px[2] = l, l, l
		}
		if noise > 0 {
			n := r.IntN(2*noise+1) - noise
			for c := range px {
				px[c] = uint8(min(max(int(px[c])+n, 0), 255))
			}
		}
	}
}

func clamp(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }
