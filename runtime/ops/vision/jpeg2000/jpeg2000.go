// Package jpeg2000 decodes JPEG 2000 images (ISO/IEC 15444-1, ITU-T T.800): the
// codestream itself (.j2k) and the one inside a JP2 file.
//
// A picture is cut into tiles, each component of a tile into frequency bands by a
// wavelet transform, each band into code blocks, and each code block into bit planes,
// which an arithmetic coder writes. Decoding goes back the same way:
//
//	boxes.go     the JP2 file around the codestream
//	header.go    the marker segments of the codestream and of its tile parts
//	tile.go      where components, resolutions, bands, precincts and blocks lie
//	order.go     the order in which a tile's packets follow each other
//	packet.go    tier 2: which bytes of a packet belong to which block
//	mq.go        the arithmetic decoder
//	block.go     tier 1: the bit planes of a block
//	wavelet.go   the inverse transforms, 5/3 and 9/7
//	colour.go    the inverse component transforms, and samples
//
// Both transforms, all five progression orders, layers, precincts, subsampled
// components, tiles and all styles of code blocks are supported. Regions of interest
// (RGN), changes of progression (POC), packed packet headers (PPM, PPT) and palettes
// are not: [ErrUnsupported] says so. A file that ends before its last packet is an
// error.
package jpeg2000

import (
	"errors"
	"fmt"
	"image"
	"image/color"
)

// ErrUnsupported says that a file uses a part of the format that is left out here.
var ErrUnsupported = errors.New("not supported")

const (
	maxComponents = 4       // grey or colour, with or without transparency
	maxSamples    = 1 << 26 // of one component
)

// Image is a decoded image.
type Image struct {
	Width, Height int
	Components    []Component
	YCC           bool // the components are luma and two chromas (sYCC), not RGB
}

// Component is one channel of an image, which may be subsampled.
type Component struct {
	Width, Height int
	XStep, YStep  int // how many pixels of the image a sample stands for
	Depth         int // bits of a sample
	Signed        bool
	Samples       []int32 // [Height, Width]
}

// At8 is the sample at pixel x, y of the image, brought to the range 0..255.
func (c *Component) At8(x, y int) uint8 {
	x, y = min(x/c.XStep, c.Width-1), min(y/c.YStep, c.Height-1)
	v := int(c.Samples[y*c.Width+x])
	if c.Signed {
		v += 1 << (c.Depth - 1)
	}
	if c.Depth > 8 {
		return uint8(v >> (c.Depth - 8))
	}
	return uint8(v << (8 - c.Depth))
}

// DecodeConfig reads the size of an image from its header.
func DecodeConfig(data []byte) (image.Config, error) {
	f, err := openFile(data)
	if err != nil {
		return image.Config{}, fmt.Errorf("jpeg2000: %w", err)
	}
	h := &header{}
	if err := h.readSize(f.codestream); err != nil {
		return image.Config{}, fmt.Errorf("jpeg2000: %w", err)
	}
	return image.Config{ColorModel: color.RGBAModel, Width: h.image.width(), Height: h.image.height()}, nil
}

// Decode decodes an image. The memory it takes is proportional to the size that
// [DecodeConfig] gives, which callers check first.
func Decode(data []byte) (*Image, error) {
	f, err := openFile(data)
	if err != nil {
		return nil, fmt.Errorf("jpeg2000: %w", err)
	}
	h, parts, err := readCodestream(f.codestream)
	if err != nil {
		return nil, fmt.Errorf("jpeg2000: %w", err)
	}
	img := h.newImage()
	img.YCC = f.ycc
	for i := range parts {
		if err := decodeTile(h, &parts[i], img); err != nil {
			return nil, fmt.Errorf("jpeg2000: tile %d: %w", parts[i].index, err)
		}
	}
	return img, nil
}

// newImage makes room for the samples of every component.
func (h *header) newImage() *Image {
	img := &Image{Width: h.image.width(), Height: h.image.height()}
	for _, c := range h.components {
		area := h.image.over(c.xstep, c.ystep)
		img.Components = append(img.Components, Component{
			Width: area.width(), Height: area.height(), XStep: c.xstep, YStep: c.ystep,
			Depth: c.depth, Signed: c.signed,
			Samples: make([]int32, area.width()*area.height()),
		})
	}
	return img
}

// decodeTile decodes one tile into the image.
func decodeTile(h *header, part *tilePart, img *Image) error {
	t, err := newTile(h, part)
	if err != nil {
		return err
	}
	if err := t.readPackets(part.data); err != nil {
		return err
	}
	for i := range t.components {
		c := &t.components[i]
		if err := c.decodeBlocks(); err != nil {
			return fmt.Errorf("component %d: %w", i, err)
		}
		c.inverseWavelet()
	}
	if t.params.transform {
		if err := t.inverseColour(); err != nil {
			return err
		}
	}
	for i := range t.components {
		t.components[i].store(h.image, &img.Components[i])
	}
	return nil
}

// rect is an area of a grid, its far ends outside.
type rect struct{ x0, y0, x1, y1 int }

func (r rect) width() int  { return max(0, r.x1-r.x0) }
func (r rect) height() int { return max(0, r.y1-r.y0) }
func (r rect) empty() bool { return r.x1 <= r.x0 || r.y1 <= r.y0 }

// over is the area on a grid that is coarser by the given steps.
func (r rect) over(xstep, ystep int) rect {
	return rect{ceilDiv(r.x0, xstep), ceilDiv(r.y0, ystep), ceilDiv(r.x1, xstep), ceilDiv(r.y1, ystep)}
}

func (r rect) and(s rect) rect {
	return rect{max(r.x0, s.x0), max(r.y0, s.y0), min(r.x1, s.x1), min(r.y1, s.y1)}
}

// ceilDiv is a/b rounded up, for b > 0.
func ceilDiv(a, b int) int {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}

// ceilShift is a/2^n rounded up.
func ceilShift(a, n int) int { return -(-a >> n) }
