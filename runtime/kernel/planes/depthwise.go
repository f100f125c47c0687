package planes

import (
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// chunkWork is the number of multiply-adds that is worth handing to a thread.
const chunkWork = 1 << 17

// depthwise calls f for every group of every picture, in parallel: convolutions
// in which a group has one input channel.
func (g *geometry) depthwise(p *pool.Pool, f func(image, group int)) {
	p.For(g.Batch*g.Groups, max(1, chunkWork/max(1, g.Out*g.size*len(g.taps))), func(lo, hi int) {
		for i := lo; i < hi; i++ {
			f(i/g.Groups, i%g.Groups)
		}
	})
}

// runOne convolves the channel of one group of one picture.
func runOne[T Float](g *geometry, x, w, bias, y []T, group int) {
	length := g.run(1)
	b := borrow[T](g.planesLen(1) + length)
	defer b.giveBack()
	source := x
	if !g.direct {
		source = b.take(g.planesLen(1))
		split(g, source, g.size, x)
	}
	sums := b.take(length)
	for o := range g.Out {
		channel := group*g.Out + o
		for k, t := range g.taps {
			from := source[t.phase*g.size+t.place(g.pitch):][:length]
			addScaled(sums, from, w[channel*len(g.taps)+k], k == 0)
		}
		rowsOut(g, y[channel*g.out:][:g.out], sums, bias, channel)
	}
}

// dataOne is the gradient of the channel of one group of one picture.
func dataOne[T Float](g *geometry, dy, w, bias, dx []T, group int) {
	long := g.gradientLen(1)
	b := borrow[T](long + g.planesLen(1))
	defer b.giveBack()
	border, sums := b.take(long), b.take(g.planesLen(1))
	for o := range g.Out {
		channel := group*g.Out + o
		padOne(g, border, dy, 0, 1, channel)
		for phase, taps := range g.tapsOf {
			for i, k := range taps {
				from := border[g.behind(g.taps[k]):]
				addScaled(sums[phase*g.size:][:g.size], from, w[channel*len(g.taps)+k], o == 0 && i == 0)
			}
		}
	}
	merge(g, dx, sums, g.size, bias, group)
}

// weightsByChannel is the gradient of the weights where a group has one input
// channel.
func weightsByChannel[T Float](g *geometry, p *pool.Pool, x, dy, dw []T) {
	length := g.run(1)
	p.For(g.Groups, max(1, chunkWork/max(1, g.Batch*g.Out*g.size*len(g.taps))), func(lo, hi int) {
		b := borrow[T](g.planesLen(1) + length)
		defer b.giveBack()
		planes, run := b.take(g.planesLen(1)), b.take(length)
		totals := make([]float64, g.Out*len(g.taps))
		for group := lo; group < hi; group++ {
			clear(totals)
			for i := range g.Batch {
				split(g, planes, g.size, x[i*g.perExample+group*g.in:][:g.in])
				for o := range g.Out {
					inRun(g, run, dy, i, i+1, group*g.Out+o)
					for k, t := range g.taps {
						totals[o*len(g.taps)+k] += float64(vec.DotFloat(run, planes[t.phase*g.size+t.place(g.pitch):][:length]))
					}
				}
			}
			for k, v := range totals {
				dw[group*len(totals)+k] = T(v)
			}
		}
	})
}

// addScaled adds src times a number to dst, or sets dst to it.
func addScaled[T Float](dst, src []T, scale T, set bool) {
	src = src[:len(dst)]
	if d, ok := any(dst).([]float32); ok {
		s := any(src).([]float32)
		if set {
			vec.MulVS(d, s, float32(scale))
		} else {
			vec.Blend(d, s, d, float32(scale), 1, 0)
		}
		return
	}
	for i, v := range src {
		if set {
			dst[i] = 0
		}
		dst[i] += v * scale
	}
}
