package gridsample

// Affine makes the grid that an affine transformation gives each batch: for each
// position of the output, as a point with coordinates from −1 to 1 and innermost
// axis first, the point that the matrix turns it into.
//
//	theta [batch, n, n+1], n = len(sizes)  →  grid [batch, sizes…, n]
func Affine[T float32 | float64](batch int, sizes []int, alignCorners bool, theta, grid []T) {
	n := len(sizes)
	places := 1
	for _, s := range sizes {
		places *= s
	}
	point := make([]T, n+1)
	point[n] = 1
	for b := range batch {
		matrix := theta[b*n*(n+1):][:n*(n+1)]
		for i := range places {
			at := i
			for d := n - 1; d >= 0; d-- {
				point[n-1-d] = T(coordinate(at%sizes[d], sizes[d], alignCorners))
				at /= sizes[d]
			}
			out := grid[(b*places+i)*n:][:n]
			for r := range out {
				out[r] = 0
				for c, p := range point {
					out[r] += matrix[r*(n+1)+c] * p
				}
			}
		}
	}
}

// coordinate is where position i of n lies between −1 and 1.
func coordinate(i, n int, alignCorners bool) float64 {
	switch {
	case !alignCorners:
		return (2*float64(i)+1)/float64(n) - 1
	case n == 1:
		return 0
	}
	return 2*float64(i)/float64(n-1) - 1
}
