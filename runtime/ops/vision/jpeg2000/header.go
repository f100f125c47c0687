package jpeg2000

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Marker codes (T.800 table A.2).
const (
	markerSOC = 0xff4f // start of codestream
	markerCOD = 0xff52 // coding style
	markerCOC = 0xff53 // coding style of a component
	markerQCD = 0xff5c // quantisation
	markerQCC = 0xff5d // quantisation of a component
	markerRGN = 0xff5e // region of interest
	markerPOC = 0xff5f // change of progression
	markerPPM = 0xff60 // packed packet headers of the image
	markerPPT = 0xff61 // packed packet headers of a tile
	markerSIZ = 0xff51 // size
	markerSOT = 0xff90 // start of tile part
	markerSOD = 0xff93 // start of data
	markerEOC = 0xffd9 // end of codestream
)

// header is what the main header says.
type header struct {
	image      rect // on the reference grid
	tile       rect // the first tile, which may begin outside of the image
	columns    int  // of tiles
	rows       int
	components []componentSize
	params     params
}

type componentSize struct {
	depth        int
	signed       bool
	xstep, ystep int
}

// params are the coding parameters of a tile.
type params struct {
	order      int // of the packets
	layers     int
	transform  bool // the first three components are a colour transformed
	sop, eph   bool // marker segments may stand before and after packet headers
	components []componentParams
}

// componentParams are those of one component.
type componentParams struct {
	levels     int // of the wavelet transform
	xblock     int // exponents of the size of a code block
	yblock     int
	style      int
	reversible bool
	precincts  []uint8 // exponents of each resolution: y in the high half, x in the low
	ownCoding  bool    // from COC, which COD does not overrule

	guard     int
	scale     int // how steps are given: 0 exponents alone, 1 derived from the first, 2 each
	steps     []step
	ownScales bool // from QCC
}

// step is a quantisation step: 2^(range-exponent) · (1 + mantissa/2048).
type step struct{ exponent, mantissa int }

// clone is a copy that a tile's own markers may overrule.
func (p params) clone() params {
	p.components = slices.Clone(p.components)
	for i := range p.components {
		p.components[i].ownCoding, p.components[i].ownScales = false, false
	}
	return p
}

// tilePart is a tile's parameters and the packets of all of its parts.
type tilePart struct {
	index  int
	params params
	data   []byte
}

// segment cuts a marker segment off: its code, its parameters, and what follows.
func segment(data []byte) (code int, body, rest []byte, err error) {
	if len(data) < 2 {
		return 0, nil, nil, errors.New("the codestream ends where a marker is expected")
	}
	code = int(binary.BigEndian.Uint16(data))
	if code == markerSOC || code == markerSOD || code == markerEOC {
		return code, nil, data[2:], nil
	}
	if code < 0xff00 {
		return 0, nil, nil, fmt.Errorf("bytes %#04x where a marker is expected", code)
	}
	if len(data) < 4 {
		return 0, nil, nil, fmt.Errorf("marker %#x: the codestream ends", code)
	}
	size := int(binary.BigEndian.Uint16(data[2:]))
	if size < 2 || size > len(data)-2 {
		return 0, nil, nil, fmt.Errorf("marker %#x claims %d bytes of the %d that follow", code, size, len(data)-2)
	}
	return code, data[4 : 2+size], data[2+size:], nil
}

// readSize reads the first two markers, SOC and SIZ (T.800 A.5.1).
func (h *header) readSize(data []byte) error {
	if len(data) < 4 || binary.BigEndian.Uint16(data) != markerSOC {
		return errors.New("the codestream does not begin with the marker SOC")
	}
	code, body, _, err := segment(data[2:])
	if err != nil {
		return err
	}
	if code != markerSIZ || len(body) < 36 {
		return errors.New("the codestream has no whole marker SIZ after SOC")
	}
	var v [8]int
	for i := range v {
		v[i] = int(binary.BigEndian.Uint32(body[2+4*i:]))
	}
	h.image = rect{v[2], v[3], v[0], v[1]}
	h.tile = rect{v[6], v[7], v[6] + v[4], v[7] + v[5]}
	count := int(binary.BigEndian.Uint16(body[34:]))
	if count < 1 || len(body) < 36+3*count {
		return fmt.Errorf("%d components in a marker SIZ of %d bytes", count, len(body))
	}
	if count > maxComponents {
		return fmt.Errorf("%d components, more than %d: %w", count, maxComponents, ErrUnsupported)
	}
	for i := range count {
		b := body[36+3*i:]
		c := componentSize{depth: int(b[0]&0x7f) + 1, signed: b[0]&0x80 != 0, xstep: int(b[1]), ystep: int(b[2])}
		if c.depth > 24 {
			return fmt.Errorf("samples of %d bits: %w", c.depth, ErrUnsupported)
		}
		if c.xstep == 0 || c.ystep == 0 {
			return fmt.Errorf("component %d has a step of 0", i)
		}
		h.components = append(h.components, c)
	}
	return h.checkSize()
}

// checkSize refuses sizes that do not make sense, and counts tiles.
func (h *header) checkSize() error {
	switch {
	case h.image.empty():
		return errors.New("an image without pixels")
	case h.image.width() > maxSamples/h.image.height():
		return fmt.Errorf("an image of %d×%d pixels: %w", h.image.width(), h.image.height(), ErrUnsupported)
	case h.tile.empty(), h.tile.x0 > h.image.x0, h.tile.y0 > h.image.y0, h.tile.x1 <= h.image.x0, h.tile.y1 <= h.image.y0:
		return errors.New("the first tile does not meet the image")
	}
	for i, c := range h.components {
		if h.image.over(c.xstep, c.ystep).empty() {
			return fmt.Errorf("component %d has no samples", i)
		}
	}
	h.columns = ceilDiv(h.image.x1-h.tile.x0, h.tile.width())
	h.rows = ceilDiv(h.image.y1-h.tile.y0, h.tile.height())
	if h.columns > 65535/h.rows {
		return fmt.Errorf("%d×%d tiles, more than 65535", h.columns, h.rows)
	}
	return nil
}

// readCodestream reads the main header and gathers the parts of each tile.
func readCodestream(data []byte) (*header, []tilePart, error) {
	h := &header{}
	if err := h.readSize(data); err != nil {
		return nil, nil, err
	}
	h.params.components = make([]componentParams, len(h.components))
	_, _, data, _ = segment(data[2:]) // past SIZ, which was read
	var parts []tilePart
	at := map[int]int{} // tile index → place in parts
	for {
		code, body, rest, err := segment(data)
		switch {
		case err != nil:
			return nil, nil, err
		case code == markerEOC:
			if len(parts) != h.columns*h.rows {
				return nil, nil, fmt.Errorf("%d tiles of %d", len(parts), h.columns*h.rows)
			}
			return h, parts, nil
		case code == markerSOT:
			index, end, err := h.tilePartSize(data, body)
			if err != nil {
				return nil, nil, err
			}
			i, known := at[index]
			if !known {
				i = len(parts)
				at[index] = i
				parts = append(parts, tilePart{index: index, params: h.params.clone()})
			}
			if err := parts[i].read(data[12:end]); err != nil {
				return nil, nil, fmt.Errorf("tile %d: %w", index, err)
			}
			data = data[end:]
		default:
			if err := h.params.read(code, body); err != nil {
				return nil, nil, err
			}
			data = rest
		}
	}
}

// tilePartSize reads SOT (T.800 A.4.2): the tile and where its part ends.
func (h *header) tilePartSize(data, body []byte) (index, end int, err error) {
	if len(body) != 8 {
		return 0, 0, fmt.Errorf("a marker SOT of %d bytes, want 8", len(body))
	}
	index = int(binary.BigEndian.Uint16(body))
	end = int(binary.BigEndian.Uint32(body[2:]))
	if index >= h.columns*h.rows {
		return 0, 0, fmt.Errorf("tile %d of %d", index, h.columns*h.rows)
	}
	if end == 0 { // the last part, up to the end of the codestream
		end = len(data)
		if end >= 2 && binary.BigEndian.Uint16(data[end-2:]) == markerEOC {
			end -= 2
		}
	}
	if end < 14 || end > len(data) {
		return 0, 0, fmt.Errorf("tile %d: a part of %d bytes, of which %d follow", index, end, len(data))
	}
	return index, end, nil
}

// read reads a tile part after SOT: its markers, then its packets.
func (t *tilePart) read(data []byte) error {
	for {
		code, body, rest, err := segment(data)
		if err != nil {
			return err
		}
		if code == markerSOD {
			t.data = append(t.data, rest...)
			return nil
		}
		if err := t.params.read(code, body); err != nil {
			return err
		}
		data = rest
	}
}

// read takes over what a marker segment says, and passes over those that say
// nothing that matters here.
func (p *params) read(code int, b []byte) error {
	switch code {
	case markerCOD:
		return p.readCOD(b)
	case markerQCD:
		for i := range p.components {
			if c := &p.components[i]; !c.ownScales {
				if err := c.readScales(b); err != nil {
					return err
				}
			}
		}
	case markerCOC, markerQCC:
		if len(b) < 2 || int(b[0]) >= len(p.components) {
			return fmt.Errorf("marker %#x names no component", code)
		}
		c := &p.components[b[0]]
		if code == markerQCC {
			c.ownScales = true
			return c.readScales(b[1:])
		}
		c.ownCoding = true
		return c.readCoding(b[1]&1 != 0, b[2:])
	case markerRGN, markerPOC, markerPPM, markerPPT:
		return fmt.Errorf("marker %#x: %w", code, ErrUnsupported)
	}
	return nil
}

// readCOD reads the coding style (T.800 A.6.1).
func (p *params) readCOD(b []byte) error {
	if len(b) < 10 {
		return fmt.Errorf("a marker COD of %d bytes, want at least 10", len(b))
	}
	p.sop, p.eph = b[0]&2 != 0, b[0]&4 != 0
	p.order, p.layers, p.transform = int(b[1]), int(binary.BigEndian.Uint16(b[2:])), b[4] == 1
	if p.order > orderCPRL || p.layers == 0 || b[4] > 1 {
		return fmt.Errorf("marker COD: order %d, %d layers, component transform %d", p.order, p.layers, b[4])
	}
	for i := range p.components {
		if c := &p.components[i]; !c.ownCoding {
			if err := c.readCoding(b[0]&1 != 0, b[5:]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readCoding reads what COD and COC have in common.
func (c *componentParams) readCoding(precincts bool, b []byte) error {
	if len(b) < 5 {
		return errors.New("a marker COD or COC that is too short")
	}
	c.levels, c.xblock, c.yblock = int(b[0]), int(b[1]&15)+2, int(b[2]&15)+2
	c.style, c.reversible = int(b[3]), b[4] == 1
	if c.levels > 32 || c.xblock > 10 || c.yblock > 10 || c.xblock+c.yblock > 12 || b[4] > 1 {
		return fmt.Errorf("%d levels, blocks of 2^%d×2^%d, wavelet %d", c.levels, c.xblock, c.yblock, b[4])
	}
	if c.style > 0x3f {
		return fmt.Errorf("code blocks of style %#x: %w", c.style, ErrUnsupported)
	}
	c.precincts = slices.Repeat([]uint8{0xff}, c.levels+1)
	if !precincts {
		return nil
	}
	if copy(c.precincts, b[5:]) <= c.levels {
		return fmt.Errorf("sizes of %d precincts, want %d", len(b)-5, c.levels+1)
	}
	for _, v := range c.precincts[1:] {
		if v&15 == 0 || v>>4 == 0 {
			return errors.New("a precinct without room for a code block")
		}
	}
	return nil
}

// readScales reads the quantisation (T.800 A.6.4).
func (c *componentParams) readScales(b []byte) error {
	if len(b) < 2 {
		return errors.New("a marker QCD or QCC that is too short")
	}
	c.guard, c.scale, c.steps = int(b[0]>>5), int(b[0]&31), nil
	switch c.scale {
	case 0:
		for _, v := range b[1:] {
			c.steps = append(c.steps, step{exponent: int(v >> 3)})
		}
	case 1, 2:
		for b = b[1:]; len(b) >= 2; b = b[2:] {
			v := int(binary.BigEndian.Uint16(b))
			c.steps = append(c.steps, step{v >> 11, v & 0x7ff})
		}
	default:
		return fmt.Errorf("quantisation of style %d", c.scale)
	}
	if len(c.steps) == 0 {
		return errors.New("quantisation without a step")
	}
	return nil
}

// step is the step of a band: number 0 is LL, then HL, LH and HH of each level.
func (c *componentParams) step(band int) (step, error) {
	if c.scale == 1 { // T.800 equation E-5
		s := c.steps[0]
		if band > 0 {
			s.exponent -= (band - 1) / 3
		}
		if s.exponent < 0 {
			return step{}, fmt.Errorf("band %d has no quantisation step", band)
		}
		return s, nil
	}
	if band >= len(c.steps) {
		return step{}, fmt.Errorf("quantisation steps of %d bands, want one for band %d", len(c.steps), band)
	}
	return c.steps[band], nil
}
