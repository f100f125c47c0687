package imagefile

import (
	"fmt"
	"image"
)

// pnm reads a file of one of the formats P1 to P6.
type pnm struct {
	data          []byte
	at            int
	kind          byte // '1' to '6'
	width, height int
	most          int // the value of white
}

// maxPNM bounds width and height, so that their product cannot overflow.
const maxPNM = 1 << 24

func newPNM(data []byte) (*pnm, error) {
	p := &pnm{data: data, at: 2, kind: data[1], most: 1}
	fields := []*int{&p.width, &p.height, &p.most}
	if p.kind == '1' || p.kind == '4' { // bitmaps have no largest value
		fields = fields[:2]
	}
	for _, f := range fields {
		v, err := p.number()
		if err != nil {
			return nil, err
		}
		*f = v
	}
	if p.width > maxPNM || p.height > maxPNM || p.most < 1 || p.most > 65535 {
		return nil, fmt.Errorf("size %d by %d with values to %d is out of range", p.width, p.height, p.most)
	}
	if p.kind >= '4' {
		p.at++ // one white space before the pixels
	}
	return p, nil
}

func pnmConfig(data []byte) (image.Config, error) {
	p, err := newPNM(data)
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{Width: p.width, Height: p.height}, nil
}

// skip passes over white space and comments.
func (p *pnm) skip() {
	for comment := false; p.at < len(p.data); p.at++ {
		switch c := p.data[p.at]; {
		case c == '\n' || c == '\r':
			comment = false
		case comment || c == ' ' || c == '\t' || c == '\v' || c == '\f':
		case c == '#':
			comment = true
		default:
			return
		}
	}
}

// number reads a decimal number.
func (p *pnm) number() (int, error) {
	p.skip()
	v, start := 0, p.at
	for ; p.at < len(p.data) && p.data[p.at] >= '0' && p.data[p.at] <= '9'; p.at++ {
		if v = 10*v + int(p.data[p.at]-'0'); v > 1<<30 {
			return 0, fmt.Errorf("byte %d: a number is too large", start)
		}
	}
	if p.at == start {
		return 0, fmt.Errorf("byte %d: a number is missing", start)
	}
	return v, nil
}

// bit reads one digit of a bitmap; digits need no space between them.
func (p *pnm) bit() (int, error) {
	p.skip()
	if p.at >= len(p.data) || p.data[p.at] != '0' && p.data[p.at] != '1' {
		return 0, fmt.Errorf("byte %d: a bit is missing", p.at)
	}
	p.at++
	return 1 - int(p.data[p.at-1]-'0'), nil // 1 is black
}

// binary reads one value of one or two bytes.
func (p *pnm) binary() (int, error) {
	n := 1
	if p.most > 255 {
		n = 2
	}
	if p.at+n > len(p.data) {
		return 0, fmt.Errorf("byte %d: the pixels end early", p.at)
	}
	v := int(p.data[p.at])
	if n == 2 {
		v = v<<8 | int(p.data[p.at+1])
	}
	p.at += n
	return v, nil
}

func decodePNM(data []byte) (*Pixels, error) {
	p, err := newPNM(data)
	if err != nil {
		return nil, err
	}
	// each pixel takes at least a bit: do not make room for more than there are
	if p.width*p.height/8 > len(data) {
		return nil, fmt.Errorf("the pixels of %d by %d are missing", p.width, p.height)
	}
	if p.kind == '4' {
		return p.bitmap()
	}
	read, channels := p.number, 1
	switch p.kind {
	case '1':
		read = p.bit
	case '3':
		channels = 3
	case '5':
		read = p.binary
	case '6':
		read, channels = p.binary, 3
	}
	out := newPixels(p.width, p.height)
	for i := 0; i < len(out.RGB); i += 3 {
		for c := range channels {
			v, err := read()
			if err != nil {
				return nil, err
			}
			out.RGB[i+c] = uint8((min(v, p.most)*255 + p.most/2) / p.most)
		}
		if channels == 1 {
			out.RGB[i+1], out.RGB[i+2] = out.RGB[i], out.RGB[i]
		}
	}
	return out, nil
}

// bitmap reads rows of bits, each row padded to bytes.
func (p *pnm) bitmap() (*Pixels, error) {
	stride := (p.width + 7) / 8
	if len(p.data)-p.at < stride*p.height {
		return nil, fmt.Errorf("byte %d: the pixels end early", len(p.data))
	}
	out := newPixels(p.width, p.height)
	for y := range p.height {
		row := p.data[p.at+y*stride:]
		for x := range p.width {
			if row[x/8]>>(7-x%8)&1 == 0 { // 1 is black
				i := 3 * (y*p.width + x)
				out.RGB[i], out.RGB[i+1], out.RGB[i+2] = 255, 255, 255
			}
		}
	}
	return out, nil
}
