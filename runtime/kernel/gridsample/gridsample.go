// Package gridsample reads tensors at places that a grid gives, and makes such
// grids from affine transformations.
package gridsample

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Number lists the element types that can be sampled.
type Number interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// Mode is how a value between elements comes about.
type Mode uint8

// The modes.
const (
	Linear Mode = iota
	Nearest
	Cubic
)

// Padding is what lies beyond the border.
type Padding uint8

// The paddings.
const (
	Zeros      Padding = iota
	Border             // the nearest element of the border
	Reflection         // the elements, mirrored at the border
)

// Sampler reads planes of given sizes.
type Sampler struct {
	Mode         Mode
	Padding      Padding
	AlignCorners bool // −1 and 1 mean the middles of the outer elements, else their outer edges
	Sizes        []int
}

// chunkWork is the number of taps that is worth handing to a thread.
const chunkWork = 1 << 14

// Run reads, for each of batch and for each of places in its grid, the planes of
// x at that place. A place is as many coordinates as a plane has axes, innermost
// axis first, from −1 to 1 over the plane.
//
//	x [batch, planes, Sizes…]  grid [batch, places, axes]  →  y [batch, planes, places]
func Run[T Number, G float32 | float64](p *pool.Pool, s *Sampler, batch, planes, places int, x []T, grid []G, y []T) {
	size, rank := 1, len(s.Sizes)
	for _, n := range s.Sizes {
		size *= n
	}
	work := planes * (1 << (2 * rank))
	p.For(batch*places, max(1, chunkWork/max(1, work)), func(lo, hi int) {
		taps := make([]axisTaps, rank)
		for i := lo; i < hi; i++ {
			b, place := i/places, i%places
			for d := range taps {
				taps[d] = s.taps(d, float64(grid[i*rank+rank-1-d]))
			}
			for c := range planes {
				plane := x[(b*planes+c)*size:][:size]
				y[(b*planes+c)*places+place] = T(sum(plane, taps, s.Sizes))
			}
		}
	})
}

// axisTaps is what a place sees of one axis: elements and their weights.
type axisTaps struct {
	n      int
	index  [4]int // -1 is a zero
	weight [4]float64
}

// sum is the weighted sum of the taps of all axes of a plane.
func sum[T Number](plane []T, taps []axisTaps, sizes []int) float64 {
	total := 0.0
	inner := len(plane) / sizes[0]
	t := &taps[0]
	for k := range t.n {
		i := t.index[k]
		switch {
		case i < 0:
		case len(taps) == 1:
			total += t.weight[k] * float64(plane[i])
		default:
			total += t.weight[k] * sum(plane[i*inner:][:inner], taps[1:], sizes[1:])
		}
	}
	return total
}

// taps is what a coordinate sees of axis d.
func (s *Sampler) taps(d int, at float64) axisTaps {
	n := float64(s.Sizes[d])
	low, high := -0.5, n-0.5 // where reflection turns
	if s.AlignCorners {
		low, high = 0, n-1
		at = (at + 1) / 2 * (n - 1)
	} else {
		at = ((at+1)*n - 1) / 2
	}
	if s.Mode == Nearest {
		at = math.RoundToEven(at)
	}
	if s.Mode != Cubic && !(at >= low && at <= high) { // a cubic looks at what surrounds the place itself
		switch s.Padding {
		case Border:
			at = max(0, min(at, n-1))
		case Reflection:
			at = reflect(at, low, high)
		default: // zeros: what lies outside has no weight
		}
	}
	var t axisTaps
	first := math.Floor(at)
	r := at - first
	switch s.Mode {
	case Nearest:
		t.n, t.weight = 1, [4]float64{1}
	case Linear:
		t.n, t.weight = 2, [4]float64{1 - r, r}
	case Cubic:
		first--
		t.n, t.weight = 4, [4]float64{cubic(1 + r), cubic(r), cubic(1 - r), cubic(2 - r)}
	}
	for k := range t.n {
		t.index[k] = s.element(first+float64(k), n, low, high)
	}
	return t
}

// element is the index of a whole coordinate, -1 where it stands for zero.
func (s *Sampler) element(at, n, low, high float64) int {
	if at >= 0 && at < n {
		return int(at)
	}
	switch {
	case at != at || n == 0: // no number
		return -1
	case s.Padding == Border:
		return int(max(0, min(at, n-1)))
	case s.Padding == Reflection:
		return int(max(0, min(reflect(at, low, high), n-1)))
	}
	return -1
}

// reflect mirrors a coordinate at the borders until it lies between them.
func reflect(at, low, high float64) float64 {
	width := high - low
	if width <= 0 || math.IsInf(at, 0) {
		return low
	}
	beyond, fromHigh := low-at, false
	if at > high {
		beyond, fromHigh = at-high, true
	} else if at >= low {
		return at
	}
	turns := math.Floor(beyond / width)
	rest := beyond - turns*width
	if (math.Mod(turns, 2) == 0) == fromHigh {
		return high - rest
	}
	return low + rest
}

// cubic is the weight of an element at a distance, of the convolution of Keys
// with a = −3/4.
func cubic(x float64) float64 {
	const a = -0.75
	if x <= 1 {
		return ((a+2)*x-(a+3))*x*x + 1
	}
	return ((a*x-5*a)*x+8*a)*x - 4*a
}
