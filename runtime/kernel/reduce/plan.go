// Package reduce folds the elements of a tensor along some of its axes.
//
// A [Plan] joins neighbouring axes that are treated alike, so that a shape
// becomes alternating kept and reduced dimensions. Where the innermost is
// reduced, an output element folds contiguous rows; where it is kept, a block of
// neighbouring output elements folds row upon row. Each output element is folded
// by one thread, in an order that the shape alone decides, and float32 is summed
// in float64.
package reduce

import (
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// dim is a joined dimension of the input.
type dim struct{ size, stride int }

// Plan says which input elements make each output element.
type Plan struct {
	kept, folded []dim // innermost first
	n            int   // output elements
	count        int   // input elements an output element
}

// NewPlan plans the reduction of a tensor of that shape along the axes for
// which reduced is true.
func NewPlan(shape []int, reduced []bool) Plan {
	p := Plan{n: 1, count: 1}
	stride := 1
	for i := len(shape) - 1; i >= 0; i-- {
		size := shape[i]
		list := &p.kept
		if reduced[i] {
			list = &p.folded
			p.count *= size
		} else {
			p.n *= size
		}
		if size != 1 {
			if k := len(*list) - 1; k >= 0 && (*list)[k].size*(*list)[k].stride == stride {
				(*list)[k].size *= size
			} else {
				*list = append(*list, dim{size, stride})
			}
		}
		stride *= size
	}
	return p
}

// Len is the number of output elements, Count that of the input elements that
// each folds.
func (p *Plan) Len() int   { return p.n }
func (p *Plan) Count() int { return p.count }

// byRows reports whether the innermost dimension is reduced.
func (p *Plan) byRows() bool {
	return len(p.folded) > 0 && (len(p.kept) == 0 || p.folded[0].stride < p.kept[0].stride)
}

// offset is where output element i begins in the input.
func (p *Plan) offset(i int) int {
	off := 0
	for _, d := range p.kept {
		off += i % d.size * d.stride
		i /= d.size
	}
	return off
}

// odometer walks the places of some dimensions in order.
type odometer struct {
	dims []dim
	at   [tensor.MaxRank]int
	off  int
}

// next moves on; it reports false, back at the beginning, after the last place.
func (o *odometer) next() bool {
	for k, d := range o.dims {
		o.at[k]++
		o.off += d.stride
		if o.at[k] < d.size {
			return true
		}
		o.off -= d.size * d.stride
		o.at[k] = 0
	}
	return false
}
