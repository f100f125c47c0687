package nbits

import (
	"encoding/binary"
	"math"
	"sync"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

const (
	// step is the number of weights of a column that kernels take at once.
	step = 8
	// wordBytes is the size of a scale, and of a step of 4-bit weights.
	wordBytes = 4
	// line is the bytes of a value for each column of a panel.
	line = columns * wordBytes
)

// layout is weights laid out for the kernels: see the package comment. Zero
// points and weights of 8 bits are moved by 128, to be signed.
type layout struct {
	bits  int
	zeros bool
	data  []byte
	panel int // bytes of a panel
	// full counts the blocks of steps steps; behind them comes one of last steps,
	// unless that is 0.
	full, steps, last int
}

// places is what the weights of a step of 4 bits are multiplied by: left where
// they lie in their word, all but the last are too large by a power of two, by
// which the values of A are divided, without error, instead.
var places = [step]float32{1, 1. / (1 << 4), 1. / (1 << 8), 1. / (1 << 12), 1. / (1 << 16), 1. / (1 << 20), 1. / (1 << 24), 1}

// stepSize is the bytes of a step.
func (l *layout) stepSize() int { return step * columns * l.bits / 8 }

// blockSize is the bytes of a block.
func (l *layout) blockSize(steps int) int {
	size := line + steps*l.stepSize()
	if l.zeros {
		size += columns
	}
	return size
}

// Packable reports whether there are vector instructions on this machine that
// take the weights as [Weights.Pack] lays them out.
func (w *Weights) Packable() bool { return vectorized() && w.regular() }

// Pack lays the weights out for vector instructions, and lets go of Data, Scales
// and Zeros. Weights that are not Packable stay as they are.
func (w *Weights) Pack() {
	if vectorized() {
		w.pack()
	}
}

// regular reports whether the weights fit the layout.
func (w *Weights) regular() bool {
	if w.Groups != nil || w.Bits != 4 && w.Bits != 8 || w.Block%step != 0 {
		return false
	}
	for _, z := range w.Zeros {
		if z != float32(int(z)&(1<<w.Bits-1)) {
			return false
		}
	}
	return true
}

func (w *Weights) pack() {
	if w.packed != nil || !w.regular() {
		return
	}
	l := &layout{bits: w.Bits, zeros: w.Zeros != nil, full: w.K / w.Block, steps: w.Block / step}
	l.last = (w.K%w.Block + step - 1) / step
	l.panel = l.full * l.blockSize(l.steps)
	if l.last > 0 {
		l.panel += l.blockSize(l.last)
	}
	l.data = make([]byte, (w.N+columns-1)/columns*l.panel)
	for j := range w.N {
		l.column(w, j)
	}
	w.packed, w.Data, w.Scales, w.Zeros = l, nil, nil, nil
}

// column lays out column j.
func (l *layout) column(w *Weights, j int) {
	to := l.data[j/columns*l.panel:]
	x := j % columns
	size := w.Block * w.Bits / 8
	for b := range w.Blocks() {
		at := j*w.Blocks() + b
		data, steps := w.Data[at*size:][:size], l.stepsOf(b)
		binary.LittleEndian.PutUint32(to[x*wordBytes:], math.Float32bits(w.Scales[at]))
		weights := to[line:]
		if l.bits == 4 {
			for s := range steps {
				copy(weights[(s*columns+x)*wordBytes:][:wordBytes], data[s*wordBytes:])
			}
		} else {
			for k := range steps * step {
				weights[k*columns+x] = data[k] ^ 128
			}
		}
		if l.zeros {
			zero := byte(w.Zeros[at])
			if l.bits == 8 {
				zero ^= 128
			}
			weights[steps*l.stepSize()+x] = zero
		}
		to = to[l.blockSize(steps):]
	}
}

// stepsOf is the number of steps of block b.
func (l *layout) stepsOf(b int) int {
	if b < l.full {
		return l.steps
	}
	return l.last
}

// unpack writes rows k to k+kc of a panel as float32, and up to a step more.
func (l *layout) unpack(dst []float32, panel, k, kc int) {
	data := l.data[panel*l.panel:][:l.panel]
	for i := k; i < k+kc; {
		b := i / (l.steps * step)
		block := data[b*l.blockSize(l.steps):]
		from, end := i/step-b*l.steps, l.stepsOf(b)
		zeros := [columns]byte{}
		switch {
		case l.zeros:
			copy(zeros[:], block[line+end*l.stepSize():])
		case l.bits == 4:
			zeros = eights
		}
		steps := min(end-from, (k+kc-i+step-1)/step)
		l.unpackSteps(steps, block[:line], block[line+from*l.stepSize():], &zeros, dst[(i-k)*columns:])
		i += steps * step
	}
}

// eights is the zero point of 4-bit weights that have none.
var eights = [columns]byte{8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8}

// rowSpace is what a product of few rows needs: A as kernels read it, and its
// sums.
type rowSpace struct{ a, sums []float32 }

var rowSpaces = sync.Pool{New: func() any { return new(rowSpace) }}

// rows is the product of few rows.
func (g product) rows(p *pool.Pool) {
	s := rowSpaces.Get().(*rowSpace)
	l := g.w.packed
	s.prepare(g)
	panels := (g.w.N + columns - 1) / columns
	grain := max(1, chunkBytes/max(1, l.panel))
	if p.Threads() == 1 || panels <= grain {
		g.panelsOf(s, 0, panels)
	} else {
		p.For(panels, grain, func(lo, hi int) { g.panelsOf(s, lo, hi) })
	}
	rowSpaces.Put(s)
}

// prepare lays out the rows of A with zeros behind them, and sums up each block.
func (s *rowSpace) prepare(g product) {
	w, l := g.w, g.w.packed
	width, blocks := (w.K+step-1)/step*step, w.Blocks()
	s.a, s.sums = grow(s.a, g.args.M*width), grow(s.sums, g.args.M*blocks)
	for i := range g.args.M {
		src, dst, sums := g.args.A[i*g.args.LDA:][:w.K], s.a[i*width:][:width], s.sums[i*blocks:][:blocks]
		clear(dst[copy(dst, src):])
		if l.bits == 8 && !l.zeros {
			continue
		}
		factor := float32(-1)
		if !l.zeros {
			factor = -8
		}
		for b := range sums {
			sums[b] = factor * place(dst[b*w.Block:min((b+1)*w.Block, width)], l.bits == 4)
		}
	}
}

// place adds up whole steps of A, and divides them by what their weights are too
// large by.
func place(a []float32, words bool) float32 {
	var sums [step]float32
	for ; len(a) >= step; a = a[step:] {
		part := (*[step]float32)(a)
		for i, v := range part {
			sums[i] += v
			if words {
				part[i] = v * places[i]
			}
		}
	}
	return sums[0] + sums[4] + (sums[2] + sums[6]) + (sums[1] + sums[5] + (sums[3] + sums[7]))
}

// panelsOf computes panels lo to hi.
func (g product) panelsOf(s *rowSpace, lo, hi int) {
	l, w := g.w.packed, g.w
	width, blocks := len(s.a)/g.args.M, w.Blocks()
	for panel := lo; panel < hi; panel++ {
		data := l.data[panel*l.panel:][:l.panel]
		j := panel * columns
		n := min(columns, w.N-j)
		for i := range g.args.M {
			var y [columns]float32
			if g.bias != nil {
				copy(y[:n], g.bias[j:])
			}
			a, sums := s.a[i*width:][:width], s.sums[i*blocks:][:blocks]
			if l.full > 0 {
				l.row(l.full, l.steps, a, sums, data, &y)
			}
			if l.last > 0 {
				l.row(1, l.last, a[l.full*w.Block:], sums[l.full:], data[l.full*l.blockSize(l.steps):], &y)
			}
			copy(g.args.C[i*g.args.LDC+j:][:n], y[:])
		}
	}
}

// grow is s with n elements, whatever they hold.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
