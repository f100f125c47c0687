package jpeg

import (
	"errors"
	"fmt"
)

// scan is one pass over the blocks of some components.
type scan struct {
	components []*scanned
	from, to   int // coefficients
	high, low  int // bits that earlier scans brought, and that this one does not bring yet
}

// scanned is a component in a scan.
type scanned struct {
	*component
	dc, ac *huffman
	last   int32 // the DC coefficient of the block before
}

// scan reads a scan's header and its blocks.
func (d *decoder) scan(s []byte) error {
	sc, err := d.scanHeader(s)
	if err != nil {
		return err
	}
	d.bits, d.nbits, d.run = 0, 0, 0
	across, down := ceilDiv(d.width, 8*d.hMax), ceilDiv(d.height, 8*d.vMax)
	single := len(sc.components) == 1
	if single { // the units are the component's own blocks, without padding
		c := sc.components[0]
		across, down = ceilDiv(c.width, 8), ceilDiv(c.height, 8)
	}
	for unit := range across * down {
		if d.restart > 0 && unit > 0 && unit%d.restart == 0 {
			if err := d.restarted(sc); err != nil {
				return err
			}
		}
		x, y := unit%across, unit/across
		for _, c := range sc.components {
			h, v := c.h, c.v
			if single {
				h, v = 1, 1
			}
			for b := range h * v {
				block := &c.blocks[(y*v+b/h)*c.across+x*h+b%h]
				if err := d.block(sc, c, block); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (d *decoder) scanHeader(s []byte) (*scan, error) {
	if d.components == nil {
		return nil, errors.New("jpeg: a scan stands before its frame")
	}
	if len(s) < 1 || len(s) < 4+2*int(s[0]) || s[0] < 1 || s[0] > 3 {
		return nil, errors.New("jpeg: a scan's header is not whole")
	}
	n := int(s[0])
	sc := &scan{from: int(s[1+2*n]), to: int(s[2+2*n]), high: int(s[3+2*n] >> 4), low: int(s[3+2*n] & 15)}
	if !d.progressive {
		sc.from, sc.to, sc.high, sc.low = 0, 63, 0, 0
	}
	if sc.to > 63 || sc.from > sc.to || sc.low > 13 || sc.high > 0 && sc.high != sc.low+1 ||
		d.progressive && (sc.from == 0) != (sc.to == 0) || sc.from > 0 && n > 1 {
		return nil, fmt.Errorf("jpeg: a scan brings coefficients %d to %d, bits %d to %d, of %d components", sc.from, sc.to, sc.high, sc.low, n)
	}
	for i := range n {
		id, dc, ac := s[1+2*i], s[2+2*i]>>4, s[2+2*i]&15
		c := &scanned{}
		for k := range d.components {
			if d.components[k].id == id {
				c.component = &d.components[k]
			}
		}
		if c.component == nil || dc > 3 || ac > 3 {
			return nil, fmt.Errorf("jpeg: a scan names component %d and tables %d and %d", id, dc, ac)
		}
		c.dc, c.ac = d.tables[0][dc], d.tables[1][ac]
		if sc.from == 0 && sc.high == 0 && c.dc == nil || sc.to > 0 && c.ac == nil {
			return nil, errors.New("jpeg: a scan's Huffman table is missing")
		}
		sc.components = append(sc.components, c)
	}
	return sc, nil
}

// restarted passes over a restart marker.
func (d *decoder) restarted(sc *scan) error {
	d.bits, d.nbits, d.run = 0, 0, 0
	marker, err := d.marker()
	if err != nil {
		return err
	}
	if marker < firstRestart || marker > firstRestart+7 {
		return fmt.Errorf("jpeg: marker %#x stands where a restart was due", marker)
	}
	for _, c := range sc.components {
		c.last = 0
	}
	return nil
}

// block reads what the scan brings of one block.
func (d *decoder) block(sc *scan, c *scanned, b *[64]int32) error {
	from := sc.from
	if from == 0 {
		if err := d.dc(sc, c, b); err != nil {
			return err
		}
		from = 1
	}
	switch {
	case from > sc.to:
		return nil
	case sc.high > 0:
		return d.refine(sc, c, b)
	}
	if d.run > 0 {
		d.run--
		return nil
	}
	for k := from; k <= sc.to; k++ {
		value, err := d.symbol(c.ac)
		if err != nil {
			return err
		}
		zeros, size := value>>4, value&15
		if size == 0 {
			if zeros < 15 {
				return d.endOfBand(zeros, -1)
			}
			k += 15
			continue
		}
		if k += zeros; k > sc.to {
			return errors.New("jpeg: a block has too many coefficients")
		}
		v, err := d.signed(size)
		if err != nil {
			return err
		}
		b[zigzag[k]] = v << sc.low
	}
	return nil
}

// dc reads the first coefficient, or one more bit of it.
func (d *decoder) dc(sc *scan, c *scanned, b *[64]int32) error {
	if sc.high > 0 {
		bit, err := d.read(1)
		b[0] |= int32(bit) << sc.low
		return err
	}
	size, err := d.symbol(c.dc)
	if err != nil {
		return err
	}
	v, err := d.signed(size)
	c.last += v
	b[0] = c.last << sc.low
	return err
}

// endOfBand begins a run of blocks without new coefficients, of which before have
// been seen less one.
func (d *decoder) endOfBand(size, before int) error {
	extra, err := d.read(size)
	d.run = 1<<size + extra + before
	return err
}

// refine reads one more bit of the coefficients that are there, and new ones.
func (d *decoder) refine(sc *scan, c *scanned, b *[64]int32) error {
	bit := int32(1) << sc.low
	k := sc.from
	for d.run == 0 && k <= sc.to {
		value, err := d.symbol(c.ac)
		if err != nil {
			return err
		}
		zeros, size := value>>4, value&15
		fresh := int32(0)
		switch {
		case size == 1:
			positive, err := d.read(1)
			if err != nil {
				return err
			}
			fresh = bit
			if positive == 0 {
				fresh = -bit
			}
		case size > 1:
			return errors.New("jpeg: a new coefficient has more than one bit")
		case zeros < 15:
			if err := d.endOfBand(zeros, 0); err != nil {
				return err
			}
			continue
		}
		if k, err = d.pass(b, k, sc.to, zeros, bit); err != nil {
			return err
		}
		if fresh != 0 && k <= sc.to {
			b[zigzag[k]] = fresh
		}
		k++
	}
	if d.run > 0 {
		d.run--
		_, err := d.pass(b, k, sc.to, 64, bit)
		return err
	}
	return nil
}

// pass goes over so many zeros from k on, and reads a bit of each coefficient on
// the way. It gives the place of the zero behind.
func (d *decoder) pass(b *[64]int32, k, to, zeros int, bit int32) (int, error) {
	for ; k <= to; k++ {
		v := &b[zigzag[k]]
		if *v == 0 {
			if zeros == 0 {
				return k, nil
			}
			zeros--
			continue
		}
		more, err := d.read(1)
		if err != nil {
			return k, err
		}
		if more == 1 && *v&bit == 0 {
			if *v > 0 {
				*v += bit
			} else {
				*v -= bit
			}
		}
	}
	return k, nil
}
