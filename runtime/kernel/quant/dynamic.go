package quant

import (
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// chunkBytes is the number of elements that threads take at a time where vector
// instructions do the work: some 5 µs.
const chunkBytes = 1 << 16

// turn is the number of elements that assembly takes at once.
const turn = 64

// Dynamic gives the scale and zero point by which x, with 0 among its values,
// fills the range of a uint8. Where x is all 0, the scale is 1. A NaN counts
// nothing.
func Dynamic(p *pool.Pool, x []float32) (scale float32, zero uint8) {
	lo, hi := bounds(p, x)
	scale = (hi - lo) / 255
	if scale == 0 {
		return 1, 0
	}
	return scale, uint8(round(-lo/scale, 0, 255))
}

// bounds are the least and the largest of 0 and the elements.
func bounds(p *pool.Pool, x []float32) (lo, hi float32) {
	if len(x) <= chunkBytes || p.Threads() == 1 {
		return boundsOf(x)
	}
	return sharedBounds(p, x)
}

// sharedBounds is bounds on several threads.
func sharedBounds(p *pool.Pool, x []float32) (lo, hi float32) {
	var mu sync.Mutex
	p.For(len(x), chunkBytes, func(from, to int) {
		l, h := boundsOf(x[from:to])
		mu.Lock()
		defer mu.Unlock()
		lo, hi = min(lo, l), max(hi, h)
	})
	return lo, hi
}

// boundsOf is bounds on one thread.
func boundsOf(x []float32) (lo, hi float32) {
	whole := len(x) / turn * turn
	if !fastBounds(x[:whole], &lo, &hi) {
		lo, hi = plainBounds(x[:whole])
	}
	l, h := plainBounds(x[whole:])
	return min(lo, l), max(hi, h)
}

// Uint8 writes saturate(round(x / scale) + zero) to y. NaN becomes 0.
func Uint8(p *pool.Pool, y []uint8, x []float32, scale float32, zero uint8) {
	y = y[:len(x)]
	if len(x) <= chunkBytes || p.Threads() == 1 {
		bytes(y, x, scale, zero)
		return
	}
	p.For(len(x), chunkBytes, func(from, to int) { bytes(y[from:to], x[from:to], scale, zero) })
}

// bytes is [Uint8] on one thread.
func bytes(y []uint8, x []float32, scale float32, zero uint8) {
	whole := len(x) / turn * turn
	if !fastBytes(y[:whole], x[:whole], scale, zero) {
		whole = 0
	}
	plainBytes(y[whole:], x[whole:], scale, zero)
}
