// Package recurrent runs the recurrent layers RNN, GRU and LSTM over batches of
// sequences.
//
// Each step makes, for every sequence of the batch, sums for its gates from the
// input and the last state, and from them the next state. The part of the sums
// that comes from the inputs is one product of matrices for all steps together;
// only the product with the state is made step by step:
//
//	sums[t] = X[t]·Wᵀ + bias  (all t at once)  +  H[t−1]·Rᵀ  (at step t)
//
// The products share out their work; the rest of a step is done by one thread.
package recurrent

import (
	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Float lists the element types that the layers take.
type Float = activation.Float

// Args is one layer's run. Gates lie in the order of the ONNX operators: iofc for
// LSTM, zrh for GRU.
type Args[T Float] struct {
	Seq, Batch, In, Hidden int
	Reverse                []bool // for each direction
	BatchFirst             bool   // X, Y and states have the batch before all else

	X []T     // [Seq, Batch, In], or [Batch, Seq, In]
	W []T     // [dirs, gates·Hidden, In]
	R []T     // [dirs, gates·Hidden, Hidden]
	B []T     // [dirs, 2·gates·Hidden], for W and for R; nil is zero
	P []T     // LSTM: [dirs, 3·Hidden], peepholes of gates i, o and f; nil is none
	N []int32 // [Batch] lengths of the sequences; nil where all are Seq

	H0, C0 []T // [dirs, Batch, Hidden], or [Batch, dirs, Hidden]; nil is zero

	Y      []T // [Seq, dirs, Batch, Hidden], or [Batch, Seq, dirs, Hidden]; nil where not wanted
	YH, YC []T // as H0; nil where not wanted

	Acts []activation.Func // three for each direction of LSTM, two of GRU, one of RNN
	Clip T                 // bounds the sums from -Clip to Clip, where positive

	InputForget       bool // LSTM: the forget gate is 1 − input gate
	LinearBeforeReset bool // GRU: the reset gate acts after the product with R

	// Scratch holds at least [Args.ScratchLen] values.
	Scratch []T
}

// ScratchLen is how many values of scratch a layer with so many gates needs.
func (a *Args[T]) ScratchLen(gates int) int {
	sums := gates * a.Hidden
	return a.Seq*a.Batch*sums + 2*a.Batch*sums + 3*a.Batch*a.Hidden + sums
}

// direction is one direction of a run.
type direction[T Float] struct {
	*Args[T]
	dir, gates int
	pool       *pool.Pool
	acts       []activation.Func
	w, r       []T
	wb, rb     []T // [gates·Hidden], nil where there is no bias
	p          []T
	fromX      []T // [rows of X, gates·Hidden]
	sums       []T // [Batch, gates·Hidden]
	fromH      []T // [Batch, gates·Hidden], of GRU
	h, c, tmp  []T // [Batch, Hidden]
	bias       []T // [gates·Hidden]
}

// run goes through the directions one after the other: prepare sets the bias of
// the sums, step makes the states of step s from those before.
func (a *Args[T]) run(p *pool.Pool, gates int, prepare func(*direction[T]), step func(d *direction[T], s int)) {
	if a.Batch == 0 || a.Hidden == 0 { // every output is empty
		return
	}
	for dir := range a.Reverse {
		d := a.direction(p, dir, gates)
		d.load(d.h, a.H0)
		d.load(d.c, a.C0)
		prepare(d)
		d.inputs()
		for s := range a.Seq {
			step(d, s)
		}
		d.store(a.YH, d.h)
		d.store(a.YC, d.c)
	}
}

func (a *Args[T]) direction(p *pool.Pool, dir, gates int) *direction[T] {
	n := gates * a.Hidden
	d := &direction[T]{Args: a, dir: dir, gates: gates, pool: p}
	d.acts = a.Acts[dir*len(a.Acts)/len(a.Reverse):]
	d.w = a.W[dir*n*a.In:][:n*a.In]
	d.r = a.R[dir*n*a.Hidden:][:n*a.Hidden]
	if a.B != nil {
		d.wb, d.rb = a.B[dir*2*n:][:n], a.B[dir*2*n+n:][:n]
	}
	if a.P != nil {
		d.p = a.P[dir*3*a.Hidden:][:3*a.Hidden]
	}
	rest := a.Scratch
	take := func(n int) []T {
		part := rest[:n:n]
		rest = rest[n:]
		return part
	}
	d.fromX = take(a.Seq * a.Batch * n)
	d.sums, d.fromH = take(a.Batch*n), take(a.Batch*n)
	d.h, d.c, d.tmp = take(a.Batch*a.Hidden), take(a.Batch*a.Hidden), take(a.Batch*a.Hidden)
	d.bias = take(n)
	return d
}

// bothBiases makes the bias of the sums from both biases, of gates from lo on
// from that of W alone.
func (d *direction[T]) bothBiases(lo int) {
	clear(d.bias)
	if d.wb == nil {
		return
	}
	copy(d.bias, d.wb)
	for i, b := range d.rb[:lo*d.Hidden] {
		d.bias[i] += b
	}
}

// inputs makes the part of the sums that comes from the inputs, for all times.
func (d *direction[T]) inputs() {
	n := d.gates * d.Hidden
	gemm.Mul(d.pool, gemm.Args[T]{
		M: d.Seq * d.Batch, N: n, K: d.In, A: d.X, LDA: d.In, B: d.w, LDB: d.In, TransB: true,
		C: d.fromX, LDC: n, Alpha: 1, Bias: d.bias,
	})
}

// gather brings the sums from the inputs at step s to the batch's sums.
func (d *direction[T]) gather(s int) {
	n := d.gates * d.Hidden
	for b := range d.Batch {
		if t, ok := d.time(b, s); ok {
			copy(d.sums[b*n:][:n], d.fromX[d.row(t, b)*n:][:n])
		}
	}
}

// recur adds state·Rᵀ to count gates from first on in dst, which has beta times
// its value before.
func (d *direction[T]) recur(dst, state []T, first, count int, beta T) {
	n := d.gates * d.Hidden
	gemm.Mul(d.pool, gemm.Args[T]{
		M: d.Batch, N: count * d.Hidden, K: d.Hidden, A: state, LDA: d.Hidden,
		B: d.r[first*d.Hidden*d.Hidden:], LDB: d.Hidden, TransB: true,
		C: dst[first*d.Hidden:], LDC: n, Alpha: 1, Beta: beta,
	})
}

// gate is the sums of gate g of sequence b.
func (d *direction[T]) gate(list []T, b, g int) []T {
	return list[(b*d.gates+g)*d.Hidden:][:d.Hidden]
}

// state is the state of sequence b.
func (d *direction[T]) state(list []T, b int) []T { return list[b*d.Hidden:][:d.Hidden] }

// activate bounds sums and applies an activation to them.
func (d *direction[T]) activate(which int, sums []T) {
	if d.Clip > 0 {
		for i, v := range sums {
			sums[i] = min(max(v, -d.Clip), d.Clip)
		}
	}
	activation.Apply(d.acts[which], sums)
}

// length is the length of sequence b.
func (d *direction[T]) length(b int) int {
	if d.N == nil {
		return d.Seq
	}
	return min(max(int(d.N[b]), 0), d.Seq)
}

// time is the place in sequence b that step s is at; false where the sequence is
// over.
func (d *direction[T]) time(b, s int) (int, bool) {
	n := d.length(b)
	switch {
	case s >= n:
		return s, false
	case d.Reverse[d.dir]:
		return n - 1 - s, true
	}
	return s, true
}

// row is the row of X at time t of sequence b.
func (d *direction[T]) row(t, b int) int {
	if d.BatchFirst {
		return b*d.Seq + t
	}
	return t*d.Batch + b
}

// emit writes h to Y at step s of sequence b, or zeros where it is over.
func (d *direction[T]) emit(b, s int, h []T) {
	if d.Y == nil {
		return
	}
	t, on := d.time(b, s)
	dirs := len(d.Reverse)
	row := (t*dirs+d.dir)*d.Batch + b
	if d.BatchFirst {
		row = (b*d.Seq+t)*dirs + d.dir
	}
	y := d.Y[row*d.Hidden:][:d.Hidden]
	if !on {
		clear(y)
		return
	}
	copy(y, h)
}

// place is where the state of sequence b begins among those of all directions.
func (d *direction[T]) place(b int) int {
	if d.BatchFirst {
		return (b*len(d.Reverse) + d.dir) * d.Hidden
	}
	return (d.dir*d.Batch + b) * d.Hidden
}

// load copies initial states; nil is zero.
func (d *direction[T]) load(dst, src []T) {
	clear(dst)
	if src == nil {
		return
	}
	for b := range d.Batch {
		copy(d.state(dst, b), src[d.place(b):])
	}
}

// store copies final states to an output, where it is wanted.
func (d *direction[T]) store(dst, src []T) {
	if dst == nil {
		return
	}
	for b := range d.Batch {
		copy(dst[d.place(b):], d.state(src, b))
	}
}
