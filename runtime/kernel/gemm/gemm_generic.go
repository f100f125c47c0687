package gemm

// The plain Go tiles. Two rows by four columns: eight sums, and with what feeds
// them they fit in the sixteen floating-point registers of amd64.

const (
	tileRows = 2
	tileCols = 4
)

// packed adds alpha·A·B over rows k to k+kc of a packed B.
func (g *Args[T]) packed(i0, i1, j0, j1, k, kc int) {
	for j := j0; j < j1; j += tileCols {
		panel := g.Packed.panel(k, kc, j/NR*NR)[j%NR:]
		if j+tileCols <= j1 {
			g.columns4(i0, i1, j, k, kc, panel, NR)
			continue
		}
		for x := range j1 - j {
			g.column(i0, i1, j+x, k, kc, panel[x:], NR)
		}
	}
}

// inPlace is packed for a row-major B.
func (g *Args[T]) inPlace(i0, i1, j0, j1, k, kc int) {
	j := j0
	for ; j+tileCols <= j1; j += tileCols {
		g.columns4(i0, i1, j, k, kc, g.B[k*g.LDB+j:], g.LDB)
	}
	for ; j < j1; j++ {
		g.column(i0, i1, j, k, kc, g.B[k*g.LDB+j:], g.LDB)
	}
}

// dots is packed for a B of which columns lie one after the other.
func (g *Args[T]) dots(i0, i1, j0, j1, k, kc int) {
	j := j0
	for ; j+tileCols <= j1; j += tileCols {
		b0 := g.B[j*g.LDB+k:][:kc]
		b1 := g.B[(j+1)*g.LDB+k:][:kc]
		b2 := g.B[(j+2)*g.LDB+k:][:kc]
		b3 := g.B[(j+3)*g.LDB+k:][:kc]
		i := i0
		for ; i+tileRows <= i1; i += tileRows {
			dot2x4(g.row(i, k, kc), g.row(i+1, k, kc), b0, b1, b2, b3, g.tile(i, j), g.tile(i+1, j), g.Alpha)
		}
		if i < i1 {
			dot1x4(g.row(i, k, kc), b0, b1, b2, b3, g.tile(i, j), g.Alpha)
		}
	}
	for ; j < j1; j++ {
		g.column(i0, i1, j, k, kc, g.B[j*g.LDB+k:], 1)
	}
}

// columns4 handles four columns of C from j on.
func (g *Args[T]) columns4(i0, i1, j, k, kc int, b []T, ldb int) {
	i := i0
	for ; i+tileRows <= i1; i += tileRows {
		tile2x4(g.row(i, k, kc), g.row(i+1, k, kc), b, ldb, g.tile(i, j), g.tile(i+1, j), g.Alpha)
	}
	if i < i1 {
		tile1x4(g.row(i, k, kc), b, ldb, g.tile(i, j), g.Alpha)
	}
}

// column handles column j of C; consecutive terms of b are step apart.
func (g *Args[T]) column(i0, i1, j, k, kc int, b []T, step int) {
	for i := i0; i < i1; i++ {
		var sum T
		at := 0
		for _, a := range g.row(i, k, kc) {
			sum += a * b[at]
			at += step
		}
		g.C[i*g.LDC+j] += g.Alpha * sum
	}
}

// row is A[i, k:k+kc].
func (g *Args[T]) row(i, k, kc int) []T { return g.A[i*g.LDA+k:][:kc] }

// tile is C[i, j:j+4].
func (g *Args[T]) tile(i, j int) *[tileCols]T { return (*[tileCols]T)(g.C[i*g.LDC+j:]) }

func tile2x4[T Number](a0, a1, b []T, ldb int, c0, c1 *[tileCols]T, alpha T) {
	a1 = a1[:len(a0)]
	var s00, s01, s02, s03, s10, s11, s12, s13 T
	at := 0
	for k, x0 := range a0 {
		x1 := a1[k]
		y := (*[tileCols]T)(b[at:])
		at += ldb
		s00 += x0 * y[0]
		s10 += x1 * y[0]
		s01 += x0 * y[1]
		s11 += x1 * y[1]
		s02 += x0 * y[2]
		s12 += x1 * y[2]
		s03 += x0 * y[3]
		s13 += x1 * y[3]
	}
	c0[0] += alpha * s00
	c0[1] += alpha * s01
	c0[2] += alpha * s02
	c0[3] += alpha * s03
	c1[0] += alpha * s10
	c1[1] += alpha * s11
	c1[2] += alpha * s12
	c1[3] += alpha * s13
}

func tile1x4[T Number](a, b []T, ldb int, c *[tileCols]T, alpha T) {
	var s0, s1, s2, s3 T
	at := 0
	for _, x := range a {
		y := (*[tileCols]T)(b[at:])
		at += ldb
		s0 += x * y[0]
		s1 += x * y[1]
		s2 += x * y[2]
		s3 += x * y[3]
	}
	c[0] += alpha * s0
	c[1] += alpha * s1
	c[2] += alpha * s2
	c[3] += alpha * s3
}

func dot2x4[T Number](a0, a1, b0, b1, b2, b3 []T, c0, c1 *[tileCols]T, alpha T) {
	a1, b0, b1, b2, b3 = a1[:len(a0)], b0[:len(a0)], b1[:len(a0)], b2[:len(a0)], b3[:len(a0)]
	var s00, s01, s02, s03, s10, s11, s12, s13 T
	for k, x0 := range a0 {
		x1 := a1[k]
		y := b0[k]
		s00 += x0 * y
		s10 += x1 * y
		y = b1[k]
		s01 += x0 * y
		s11 += x1 * y
		y = b2[k]
		s02 += x0 * y
		s12 += x1 * y
		y = b3[k]
		s03 += x0 * y
		s13 += x1 * y
	}
	c0[0] += alpha * s00
	c0[1] += alpha * s01
	c0[2] += alpha * s02
	c0[3] += alpha * s03
	c1[0] += alpha * s10
	c1[1] += alpha * s11
	c1[2] += alpha * s12
	c1[3] += alpha * s13
}

func dot1x4[T Number](a, b0, b1, b2, b3 []T, c *[tileCols]T, alpha T) {
	b0, b1, b2, b3 = b0[:len(a)], b1[:len(a)], b2[:len(a)], b3[:len(a)]
	var s0, s1, s2, s3 T
	for k, x := range a {
		s0 += x * b0[k]
		s1 += x * b1[k]
		s2 += x * b2[k]
		s3 += x * b3[k]
	}
	c[0] += alpha * s0
	c[1] += alpha * s1
	c[2] += alpha * s2
	c[3] += alpha * s3
}
