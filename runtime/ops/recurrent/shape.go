package recurrent

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxSums bounds the values that a run keeps for its gates.
const maxSums = 1 << 29

// sizes are those of one run.
type sizes struct{ seq, batch, in, hidden, dirs int }

// shapes are those of Y and of the final states.
func (s sizes) shapes(batchFirst bool) (y, state []int) {
	if batchFirst {
		return []int{s.batch, s.seq, s.dirs, s.hidden}, []int{s.batch, s.dirs, s.hidden}
	}
	return []int{s.seq, s.dirs, s.batch, s.hidden}, []int{s.dirs, s.batch, s.hidden}
}

// args checks the shapes of the inputs against each other.
func (l *layer) args(c *ops.Call) (sizes, error) {
	s := sizes{dirs: len(l.reverse)}
	x, err := c.Need(inX)
	if err != nil {
		return s, err
	}
	r, err := c.Need(inR)
	if err != nil {
		return s, err
	}
	if x.Rank() != 3 || r.Rank() != 3 {
		return s, fmt.Errorf("X is %v and R is %v, expected both of rank 3", x, r)
	}
	s.seq, s.batch, s.in, s.hidden = x.Dim(0), x.Dim(1), x.Dim(2), r.Dim(2)
	if l.batchFirst {
		s.seq, s.batch = s.batch, s.seq
	}
	if l.hidden != 0 && l.hidden != int64(s.hidden) {
		return s, fmt.Errorf("R is %v, expected a last dimension of hidden_size, %d", r, l.hidden)
	}
	gates := l.gates * s.hidden
	_, state := s.shapes(l.batchFirst)
	for _, in := range []struct {
		index int
		name  string
		shape []int
	}{
		{inW, "W", []int{s.dirs, gates, s.in}},
		{inR, "R", []int{s.dirs, gates, s.hidden}},
		{inB, "B", []int{s.dirs, 2 * gates}},
		{inLens, "sequence_lens", []int{s.batch}},
		{inH0, "initial_h", state},
		{inC0, "initial_c", state},
		{inP, "P", []int{s.dirs, 3 * s.hidden}},
	} {
		if err := expect(c.Input(in.index), in.name, in.shape); err != nil {
			return s, err
		}
	}
	if c.Input(inW) == nil {
		return s, fmt.Errorf("W is missing")
	}
	if s.seq > maxSums || s.batch > maxSums { // their product must not overflow
		return s, fmt.Errorf("X is %v, expected at most %d steps and sequences", x, maxSums)
	}
	rows := s.seq*s.batch + 4*s.batch + 1
	if gates > 0 && rows > maxSums/gates {
		return s, fmt.Errorf("%d gates for %d inputs are more than %d values", gates, s.seq*s.batch, maxSums)
	}
	return s, nil
}

func expect(t *tensor.Tensor, name string, shape []int) error {
	if t != nil && !slices.Equal(t.Shape(), shape) {
		return fmt.Errorf("%s is %v, expected %s", name, t, tensor.FormatShape(shape))
	}
	return nil
}
