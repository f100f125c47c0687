// Package picture decodes pictures into upright 8-bit RGB pixels and makes of
// them what vision models ask for: scaled, letter-boxed, warped, cropped; and
// it draws what they found.
//
// Scaling follows OpenCV's INTER_LINEAR on 8-bit pixels, which published
// detectors were trained and measured with; see [Resize].
//
// Files are taken to be hostile: the sizes that a header claims are checked
// before pixels are allocated; see [Options].
package picture

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// RGB is a picture of 8-bit red, green and blue pixels in rows from the top,
// without padding: pixel (x, y) starts at Pix[3*(y*W+x)]. It is an opaque
// [image.Image] and a [draw.Image], so that the standard library can read,
// write and paint it.
type RGB struct {
	W, H int
	Pix  []uint8
}

// New makes a black picture of w×h pixels; sizes below 0 count as 0.
func New(w, h int) *RGB {
	w, h = max(w, 0), max(h, 0)
	return &RGB{W: w, H: h, Pix: make([]uint8, 3*w*h)}
}

// Filled makes a picture of w×h pixels of one colour.
func Filled(w, h int, c [3]uint8) *RGB {
	p := New(w, h)
	if c == ([3]uint8{}) || len(p.Pix) == 0 {
		return p
	}
	n := copy(p.Pix, c[:])
	for n < len(p.Pix) {
		n += copy(p.Pix[n:], p.Pix[:n])
	}
	return p
}

// FromImage copies any image. Pixels that are not opaque are laid over white.
// An *RGB is returned as it is.
func FromImage(img image.Image) *RGB {
	if p, ok := img.(*RGB); ok {
		return p
	}
	b := img.Bounds()
	p := New(b.Dx(), b.Dy())
	if p.W == 0 || p.H == 0 {
		return p
	}
	// draw.Draw has a fast path for each of the standard image types, but only
	// into RGBA: go through a band of rows that stays in the cache.
	rows := max(1, min(p.H, 1<<16/p.W))
	band := image.NewRGBA(image.Rect(0, 0, p.W, rows))
	for y := 0; y < p.H; y += rows {
		n := min(rows, p.H-y)
		r := image.Rect(0, 0, p.W, n)
		draw.Draw(band, r, image.White, image.Point{}, draw.Src)
		draw.Draw(band, r, img, b.Min.Add(image.Pt(0, y)), draw.Over)
		dst := p.Pix[3*y*p.W:]
		for i, j := 0, 0; i < 4*n*p.W; i, j = i+4, j+3 {
			dst[j], dst[j+1], dst[j+2] = band.Pix[i], band.Pix[i+1], band.Pix[i+2]
		}
	}
	return p
}

// Crop copies the part of p inside r; what lies outside p is left out, so the
// result may be smaller than r, and empty.
func (p *RGB) Crop(r image.Rectangle) *RGB {
	r = r.Intersect(p.Bounds())
	out := New(r.Dx(), r.Dy())
	for y := range out.H {
		copy(out.Pix[3*y*out.W:3*(y+1)*out.W], p.Pix[3*((r.Min.Y+y)*p.W+r.Min.X):])
	}
	return out
}

// ColorModel makes p an [image.Image].
func (p *RGB) ColorModel() color.Model { return color.RGBAModel }

// Bounds is (0,0)–(W,H).
func (p *RGB) Bounds() image.Rectangle { return image.Rect(0, 0, p.W, p.H) }

// At makes p an [image.Image]; pixels outside are black.
func (p *RGB) At(x, y int) color.Color { return p.RGBAAt(x, y) }

// RGBAAt is the pixel at (x, y), black outside the picture.
func (p *RGB) RGBAAt(x, y int) color.RGBA {
	if !image.Pt(x, y).In(p.Bounds()) {
		return color.RGBA{A: 255}
	}
	i := 3 * (y*p.W + x)
	return color.RGBA{p.Pix[i], p.Pix[i+1], p.Pix[i+2], 255}
}

// Set makes p a [draw.Image]; alpha is ignored, as are points outside.
func (p *RGB) Set(x, y int, c color.Color) {
	if !image.Pt(x, y).In(p.Bounds()) {
		return
	}
	v := color.RGBAModel.Convert(c).(color.RGBA)
	i := 3 * (y*p.W + x)
	p.Pix[i], p.Pix[i+1], p.Pix[i+2] = v.R, v.G, v.B
}

// Opaque reports true: there is no alpha.
func (p *RGB) Opaque() bool { return true }

// Clone copies p with its pixels.
func (p *RGB) Clone() *RGB {
	return &RGB{W: p.W, H: p.H, Pix: append([]uint8(nil), p.Pix...)}
}

// String is the size, as in "picture of 640×480".
func (p *RGB) String() string { return fmt.Sprintf("picture of %d×%d", p.W, p.H) }

var _ draw.Image = (*RGB)(nil)
