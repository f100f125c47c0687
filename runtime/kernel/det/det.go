// Package det computes determinants.
package det

import "math"

// Float lists the element types.
type Float interface{ float32 | float64 }

// LU gives the determinant of the n×n row-major matrix m by elimination with
// partial pivoting in float64. work holds n·n values, which are overwritten.
// The determinant of an empty matrix is 1.
func LU[T Float](m []T, n int, work []float64) float64 {
	for i, v := range m[:n*n] {
		work[i] = float64(v)
	}
	d := 1.0
	for k := range n {
		pivot := k
		for i := k + 1; i < n; i++ {
			if math.Abs(work[i*n+k]) > math.Abs(work[pivot*n+k]) {
				pivot = i
			}
		}
		if pivot != k {
			d = -d
			for j := k; j < n; j++ {
				work[k*n+j], work[pivot*n+j] = work[pivot*n+j], work[k*n+j]
			}
		}
		p := work[k*n+k]
		d *= p
		if p == 0 {
			return d
		}
		for i := k + 1; i < n; i++ {
			f := work[i*n+k] / p
			for j := k + 1; j < n; j++ {
				work[i*n+j] -= f * work[k*n+j]
			}
		}
	}
	return d
}
