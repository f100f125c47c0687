// Package strided copies elements between two layouts of the same shape:
// transposes, slices with any step, broadcasts, tiles, splits and joins are all
// this one copy with different strides.
//
//	dst[dstOffset + Σ i_k·Dst[k]] = src[srcOffset + Σ i_k·Src[k]]   for all i in Shape
//
// Strides and offsets count elements. A source stride of 0 repeats, a negative
// one runs backwards. Dimensions that lie one behind the other in both layouts
// are joined first, so that the inner loop is as long as can be; then one of
// four inner loops is taken: contiguous runs, many short ones together, a blocked
// 2-D transpose, or one element at a time.
package strided

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// grain is the number of elements that are worth a chunk of the pool.
const grain = 1 << 14

// strip is the number of rows that a blocked transpose takes at once: what a
// cache line of float32 holds.
const strip = 16

// Plan is a copy with its dimensions joined: see [New].
type Plan struct {
	shape, dst, src []int // inner dimension last
	dstAt, srcAt    int
	rows, cols      int // of the inner 2-D transpose, where pair
	pair            bool
}

// New plans the copy of a block of that shape. The slices are only read. The
// caller vouches that every index is inside the buffers that Run will get.
func New(shape, dst, src []int, dstOffset, srcOffset int) *Plan {
	buf := make([]int, 3*len(shape)+3)
	k := len(shape) + 1
	p := &Plan{shape: buf[0:0:k], dst: buf[k : k : 2*k], src: buf[2*k : 2*k : 3*k], dstAt: dstOffset, srcAt: srcOffset}
	for i, n := range shape {
		if n == 0 {
			p.shape, p.dst, p.src = append(p.shape[:0], 0), append(p.dst[:0], 0), append(p.src[:0], 0)
			return p
		}
		if n == 1 {
			continue
		}
		last := len(p.shape) - 1
		if last >= 0 && p.dst[last] == dst[i]*n && p.src[last] == src[i]*n {
			p.shape[last] *= n
			p.dst[last], p.src[last] = dst[i], src[i]
			continue
		}
		p.shape, p.dst, p.src = append(p.shape, n), append(p.dst, dst[i]), append(p.src, src[i])
	}
	if len(p.shape) == 0 {
		p.shape, p.dst, p.src = append(p.shape, 1), append(p.dst, 1), append(p.src, 1)
	}
	p.findPair()
	return p
}

// findPair looks for the dimension along which the source is contiguous where
// the last one is contiguous only in the destination, and brings it next to the
// last: the two are then a 2-D transpose.
func (p *Plan) findPair() {
	last := len(p.shape) - 1
	if p.dst[last] != 1 || p.src[last] < 2 {
		return
	}
	for k := range last {
		if p.src[k] != 1 {
			continue
		}
		for ; k < last-1; k++ {
			p.swap(k, k+1)
		}
		p.pair, p.rows, p.cols = true, p.shape[last-1], p.shape[last]
		return
	}
}

func (p *Plan) swap(i, j int) {
	p.shape[i], p.shape[j] = p.shape[j], p.shape[i]
	p.dst[i], p.dst[j] = p.dst[j], p.dst[i]
	p.src[i], p.src[j] = p.src[j], p.src[i]
}

// Run copies. The buffers must hold cells of the same size and must not
// overlap.
func (p *Plan) Run(workers *pool.Pool, dst, src cells.Slice) {
	switch dst.Size {
	case 1:
		run(p, workers, cells.Of[uint8](dst), cells.Of[uint8](src))
	case 2:
		run(p, workers, cells.Of[uint16](dst), cells.Of[uint16](src))
	case 4:
		run(p, workers, cells.Of[uint32](dst), cells.Of[uint32](src))
	case 8:
		run(p, workers, cells.Of[uint64](dst), cells.Of[uint64](src))
	case 16:
		run(p, workers, cells.Of[[2]uint64](dst), cells.Of[[2]uint64](src))
	default:
		run(p, workers, dst.Strings, src.Strings)
	}
}

// run shares the outer indexes among the workers.
func run[T cells.Cell](p *Plan, workers *pool.Pool, dst, src []T) {
	last := len(p.shape) - 1
	inner, count := p.shape[last], 1 // elements of a step, steps
	outer := p.shape[:last]
	if p.pair {
		outer = p.shape[:last-1]
		inner = min(strip, p.rows) * p.cols
		count = (p.rows + strip - 1) / strip
	}
	for _, n := range outer {
		count *= n
	}
	if inner*count <= grain || workers.Threads() == 1 {
		steps(p, dst, src, 0, count)
		return
	}
	if count == 1 && !p.pair && p.dst[last] == 1 && p.src[last] == 1 {
		workers.For(inner, 4*grain, func(lo, hi int) {
			copy(dst[p.dstAt+lo:p.dstAt+hi], src[p.srcAt+lo:])
		})
		return
	}
	workers.For(count, grain/max(inner, 1), func(lo, hi int) { steps(p, dst, src, lo, hi) })
}

// steps does outer indexes lo to hi, keeping a counter for each dimension.
func steps[T cells.Cell](p *Plan, dst, src []T, lo, hi int) {
	last := len(p.shape) - 1
	outer, strips := last, 1
	if p.pair {
		outer, strips = last-1, (p.rows+strip-1)/strip
	}
	var at [64]int
	d, s := p.dstAt, p.srcAt
	row := lo % strips
	for k, rest := outer-1, lo/strips; k >= 0; k-- {
		at[k] = rest % p.shape[k]
		rest /= p.shape[k]
		d += at[k] * p.dst[k]
		s += at[k] * p.src[k]
	}
	for left, n := hi-lo, 1; left > 0; left -= n {
		switch {
		case p.pair:
			r := row * strip
			transpose(dst[d+r*p.dst[last-1]:], src[s+r:], min(strip, p.rows-r), p.cols, p.dst[last-1], p.src[last])
		case outer > 0 && p.shape[last] <= shortLine:
			n = min(left, p.shape[outer-1]-at[outer-1])
			short(dst, src, d, s, [2]int{n, p.shape[last]}, p.dst[last-1:], p.src[last-1:])
		default:
			line(dst, src, d, s, p.shape[last], p.dst[last], p.src[last])
		}
		if row++; row < strips {
			continue
		}
		row = 0
		for k, turns := outer-1, n; k >= 0; k, turns = k-1, 1 {
			at[k] += turns
			d += turns * p.dst[k]
			s += turns * p.src[k]
			if at[k] < p.shape[k] {
				break
			}
			d -= at[k] * p.dst[k]
			s -= at[k] * p.src[k]
			at[k] = 0
		}
	}
}

// line copies n elements from s on, src stride ss, to d on, dst stride ds.
func line[T cells.Cell](dst, src []T, d, s, n, ds, ss int) {
	switch {
	case ds == 1 && ss == 1:
		copy(dst[d:d+n], src[s:s+n])
	case ds == 1 && ss == 0:
		out, v := dst[d:d+n], src[s]
		for i := range out {
			out[i] = v
		}
	case ds == 1:
		out := dst[d : d+n]
		for i := range out {
			out[i] = src[s]
			s += ss
		}
	default:
		for range n {
			dst[d] = src[s]
			d += ds
			s += ss
		}
	}
}

// shortLine is the longest line of those that are copied many at once.
const shortLine = 8

// short copies lines of few elements: of the strides, the first is that from a
// line to the next, the second that within a line.
func short[T cells.Cell](dst, src []T, d, s int, shape [2]int, ds, ss []int) {
	if shape[1] == 2 && ds[1] == 1 && ss[1] == 1 {
		for range shape[0] {
			out, in := dst[d:][:2:2], src[s:][:2:2]
			out[0], out[1] = in[0], in[1]
			d, s = d+ds[0], s+ss[0]
		}
		return
	}
	for j := range shape[1] {
		to, from := d+j*ds[1], s+j*ss[1]
		for range shape[0] {
			dst[to] = src[from]
			to, from = to+ds[0], from+ss[0]
		}
	}
}

// transpose writes dst[i·ds + j] = src[i + j·ss] for i < rows and j < cols.
func transpose[T cells.Cell](dst, src []T, rows, cols, ds, ss int) {
	i := 0
	for ; i+4 <= rows; i += 4 {
		d0, d1 := dst[i*ds:][:cols], dst[(i+1)*ds:][:cols]
		d2, d3 := dst[(i+2)*ds:][:cols], dst[(i+3)*ds:][:cols]
		at := i
		for j := range d0 {
			v := src[at:][:4:4]
			d0[j], d1[j], d2[j], d3[j] = v[0], v[1], v[2], v[3]
			at += ss
		}
	}
	for ; i < rows; i++ {
		at := i
		for j := range cols {
			dst[i*ds+j] = src[at]
			at += ss
		}
	}
}

// Strides are the row-major strides of a shape.
func Strides(shape []int) []int {
	s := make([]int, len(shape))
	n := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = n
		n *= shape[i]
	}
	return s
}
