package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/bep/imagemeta"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is one kind of file. The list is explicit, rather than image's
// registry, so that what is read does not depend on who else is linked in.
type format struct {
	name   string
	magics []string // what files start with; '?' stands for any byte
	config func(data []byte) (image.Config, error)
	decode func(data []byte) (image.Image, error)
	meta   imagemeta.ImageFormat // how to find EXIF, 0 where the format has none
	// perPixel is the number of bytes that the decoder takes for a pixel at its
	// peak, given that of its pixels.
	perPixel func(data []byte, pixel int) int
}

var formats = []format{
	{"JPEG", []string{"\xff\xd8\xff"}, from(jpeg.DecodeConfig), from(jpeg.Decode), imagemeta.JPEG, jpegBytes},
	{"PNG", []string{"\x89PNG\r\n\x1a\n"}, from(png.DecodeConfig), from(png.Decode), imagemeta.PNG, pngBytes},
	{"GIF", []string{"GIF87a", "GIF89a"}, from(gif.DecodeConfig), decodeGIF, 0, pixelBytes},
	{"WebP", []string{"RIFF????WEBPVP8"}, webpConfig, from(webp.Decode), imagemeta.WebP, unpackedBytes},
	{"BMP", []string{"BM????\x00\x00\x00\x00"}, from(bmp.DecodeConfig), from(bmp.Decode), 0, pixelBytes},
	{"TIFF", []string{"II*\x00", "MM\x00*"}, from(tiff.DecodeConfig), from(tiff.Decode), imagemeta.TIFF, unpackedBytes},
}

// from turns a decoder of readers into one of bytes.
func from[T any](read func(io.Reader) (T, error)) func([]byte) (T, error) {
	return func(data []byte) (T, error) { return read(bytes.NewReader(data)) }
}

func sniff(data []byte) *format {
	for i := range formats {
		for _, m := range formats[i].magics {
			if hasMagic(data, m) {
				return &formats[i]
			}
		}
	}
	return nil
}

func hasMagic(data []byte, magic string) bool {
	if len(data) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != data[i] {
			return false
		}
	}
	return true
}

// decodeGIF lays the first frame, which may cover a part only, over a white
// canvas of the size in the header.
func decodeGIF(data []byte) (image.Image, error) {
	cfg, err := gif.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	frame, err := gif.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	canvas := image.Rect(0, 0, cfg.Width, cfg.Height)
	if frame.Bounds() == canvas {
		return frame, nil
	}
	out := Filled(cfg.Width, cfg.Height, [3]uint8{255, 255, 255})
	draw.Draw(out, frame.Bounds().Intersect(canvas), frame, frame.Bounds().Min, draw.Over)
	return out, nil
}

// webpConfig reads the size of the pixels themselves. The extended header
// (VP8X) has a size of its own, which the decoder does not hold the pixels to.
func webpConfig(data []byte) (image.Config, error) {
	cfg, err := webp.DecodeConfig(bytes.NewReader(data))
	if err != nil || string(data[12:16]) != "VP8X" {
		return cfg, err
	}
	for i := 12; i+8 <= len(data); {
		size := int(binary.LittleEndian.Uint32(data[i+4:]))
		switch string(data[i : i+4]) {
		case "VP8 ", "VP8L":
			// A file of this chunk alone: the size is in its first bytes.
			chunk := data[i:min(len(data), i+8+size)]
			file := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+8+size+size&1))
			file = append(append(file, "WEBP"...), chunk...)
			inner, err := webp.DecodeConfig(bytes.NewReader(file))
			inner.ColorModel = cfg.ColorModel
			return inner, err
		case "ANMF":
			return cfg, errors.New("animated WebP is not supported")
		}
		i += 8 + size + size&1
	}
	return cfg, errors.New("no image data")
}
