package jpeg2000

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
)

var errShort = errors.New("the data end before the last packet")

// headerBits reads the bits of a packet header (T.800 B.10.1): after a byte 0xff the
// next one has seven.
type headerBits struct {
	data []byte
	at   int
	left int // bits of the byte before at
	fail bool
}

func (r *headerBits) bit() int {
	if r.left == 0 {
		if r.at >= len(r.data) {
			r.fail = true
			return 0
		}
		r.left = 8
		if r.at > 0 && r.data[r.at-1] == 0xff {
			r.left = 7
		}
		r.at++
	}
	r.left--
	return int(r.data[r.at-1]>>r.left) & 1
}

func (r *headerBits) bits(n int) int {
	v := 0
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// rest is what follows the header, past the byte that must follow 0xff.
func (r *headerBits) rest() ([]byte, error) {
	if r.at > 0 && r.data[r.at-1] == 0xff {
		r.at++
	}
	if r.fail || r.at > len(r.data) {
		return nil, errShort
	}
	return r.data[r.at:], nil
}

// tagTree is a grid of numbers, of which each bit read tells as much as is asked
// (T.800 B.10.2): a node of one level bounds the four below it.
type tagTree struct{ levels []tagLevel }

type tagLevel struct {
	width int
	nodes []tagNode
}

type tagNode struct {
	low   int  // the number is at least this
	known bool // it is this
}

func newTagTree(width, height int) *tagTree {
	t := &tagTree{}
	for {
		t.levels = append(t.levels, tagLevel{width, make([]tagNode, width*height)})
		if width <= 1 && height <= 1 {
			return t
		}
		width, height = (width+1)/2, (height+1)/2
	}
}

// below reads whether the number at x, y is smaller than limit.
func (t *tagTree) below(r *headerBits, x, y, limit int) bool {
	low := 0
	for l := len(t.levels) - 1; l >= 0; l-- {
		level := &t.levels[l]
		n := &level.nodes[y>>l*level.width+x>>l]
		n.low = max(n.low, low)
		for !n.known && n.low < limit {
			if r.bit() == 1 {
				n.known = true
			} else {
				n.low++
			}
		}
		low = n.low
	}
	n := t.levels[0].nodes[y*t.levels[0].width+x]
	return n.known && n.low < limit
}

// readPackets reads all packets of a tile.
func (t *tile) readPackets(data []byte) error {
	for layer, at := range t.packets() {
		rest, err := t.readPacket(data, layer, at)
		if err != nil {
			return fmt.Errorf("layer %d of precinct %d, resolution %d, component %d: %w",
				layer, at.precinct, at.resolution, at.component, err)
		}
		data = rest
	}
	return nil
}

// piece is a part of a packet's body: so many bytes for a segment of a block.
type piece struct {
	block   *block
	segment int
	size    int
}

// readPacket reads one packet and returns what follows it.
func (t *tile) readPacket(data []byte, layer int, at place) ([]byte, error) {
	c := &t.components[at.component]
	if t.params.sop && len(data) >= 6 && data[0] == 0xff && data[1] == 0x91 {
		data = data[6:]
	}
	r := &headerBits{data: data}
	var pieces []piece
	if r.bit() == 1 {
		p := c.resolutions[at.resolution].precinct(at.precinct)
		for i := range p.bands {
			b := &p.bands[i]
			for j := range b.blocks {
				var err error
				if pieces, err = b.readBlock(r, j, layer, c.params.style, pieces); err != nil {
					return nil, err
				}
			}
		}
	}
	data, err := r.rest()
	if err != nil {
		return nil, err
	}
	if t.params.eph && len(data) >= 2 && data[0] == 0xff && data[1] == 0x92 {
		data = data[2:]
	}
	for _, p := range pieces {
		if p.size > len(data) {
			return nil, errShort
		}
		s := &p.block.segments[p.segment]
		s.data = append(s.data, data[:p.size]...)
		data = data[p.size:]
	}
	return data, nil
}

// readBlock reads what a packet header says of block number j (T.800 B.10.3 to
// B.10.7).
func (b *precinctBand) readBlock(r *headerBits, j, layer, style int, pieces []piece) ([]piece, error) {
	blk := &b.blocks[j]
	x, y := j%b.grid.width(), j/b.grid.width()
	if blk.included {
		if r.bit() == 0 {
			return pieces, nil
		}
	} else {
		if !b.inclusion.below(r, x, y, layer+1) {
			return pieces, nil
		}
		blk.included, blk.lblock = true, 3
		for !b.zeros.below(r, x, y, blk.zeros+1) {
			if blk.zeros++; blk.zeros > 64 || r.fail {
				return nil, errors.New("a code block without bit planes")
			}
		}
	}
	passes := readPasses(r)
	for r.bit() == 1 {
		if blk.lblock++; blk.lblock > 32 {
			return nil, errors.New("a code block of too many bytes")
		}
	}
	for passes > 0 {
		i := len(blk.segments) - 1
		if i < 0 || blk.segments[i].passes == blk.segments[i].room {
			blk.segments = append(blk.segments, blockSegment{room: segmentRoom(blk.passes, style)})
			i++
		}
		s := &blk.segments[i]
		n := min(passes, s.room-s.passes)
		size := r.bits(blk.lblock + bits.Len(uint(n)) - 1)
		if size > len(r.data) || r.fail {
			return nil, errShort
		}
		pieces = append(pieces, piece{blk, i, size})
		s.passes += n
		blk.passes += n
		passes -= n
	}
	return pieces, nil
}

// readPasses reads a number of coding passes (T.800 table B.4).
func readPasses(r *headerBits) int {
	if r.bit() == 0 {
		return 1
	}
	if r.bit() == 0 {
		return 2
	}
	if v := r.bits(2); v < 3 {
		return 3 + v
	}
	if v := r.bits(5); v < 31 {
		return 6 + v
	}
	return 37 + r.bits(7)
}

// segmentRoom is how many passes the segment that begins with a pass can hold
// (T.800 tables D.8 and D.9): with the bypass, the first four planes are one, then
// the two raw passes of each plane, then its cleanup pass.
func segmentRoom(pass, style int) int {
	switch {
	case style&styleTerminate != 0:
		return 1
	case style&styleBypass == 0:
		return math.MaxInt
	case pass < 10:
		return 10 - pass
	case pass%3 == 1:
		return 2
	}
	return 1
}
