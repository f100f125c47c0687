package planes

import (
	"github.com/seed6700ada1/infer/runtime/kernel/conv"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Data is the gradient of the input, or what [conv.Transpose] computes: it gives
// each value of dy, of the shape of the convolution's output, to all that it was
// summed from. bias, which may be nil, has a value for each channel of dx.
func Data[T Float](p *pool.Pool, s *conv.Shape, dy, w, bias, dx []T) {
	g := newGeometry(s)
	if len(dx) == 0 {
		return
	}
	if g.out == 0 || s.Out == 0 {
		onlyBias(dx, bias, g.in)
		return
	}
	if s.In == 1 {
		g.depthwise(p, func(image, group int) {
			dataOne(g, dy[image*g.perGradient:], w, bias, dx[image*g.perExample+group*g.in:][:g.in], group)
		})
		return
	}
	kernels := byPhase(g, p, w)
	g.each(p, func(lo, hi, group int, inner *pool.Pool) {
		n := hi - lo
		long, length := g.gradientLen(n), n*g.size
		room := s.In * len(g.phases) * length
		if !g.direct {
			room += s.Out * long
		}
		b := borrow[T](room)
		defer b.giveBack()
		source := padded(g, b, dy, lo, hi, group)
		sums := b.take(s.In * len(g.phases) * length)
		for k, kernel := range kernels {
			taps := g.tapsOf[k]
			at := make([]int, 0, s.Out*len(taps))
			for o := range s.Out {
				for _, t := range taps {
					at = append(at, o*long+g.behind(g.taps[t]))
				}
			}
			m := product[T]{
				rows: s.In, cols: length, depth: len(at), b: source, at: at,
				a: kernel[group*s.In*len(at):], c: sums[k*s.In*length:][:s.In*length],
			}
			m.run(inner)
		}
		for i := lo; i < hi; i++ {
			for c := range s.In {
				channel := group*s.In + c
				merge(g, dx[i*g.perExample+channel*g.in:][:g.in], sums[c*length+(i-lo)*g.size:], s.In*length, bias, channel)
			}
		}
	})
}

// onlyBias writes what a sum of nothing gives, for channels of size values.
func onlyBias[T Float](dst, bias []T, size int) {
	for i := range dst {
		dst[i] = 0
		if bias != nil {
			dst[i] = bias[i/size%len(bias)]
		}
	}
}

// byPhase lays out the weights [Groups·Out, In, taps] for the gradient of the data:
// for each phase, [Groups, In, Out, taps of the phase].
func byPhase[T Float](g *geometry, p *pool.Pool, w []T) [][]T {
	kernels := make([][]T, len(g.phases))
	for k := range kernels {
		taps := g.tapsOf[k]
		kernel := make([]T, g.Groups*g.In*g.Out*len(taps))
		p.For(g.Groups*g.In, max(1, (1<<14)/max(1, g.Out*len(taps))), func(lo, hi int) {
			for i := lo; i < hi; i++ {
				group, c := i/g.In, i%g.In
				dst := kernel[i*g.Out*len(taps):][:g.Out*len(taps)]
				for o := range g.Out {
					src := w[((group*g.Out+o)*g.In+c)*len(g.taps):][:len(g.taps)]
					for x, t := range taps {
						dst[o*len(taps)+x] = src[t]
					}
				}
			}
		})
		kernels[k] = kernel
	}
	return kernels
}

// gradientLen is what a channel of the output's gradient takes with its border: a
// row of zeros for each that taps reach, above and between pictures and below, and
// as many columns in front of each row.
func (g *geometry) gradientLen(n int) int {
	return (n*g.hp+g.moreH)*g.pitch + g.moreW
}

// behind is the place, in a gradient with its border, of what a tap gave to the
// first value of its plane.
func (g *geometry) behind(t tap) int { return (g.moreH-t.row)*g.pitch + g.moreW - t.col }

// padded is the output's gradient of a group of channels with its border.
func padded[T Float](g *geometry, b *scratch[T], dy []T, lo, hi, group int) []T {
	if g.direct {
		return dy[lo*g.perGradient+group*g.Out*g.out:][:g.Out*g.out]
	}
	n := hi - lo
	long := g.gradientLen(n)
	dst := b.take(g.Out * long)
	for o := range g.Out {
		padOne(g, dst[o*long:][:long], dy, lo, hi, group*g.Out+o)
	}
	return dst
}

// padOne puts the border around one channel of some pictures.
func padOne[T Float](g *geometry, dst, dy []T, lo, hi, channel int) {
	at := 0 // what is written up to here
	for i := lo; i < hi; i++ {
		src := dy[i*g.perGradient+channel*g.out:][:g.out]
		for r := range g.h.Out {
			begin := ((i-lo)*g.hp+g.moreH+r)*g.pitch + g.moreW
			clear(dst[at:begin])
			at = begin + copy(dst[begin:], src[r*g.w.Out:][:g.w.Out])
		}
	}
	clear(dst[at:])
}

// merge puts the planes of one channel of a picture, step values apart, together
// again. What no tap reached is zero.
func merge[T Float](g *geometry, dst, planes []T, step int, bias []T, channel int) {
	var add T
	if bias != nil {
		add = bias[channel]
	}
	for r := range g.h.In {
		row := dst[r*g.w.In:][:g.w.In]
		down := r + g.h.Begin
		i := down / g.h.Stride
		if add == 0 && i < g.hp && zipped(g, row, planes, step, i, down%g.h.Stride) {
			continue
		}
		for b := range g.w.Stride {
			first := (b - g.w.Begin) % g.w.Stride // the first column of this phase
			if first < 0 {
				first += g.w.Stride
			}
			phase := g.phaseAt[down%g.h.Stride*g.w.Stride+b]
			if phase < 0 || i >= g.hp {
				for c := first; c < len(row); c += g.w.Stride {
					row[c] = add
				}
				continue
			}
			from := planes[phase*step+i*g.pitch:][:g.pitch]
			spreadOut(row, from[min((first+g.w.Begin)/g.w.Stride, g.pitch):], first, g.w.Stride, add)
		}
	}
}

// zipped is merge of a row of two phases in float32 of which no column is left
// over, and reports whether it was one.
func zipped[T Float](g *geometry, row, planes []T, step, i, down int) bool {
	dst, ok := any(row).([]float32)
	if !ok || g.w.Stride != 2 || (len(row)+1+g.w.Begin)/2 > g.pitch {
		return false
	}
	var from [2][]float32 // of even and odd columns
	for b := range from {
		phase := g.phaseAt[2*down+(b+g.w.Begin)%2]
		if phase < 0 {
			return false
		}
		from[b] = any(planes).([]float32)[phase*step+i*g.pitch:][:g.pitch][(b+g.w.Begin)/2:]
	}
	n := len(dst) / 2
	vec.Zip(dst[:2*n], from[0], from[1])
	if len(dst) > 2*n {
		dst[2*n] = from[0][n]
	}
	return true
}

// spreadOut writes src plus a number to dst[first], dst[first+step], …, and the
// number alone where src has ended.
func spreadOut[T Float](dst, src []T, first, step int, add T) {
	if first >= len(dst) {
		return
	}
	dst = dst[first:]
	n := min(len(src), (len(dst)+step-1)/step)
	switch {
	case step == 1 && add == 0:
		copy(dst, src[:n])
	case step == 2:
		pairs := dst[:2*n-min(n, 1)]
		for i, v := range src[:n] {
			pairs[2*i] = v + add
		}
	default:
		for i, v := range src[:n] {
			dst[i*step] = v + add
		}
	}
	for i := n * step; i < len(dst); i += step {
		dst[i] = add
	}
}

const (
	// parts is the number of sets of examples whose gradients of the weights are
	// summed apart, in parallel; partValues bounds the memory of one.
	parts      = 4
	partValues = 1 << 18
)

// Weights is the gradient of the weights: dw[o, c, tap] is the sum, over examples
// and positions, of dy[o] times what the tap sees of channel c.
func Weights[T Float](p *pool.Pool, s *conv.Shape, x, dy, dw []T) {
	g := newGeometry(s)
	if s.Batch == 0 || g.out == 0 {
		clear(dw)
		return
	}
	if s.In == 1 {
		weightsByChannel(g, p, x, dy, dw)
		return
	}
	chunks := g.chunks()
	n := min(parts, chunks)
	if len(dw) > partValues {
		n = 1
	}
	var inner *pool.Pool
	if n == 1 {
		inner = p
	}
	sums := [][]T{dw}
	for len(sums) < n {
		sums = append(sums, make([]T, len(dw)))
	}
	p.For(n, 1, func(lo, hi int) {
		for k := lo; k < hi; k++ {
			for i := k * chunks / n; i < (k+1)*chunks/n; i++ {
				for group := range s.Groups {
					weightsOf(g, inner, x, dy, sums[k], i, group, i > k*chunks/n)
				}
			}
		}
	})
	for _, more := range sums[1:] {
		p.For(len(dw), 1<<14, func(lo, hi int) { vec.AddFloat(dw[lo:hi], dw[lo:hi], more[lo:hi]) })
	}
}

// weightsOf adds the gradient of one chunk of pictures and one group.
func weightsOf[T Float](g *geometry, p *pool.Pool, x, dy, dw []T, chunk, group int, add bool) {
	lo, hi := g.chunk(chunk)
	n := hi - lo
	length, depth := g.run(n), g.In*len(g.taps)
	room := 0
	if !g.direct {
		room = g.In*g.planesLen(n) + g.Out*length
	}
	b := borrow[T](room)
	defer b.giveBack()
	source := inPlanes(g, b, x, lo, hi, group)
	var left []T
	if g.direct {
		left = padded(g, b, dy, lo, hi, group)
	} else {
		left = b.take(g.Out * length)
		for o := range g.Out {
			inRun(g, left[o*length:][:length], dy, lo, hi, group*g.Out+o)
		}
	}
	m := product[T]{
		rows: g.Out, cols: depth, depth: length, a: left, b: source, at: g.places(n), columns: true,
		c: dw[group*g.Out*depth:][:g.Out*depth], add: add,
	}
	m.run(p)
}

// inRun lays out one channel of the output's gradient as a run, with zeros where a
// run has values that belong to no output.
func inRun[T Float](g *geometry, dst, dy []T, lo, hi, channel int) {
	at := 0
	for i := lo; i < hi; i++ {
		src := dy[i*g.perGradient+channel*g.out:][:g.out]
		for r := range g.h.Out {
			begin := (i-lo)*g.size + r*g.pitch
			clear(dst[at:begin])
			at = begin + copy(dst[begin:], src[r*g.w.Out:][:g.w.Out])
		}
	}
	clear(dst[at:])
}
