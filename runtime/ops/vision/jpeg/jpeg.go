// Package jpeg decodes JPEG files (ITU-T T.81, baseline and progressive, 8 bits,
// Huffman-coded) to the component samples that the common decoders give, bit for
// bit: the inverse transform is the accurate integer one of the Independent JPEG
// Group. The standard library's decoder rounds differently in a few samples of a
// hundred, which is visible where pixels are compared.
package jpeg

import (
	"errors"
	"fmt"
)

// Component is the samples of one component.
type Component struct {
	ID            uint8
	Width, Height int
	Stride        int
	Pix           []uint8
}

// Image is a decoded file.
type Image struct {
	Width, Height int
	Components    []Component
	RGB           bool // the components are red, green and blue rather than luma and two of chroma
}

// ErrComponents says that a file has other than one or three components.
var ErrComponents = errors.New("jpeg: the file has other than one or three components")

// maxSamples bounds the samples of all components.
const maxSamples = 1 << 29

// The markers of the format.
const (
	startBaseline    = 0xc0
	startExtended    = 0xc1
	startProgressive = 0xc2
	defineHuffman    = 0xc4
	firstRestart     = 0xd0
	startImage       = 0xd8
	endImage         = 0xd9
	startScan        = 0xda
	defineQuantizer  = 0xdb
	defineRestart    = 0xdd
	application0     = 0xe0
	application14    = 0xee
)

// component is a component while its coefficients are gathered.
type component struct {
	id, quantizer uint8
	h, v          int // samples along each axis of a unit
	width, height int // in samples
	across, down  int // in blocks, whole units
	blocks        [][64]int32
}

type decoder struct {
	data []byte
	at   int

	width, height int
	components    []component
	hMax, vMax    int
	progressive   bool
	quantizers    [4]*[64]int32
	tables        [2][4]*huffman // DC and AC
	restart       int            // units between restarts; 0 is none

	jfif, adobe bool
	transform   uint8 // Adobe's colour transform

	bits  uint32 // bits read ahead, in the low ones
	nbits int
	run   int // blocks left of a run without new coefficients
}

// Decode decodes a file.
func Decode(data []byte) (*Image, error) {
	d := &decoder{data: data}
	if len(data) < 2 || data[0] != 0xff || data[1] != startImage {
		return nil, errors.New("jpeg: the file does not start as an image")
	}
	d.at = 2
	scans := 0
	for {
		marker, err := d.marker()
		if err != nil {
			return nil, err
		}
		if marker == endImage {
			break
		}
		if marker >= firstRestart && marker <= firstRestart+7 || marker == 1 {
			continue // markers without a segment
		}
		segment, err := d.segment()
		if err != nil {
			return nil, err
		}
		if marker == startScan {
			scans++
		}
		if err := d.handle(marker, segment); err != nil {
			return nil, err
		}
	}
	if scans == 0 {
		return nil, errors.New("jpeg: the file has no scan")
	}
	return d.finish()
}

// marker finds the next marker.
func (d *decoder) marker() (uint8, error) {
	for d.at+1 < len(d.data) {
		if d.data[d.at] == 0xff && d.data[d.at+1] != 0 && d.data[d.at+1] != 0xff {
			d.at += 2
			return d.data[d.at-1], nil
		}
		d.at++
	}
	return 0, errors.New("jpeg: the file ends early")
}

// segment is the bytes of a marker's segment.
func (d *decoder) segment() ([]byte, error) {
	if d.at+2 > len(d.data) {
		return nil, errors.New("jpeg: the file ends early")
	}
	n := int(d.data[d.at])<<8 | int(d.data[d.at+1])
	if n < 2 || d.at+n > len(d.data) {
		return nil, fmt.Errorf("jpeg: byte %d: a segment of %d bytes is too long", d.at, n)
	}
	s := d.data[d.at+2 : d.at+n]
	d.at += n
	return s, nil
}

func (d *decoder) handle(marker uint8, s []byte) error {
	switch marker {
	case startBaseline, startExtended, startProgressive:
		d.progressive = marker == startProgressive
		return d.frame(s)
	case defineHuffman:
		return d.defineHuffman(s)
	case defineQuantizer:
		return d.defineQuantizer(s)
	case defineRestart:
		if len(s) < 2 {
			return errors.New("jpeg: the restart interval is missing")
		}
		d.restart = int(s[0])<<8 | int(s[1])
	case startScan:
		return d.scan(s)
	case application0:
		d.jfif = d.jfif || len(s) >= 5 && string(s[:5]) == "JFIF\x00"
	case application14:
		if len(s) >= 12 && string(s[:5]) == "Adobe" {
			d.adobe, d.transform = true, s[11]
		}
	default:
		if marker >= 0xc3 && marker <= 0xcf && marker != 0xc8 && marker != 0xcc {
			return fmt.Errorf("jpeg: the coding of frame type %#x is not supported", marker)
		}
	}
	return nil
}

// frame reads the sizes of image and components.
func (d *decoder) frame(s []byte) error {
	switch {
	case d.components != nil:
		return errors.New("jpeg: the file has more than one frame")
	case len(s) < 6 || len(s) < 6+3*int(s[5]):
		return errors.New("jpeg: the frame's header is too short")
	case s[0] != 8:
		return fmt.Errorf("jpeg: samples have %d bits, expected 8", s[0])
	case s[5] != 1 && s[5] != 3:
		return ErrComponents
	}
	d.height, d.width = int(s[1])<<8|int(s[2]), int(s[3])<<8|int(s[4])
	if d.width == 0 || d.height == 0 {
		return fmt.Errorf("jpeg: the image is %d by %d", d.width, d.height)
	}
	for i := range int(s[5]) {
		f := s[6+3*i:]
		c := component{id: f[0], h: int(f[1] >> 4), v: int(f[1] & 15), quantizer: f[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quantizer > 3 {
			return fmt.Errorf("jpeg: component %d has sampling %d by %d and quantizer %d", i, c.h, c.v, c.quantizer)
		}
		d.hMax, d.vMax = max(d.hMax, c.h), max(d.vMax, c.v)
		d.components = append(d.components, c)
	}
	return d.layOut()
}

// layOut makes room for the coefficients.
func (d *decoder) layOut() error {
	total := 0
	unitsAcross, unitsDown := ceilDiv(d.width, 8*d.hMax), ceilDiv(d.height, 8*d.vMax)
	for i := range d.components {
		c := &d.components[i]
		c.width, c.height = ceilDiv(d.width*c.h, d.hMax), ceilDiv(d.height*c.v, d.vMax)
		c.across, c.down = unitsAcross*c.h, unitsDown*c.v
		total += 64 * c.across * c.down
	}
	if total > maxSamples {
		return fmt.Errorf("jpeg: the image has %d samples, expected at most %d", total, maxSamples)
	}
	// a block takes bits: do not make room for more than the file can hold
	if total/64 > 64*8*len(d.data) {
		return fmt.Errorf("jpeg: %d bytes cannot hold an image of %d by %d", len(d.data), d.width, d.height)
	}
	for i := range d.components {
		c := &d.components[i]
		c.blocks = make([][64]int32, c.across*c.down)
	}
	return nil
}

func (d *decoder) defineQuantizer(s []byte) error {
	for len(s) > 0 {
		precision, id := s[0]>>4, s[0]&15
		size := 64 << min(precision, 1)
		if id > 3 || precision > 1 || len(s) < 1+size {
			return errors.New("jpeg: a quantization table is not whole")
		}
		q := new([64]int32)
		for i := range q {
			if precision == 0 {
				q[zigzag[i]] = int32(s[1+i])
			} else {
				q[zigzag[i]] = int32(s[1+2*i])<<8 | int32(s[2+2*i])
			}
		}
		d.quantizers[id] = q
		s = s[1+size:]
	}
	return nil
}

// finish turns coefficients to samples.
func (d *decoder) finish() (*Image, error) {
	img := &Image{Width: d.width, Height: d.height, RGB: d.isRGB()}
	for i := range d.components {
		c := &d.components[i]
		q := d.quantizers[c.quantizer]
		if q == nil {
			return nil, fmt.Errorf("jpeg: quantization table %d is missing", c.quantizer)
		}
		out := Component{ID: c.id, Width: c.width, Height: c.height, Stride: 8 * c.across}
		out.Pix = make([]uint8, 64*c.across*c.down)
		for b := range c.blocks {
			for k := range q {
				c.blocks[b][k] *= q[k]
			}
			inverse(&c.blocks[b], out.Pix[(b/c.across*out.Stride+b%c.across)*8:], out.Stride)
		}
		img.Components = append(img.Components, out)
	}
	return img, nil
}

// isRGB reports whether the components are colours themselves.
func (d *decoder) isRGB() bool {
	switch {
	case len(d.components) != 3 || d.jfif:
		return false
	case d.adobe:
		return d.transform == 0
	}
	return d.components[0].id == 'R' && d.components[1].id == 'G' && d.components[2].id == 'B'
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
