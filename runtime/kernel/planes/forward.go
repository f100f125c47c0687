package planes

import (
	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Run convolves x with w, as [conv.Run] does, and adds a bias for each output
// channel, which may be nil.
func Run[T Float](p *pool.Pool, s *conv.Shape, x, w, bias, y []T) {
	g := newGeometry(s)
	if len(y) == 0 {
		return
	}
	if s.In == 0 || g.in == 0 {
		onlyBias(y, bias, g.out)
		return
	}
	if s.In == 1 {
		g.depthwise(p, func(image, group int) {
			runOne(g, x[image*g.perExample+group*g.in:][:g.in], w, bias, y[image*g.perGradient:], group)
		})
		return
	}
	depth := s.In * len(g.taps)
	g.each(p, func(lo, hi, group int, inner *pool.Pool) {
		n := hi - lo
		length := g.run(n)
		room := s.Out * length
		if !g.direct {
			room += s.In * g.planesLen(n)
		}
		b := borrow[T](room)
		defer b.giveBack()
		source := inPlanes(g, b, x, lo, hi, group)
		sums := b.take(s.Out * length)
		m := product[T]{rows: s.Out, cols: length, depth: depth, a: w[group*s.Out*depth:], b: source, at: g.places(n), c: sums}
		m.run(inner)
		for i := lo; i < hi; i++ {
			for o := range s.Out {
				channel := group*s.Out + o
				from := sums[o*length+(i-lo)*g.size:]
				rowsOut(g, y[i*g.perGradient+channel*g.out:][:g.out], from, bias, channel)
			}
		}
	})
}

// each calls f for every chunk of pictures and every group, in parallel; where
// that gives few tasks, f is handed the threads as well.
func (g *geometry) each(p *pool.Pool, f func(lo, hi, group int, inner *pool.Pool)) {
	const few = 4
	chunks := g.chunks()
	tasks := chunks * g.Groups
	var inner *pool.Pool
	if tasks < few {
		inner = p
	}
	p.For(tasks, 1, func(a, b int) {
		for i := a; i < b; i++ {
			lo, hi := g.chunk(i / g.Groups)
			f(lo, hi, i%g.Groups, inner)
		}
	})
}

// inPlanes is the input of a group of channels in planes: [channel][phase][picture][hp][pitch].
func inPlanes[T Float](g *geometry, b *scratch[T], x []T, lo, hi, group int) []T {
	if g.direct {
		return x[lo*g.perExample+group*g.In*g.in:][:g.In*g.in]
	}
	n := hi - lo
	dst := b.take(g.In * g.planesLen(n))
	for c := range g.In {
		for i := lo; i < hi; i++ {
			at := c*g.planesLen(n) + (i-lo)*g.size
			split(g, dst[at:], n*g.size, x[i*g.perExample+(group*g.In+c)*g.in:][:g.in])
		}
	}
	return dst
}

// places tells where, in the planes of n pictures, the run of each tap of each
// channel begins.
func (g *geometry) places(n int) []int {
	at := make([]int, 0, g.In*len(g.taps))
	for c := range g.In {
		for _, t := range g.taps {
			at = append(at, c*g.planesLen(n)+t.phase*n*g.size+t.place(g.pitch))
		}
	}
	return at
}

// rowsOut takes the rows of one output channel out of a run, and adds the bias.
func rowsOut[T Float](g *geometry, dst, run, bias []T, channel int) {
	var add T
	if bias != nil {
		add = bias[channel]
	}
	for r := range g.h.Out {
		to, from := dst[r*g.w.Out:][:g.w.Out], run[r*g.pitch:][:g.w.Out]
		if add == 0 {
			copy(to, from)
			continue
		}
		for i, v := range from {
			to[i] = v + add
		}
	}
}
