// Package planes computes convolutions whose weights change from run to run, and
// the gradients of convolutions: what training needs.
//
// Strides, dilations and padding are taken out of the arithmetic first. The padded
// input is split by phase: plane (a, b) has the positions a, a+strideH, … down and
// b, b+strideW, … across, in rows of pitch values. A tap of the kernel then sees,
// at all output positions together, one run of a plane that begins at the tap's
// place, since moving by one output position is moving by one value:
//
//	     ←── pitch ──→
//	    ┌─────────────┐
//	hp  │ ▒▒▒▒▒▒▒▒▒ . │   ▒ what the tap at row 1, column 1 sees:
//	↓   │ . ▓▓▓▓▓▓▓▓▓ │   a run of (OutH − 1)·pitch + OutW values
//	    └─────────────┘
//
// In each row, pitch − OutW values of a run belong to no output; they are computed
// and dropped, or are zeros where they would be summed. So
//
//   - the convolution is a product of the weights with such runs,
//   - the gradient of the weights is a product of the output's gradient with such
//     runs, transposed,
//   - the gradient of the data is, for each phase, a convolution of the output's
//     gradient by the taps of that phase, without strides.
//
// Where every group has one input channel, runs are added up or multiplied with
// each other one by one. Small pictures lie side by side, so that runs are long.
// Work is split by sizes alone: results are the same bits for any number of
// threads.
package planes

import (
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// Float lists the element types.
type Float = conv.Float

// Supports reports whether the package computes convolutions of that many
// spatial axes.
func Supports(axes int) bool { return axes == 1 || axes == 2 }

const (
	// fewValues is the size of a plane below which pictures are put side by side,
	// and runValues the length that they aim at.
	fewValues = 160
	runValues = 384
)

// geometry is a convolution in planes.
type geometry struct {
	*conv.Shape
	h, w        window.Axis
	in, out     int // positions of a channel
	moreH       int // rows and columns that taps reach beyond the first
	moreW       int
	hp, pitch   int
	size        int // of a plane of one picture
	phases      [][2]int
	phaseAt     []int // [strideH·strideW]: place in phases, or -1
	taps        []tap
	tapsOf      [][]int // by phase
	direct      bool    // the input's channels are the planes
	images      int     // pictures side by side
	perExample  int     // values of an example of the input
	perGradient int     // … and of the output
}

// tap is one weight of a kernel: the plane that it sees, and from where.
type tap struct{ phase, row, col int }

// place is where in a plane the tap's run begins.
func (t tap) place(pitch int) int { return t.row*pitch + t.col }

// newGeometry works out the planes of a convolution over one or two axes.
func newGeometry(s *conv.Shape) *geometry {
	flat := window.Axis{In: 1, Out: 1, Kernel: 1, Stride: 1, Dilation: 1}
	g := &geometry{Shape: s, h: flat, w: s.Axes[len(s.Axes)-1]}
	if len(s.Axes) == 2 {
		g.h = s.Axes[0]
	}
	g.in, g.out, _ = s.Axes.Sizes()
	g.perExample, g.perGradient = s.Groups*s.In*g.in, s.Groups*s.Out*g.out
	g.moreH = (g.h.Extent() - 1) / g.h.Stride
	g.moreW = (g.w.Extent() - 1) / g.w.Stride
	g.hp, g.pitch = g.h.Out+g.moreH, g.w.Out+g.moreW
	g.size = g.hp * g.pitch
	g.phaseAt = make([]int, g.h.Stride*g.w.Stride)
	for i := range g.phaseAt {
		g.phaseAt[i] = -1
	}
	for a := range g.h.Kernel {
		for b := range g.w.Kernel {
			down, across := a*g.h.Dilation, b*g.w.Dilation
			p := [2]int{down % g.h.Stride, across % g.w.Stride}
			at := &g.phaseAt[p[0]*g.w.Stride+p[1]]
			if *at < 0 {
				*at = len(g.phases)
				g.phases = append(g.phases, p)
				g.tapsOf = append(g.tapsOf, nil)
			}
			g.tapsOf[*at] = append(g.tapsOf[*at], len(g.taps))
			g.taps = append(g.taps, tap{phase: *at, row: down / g.h.Stride, col: across / g.w.Stride})
		}
	}
	g.direct = s.Axes.Pointwise()
	g.images = 1
	if !g.direct && g.size > 0 && g.size < fewValues {
		g.images = min(s.Batch, (runValues+g.size-1)/g.size)
	}
	return g
}

// chunks is the number of sets of pictures that lie side by side.
func (g *geometry) chunks() int { return (g.Batch + g.images - 1) / g.images }

// chunk is the range of examples of one.
func (g *geometry) chunk(i int) (lo, hi int) {
	return i * g.images, min((i+1)*g.images, g.Batch)
}

// run is the length of the runs over n pictures.
func (g *geometry) run(n int) int { return (n-1)*g.size + (g.h.Out-1)*g.pitch + g.w.Out }

// planesLen is what the planes of one channel of n pictures take.
func (g *geometry) planesLen(n int) int { return len(g.phases) * n * g.size }

// split lays out one channel of a picture in planes, step values apart.
func split[T Float](g *geometry, dst []T, step int, src []T) {
	for k, p := range g.phases {
		plane := dst[k*step:][:g.size]
		for i := range g.hp {
			row := plane[i*g.pitch:][:g.pitch]
			r := p[0] + i*g.h.Stride - g.h.Begin
			if r < 0 || r >= g.h.In {
				clear(row)
				continue
			}
			every(row, src[r*g.w.In:][:g.w.In], p[1]-g.w.Begin, g.w.Stride)
		}
	}
}

// every copies src[start], src[start+step], …; what lies outside is zero.
func every[T Float](dst, src []T, start, step int) {
	lo, hi := 0, len(dst)
	if start < 0 {
		lo = min((-start+step-1)/step, hi)
	}
	hi = max(lo, min(hi, (len(src)-start+step-1)/step))
	clear(dst[:lo])
	clear(dst[hi:])
	if lo == hi {
		return
	}
	dst, src = dst[lo:hi], src[start+lo*step:]
	switch step {
	case 1:
		copy(dst, src)
	case 2:
		if d, ok := any(dst).([]float32); ok {
			vec.EverySecond(d, any(src).([]float32))
			return
		}
		last := len(dst) - 1
		pairs := src[:2*last+1]
		for i := range dst {
			dst[i] = pairs[2*i]
		}
	default:
		for i := range dst {
			dst[i] = src[i*step]
		}
	}
}

// buffers of both types are kept between convolutions. They hold nothing that
// matters.
var (
	buffers32 = sync.Pool{New: func() any { return new([]float32) }}
	buffers64 = sync.Pool{New: func() any { return new([]float64) }}
)

// scratch is memory for one chunk, handed out in pieces.
type scratch[T Float] struct {
	pool *sync.Pool
	buf  *[]T
	used int
}

// borrow gets memory of n values in all.
func borrow[T Float](n int) *scratch[T] {
	pool := &buffers64
	if _, ok := any(T(0)).(float32); ok {
		pool = &buffers32
	}
	s := &scratch[T]{pool: pool, buf: pool.Get().(*[]T)}
	if len(*s.buf) < n {
		*s.buf = make([]T, n)
	}
	return s
}

// take is the next n values, whose contents are undefined.
func (s *scratch[T]) take(n int) []T {
	s.used += n
	return (*s.buf)[s.used-n : s.used : s.used]
}

func (s *scratch[T]) giveBack() { s.pool.Put(s.buf) }
