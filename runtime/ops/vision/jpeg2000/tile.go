package jpeg2000

import (
	"errors"
	"math"
)

// tile is a tile while it is decoded.
type tile struct {
	area       rect // on the reference grid
	params     params
	components []tileComponent
}

// tileComponent is one component of a tile. Its coefficients lie as the transform
// leaves them: each resolution in the corner of the next, with the bands HL to its
// right, LH below and HH across. Those of the reversible transform are integers.
type tileComponent struct {
	size   componentSize
	params *componentParams
	area   rect // on the component's own grid

	resolutions []resolution
	ints        []int32   // [height, width] of area
	floats      []float32 // instead of ints, where not reversible
}

// resolution is a size at which a component can be shown, with the bands that it
// adds to the one before: LL alone for the first, else HL, LH and HH.
type resolution struct {
	area   rect
	bands  []band
	xp, yp int  // exponents of the size of a precinct
	grid   rect // of precincts
	// precincts has one entry for each precinct, nil up to its first packet that
	// is not empty.
	precincts []*precinct
}

// band is a range of frequencies.
type band struct {
	kind   int // bit 0: high across, bit 1: high down
	area   rect
	x, y   int // where it begins among the coefficients
	xb, yb int // exponents of the size of a code block
	planes int // bit planes at most
	scale  float32
}

// precinct is the part of a resolution that a packet tells about.
type precinct struct{ bands []precinctBand }

// precinctBand is its part of a band.
type precinctBand struct {
	grid      rect // of code blocks
	blocks    []block
	inclusion *tagTree
	zeros     *tagTree
}

// block is a code block while its data are gathered.
type block struct {
	area     rect
	included bool
	zeros    int // bit planes without data
	lblock   int
	passes   int
	segments []blockSegment
}

// blockSegment is a run of coding passes that one codeword holds.
type blockSegment struct {
	passes, room int // how many there are, and how many there can be
	data         []byte
}

// newTile lays out a tile.
func newTile(h *header, part *tilePart) (*tile, error) {
	w, v := h.tile.width(), h.tile.height()
	x, y := h.tile.x0+part.index%h.columns*w, h.tile.y0+part.index/h.columns*v
	t := &tile{area: rect{x, y, x + w, y + v}.and(h.image), params: part.params}
	packets := 0
	for i := range h.components {
		p := &t.params.components[i]
		if p.precincts == nil || p.steps == nil {
			return nil, errors.New("there is no coding style (COD) or no quantisation (QCD)")
		}
		size := h.components[i]
		c := tileComponent{size: size, params: p, area: t.area.over(size.xstep, size.ystep)}
		if err := c.layOut(); err != nil {
			return nil, err
		}
		for r := range c.resolutions {
			g := c.resolutions[r].grid
			if g.empty() {
				continue
			}
			// Each packet takes a byte at least, which bounds what is set aside.
			room := len(part.data) - packets
			if g.width() > room/t.params.layers/g.height() {
				return nil, errors.New("the data end before the last packet")
			}
			packets += g.width() * g.height() * t.params.layers
			c.resolutions[r].precincts = make([]*precinct, g.width()*g.height())
		}
		if p.reversible {
			c.ints = make([]int32, c.area.width()*c.area.height())
		} else {
			c.floats = make([]float32, c.area.width()*c.area.height())
		}
		t.components = append(t.components, c)
	}
	return t, nil
}

// layOut finds the resolutions of a component and their bands (T.800 B.5 to B.7).
func (c *tileComponent) layOut() error {
	p := c.params
	for r := range p.levels + 1 {
		down := p.levels - r
		res := resolution{
			area: rect{ceilShift(c.area.x0, down), ceilShift(c.area.y0, down), ceilShift(c.area.x1, down), ceilShift(c.area.y1, down)},
			xp:   int(p.precincts[r] & 15), yp: int(p.precincts[r] >> 4),
		}
		if !res.area.empty() {
			res.grid = rect{res.area.x0 >> res.xp, res.area.y0 >> res.yp, ceilShift(res.area.x1, res.xp), ceilShift(res.area.y1, res.yp)}
		}
		first, last, level, half := 0, 0, p.levels, 0
		if r > 0 {
			first, last, level, half = 1, 3, down+1, 1
		}
		for kind := first; kind <= last; kind++ {
			b, err := c.band(kind, level, max(0, 3*(r-1)+kind))
			if err != nil {
				return err
			}
			b.xb, b.yb = min(p.xblock, res.xp-half), min(p.yblock, res.yp-half)
			if r > 0 {
				below := c.resolutions[r-1].area
				b.x, b.y = kind&1*below.width(), kind>>1*below.height()
			}
			res.bands = append(res.bands, b)
		}
		c.resolutions = append(c.resolutions, res)
	}
	return nil
}

// band is a band of a level of the transform, by its number among the steps.
func (c *tileComponent) band(kind, level, number int) (band, error) {
	s, err := c.params.step(number)
	if err != nil {
		return band{}, err
	}
	// The equation B-15: the area moved by half a step where frequencies are high.
	at := func(v, high int) int {
		if high == 1 {
			v -= 1 << (level - 1)
		}
		return ceilShift(v, level)
	}
	b := band{
		kind:   kind,
		area:   rect{at(c.area.x0, kind&1), at(c.area.y0, kind>>1), at(c.area.x1, kind&1), at(c.area.y1, kind>>1)},
		planes: c.params.guard + s.exponent - 1,
	}
	gain := kind&1 + kind>>1
	b.scale = float32(math.Ldexp(1+float64(s.mantissa)/2048, c.size.depth+gain-s.exponent))
	return b, nil
}

// precinct is precinct number i, laid out when first asked for.
func (r *resolution) precinct(i int) *precinct {
	if p := r.precincts[i]; p != nil {
		return p
	}
	p := &precinct{bands: make([]precinctBand, len(r.bands))}
	x, y := r.grid.x0+i%r.grid.width(), r.grid.y0+i/r.grid.width()
	for k := range r.bands {
		b := &r.bands[k]
		xp, yp := r.xp, r.yp
		if b.kind != 0 {
			xp, yp = xp-1, yp-1
		}
		area := rect{x << xp, y << yp, (x + 1) << xp, (y + 1) << yp}.and(b.area)
		if area.empty() {
			continue
		}
		pb := &p.bands[k]
		pb.grid = rect{area.x0 >> b.xb, area.y0 >> b.yb, ceilShift(area.x1, b.xb), ceilShift(area.y1, b.yb)}
		w, h := pb.grid.width(), pb.grid.height()
		pb.blocks = make([]block, w*h)
		pb.inclusion, pb.zeros = newTagTree(w, h), newTagTree(w, h)
		for j := range pb.blocks {
			bx, by := pb.grid.x0+j%w, pb.grid.y0+j/w
			pb.blocks[j].area = rect{bx << b.xb, by << b.yb, (bx + 1) << b.xb, (by + 1) << b.yb}.and(area)
		}
	}
	r.precincts[i] = p
	return p
}
