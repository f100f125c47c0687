package jpeg2000

// mqState is a state of the probability estimate (T.800 table C.2): the width of the
// less probable symbol and the states that follow the more and the less probable one.
type mqState struct {
	width      uint32
	more, less uint8
	swap       bool // the less probable symbol becomes the more probable one
}

var mqStates = [47]mqState{
	{0x5601, 1, 1, true},
	{0x3401, 2, 6, false},
	{0x1801, 3, 9, false},
	{0x0ac1, 4, 12, false},
	{0x0521, 5, 29, false},
	{0x0221, 38, 33, false},
	{0x5601, 7, 6, true},
	{0x5401, 8, 14, false},
	{0x4801, 9, 14, false},
	{0x3801, 10, 14, false},
	{0x3001, 11, 17, false},
	{0x2401, 12, 18, false},
	{0x1c01, 13, 20, false},
	{0x1601, 29, 21, false},
	{0x5601, 15, 14, true},
	{0x5401, 16, 14, false},
	{0x5101, 17, 15, false},
	{0x4801, 18, 16, false},
	{0x3801, 19, 17, false},
	{0x3401, 20, 18, false},
	{0x3001, 21, 19, false},
	{0x2801, 22, 19, false},
	{0x2401, 23, 20, false},
	{0x2201, 24, 21, false},
	{0x1c01, 25, 22, false},
	{0x1801, 26, 23, false},
	{0x1601, 27, 24, false},
	{0x1401, 28, 25, false},
	{0x1201, 29, 26, false},
	{0x1101, 30, 27, false},
	{0x0ac1, 31, 28, false},
	{0x09c1, 32, 29, false},
	{0x08a1, 33, 30, false},
	{0x0521, 34, 31, false},
	{0x0441, 35, 32, false},
	{0x02a1, 36, 33, false},
	{0x0221, 37, 34, false},
	{0x0141, 38, 35, false},
	{0x0111, 39, 36, false},
	{0x0085, 40, 37, false},
	{0x0049, 41, 38, false},
	{0x0025, 42, 39, false},
	{0x0015, 43, 40, false},
	{0x0009, 44, 41, false},
	{0x0005, 45, 42, false},
	{0x0001, 45, 43, false},
	{0x5601, 46, 46, false},
}

// mqContext is what is known of one kind of symbol.
type mqContext struct{ state, symbol uint8 }

// mqDecoder is the arithmetic decoder (T.800 annex C.3). Past the end of its data it
// reads ones, as the standard has it.
type mqDecoder struct {
	data  []byte
	at    int
	code  uint32 // the register C
	width uint32 // the register A
	left  int    // shifts until the next byte
}

func (d *mqDecoder) start(data []byte) {
	*d = mqDecoder{data: data}
	d.code = uint32(d.byteAt(0)) << 16
	d.next()
	d.code <<= 7
	d.left -= 7
	d.width = 0x8000
}

func (d *mqDecoder) byteAt(i int) byte {
	if i < len(d.data) {
		return d.data[i]
	}
	return 0xff
}

// next takes a byte in (T.800 figure C.19).
func (d *mqDecoder) next() {
	after := d.byteAt(d.at + 1)
	switch {
	case d.byteAt(d.at) != 0xff:
		d.at++
		d.code += uint32(after) << 8
		d.left = 8
	case after > 0x8f: // a marker: the data end here
		d.code += 0xff00
		d.left = 8
	default:
		d.at++
		d.code += uint32(after) << 9
		d.left = 7
	}
}

// decode decodes one symbol (T.800 figures C.15 to C.18).
func (d *mqDecoder) decode(c *mqContext) uint8 {
	s := &mqStates[c.state]
	d.width -= s.width
	var less bool // whether the less probable symbol was read
	if d.code>>16 < s.width {
		less = d.width >= s.width
		d.width = s.width
	} else {
		d.code -= s.width << 16
		if d.width&0x8000 != 0 {
			return c.symbol
		}
		less = d.width < s.width
	}
	symbol := c.symbol
	if less {
		symbol = 1 - symbol
		if s.swap {
			c.symbol = symbol
		}
		c.state = s.less
	} else {
		c.state = s.more
	}
	for ok := true; ok; ok = d.width&0x8000 == 0 {
		if d.left == 0 {
			d.next()
		}
		d.width <<= 1
		d.code <<= 1
		d.left--
	}
	return symbol
}

// rawBits reads the bits of a pass that bypasses the arithmetic coder: after a byte
// 0xff the next one has seven (T.800 D.6).
type rawBits struct {
	data []byte
	last byte
	left int
}

func (r *rawBits) bit() uint8 {
	if r.left == 0 {
		r.left = 8
		if r.last == 0xff {
			r.left = 7
		}
		r.last = 0xff
		if len(r.data) > 0 {
			r.last, r.data = r.data[0], r.data[1:]
		}
	}
	r.left--
	return r.last >> r.left & 1
}
