package imagefile_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/seed6700ada1/infer/runtime/ops/vision/imagefile"
)

// checked is a picture of a few colours.
func checked() *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 5, 3))
	for i := range 15 {
		img.SetNRGBA(i%5, i/5, color.NRGBA{uint8(17 * i), uint8(255 - 9*i), uint8(40 + i), 255})
	}
	return img
}

func TestLossless(t *testing.T) {
	img := checked()
	want := make([]uint8, 0, 45)
	for i := range 15 {
		want = append(want, img.Pix[4*i:4*i+3]...)
	}
	for _, f := range []struct {
		name   string
		encode func(*bytes.Buffer) error
	}{
		{"PNG", func(b *bytes.Buffer) error { return png.Encode(b, img) }},
		{"BMP", func(b *bytes.Buffer) error { return bmp.Encode(b, img) }},
		{"TIFF", func(b *bytes.Buffer) error { return tiff.Encode(b, img, nil) }},
	} {
		var b bytes.Buffer
		if err := f.encode(&b); err != nil {
			t.Fatal(err)
		}
		p, err := imagefile.Decode(b.Bytes())
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
			continue
		}
		if p.Width != 5 || p.Height != 3 || !slices.Equal(p.RGB, want) {
			t.Errorf("%s: %d by %d, %v", f.name, p.Width, p.Height, p.RGB)
		}
	}
}

func TestPNM(t *testing.T) {
	tests := []struct {
		name, file string
		gray       []uint8 // nil is an error
	}{
		{"bits as text", "P1\n# a comment\n3 1\n0 1\n0", []uint8{255, 0, 255}},
		{"bits without space", "P1 3 1 010", []uint8{255, 0, 255}},
		{"bits", "P4 3 2\n\x40\xa0", []uint8{255, 0, 255, 0, 255, 0}},
		{"gray as text", "P2 2 1 10 0 10", []uint8{0, 255}},
		{"gray", "P5 2 1 255\n\x07\xff", []uint8{7, 255}},
		{"gray of two bytes", "P5 1 1 65535\n\xff\xff", []uint8{255}},
		{"colours as text", "P3 1 1 255 9 9 9", []uint8{9}},
		{"colours", "P6 1 1 255\n\x08\x08\x08", []uint8{8}},
		{"ends early", "P5 2 1 255\n\x07", nil},
		{"no size", "P5", nil},
		{"no digits", "P2 2 x 10", nil},
		{"largest value of zero", "P5 1 1 0\n\x00", nil},
		{"gigantic", "P5 16777216 16777216 255\n\x00", nil},
		{"number too large", "P5 99999999999 1 255\n\x00", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := imagefile.Decode([]byte(tt.file))
			if (err != nil) != (tt.gray == nil) {
				t.Fatalf("error %v", err)
			}
			if err == nil && !slices.Equal(p.Gray(), tt.gray) {
				t.Errorf("%v, want %v", p.Gray(), tt.gray)
			}
		})
	}
}

func TestUnknownFormats(t *testing.T) {
	for _, file := range []string{"", "GIF89a", "\x00\x00\x00\x0cjP  \r\n\x87\n", "P7 1 1"} {
		if _, err := imagefile.Decode([]byte(file)); err == nil {
			t.Errorf("%q was decoded", file)
		}
		if _, _, err := imagefile.Size([]byte(file)); err == nil {
			t.Errorf("%q has a size", file)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, checked(), nil); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	b = bytes.Buffer{}
	if err := png.Encode(&b, checked()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("P6 1 1 255\n\x08\x08\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, h, err := imagefile.Size(data)
		if err != nil || w*h > 1<<16 {
			return
		}
		p, err := imagefile.Decode(data)
		if err == nil && len(p.RGB) != 3*w*h {
			t.Errorf("%d by %d, but %d values", w, h, len(p.RGB))
		}
	})
}
