package jpeg_test

import (
	"bytes"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/vision/jpeg"
)

// picture is smooth with some noise.
func picture(w, h int, gray bool) image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	rgb, g := image.NewNRGBA(image.Rect(0, 0, w, h)), image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			n := uint8(r.IntN(30))
			rgb.SetNRGBA(x, y, color.NRGBA{uint8(3*x) + n, uint8(4*y) + n, uint8(2 * (x + y)), 255})
			g.SetGray(x, y, color.Gray{uint8(2*x+y) + n})
		}
	}
	if gray {
		return g
	}
	return rgb
}

// TestSamples compares with the standard library's decoder, which rounds
// differently: each sample may be off by one or, where the two passes of the
// transform add up, two.
func TestSamples(t *testing.T) {
	for _, size := range []image.Point{{1, 1}, {8, 8}, {17, 9}, {40, 33}} {
		for _, gray := range []bool{false, true} {
			var b bytes.Buffer
			if err := stdjpeg.Encode(&b, picture(size.X, size.Y, gray), &stdjpeg.Options{Quality: 90}); err != nil {
				t.Fatal(err)
			}
			got, err := jpeg.Decode(b.Bytes())
			if err != nil {
				t.Fatalf("%v: %v", size, err)
			}
			img, err := stdjpeg.Decode(&b)
			if err != nil {
				t.Fatal(err)
			}
			switch want := img.(type) {
			case *image.Gray:
				compare(t, got.Components[0], want.Pix, want.Stride)
			case *image.YCbCr:
				compare(t, got.Components[0], want.Y, want.YStride)
				compare(t, got.Components[1], want.Cb, want.CStride)
				compare(t, got.Components[2], want.Cr, want.CStride)
			}
		}
	}
}

func compare(t *testing.T, c jpeg.Component, pix []uint8, stride int) {
	t.Helper()
	for y := range c.Height {
		for x := range c.Width {
			got, want := int(c.Pix[y*c.Stride+x]), int(pix[y*stride+x])
			if d := got - want; d < -2 || d > 2 {
				t.Fatalf("component %d at (%d, %d) is %d, want %d", c.ID, x, y, got, want)
			}
		}
	}
}

// TestTruncated cuts a file at every length: all but the whole one are errors.
func TestTruncated(t *testing.T) {
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, picture(16, 16, false), nil); err != nil {
		t.Fatal(err)
	}
	for n := range b.Len() {
		if _, err := jpeg.Decode(b.Bytes()[:n]); err == nil {
			t.Errorf("%d of %d bytes were decoded", n, b.Len())
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, picture(16, 9, false), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	progressive := bytes.Replace(b.Bytes(), []byte{0xff, 0xc0}, []byte{0xff, 0xc2}, 1)
	f.Add(progressive)
	f.Fuzz(func(t *testing.T, data []byte) {
		img, err := jpeg.Decode(data)
		if err != nil {
			return
		}
		for _, c := range img.Components {
			if len(c.Pix) < c.Stride*c.Height {
				t.Errorf("component %d of %d by %d has %d samples", c.ID, c.Width, c.Height, len(c.Pix))
			}
		}
	})
}
