package reduce

import "github.com/seed6700ada1/infer/runtime/kernel/pool"

// Arg writes, for src of shape [outer, n, inner] and n > 0, the index along the
// middle of the element that better prefers to all others, to dst of shape
// [outer, inner]. better must not prefer equals; of those the first wins, or
// the last where asked for.
func Arg[T Number](p *pool.Pool, dst []int64, src []T, outer, n, inner int, last bool, better func(a, b T) bool) {
	p.For(outer, max(grain/max(n*inner, 1), 1), func(lo, hi int) {
		for o := lo; o < hi; o++ {
			argOf(dst[o*inner:(o+1)*inner], src[o*n*inner:(o+1)*n*inner], inner, last, better)
		}
	})
}

func argOf[T Number](dst []int64, src []T, inner int, last bool, better func(a, b T) bool) {
	clear(dst)
	for at := inner; at < len(src); at += inner {
		k := int64(at / inner)
		for i, v := range src[at : at+inner] {
			best := src[int(dst[i])*inner+i]
			if better(v, best) || (last && !better(best, v)) {
				dst[i] = k
			}
		}
	}
}

// Larger prefers the larger of two, and NaN to everything.
func Larger[T Number](a, b T) bool { return a > b || (a != a && b == b) }

// Smaller prefers the smaller of two, and NaN to everything.
func Smaller[T Number](a, b T) bool { return a < b || (a != a && b == b) }
