// Package softmax normalizes lines of a tensor to probabilities.
//
// Tensors are seen as [outer, n, inner], normalized along the middle. Where inner
// is 1 a line is contiguous; else a block of neighbouring lines is worked on
// together, row upon row. A line is done by one thread.
package softmax

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/reduce"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

const (
	grain = 1 << 13 // elements that a thread takes at once
	block = 64      // lines that are worked on together
	short = 16      // contiguous lines of fewer elements than that are worked on together
)

// Softmax writes e^x / Σ e^x of each line of src to dst, which may be src.
func Softmax[T elementwise.Float](p *pool.Pool, dst, src []T, outer, n, inner int) {
	if inner == 1 && 0 < n && n < short {
		p.For(outer, grain/n, func(lo, hi int) {
			for at := lo; at < hi; at += block {
				end := min(at+block, hi) * n
				softmaxShort(dst[at*n:end], src[at*n:end], n)
			}
		})
		return
	}
	each(p, outer, n, inner, func(at, width int) {
		if inner == 1 {
			softmaxLine(dst[at:at+n], src[at:at+n])
			return
		}
		softmaxGroup(dst[at:], src[at:], n, inner, width)
	})
}

// Log writes x - log Σ e^x of each line of src to dst, which may be src.
func Log[T elementwise.Float](p *pool.Pool, dst, src []T, outer, n, inner int) {
	each(p, outer, n, inner, func(at, width int) {
		if inner == 1 {
			logLine(dst[at:at+n], src[at:at+n])
			return
		}
		logGroup(dst[at:], src[at:], n, inner, width)
	})
}

// Hardmax writes 1 for the first largest element of each line of src, else 0, to
// dst, which is not src.
func Hardmax[T elementwise.Float](p *pool.Pool, dst, src []T, outer, n, inner int) {
	each(p, outer, n, inner, func(at, width int) {
		for i := range width {
			best := at + i
			for k := range n {
				j := at + i + k*inner
				dst[j] = 0
				if src[j] > src[best] {
					best = j
				}
			}
			dst[best] = 1
		}
	})
}

// each calls f for every group of up to block neighbouring lines, given where
// the first begins and how many they are.
func each(p *pool.Pool, outer, n, inner int, f func(at, width int)) {
	if n == 0 || inner == 0 {
		return
	}
	groups := (inner + block - 1) / block
	p.For(outer*groups, max(grain/(n*min(inner, block)), 1), func(lo, hi int) {
		for g := lo; g < hi; g++ {
			i := g % groups * block
			f(g/groups*n*inner+i, min(block, inner-i))
		}
	})
}

// maxima finds the largest element of each of len(top) lines.
func maxima[T elementwise.Float](top, src []T, n, inner int) {
	copy(top, src[:len(top)])
	for k := 1; k < n; k++ {
		row := src[k*inner : k*inner+len(top)]
		for i, v := range row {
			top[i] = max(top[i], v)
		}
	}
}

// softmaxLine is Softmax of one contiguous line.
func softmaxLine[T elementwise.Float](dst, src []T) {
	if x, ok := any(src).([]float32); ok {
		softmaxLine32(any(dst).([]float32), x)
		return
	}
	subtract(dst, src, reduce.Largest(src[0], src))
	elementwise.Exp(dst, dst)
	scale := T(1 / total(dst))
	for i := range dst {
		dst[i] *= scale
	}
}

// softmaxLine32 is softmaxLine in float32. A NaN makes all of the line NaN.
func softmaxLine32(dst, src []float32) {
	sum := vec.ExpSum(dst, src, vec.Largest(src))
	vec.MulVS(dst, dst, 1/sum)
}

// softmaxShort is Softmax of contiguous lines of n elements, which are too few
// to call a kernel for each.
func softmaxShort[T elementwise.Float](dst, src []T, n int) {
	for at := 0; at < len(src); at += n {
		line, out := src[at:at+n], dst[at:][:n]
		top := line[0]
		for _, v := range line[1:] {
			top = max(top, v)
		}
		for i, v := range line {
			out[i] = v - top
		}
	}
	elementwise.Exp(dst, dst)
	for at := 0; at < len(dst); at += n {
		line := dst[at : at+n]
		sum := line[0]
		for _, v := range line[1:] {
			sum += v
		}
		scale := 1 / sum
		for i := range line {
			line[i] *= scale
		}
	}
}

// softmaxGroup is Softmax of the lines that begin at the first width elements.
func softmaxGroup[T elementwise.Float](dst, src []T, n, inner, width int) {
	var top [block]T
	var sum [block]float64
	maxima(top[:width], src, n, inner)
	for k := range n {
		row := dst[k*inner : k*inner+width]
		for i, v := range src[k*inner : k*inner+width] {
			row[i] = v - top[i]
		}
		elementwise.Exp(row, row)
		for i, e := range row {
			sum[i] += float64(e)
		}
	}
	for k := range n {
		row := dst[k*inner : k*inner+width]
		for i := range row {
			row[i] *= T(1 / sum[i])
		}
	}
}

// logLine is Log of one contiguous line.
func logLine[T elementwise.Float](dst, src []T) {
	var e [block]T
	top, sum := reduce.Largest(src[0], src), 0.0
	for at := 0; at < len(src); at += block {
		part := e[:min(block, len(src)-at)]
		subtract(part, src[at:], top)
		elementwise.Exp(part, part)
		sum += total(part)
	}
	sum = math.Log(sum)
	for i, v := range src {
		dst[i] = T(float64(v-top) - sum)
	}
}

// logGroup is Log of the lines that begin at the first width elements.
func logGroup[T elementwise.Float](dst, src []T, n, inner, width int) {
	var top, e [block]T
	var sum [block]float64
	maxima(top[:width], src, n, inner)
	for k := range n {
		for i, v := range src[k*inner : k*inner+width] {
			e[i] = v - top[i]
		}
		elementwise.Exp(e[:width], e[:width])
		for i, v := range e[:width] {
			sum[i] += float64(v)
		}
	}
	for i := range width {
		sum[i] = math.Log(sum[i])
	}
	for k := range n {
		row := dst[k*inner : k*inner+width]
		for i, v := range src[k*inner : k*inner+width] {
			row[i] = T(float64(v-top[i]) - sum[i])
		}
	}
}

func subtract[T elementwise.Float](dst, src []T, v T) {
	src = src[:len(dst)]
	for i := range dst {
		dst[i] = src[i] - v
	}
}

func total[T elementwise.Float](x []T) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v)
	}
	return sum
}
