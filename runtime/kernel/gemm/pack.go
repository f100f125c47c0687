package gemm

// PackedB is a right-hand matrix laid out for the product: for each block of at
// most KC rows, for each panel of NR columns, the rows of that panel one after
// the other. Columns past the last are zero.
type PackedB[T Number] struct {
	K, N int
	data []T
}

// Pack lays out b: [k,n] with rows ldb apart, or [n,k] where trans.
func Pack[T Number](k, n int, b []T, ldb int, trans bool) *PackedB[T] {
	panels := (n + NR - 1) / NR
	p := &PackedB[T]{K: k, N: n, data: make([]T, k*panels*NR)}
	d := p.data
	for k0 := 0; k0 < k; k0 += KC {
		kc := min(KC, k-k0)
		for j := 0; j < n; j += NR {
			width := min(NR, n-j)
			if trans {
				PackColumns(d, kc, width, b[j*ldb+k0:], ldb)
			} else {
				for r := range kc {
					copy(d[r*NR:], b[(k0+r)*ldb+j:][:width])
				}
			}
			d = d[kc*NR:]
		}
	}
	return p
}

// Panels is a matrix over data that is laid out already: for each panel of NR
// columns, k rows of NR values, of which those past n do not matter. There is one
// panel, or k is at most KC.
func Panels[T Number](k, n int, data []T) PackedB[T] {
	return PackedB[T]{K: k, N: n, data: data[:k*((n+NR-1)/NR*NR)]}
}

// PackColumns fills a panel of [Panels], kc rows of NR values, with columns that
// are rows of b, of length kc and ldb apart.
func PackColumns[T Number](d []T, kc, width int, b []T, ldb int) {
	from := 0
	if f, ok := any(d).([]float32); ok {
		from = packFast(f, kc, width, any(b).([]float32), ldb)
	}
	for j := from; j < width; j++ {
		for r, v := range b[j*ldb:][:kc] {
			d[r*NR+j] = v
		}
	}
}

// panel is the panel of kc rows from row k, a multiple of KC, that begins at
// column j, a multiple of NR.
func (p *PackedB[T]) panel(k, kc, j int) []T {
	columns := (p.N + NR - 1) / NR * NR
	return p.data[k*columns+j*kc:][:kc*NR]
}
