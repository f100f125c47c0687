package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// quarters is a picture of w×h whose quarters are red, green, blue and grey.
func quarters(w, h int) *RGB {
	p := New(w, h)
	for y := range h {
		for x := range w {
			c := [4][3]uint8{{200, 0, 0}, {0, 200, 0}, {0, 0, 200}, {120, 120, 120}}[2*(2*y/h)+2*x/w]
			copy(p.Pix[3*(y*w+x):], c[:])
		}
	}
	return p
}

// encoded is p in every format that Go can write.
func encoded(tb testing.TB, p image.Image) map[string][]byte {
	tb.Helper()
	files := map[string][]byte{}
	put := func(name string, write func(*bytes.Buffer) error) {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			tb.Fatalf("writing %s: %v", name, err)
		}
		files[name] = b.Bytes()
	}
	put("jpeg", func(b *bytes.Buffer) error { return jpeg.Encode(b, p, &jpeg.Options{Quality: 100}) })
	put("png", func(b *bytes.Buffer) error { return png.Encode(b, p) })
	put("gif", func(b *bytes.Buffer) error { return gif.Encode(b, p, nil) })
	put("bmp", func(b *bytes.Buffer) error { return bmp.Encode(b, p) })
	put("tiff", func(b *bytes.Buffer) error { return tiff.Encode(b, p, nil) })
	put("tiff deflate", func(b *bytes.Buffer) error {
		return tiff.Encode(b, p, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
	})
	return files
}

// exif is a big-endian TIFF block whose only tag is the orientation.
func exif(o Orientation) []byte {
	b := []byte("MM\x00*\x00\x00\x00\x08" + "\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01")
	b = binary.BigEndian.AppendUint16(b, uint16(o))
	return append(b, 0, 0, 0, 0, 0, 0)
}

// jpegWithEXIF puts an orientation into a JPEG, right after its first marker.
func jpegWithEXIF(file []byte, o Orientation) []byte {
	body := append([]byte("Exif\x00\x00"), exif(o)...)
	out := append([]byte{}, file[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(2+len(body)))
	out = append(out, body...)
	return append(out, file[2:]...)
}

// pngWithEXIF puts an orientation into a PNG, right after its header chunk.
func pngWithEXIF(file []byte, o Orientation) []byte {
	const header = 8 + 4 + 4 + 13 + 4
	chunk := append([]byte("eXIf"), exif(o)...)
	out := append([]byte{}, file[:header]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, file[header:]...)
}

// bitWriter packs bits, first bit lowest (WebP) or highest (JPEG).
type bitWriter struct {
	buf  []byte
	n    int
	high bool
}

func (b *bitWriter) put(v, bits int) {
	for i := range bits {
		if b.n%8 == 0 {
			b.buf = append(b.buf, 0)
		}
		bit, at := v>>i&1, b.n%8
		if b.high {
			bit, at = v>>(bits-1-i)&1, 7-b.n%8
		}
		b.buf[len(b.buf)-1] |= byte(bit << at)
		b.n++
	}
}

// solidWebP is a lossless WebP of one colour: five prefix codes of one symbol
// each, so that no bits are left to say for the pixels.
func solidWebP(w, h int, c color.NRGBA) []byte {
	var b bitWriter
	b.put(0x2f, 8)
	b.put(w-1, 14)
	b.put(h-1, 14)
	b.put(1, 1)   // has alpha
	b.put(0, 3)   // version
	b.put(0, 1+2) // no transform, no colour cache, one prefix group
	for _, symbol := range []uint8{c.G, c.R, c.B, c.A, 0} {
		b.put(0b101, 3) // simple code, one symbol, of 8 bits
		b.put(int(symbol), 8)
	}
	for len(b.buf)%2 == 1 || len(b.buf) < 32 {
		b.buf = append(b.buf, 0)
	}
	out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(12+len(b.buf)))
	out = append(out, "WEBPVP8L"...)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(b.buf)))
	return append(out, b.buf...)
}

// solidJPEG is a baseline JPEG of 8×8 pixels of one colour with one component
// for each sample, and an Adobe segment with a colour transform unless that is
// negative.
func solidJPEG(samples []uint8, adobe int) []byte {
	segment := func(out []byte, marker byte, body []byte) []byte {
		out = append(out, 0xff, marker)
		out = binary.BigEndian.AppendUint16(out, uint16(2+len(body)))
		return append(out, body...)
	}
	out := []byte{0xff, 0xd8}
	if adobe >= 0 {
		out = segment(out, 0xee, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), byte(adobe)))
	}
	quant := append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)
	frame := []byte{8, 0, 8, 0, 8, byte(len(samples))}
	scan := []byte{byte(len(samples))}
	for i := range samples {
		frame = append(frame, byte(i+1), 0x11, 0)
		scan = append(scan, byte(i+1), 0)
	}
	// DC: categories 0 to 11 in four bits each; AC: end of block in one.
	dc := append([]byte{0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	ac := []byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	out = segment(out, 0xdb, quant)
	out = segment(out, 0xc0, frame)
	out = segment(out, 0xc4, append(dc, ac...))
	out = segment(out, 0xda, append(scan, 0, 63, 0))
	bits := bitWriter{high: true}
	for _, s := range samples {
		level := 8 * (int(s) - 128)
		size, code := 0, level
		for 1<<size <= max(level, -level) {
			size++
		}
		if level < 0 {
			code = level + 1<<size - 1
		}
		bits.put(size, 4)
		bits.put(code, size)
		bits.put(0, 1)
	}
	for bits.n%8 != 0 {
		bits.put(1, 1)
	}
	out = append(out, bytes.ReplaceAll(bits.buf, []byte{0xff}, []byte{0xff, 0})...)
	return append(out, 0xff, 0xd9)
}
