package conv

import (
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// depthwise convolves where every group has one input channel. Each output
// channel is on its own; its rows, along the last axis, are sums of shifted
// input rows.
func depthwise[T Float](p *pool.Pool, s *Shape, x, w []T, e Epilogue[T], y []T) {
	in, out, taps := s.Axes.Sizes()
	channels := s.Groups * s.Out
	grain := max(1, chunkWork/max(out*taps, 1))
	p.For(s.Batch*channels, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			batch, m := i/channels, i%channels
			src := x[(batch*s.Groups+m/s.Out)*in:][:in]
			e.begin(y, i*out, (i+1)*out, m)
			plane(s.Axes, src, w[m*taps:][:taps], y[i*out:][:out])
			e.finish(y, i*out, (i+1)*out, m)
		}
	})
}

// plane adds to y one channel convolved with one kernel.
func plane[T Float](axes window.Axes, x, w, y []T) {
	last := &axes[len(axes)-1]
	outer := axes[:len(axes)-1]
	_, rows, outerTaps := outer.Sizes()
	for r := range rows {
		dst := y[r*last.Out:][:last.Out]
		if last.Kernel == 3 && outerTaps == 3 && last.Dilation == 1 && last.Stride <= 2 {
			row3x3(outer, last, x, w, r, dst)
			continue
		}
		for t := range outerTaps {
			if offset, inside := outer.Offset(r, t); inside {
				addRow(last, x[offset*last.In:][:last.In], w[t*last.Kernel:][:last.Kernel], dst)
			}
		}
	}
}

// addRow adds to dst one input row convolved with one kernel row.
func addRow[T Float](a *window.Axis, src, w, dst []T) {
	for k, wk := range w {
		lo, hi := a.Positions(k)
		if lo == hi {
			continue
		}
		part := dst[lo:hi]
		from := src[a.Start(lo)+k*a.Dilation:]
		if a.Stride == 1 {
			from = from[:len(part)]
			for i := range part {
				part[i] += wk * from[i]
			}
			continue
		}
		for i := range part {
			part[i] += wk * from[i*a.Stride]
		}
	}
}

// row3x3 adds one output row of a 3×3 kernel, in one pass over the positions at
// which all three taps of a row are inside.
func row3x3[T Float](outer window.Axes, last *window.Axis, x, w []T, r int, dst []T) {
	var rows [3][]T
	for t := range rows {
		offset, inside := outer.Offset(r, t)
		if !inside { // a row of padding: the rest go one by one
			for u := range rows {
				if o, ok := outer.Offset(r, u); ok {
					addRow(last, x[o*last.In:][:last.In], w[u*3:][:3], dst)
				}
			}
			return
		}
		rows[t] = x[offset*last.In:][:last.In]
	}
	lo, _ := last.Positions(0)
	_, hi := last.Positions(2)
	if hi <= lo { // no position sees all three taps
		for t, row := range rows {
			addRow(last, row, w[t*3:][:3], dst)
		}
		return
	}
	for _, o := range [2][2]int{{0, lo}, {hi, last.Out}} {
		for i := o[0]; i < o[1]; i++ {
			from, to := last.Taps(i)
			start := last.Start(i)
			for k := from; k < to; k++ {
				dst[i] += w[k]*rows[0][start+k] + w[3+k]*rows[1][start+k] + w[6+k]*rows[2][start+k]
			}
		}
	}
	start := last.Start(lo)
	kernel := (*[9]T)(w)
	if last.Stride == 1 {
		slide3(dst[lo:hi], rows[0][start:], rows[1][start:], rows[2][start:], kernel)
	} else {
		slide3by2(dst[lo:hi], rows[0][start:], rows[1][start:], rows[2][start:], kernel)
	}
}

// slide3 adds the sums of a 3×3 kernel that moves by one.
func slide3[T Float](dst, r0, r1, r2 []T, w *[9]T) {
	for t, row := range [3][]T{r0, r1, r2} {
		w0, w1, w2 := w[3*t], w[3*t+1], w[3*t+2]
		left, mid, right := row[:len(dst)], row[1:][:len(dst)], row[2:][:len(dst)]
		for i := range dst {
			dst[i] += w0*left[i] + w1*mid[i] + w2*right[i]
		}
	}
}

// slide3by2 adds the sums of a 3×3 kernel that moves by two.
func slide3by2[T Float](dst, r0, r1, r2 []T, w *[9]T) {
	for t, row := range [3][]T{r0, r1, r2} {
		w0, w1, w2 := w[3*t], w[3*t+1], w[3*t+2]
		left, row := row[0], row[1:]
		for i := range dst {
			pair := (*[2]T)(row)
			row = row[2:]
			dst[i] += w0*left + w1*pair[0] + w2*pair[1]
			left = pair[1]
		}
	}
}
