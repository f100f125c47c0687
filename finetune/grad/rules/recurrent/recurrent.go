// Package recurrent has the rules of LSTM, GRU and RNN, which are unrolled: the
// number of time steps has to be known.
package recurrent

import (
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
)

// Rules is the list of this family.
var Rules = []rule.Rule{
	{Op: "LSTM", Expand: func(c *rule.Context) { unroll(c, 4, []string{"Sigmoid", "Tanh", "Tanh"}, lstm) }},
	{Op: "GRU", Expand: func(c *rule.Context) { unroll(c, 3, []string{"Sigmoid", "Tanh"}, gru) }},
	{Op: "RNN", Expand: func(c *rule.Context) { unroll(c, 1, []string{"Tanh"}, rnn) }},
}

// direction is one of the one or two ways through time.
type direction struct {
	c            *rule.Context
	hidden       int
	w, r, wb, rb string // [gates·hidden, in], [gates·hidden, hidden] transposed, and biases or ""
	acts         []string
}

// cell makes the next state of one time step: x is x·Wᵀ + Wb of that step for
// all gates.
type cell func(d *direction, x, h, cell string) (nextH, nextCell string)

// unroll writes a recurrent node out, step by step.
func unroll(c *rule.Context, gates int, acts []string, next cell) {
	dx, okX := c.Dims(c.X(0))
	dr, okR := c.Dims(c.X(2))
	if !okX || !okR || len(dx) != 3 || len(dr) != 3 || !dr[2].IsKnown() || !dr[0].IsKnown() {
		c.Failf("its shapes are not known")
		return
	}
	timeAxis, batchAxis := 0, 1
	if c.Attrs.Bool("layout", false) {
		timeAxis, batchAxis = 1, 0
	}
	if !dx[timeAxis].IsKnown() {
		c.Failf("the number of time steps is %v: it is unrolled, and has to be known", dx[timeAxis])
		return
	}
	if err := unsupported(c); err != "" {
		c.Failf("%s", err)
		return
	}
	x := c.X(0)
	if timeAxis == 1 {
		x = c.Transpose(x, 1, 0, 2)
	}
	batch := c.Size(c.X(0), batchAxis)
	steps, dirs := int(dx[timeAxis].Value), int(dr[0].Value)
	names := c.Attrs.Strings("activations")
	var outputs [][]string // [direction][time]
	var lastH, lastC []string
	for k := range dirs {
		a := acts
		if len(names) >= (k+1)*len(acts) {
			a = names[k*len(acts) : (k+1)*len(acts)]
		}
		d := newDirection(c, k, gates, int(dr[2].Value), a)
		reverse := k == 1 || c.Attrs.String("direction", "forward") == "reverse"
		ys, h, cl := d.run(x, batch, steps, reverse, k, next)
		outputs, lastH, lastC = append(outputs, ys), append(lastH, h), append(lastC, cl)
	}
	finish(c, outputs, lastH, lastC, timeAxis == 1)
}

// unsupported says what of the node is not written out; "" is nothing.
func unsupported(c *rule.Context) string {
	if c.Has(4) {
		return "sequences of lengths of their own are not unrolled"
	}
	if c.Has(7) {
		return "peepholes are not unrolled"
	}
	if c.Attrs.Has("clip") {
		return "a clip is not unrolled"
	}
	for _, a := range c.Attrs.Strings("activations") {
		if !slices.Contains([]string{"Sigmoid", "Tanh", "Relu"}, a) {
			return "activation " + a + " is not unrolled"
		}
	}
	return ""
}

// newDirection picks the weights of direction k.
func newDirection(c *rule.Context, k, gates, hidden int, acts []string) *direction {
	pick := func(v string) string { return c.Squeeze(c.Slice(v, 0, k, k+1), 0) }
	d := &direction{c: c, hidden: hidden, acts: acts}
	d.w, d.r = c.Transpose(pick(c.X(1)), 1, 0), c.Transpose(pick(c.X(2)), 1, 0)
	if c.Has(3) {
		b := pick(c.X(3))
		d.wb, d.rb = c.Slice(b, 0, 0, gates*hidden), c.Slice(b, 0, gates*hidden, 2*gates*hidden)
	}
	return d
}

// run goes through time and returns what each step gave, in the order of time,
// and the last state.
func (d *direction) run(x, batch string, steps int, reverse bool, k int, next cell) (ys []string, h, cl string) {
	c := d.c
	state := func(i int) string {
		if c.Has(i) {
			v := c.X(i)
			if c.Attrs.Bool("layout", false) {
				v = c.Transpose(v, 1, 0, 2)
			}
			return c.Squeeze(c.Slice(v, 0, k, k+1), 0)
		}
		return c.Expand(c.Scalar(x, 0), c.Concat(0, batch, c.Ints(d.hidden)))
	}
	h = state(5)
	if c.Node.OpType == "LSTM" {
		cl = state(6)
	}
	all := c.MatMul(x, d.w) // every step at once: [T, N, gates·hidden]
	if d.wb != "" {
		all = c.Add(all, d.wb)
	}
	ys = make([]string, steps)
	for i := range steps {
		at := i
		if reverse {
			at = steps - 1 - i
		}
		h, cl = next(d, c.Squeeze(c.Slice(all, 0, at, at+1), 0), h, cl)
		ys[at] = h
	}
	return ys, h, cl
}

// finish lays out the results as the node gives them.
func finish(c *rule.Context, outputs [][]string, lastH, lastC []string, batchFirst bool) {
	var perTime []string
	for t := range outputs[0] {
		var dirs []string
		for _, ys := range outputs {
			dirs = append(dirs, c.Unsqueeze(ys[t], 0))
		}
		perTime = append(perTime, c.Unsqueeze(c.Concat(0, dirs...), 0)) // [1, D, N, H]
	}
	y := c.Concat(0, perTime...)
	stack := func(list []string) string {
		var parts []string
		for _, v := range list {
			parts = append(parts, c.Unsqueeze(v, 0))
		}
		s := c.Concat(0, parts...)
		if batchFirst {
			s = c.Transpose(s, 1, 0, 2)
		}
		return s
	}
	if batchFirst {
		y = c.Transpose(y, 2, 0, 1, 3)
	}
	c.Result(0, y)
	c.Result(1, stack(lastH))
	if lastC[0] != "" {
		c.Result(2, stack(lastC))
	}
}

// gate cuts one gate out of values of all, [N, gates·hidden].
func (d *direction) gate(v string, i int) string {
	return d.c.Slice(v, 1, i*d.hidden, (i+1)*d.hidden)
}

// recur is h·Rᵀ + Rb of all gates.
func (d *direction) recur(h string) string {
	v := d.c.MatMul(h, d.r)
	if d.rb != "" {
		v = d.c.Add(v, d.rb)
	}
	return v
}

// lstm has the gates i, o, f, c:
//
//	C ← f·C + i·c   H ← o·tanh C
func lstm(d *direction, x, h, cell string) (nextH, nextCell string) {
	c := d.c
	all := c.Add(x, d.recur(h))
	i, o, f := c.Unary(d.acts[0], d.gate(all, 0)), c.Unary(d.acts[0], d.gate(all, 1)), c.Unary(d.acts[0], d.gate(all, 2))
	if c.Attrs.Bool("input_forget", false) {
		f = c.OneMinus(i)
	}
	cell = c.Add(c.Mul(f, cell), c.Mul(i, c.Unary(d.acts[1], d.gate(all, 3))))
	return c.Mul(o, c.Unary(d.acts[2], cell)), cell
}

// gru has the gates z, r, h:
//
//	H ← (1 − z)·h + z·H
//
// with h from (r·H)·Rᵀ, or r·(H·Rᵀ + Rb) where linear_before_reset says so.
func gru(d *direction, x, h, _ string) (nextH, nextCell string) {
	c := d.c
	back := d.recur(h)
	z := c.Unary(d.acts[0], c.Add(d.gate(x, 0), d.gate(back, 0)))
	r := c.Unary(d.acts[0], c.Add(d.gate(x, 1), d.gate(back, 1)))
	var last string
	if c.Attrs.Bool("linear_before_reset", false) {
		last = c.Mul(r, d.gate(back, 2))
	} else {
		last = d.gate(d.recur(c.Mul(r, h)), 2)
	}
	n := c.Unary(d.acts[1], c.Add(d.gate(x, 2), last))
	return c.Add(c.Mul(c.OneMinus(z), n), c.Mul(z, h)), ""
}

// rnn is H ← f(x·Wᵀ + H·Rᵀ + b).
func rnn(d *direction, x, h, _ string) (nextH, nextCell string) {
	return d.c.Unary(d.acts[0], d.c.Add(x, d.recur(h))), ""
}
