// Package imagefile decodes image files to RGB as the operator ImageDecoder wants
// them: in the pixels that common decoders of each format give, colours
// subsampled in the file brought to full size smoothly.
//
// It knows JPEG, JPEG 2000, PNG, BMP, TIFF, WebP and the PNM formats (PBM, PGM, PPM).
package imagefile

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/seed6700ada1/infer/runtime/ops/vision/jpeg"
	"github.com/seed6700ada1/infer/runtime/ops/vision/jpeg2000"
)

// ErrFormat says that the format of a file is not known, or not supported.
var ErrFormat = errors.New("the image is in no format that is supported: JPEG, JPEG 2000, PNG, BMP, TIFF, WebP or PNM")

// Pixels is a decoded image.
type Pixels struct {
	Width, Height int
	RGB           []uint8 // [Height, Width, 3]
}

func newPixels(width, height int) *Pixels {
	return &Pixels{Width: width, Height: height, RGB: make([]uint8, 3*width*height)}
}

// format is a kind of file: how it begins and how it is decoded.
type format struct {
	magic  string // '?' stands for any byte
	size   func(data []byte) (image.Config, error)
	decode func(data []byte) (*Pixels, error)
}

func formats() []format {
	return []format{
		{"\xff\xd8", config(stdjpeg.DecodeConfig), decodeJPEG},
		{"\x00\x00\x00\x0cjP  \r\n\x87\n", jpeg2000.DecodeConfig, decodeJPEG2000},
		{"\xff\x4f\xff\x51", jpeg2000.DecodeConfig, decodeJPEG2000},
		{"\x89PNG\r\n\x1a\n", config(png.DecodeConfig), pixels(png.Decode, nil)},
		{"BM", config(bmp.DecodeConfig), pixels(bmp.Decode, nil)},
		{"II*\x00", config(tiff.DecodeConfig), pixels(tiff.Decode, subsampled)},
		{"MM\x00*", config(tiff.DecodeConfig), pixels(tiff.Decode, subsampled)},
		{"RIFF????WEBP", config(webp.DecodeConfig), pixels(webp.Decode, webpColors)},
		{"P1", pnmConfig, decodePNM},
		{"P2", pnmConfig, decodePNM},
		{"P3", pnmConfig, decodePNM},
		{"P4", pnmConfig, decodePNM},
		{"P5", pnmConfig, decodePNM},
		{"P6", pnmConfig, decodePNM},
	}
}

// find is the format of a file.
func find(data []byte) (format, error) {
	for _, f := range formats() {
		if len(data) >= len(f.magic) && matches(data, f.magic) {
			return f, nil
		}
	}
	return format{}, ErrFormat
}

func matches(data []byte, magic string) bool {
	for i := range len(magic) {
		if magic[i] != '?' && data[i] != magic[i] {
			return false
		}
	}
	return true
}

// Size reads the size of an image without decoding it, so that it can be checked
// first.
func Size(data []byte) (width, height int, err error) {
	f, err := find(data)
	if err != nil {
		return 0, 0, err
	}
	c, err := f.size(data)
	if err != nil {
		return 0, 0, fmt.Errorf("the image's header cannot be read: %w", err)
	}
	return c.Width, c.Height, nil
}

// Decode decodes an image. Transparency is left out.
func Decode(data []byte) (p *Pixels, err error) {
	f, err := find(data)
	if err != nil {
		return nil, err
	}
	defer func() { // decoders of the wider library are not all proof against bad files
		if v := recover(); v != nil {
			p, err = nil, fmt.Errorf("the image cannot be decoded: %v", v)
		}
	}()
	if p, err = f.decode(data); err != nil {
		return nil, fmt.Errorf("the image cannot be decoded: %w", err)
	}
	return p, nil
}

func config(read func(r io.Reader) (image.Config, error)) func([]byte) (image.Config, error) {
	return func(data []byte) (image.Config, error) { return read(bytes.NewReader(data)) }
}

func pixels(decode func(r io.Reader) (image.Image, error), components func(*image.YCbCr) *Pixels) func([]byte) (*Pixels, error) {
	return func(data []byte) (*Pixels, error) {
		img, err := decode(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		if components != nil {
			switch img := img.(type) {
			case *image.YCbCr:
				return components(img), nil
			case *image.NYCbCrA:
				return components(&img.YCbCr), nil
			}
		}
		return plain(img), nil
	}
}

// decodeJPEG decodes files of one or three components by the project's own
// decoder, others (print colours) by the standard library's.
func decodeJPEG(data []byte) (*Pixels, error) {
	img, err := jpeg.Decode(data)
	if errors.Is(err, jpeg.ErrComponents) {
		return pixels(stdjpeg.Decode, nil)(data)
	}
	if err != nil {
		return nil, err
	}
	var p [3]plane
	for i := range p {
		c := img.Components[min(i, len(img.Components)-1)]
		p[i] = smooth(plane{c.Pix, c.Stride, c.Width, c.Height}, img.Width, img.Height)
	}
	if img.RGB || len(img.Components) == 1 {
		return interleave(p), nil
	}
	return fullRange(p[0], p[1], p[2]), nil
}

// decodeJPEG2000 decodes files of any number of components: the first three are the
// colour, or the first alone is grey.
func decodeJPEG2000(data []byte) (*Pixels, error) {
	img, err := jpeg2000.Decode(data)
	if err != nil {
		return nil, err
	}
	var p [3]plane
	for i := range p {
		c := 0
		if len(img.Components) >= len(p) {
			c = i
		}
		p[i] = plane{make([]uint8, img.Width*img.Height), img.Width, img.Width, img.Height}
		for y := range img.Height {
			for x := range img.Width {
				p[i].pix[y*img.Width+x] = img.Components[c].At8(x, y)
			}
		}
	}
	if img.YCC && len(img.Components) >= len(p) {
		return fullRange(p[0], p[1], p[2]), nil
	}
	return interleave(p), nil
}

// plain reads the colours of an image of any kind.
func plain(img image.Image) *Pixels {
	b := img.Bounds()
	out := newPixels(b.Dx(), b.Dy())
	i := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			out.RGB[i], out.RGB[i+1], out.RGB[i+2] = c.R, c.G, c.B
			i += 3
		}
	}
	return out
}

// Gray is the luma of each pixel, [Height, Width].
func (p *Pixels) Gray() []uint8 {
	gray := make([]uint8, p.Width*p.Height)
	for i := range gray {
		c := p.RGB[3*i:][:3]
		gray[i] = uint8((19595*int(c[0]) + 38470*int(c[1]) + 7471*int(c[2]) + 0x8000) >> 16)
	}
	return gray
}
