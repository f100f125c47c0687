package picture

import (
	"bytes"

	"github.com/bep/imagemeta"
)

// Orientation says how stored rows and columns lie in the upright picture: the
// values 1 to 8 of the EXIF tag 0x0112.
type Orientation int

// The values of the EXIF orientation, by what makes the picture upright.
const (
	Normal          Orientation = 1
	FlipHorizontal  Orientation = 2
	Rotate180       Orientation = 3
	FlipVertical    Orientation = 4
	Transpose       Orientation = 5 // mirror on the main diagonal
	RotateClockwise Orientation = 6
	Transverse      Orientation = 7 // mirror on the other diagonal
	RotateCounter   Orientation = 8 // by 90° counter-clockwise
)

// orientation reads the EXIF orientation. Metadata that are missing or broken
// are no reason to refuse a picture: they mean Normal.
func orientation(f *format, data []byte) Orientation {
	o := Normal
	if f.meta == 0 {
		return o
	}
	isOrientation := func(tag imagemeta.TagInfo) bool {
		return tag.Tag == "Orientation" && tag.Namespace == "IFD0"
	}
	_, err := imagemeta.Decode(imagemeta.Options{
		R:               bytes.NewReader(data),
		ImageFormat:     f.meta,
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: isOrientation,
		HandleTag: func(tag imagemeta.TagInfo) error {
			if v, ok := tag.Value.(uint16); ok && v >= 1 && v <= 8 {
				o = Orientation(v)
			}
			return imagemeta.ErrStopWalking
		},
	})
	if err != nil {
		return Normal
	}
	return o
}

// Upright turns and mirrors stored pixels as o says. Normal and values outside
// 1–8 return p itself.
func Upright(p *RGB, o Orientation) *RGB {
	if o <= Normal || o > RotateCounter {
		return p
	}
	w, h := p.W, p.H
	if o >= Transpose {
		w, h = h, w
	}
	// Where pixel (0,0) of the result lies in p, and the steps in p for a step
	// right and a step down in the result.
	var x0, y0, right, down int
	switch o {
	case Normal: // is done above
	case FlipHorizontal:
		x0, right, down = p.W-1, -1, p.W
	case Rotate180:
		x0, y0, right, down = p.W-1, p.H-1, -1, -p.W
	case FlipVertical:
		y0, right, down = p.H-1, 1, -p.W
	case Transpose:
		right, down = p.W, 1
	case RotateClockwise:
		y0, right, down = p.H-1, -p.W, 1
	case Transverse:
		x0, y0, right, down = p.W-1, p.H-1, -p.W, -1
	case RotateCounter:
		x0, right, down = p.W-1, p.W, -1
	}
	out := New(w, h)
	row := y0*p.W + x0
	for y, d := 0, 0; y < h; y++ {
		for x, s := 0, row; x < w; x, s, d = x+1, s+right, d+3 {
			out.Pix[d], out.Pix[d+1], out.Pix[d+2] = p.Pix[3*s], p.Pix[3*s+1], p.Pix[3*s+2]
		}
		row += down
	}
	return out
}
