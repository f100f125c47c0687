package resample

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// chunkWork is the number of multiply-adds or copies worth handing to a thread.
const chunkWork = 1 << 15

// Apply resamples one axis of a tensor seen as [outer, In, inner] by a table,
// to [outer, Out, inner].
func Apply[T Float](p *pool.Pool, t *Table[T], outer, inner int, src, dst []T) {
	if inner == 1 {
		p.For(outer, max(1, chunkWork/max(1, t.Out*t.Taps)), func(lo, hi int) {
			for o := lo; o < hi; o++ {
				t.line(src[o*t.In:][:t.In], dst[o*t.Out:][:t.Out])
			}
		})
		return
	}
	p.For(outer*t.Out, max(1, chunkWork/max(1, inner*t.Taps)), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			o, x := i/t.Out, i%t.Out
			t.blend(x, src[o*t.In*inner:][:t.In*inner], dst[i*inner:][:inner])
		}
	})
}

// line resamples the elements of one line.
func (t *Table[T]) line(src, dst []T) {
	if t.Taps == 2 {
		index, weight := t.Index[:2*len(dst)], t.Weight[:2*len(dst)]
		for x := range dst {
			dst[x] = weight[2*x]*src[index[2*x]] + weight[2*x+1]*src[index[2*x+1]]
		}
		return
	}
	for x := range dst {
		var sum T
		for k := x * t.Taps; k < (x+1)*t.Taps; k++ {
			sum += t.Weight[k] * src[t.Index[k]]
		}
		dst[x] = sum
	}
}

// blend makes the row of output position x from rows of src.
func (t *Table[T]) blend(x int, src, dst []T) {
	n := len(dst)
	row := func(k int) ([]T, T) {
		k += x * t.Taps
		return src[int(t.Index[k])*n:][:n], t.Weight[k]
	}
	a, wa := row(0)
	b, wb := row(1)
	for i := range dst {
		dst[i] = wa*a[i] + wb*b[i]
	}
	for k := 2; k < t.Taps; k++ {
		c, wc := row(k)
		for i := range dst {
			dst[i] += wc * c[i]
		}
	}
}

// Nearest copies, to each position of a tensor of len(index) axes, the element
// of src at the positions that index gives on each axis. shape is src's; the
// output's sizes are the lengths of the index lists. Both hold cells of the same
// size.
func Nearest(p *pool.Pool, shape []int, index [][]int, src, dst cells.Slice) {
	switch src.Size {
	case 1:
		nearest(p, shape, index, cells.Of[uint8](src), cells.Of[uint8](dst))
	case 2:
		nearest(p, shape, index, cells.Of[uint16](src), cells.Of[uint16](dst))
	case 4:
		nearest(p, shape, index, cells.Of[uint32](src), cells.Of[uint32](dst))
	case 8:
		nearest(p, shape, index, cells.Of[uint64](src), cells.Of[uint64](dst))
	case 16:
		nearest(p, shape, index, cells.Of[[2]uint64](src), cells.Of[[2]uint64](dst))
	default:
		nearest(p, shape, index, src.Strings, dst.Strings)
	}
}

func nearest[T cells.Cell](p *pool.Pool, shape []int, index [][]int, src, dst []T) {
	if len(dst) == 0 {
		return
	}
	if len(index) == 0 {
		dst[0] = src[0]
		return
	}
	last := len(index) - 1
	columns, width := index[last], shape[last]
	n := len(columns)
	p.For(len(dst)/n, max(1, chunkWork/n), func(lo, hi int) {
		before := -1 // offset of the row that the last output row was made from
		for r := lo; r < hi; r++ {
			offset := rowOffset(shape, index, r)
			row := dst[r*n:][:n]
			if offset == before {
				copy(row, dst[(r-1)*n:][:n])
				continue
			}
			before = offset
			from := src[offset:][:width]
			for i, c := range columns {
				row[i] = from[c]
			}
		}
	})
}

// rowOffset is where the source of output row r begins.
func rowOffset(shape []int, index [][]int, r int) int {
	last := len(index) - 1
	offset, size := 0, shape[last]
	for d := last - 1; d >= 0; d-- {
		offset += index[d][r%len(index[d])] * size
		r /= len(index[d])
		size *= shape[d]
	}
	return offset
}
