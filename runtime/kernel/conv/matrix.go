package conv

import (
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// matrix is a convolution as a product of matrices.
type matrix[T Float] struct {
	shape      *Shape
	x, w, y    []T
	e          Epilogue[T]
	in, out    int // positions of an input channel and of an output channel
	taps       int
	depth      int // In·taps: the length of the sums
	pointwise  bool
	tiles      int // tiles along the positions
	outBlock   int // output channels of a chunk
	outBlocks  int
	tilePixels int
}

// run cuts the product into chunks of one tile and outBlock output channels.
func (m *matrix[T]) run(p *pool.Pool) {
	s := m.shape
	m.tilePixels = min(tileCols, m.out)
	m.tiles = (m.out + m.tilePixels - 1) / m.tilePixels
	// a chunk fetches its columns anew, so it takes several output channels
	perChannel := max(m.depth*m.tilePixels, 1)
	m.outBlock = min(s.Out, max(16, 8*chunkWork/perChannel))
	m.outBlocks = (s.Out + m.outBlock - 1) / m.outBlock
	chunks := s.Batch * s.Groups * m.outBlocks * m.tiles
	grain := max(1, chunkWork/(perChannel*max(m.outBlock, 1)))
	p.For(chunks, grain, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			m.chunk(i)
		}
	})
}

// chunk computes one tile of positions for one block of output channels.
func (m *matrix[T]) chunk(i int) {
	s := m.shape
	tile, i := i%m.tiles, i/m.tiles
	block, i := i%m.outBlocks, i/m.outBlocks
	group, batch := i%s.Groups, i/s.Groups

	lo := tile * m.tilePixels
	n := min(m.tilePixels, m.out-lo)
	firstOut := group*s.Out + block*m.outBlock
	count := min(m.outBlock, s.Out-block*m.outBlock)
	x := m.x[(batch*s.Groups+group)*s.In*m.in:][:s.In*m.in]
	w := m.w[firstOut*m.depth:][:count*m.depth]
	at := (batch*s.Groups*s.Out+firstOut)*m.out + lo

	if n < dotCols {
		m.narrow(x, w, at, lo, n, firstOut, count)
		return
	}
	for c := range count {
		m.e.begin(m.y, at+c*m.out, at+c*m.out+n, firstOut+c)
	}
	m.accumulate(x, w, at, lo, n, count)
	for c := range count {
		m.e.finish(m.y, at+c*m.out, at+c*m.out+n, firstOut+c)
	}
}

// accumulate adds the products to n positions from lo on of count channels of y,
// of which the first begins at y[at].
func (m *matrix[T]) accumulate(x, w []T, at, lo, n, count int) {
	if f, ok := any(m).(*matrix[float32]); ok {
		f.product(any(x).([]float32), any(w).([]float32), at, lo, n, count)
		return
	}
	var columns [rowBlock * tileCols]T
	var rows [rowBlock][]T
	for k := 0; k < m.depth; k += rowBlock {
		used := min(rowBlock, m.depth-k)
		for r := range used {
			if m.pointwise {
				rows[r] = x[(k+r)*m.in+lo:][:n]
				continue
			}
			rows[r] = columns[r*tileCols:][:n]
			m.column(rows[r], x, k+r, lo)
		}
		for c := range count {
			addRows(m.y[at+c*m.out:][:n], &rows, w[c*m.depth+k:][:used])
		}
	}
}

// deepBlock is the number of rows of columns that a product in float32 takes at
// a time: enough to fill a block of the matrix product.
const deepBlock = gemm.KC

// columnBuffers are kept between convolutions. They hold nothing that matters.
var columnBuffers = sync.Pool{New: func() any { return new([deepBlock * tileCols]float32) }}

// product is accumulate by way of the matrix product.
func (m *matrix[T]) product(x, w []float32, at, lo, n, count int) {
	f := any(m).(*matrix[float32])
	g := gemm.Args[float32]{M: count, N: n, LDA: m.depth, C: f.y[at:], LDC: m.out, Alpha: 1, Beta: 1}
	if m.pointwise {
		g.K, g.A, g.B, g.LDB = m.depth, w, x[lo:], m.in
		gemm.Mul(nil, g)
		return
	}
	columns := columnBuffers.Get().(*[deepBlock * tileCols]float32)
	g.B, g.LDB = columns[:], tileCols
	for k := 0; k < m.depth; k += deepBlock {
		g.K, g.A = min(deepBlock, m.depth-k), w[k:]
		for r := range g.K {
			f.column(columns[r*tileCols:][:n], x, k+r, lo)
		}
		gemm.Mul(nil, g)
	}
	columnBuffers.Put(columns)
}

// column writes what tap k (counted over channels and kernel) sees at the
// positions from lo on.
func (m *matrix[T]) column(dst, x []T, k, lo int) {
	axes := m.shape.Axes
	channel, tap := k/m.taps, k%m.taps
	x = x[channel*m.in:][:m.in]
	last := axes[len(axes)-1]
	outer := axes[:len(axes)-1]
	outerTap, innerTap := tap/last.Kernel, tap%last.Kernel
	from, to := last.Positions(innerTap)
	shift := innerTap*last.Dilation - last.Begin
	for len(dst) > 0 {
		row, first := lo/last.Out, lo%last.Out
		n := min(last.Out-first, len(dst))
		part := dst[:n]
		dst, lo = dst[n:], lo+n
		offset, inside := outer.Offset(row, outerTap)
		if !inside {
			clear(part)
			continue
		}
		a := min(max(from-first, 0), n)
		b := max(min(to-first, n), a)
		clear(part[:a])
		clear(part[b:])
		if a == b {
			continue
		}
		src := x[offset*last.In:][:last.In]
		src = src[(first+a)*last.Stride+shift:]
		if last.Stride == 1 {
			copy(part[a:b], src)
			continue
		}
		for i := range part[a:b] {
			part[a+i] = src[i*last.Stride]
		}
	}
}

// addRows adds Σ w[k]·rows[k] to y. The sum's order is that of w, four at a
// time.
func addRows[T Float](y []T, rows *[rowBlock][]T, w []T) {
	n := len(y)
	k := 0
	for ; k+4 <= len(w); k += 4 {
		w0, w1, w2, w3 := w[k], w[k+1], w[k+2], w[k+3]
		r0, r1, r2, r3 := rows[k][:n], rows[k+1][:n], rows[k+2][:n], rows[k+3][:n]
		for i := range y {
			y[i] += w0*r0[i] + w1*r1[i] + w2*r2[i] + w3*r3[i]
		}
	}
	for ; k < len(w); k++ {
		w0, r0 := w[k], rows[k][:n]
		for i := range y {
			y[i] += w0 * r0[i]
		}
	}
}

// dotCols is the number of positions below which sums go along the depth rather
// than along the positions.
const dotCols = 6

// narrow is chunk for few positions: a dot product for each value.
func (m *matrix[T]) narrow(x, w []T, at, lo, n, firstOut, count int) {
	var buf [tileCols]T
	for c := range count {
		m.e.begin(m.y, at+c*m.out, at+c*m.out+n, firstOut+c)
	}
	for p := range n {
		for k := 0; k < m.depth; k += tileCols {
			col := buf[:min(tileCols, m.depth-k)]
			m.position(col, x, k, lo+p)
			for c := range count {
				m.y[at+c*m.out+p] += dot(w[c*m.depth+k:][:len(col)], col)
			}
		}
	}
	for c := range count {
		m.e.finish(m.y, at+c*m.out, at+c*m.out+n, firstOut+c)
	}
}

// position writes what the taps from k on see at one position.
func (m *matrix[T]) position(dst, x []T, k, at int) {
	for i := range dst {
		dst[i] = 0
		if offset, inside := m.shape.Axes.Offset(at, (k+i)%m.taps); inside {
			dst[i] = x[(k+i)/m.taps*m.in+offset]
		}
	}
}

func dot[T Float](a, b []T) T {
	b = b[:len(a)]
	var s0, s1, s2, s3 T
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return (s0 + s1) + (s2 + s3)
}
