package elementwise

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Where writes a's element where cond's is true, else b's. The layout's inputs
// are cond, a and b, in that order.
func Where[T any](p *pool.Pool, l *Layout, dst []T, cond []bool, a, b []T) {
	if l.n <= GrainCheap || p.Threads() == 1 {
		whereSpan(l, dst, cond, a, b, 0, l.n)
		return
	}
	whereSplit(p, l, dst, cond, a, b)
}

func whereSplit[T any](p *pool.Pool, l *Layout, dst []T, cond []bool, a, b []T) {
	shared := *l
	p.For(l.n, GrainCheap, func(lo, hi int) { whereSpan(&shared, dst, cond, a, b, lo, hi) })
}

func whereSpan[T any](l *Layout, dst []T, cond []bool, a, b []T, lo, hi int) {
	if lo >= hi {
		return
	}
	c := l.seek(lo)
	sa, sb := l.strides[1][0], l.strides[2][0]
	for lo < hi {
		n := l.run(&c, hi-lo)
		out, i, j := dst[lo:lo+n], c.offset[1], c.offset[2]
		if l.strides[0][0] == 0 {
			if !cond[c.offset[0]] {
				repeat(out, b[j:], sb)
			} else {
				repeat(out, a[i:], sa)
			}
		} else {
			choose(out, cond[c.offset[0]:], a[i:], b[j:], sa, sb)
		}
		l.advance(&c, n)
		lo += n
	}
}

// repeat copies from src, or fills with its first element where the stride
// is 0.
func repeat[T any](dst, src []T, stride int) {
	if stride == 0 {
		fill(dst, src[0])
		return
	}
	copy(dst, src)
}

func choose[T any](dst []T, cond []bool, a, b []T, sa, sb int) {
	for i, yes := range cond[:len(dst)] {
		if yes {
			dst[i] = a[i*sa]
		} else {
			dst[i] = b[i*sb]
		}
	}
}
