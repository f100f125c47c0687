package jpeg2000

import "fmt"

// Styles of code blocks (T.800 table A.19).
const (
	styleBypass    = 1 << iota // passes of low bit planes are written raw
	styleReset                 // contexts begin anew with each pass
	styleTerminate             // each pass is a codeword of its own
	styleCausal                // contexts do not look at the stripe below
	stylePredict               // codewords end in a way that shows errors
	styleSymbols               // each cleanup pass ends with four known symbols
)

// Contexts (T.800 table D.7): nine of significance, five of signs, three of
// refinement, and two more.
const (
	contextSign    = 9
	contextRefine  = 14
	contextRun     = 17
	contextUniform = 18
	contexts       = 19
)

// What is known of a coefficient.
const (
	significant = 1 << iota
	negative
	visited // in this bit plane
	refined // at least once
)

// maxPlanes is how many bit planes fit a value beside its bit after the point.
const maxPlanes = 30

// blockDecoder decodes one code block after another.
type blockDecoder struct {
	mq       mqDecoder
	raw      rawBits
	bypass   bool // symbols come from raw
	contexts [contexts]mqContext
	style    int
	kind     int // of the band

	width, height int
	stride        int     // width + 2: a border of coefficients that are 0
	flags         []uint8 // [height+2, stride]
	values        []int32 // [height, width], magnitudes with one bit after the point
}

// decodeBlocks decodes all code blocks of a component into its coefficients.
func (c *tileComponent) decodeBlocks() error {
	d := &blockDecoder{style: c.params.style}
	for r := range c.resolutions {
		res := &c.resolutions[r]
		for _, p := range res.precincts {
			if p == nil {
				continue
			}
			for i := range p.bands {
				for j := range p.bands[i].blocks {
					blk := &p.bands[i].blocks[j]
					if blk.passes == 0 {
						continue
					}
					if err := d.decode(blk, &res.bands[i]); err != nil {
						return err
					}
					c.place(d, blk, &res.bands[i])
				}
			}
		}
	}
	return nil
}

// place writes a decoded block among the coefficients: integers without the bit
// after the point, or reals times the quantisation step.
func (c *tileComponent) place(d *blockDecoder, blk *block, b *band) {
	width := c.area.width()
	at := (b.y+blk.area.y0-b.area.y0)*width + b.x + blk.area.x0 - b.area.x0
	for y := range d.height {
		values := d.values[y*d.width:][:d.width]
		flags := d.flags[(y+1)*d.stride+1:][:d.width]
		for x, v := range values {
			if flags[x]&negative != 0 {
				v = -v
			}
			if c.params.reversible {
				c.ints[at+x] = v / 2
			} else {
				c.floats[at+x] = float32(v) * 0.5 * b.scale
			}
		}
		at += width
	}
}

// decode decodes the passes of a block (T.800 D.1 and D.4).
func (d *blockDecoder) decode(blk *block, b *band) error {
	planes := b.planes - blk.zeros
	if planes > maxPlanes {
		return fmt.Errorf("a code block of %d bit planes: %w", planes, ErrUnsupported)
	}
	if planes < 1 || blk.passes > 3*planes-2 {
		return fmt.Errorf("%d passes in a code block of %d bit planes", blk.passes, planes)
	}
	d.kind = b.kind
	d.width, d.height = blk.area.width(), blk.area.height()
	d.stride = d.width + 2
	d.flags = cleared(d.flags, d.stride*(d.height+2))
	d.values = cleared(d.values, d.width*d.height)
	d.reset()
	pass := 0
	for _, s := range blk.segments {
		d.bypass = d.style&styleBypass != 0 && pass >= 10 && pass%3 != 0
		if d.bypass {
			d.raw = rawBits{data: s.data}
		} else {
			d.mq.start(s.data)
		}
		for range s.passes {
			plane := planes - 1 - (pass+2)/3 // the first plane has the last kind alone
			switch pass % 3 {
			case 0:
				d.cleanup(plane)
			case 1:
				d.propagate(plane)
			case 2:
				d.refine(plane)
			}
			if d.style&styleReset != 0 {
				d.reset()
			}
			pass++
		}
	}
	return nil
}

// cleared is a slice of n zeros, in the memory of s where there is enough.
func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// reset puts contexts as they are at first.
func (d *blockDecoder) reset() {
	d.contexts = [contexts]mqContext{}
	d.contexts[0].state = 4
	d.contexts[contextRun].state = 3
	d.contexts[contextUniform].state = 46
}

// symbol reads a symbol of a context.
func (d *blockDecoder) symbol(context int) uint8 {
	if d.bypass {
		return d.raw.bit()
	}
	return d.mq.decode(&d.contexts[context])
}

// counts is how many neighbours are significant on each axis. below says whether
// the row below may be looked at.
func (d *blockDecoder) counts(f int, below bool) (across, down, diagonal int) {
	up, at := d.flags[f-d.stride-1:][:3], d.flags[f-1:][:3]
	across = int(at[0]&significant + at[2]&significant)
	down = int(up[1] & significant)
	diagonal = int(up[0]&significant + up[2]&significant)
	if below {
		low := d.flags[f+d.stride-1:][:3]
		down += int(low[1] & significant)
		diagonal += int(low[0]&significant + low[2]&significant)
	}
	return across, down, diagonal
}

// looksBelow says whether contexts in a row look at the one below.
func (d *blockDecoder) looksBelow(y int) bool {
	return d.style&styleCausal == 0 || y%4 != 3
}

// significance is the context of a coefficient that is not significant yet (T.800
// table D.1).
func (d *blockDecoder) significance(f int, below bool) int {
	h, v, g := d.counts(f, below)
	if d.kind == 3 {
		h += v
		switch {
		case g >= 3:
			return 8
		case g == 2:
			return 6 + min(h, 1)
		case g == 1:
			return 3 + min(h, 2)
		}
		return min(h, 2)
	}
	if d.kind == 1 {
		h, v = v, h
	}
	switch {
	case h == 2:
		return 8
	case h == 1 && v >= 1:
		return 7
	case h == 1:
		return 5 + min(g, 1)
	case v > 0:
		return 2 + v
	}
	return min(g, 2)
}

// setSignificant reads the sign of a coefficient (T.800 D.3.2), which begins in the
// middle of its bit plane.
func (d *blockDecoder) setSignificant(f, x, y, plane int) {
	sign := func(g int) int {
		switch d.flags[g] & (significant | negative) {
		case significant:
			return 1
		case significant | negative:
			return -1
		}
		return 0
	}
	h := min(max(sign(f-1)+sign(f+1), -1), 1)
	v := sign(f - d.stride)
	if d.looksBelow(y) {
		v += sign(f + d.stride)
	}
	v = min(max(v, -1), 1)
	flip := uint8(0)
	if h < 0 || h == 0 && v < 0 {
		flip, h, v = 1, -h, -v
	}
	context := contextSign + 3*h + v // 9, 10 for h = 0; 11, 12, 13 for h = 1
	var bit uint8
	if d.bypass {
		bit = d.raw.bit()
	} else {
		bit = d.symbol(context) ^ flip
	}
	d.flags[f] |= significant | bit*negative
	d.values[y*d.width+x] = 3 << plane
}

// propagate is the significance propagation pass (T.800 D.3.1): coefficients with a
// significant neighbour.
func (d *blockDecoder) propagate(plane int) {
	for top := 0; top < d.height; top += 4 {
		for x := range d.width {
			for y := top; y < min(top+4, d.height); y++ {
				f := (y+1)*d.stride + x + 1
				if d.flags[f]&significant != 0 {
					continue
				}
				context := d.significance(f, d.looksBelow(y))
				if context == 0 {
					continue
				}
				if d.symbol(context) == 1 {
					d.setSignificant(f, x, y, plane)
				}
				d.flags[f] |= visited
			}
		}
	}
}

// refine is the magnitude refinement pass (T.800 D.3.3): one bit more of each
// coefficient that was significant before this plane.
func (d *blockDecoder) refine(plane int) {
	for top := 0; top < d.height; top += 4 {
		for x := range d.width {
			for y := top; y < min(top+4, d.height); y++ {
				f := (y+1)*d.stride + x + 1
				if d.flags[f]&(significant|visited) != significant {
					continue
				}
				context := contextRefine + 2
				if d.flags[f]&refined == 0 {
					h, v, g := d.counts(f, d.looksBelow(y))
					context = contextRefine + min(h+v+g, 1)
				}
				half := int32(1) << plane
				if d.symbol(context) == 0 {
					half = -half
				}
				d.values[y*d.width+x] += half
				d.flags[f] |= refined
			}
		}
	}
}

// cleanup is the cleanup pass (T.800 D.3.4): all other coefficients, four at a time
// where nothing around them is significant.
func (d *blockDecoder) cleanup(plane int) {
	for top := 0; top < d.height; top += 4 {
		for x := range d.width {
			y, found := top, false
			if top+4 <= d.height && d.quiet(x, top) {
				if d.symbol(contextRun) == 0 {
					continue
				}
				y += int(d.symbol(contextUniform)<<1 | d.symbol(contextUniform))
				found = true
			}
			for ; y < min(top+4, d.height); y++ {
				f := (y+1)*d.stride + x + 1
				if !found && d.flags[f]&(significant|visited) != 0 {
					continue
				}
				if found || d.symbol(d.significance(f, d.looksBelow(y))) == 1 {
					d.setSignificant(f, x, y, plane)
				}
				found = false
			}
		}
	}
	for i := range d.flags {
		d.flags[i] &^= visited
	}
	if d.style&styleSymbols != 0 {
		for range 4 {
			d.symbol(contextUniform)
		}
	}
}

// quiet says whether four coefficients of a column are untouched, with contexts 0.
func (d *blockDecoder) quiet(x, top int) bool {
	for y := top; y < top+4; y++ {
		f := (y+1)*d.stride + x + 1
		if d.flags[f]&(significant|visited) != 0 || d.significance(f, d.looksBelow(y)) != 0 {
			return false
		}
	}
	return true
}
