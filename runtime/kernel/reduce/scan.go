package reduce

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Scan writes the running fold along the middle of src, of shape
// [outer, n, inner], to dst of that shape, which may be src itself: element k is
// the fold of elements 0 to k, or to k-1 where exclusive (init for the first),
// or from the other end where reverse.
func Scan[T Number](p *pool.Pool, dst, src []T, outer, n, inner int, exclusive, reverse bool, init T, step func(acc, v T) T) {
	p.For(outer, max(grain/max(n*inner, 1), 1), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			at := o * n * inner
			for i := range inner {
				scanOne(dst[at+i:], src[at+i:], n, inner, exclusive, reverse, init, step)
			}
		}
	})
}

func scanOne[T Number](dst, src []T, n, stride int, exclusive, reverse bool, acc T, step func(acc, v T) T) {
	for k := range n {
		at := k * stride
		if reverse {
			at = (n - 1 - k) * stride
		}
		next := step(acc, src[at])
		if exclusive {
			dst[at] = acc
		} else {
			dst[at] = next
		}
		acc = next
	}
}
