package recurrent

import (
	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// RNN runs a simple layer, with f its activation:
//
//	H = f(X·Wᵀ + H·Rᵀ + Wb + Rb)
func RNN[T Float](p *pool.Pool, a *Args[T]) {
	a.run(p, 1, func(d *direction[T]) { d.bothBiases(1) }, stepRNN[T])
}

func stepRNN[T Float](d *direction[T], s int) {
	d.gather(s)
	d.recur(d.sums, d.h, 0, 1, 1)
	for b := range d.Batch {
		h := d.state(d.h, b)
		if _, on := d.time(b, s); on {
			sums := d.gate(d.sums, b, 0)
			d.activate(0, sums)
			copy(h, sums)
		}
		d.emit(b, s, h)
	}
}

// LSTM runs a layer of long short-term memory, with f, g and h its activations:
//
//	i = f(X·Wiᵀ + H·Riᵀ + Pi⊙C + Wbi + Rbi)      input gate
//	f = f(X·Wfᵀ + H·Rfᵀ + Pf⊙C + Wbf + Rbf)      forget gate
//	c = g(X·Wcᵀ + H·Rcᵀ + Wbc + Rbc)
//	C = f⊙C + i⊙c
//	o = f(X·Woᵀ + H·Roᵀ + Po⊙C + Wbo + Rbo)      output gate
//	H = o⊙h(C)
func LSTM[T Float](p *pool.Pool, a *Args[T]) {
	a.run(p, 4, func(d *direction[T]) { d.bothBiases(4) }, stepLSTM[T])
}

func stepLSTM[T Float](d *direction[T], s int) {
	d.gather(s)
	d.recur(d.sums, d.h, 0, 4, 1)
	for b := range d.Batch {
		h := d.state(d.h, b)
		if _, on := d.time(b, s); on {
			d.lstm(b, h, d.state(d.c, b))
		}
		d.emit(b, s, h)
	}
}

// lstm makes the next state of one sequence.
func (d *direction[T]) lstm(b int, h, c []T) {
	in, out, forget, cell := d.gate(d.sums, b, 0), d.gate(d.sums, b, 1), d.gate(d.sums, b, 2), d.gate(d.sums, b, 3)
	d.peep(in, 0, c)
	d.activate(0, in)
	if d.InputForget {
		for i, v := range in {
			forget[i] = 1 - v
		}
	} else {
		d.peep(forget, 2, c)
		d.activate(0, forget)
	}
	d.activate(1, cell)
	for i := range c {
		c[i] = forget[i]*c[i] + in[i]*cell[i]
	}
	d.peep(out, 1, c)
	d.activate(0, out)
	copy(h, c)
	activation.Apply(d.acts[2], h) // the clip bounds sums of gates, not the memory
	for i := range h {
		h[i] *= out[i]
	}
}

// peep adds what gate g sees of the memory.
func (d *direction[T]) peep(sums []T, g int, c []T) {
	if d.p == nil {
		return
	}
	for i, w := range d.p[g*d.Hidden:][:d.Hidden] {
		sums[i] += w * c[i]
	}
}

// GRU runs a layer of gated recurrent units, with f and g its activations:
//
//	z = f(X·Wzᵀ + H·Rzᵀ + Wbz + Rbz)              update gate
//	r = f(X·Wrᵀ + H·Rrᵀ + Wbr + Rbr)              reset gate
//	h = g(X·Whᵀ + (r⊙H)·Rhᵀ + Wbh + Rbh)          or, with LinearBeforeReset,
//	h = g(X·Whᵀ + r⊙(H·Rhᵀ + Rbh) + Wbh)
//	H = (1 − z)⊙h + z⊙H
func GRU[T Float](p *pool.Pool, a *Args[T]) {
	prepare, step := func(d *direction[T]) { d.bothBiases(3) }, stepGRU[T]
	if a.LinearBeforeReset {
		prepare, step = func(d *direction[T]) { d.bothBiases(2) }, stepLinearGRU[T]
	}
	a.run(p, 3, prepare, step)
}

func stepGRU[T Float](d *direction[T], s int) {
	d.gather(s)
	d.recur(d.sums, d.h, 0, 2, 1)
	for b := range d.Batch {
		if _, on := d.time(b, s); !on {
			continue
		}
		reset, h, tmp := d.gate(d.sums, b, 1), d.state(d.h, b), d.state(d.tmp, b)
		d.activate(0, d.gate(d.sums, b, 0))
		d.activate(0, reset)
		for i, r := range reset {
			tmp[i] = r * h[i]
		}
	}
	d.recur(d.sums, d.tmp, 2, 1, 1)
	for b := range d.Batch {
		d.update(b, s)
	}
}

func stepLinearGRU[T Float](d *direction[T], s int) {
	d.gather(s)
	d.recur(d.sums, d.h, 0, 2, 1)
	d.recur(d.fromH, d.h, 2, 1, 0)
	for b := range d.Batch {
		if _, on := d.time(b, s); on {
			reset, sums, fromH := d.gate(d.sums, b, 1), d.gate(d.sums, b, 2), d.gate(d.fromH, b, 2)
			d.activate(0, d.gate(d.sums, b, 0))
			d.activate(0, reset)
			if d.rb != nil {
				for i, v := range d.rb[2*d.Hidden:] {
					fromH[i] += v
				}
			}
			for i, r := range reset {
				sums[i] += r * fromH[i]
			}
		}
		d.update(b, s)
	}
}

// update makes the next state of sequence b from the gates z and h.
func (d *direction[T]) update(b, s int) {
	h := d.state(d.h, b)
	if _, on := d.time(b, s); on {
		z, fresh := d.gate(d.sums, b, 0), d.gate(d.sums, b, 2)
		d.activate(1, fresh)
		for i := range h {
			h[i] = (1-z[i])*fresh[i] + z[i]*h[i]
		}
	}
	d.emit(b, s, h)
}
