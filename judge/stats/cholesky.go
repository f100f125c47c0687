package stats

import "math"

// cholesky is a factor L of a symmetric matrix L·Lᵀ, below and on its diagonal. The
// matrices here have a row for each player or feature: a library of linear algebra would
// be a tenth of the program.
type cholesky [][]float64

// factorize returns the factor of a symmetric matrix; ok says that it is positive
// definite.
func factorize(a [][]float64) (l cholesky, ok bool) {
	l = make(cholesky, len(a))
	for i := range a {
		l[i] = make([]float64, len(a))
		for j := range i + 1 {
			sum := a[i][j] - dot(l[i][:j], l[j][:j])
			if i != j {
				l[i][j] = sum / l[j][j]
				continue
			}
			// what is left of the diagonal after rounding is no sign of a value
			const tiny = 1e-15
			if !(sum > tiny*math.Abs(a[i][i])) || math.IsInf(sum, 0) {
				return nil, false
			}
			l[i][i] = math.Sqrt(sum)
		}
	}
	return l, true
}

// solve returns the x of L·Lᵀ·x = b.
func (l cholesky) solve(b []float64) []float64 {
	x := make([]float64, len(b))
	for i := range l {
		x[i] = (b[i] - dot(l[i][:i], x[:i])) / l[i][i]
	}
	for i := len(l) - 1; i >= 0; i-- {
		for j := i + 1; j < len(l); j++ {
			x[i] -= l[j][i] * x[j]
		}
		x[i] /= l[i][i]
	}
	return x
}

// inverseDiagonal returns the diagonal of the inverse.
func (l cholesky) inverseDiagonal() []float64 {
	out := make([]float64, len(l))
	unit := make([]float64, len(l))
	for i := range out {
		unit[i] = 1
		out[i] = l.solve(unit)[i]
		unit[i] = 0
	}
	return out
}

// square makes a matrix of zeros.
func square(n int) [][]float64 {
	m := make([][]float64, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}
