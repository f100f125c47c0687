package picture

import (
	"encoding/binary"
	"image"
	"image/color"
)

// bytesPerPixel is the room that decoding takes for a pixel at its peak.
func (f *format) bytesPerPixel(data []byte, cfg image.Config) int {
	pixel := 4
	switch cfg.ColorModel {
	case color.GrayModel:
		pixel = 1
	case color.Gray16Model:
		pixel = 2
	case color.YCbCrModel:
		pixel = 3
	case color.RGBA64Model, color.NRGBA64Model:
		pixel = 8
	}
	if _, ok := cfg.ColorModel.(color.Palette); ok {
		pixel = 1
	}
	return f.perPixel(data, pixel)
}

// pixelBytes is for decoders that hold nothing but the pixels.
func pixelBytes(_ []byte, pixel int) int { return pixel }

// unpackedBytes is for those that hold the unpacked data beside the pixels.
func unpackedBytes(_ []byte, pixel int) int { return 2 * pixel }

// pngBytes: an interlaced PNG, by the last byte of its header chunk, is read in
// passes beside the picture.
func pngBytes(data []byte, pixel int) int {
	const interlace = 8 + 8 + 12
	if len(data) > interlace && data[interlace] != 0 {
		return 2 * pixel
	}
	return pixel
}

// jpegBytes: a JPEG has a byte for each sample, of which the colour components
// may have fewer than pixels. A progressive one is held as a 32-bit coefficient
// for each sample before, and four components become pixels after.
func jpegBytes(data []byte, pixel int) int {
	f, ok := jpegFrame(data)
	if !ok {
		return 5 * pixel
	}
	bytes := f.samples
	if f.progressive {
		bytes *= 5
	}
	if pixel == 4 {
		bytes += 4
	}
	return int(bytes + 0.999)
}

// frame is what a JPEG's frame header says of its size in memory.
type frame struct {
	progressive bool
	samples     float64 // for a pixel, over all components
}

// jpegFrame walks the segments of a JPEG (ITU-T T.81, annex B) up to its frame
// header.
func jpegFrame(data []byte) (frame, bool) {
	for i := 2; i+4 <= len(data); {
		if data[i] != 0xff {
			i++ // the standard library skips bytes between segments, too
			continue
		}
		switch m := data[i+1]; {
		case m == 0xc0 || m == 0xc1 || m == 0xc2:
			return parseFrame(data[i+4:], m == 0xc2)
		case m == 0xda:
			return frame{}, false
		case m == 0xff: // fill
			i++
		case m == 0x00 || m == 0x01 || m >= 0xd0 && m <= 0xd8: // no length
			i += 2
		default:
			i += 2 + int(binary.BigEndian.Uint16(data[i+2:]))
		}
	}
	return frame{}, false
}

// parseFrame reads the body of a frame header: precision, height, width, then
// three bytes a component, of which the second is its sampling factors.
func parseFrame(body []byte, progressive bool) (frame, bool) {
	if len(body) < 6 || len(body) < 6+3*int(body[5]) {
		return frame{}, false
	}
	sum, most := 0, [2]int{1, 1}
	for c := range int(body[5]) {
		factors := body[6+3*c+1]
		h, v := int(factors>>4), int(factors&15)
		sum += h * v
		most = [2]int{max(most[0], h), max(most[1], v)}
	}
	return frame{progressive, float64(sum) / float64(most[0]*most[1])}, true
}
