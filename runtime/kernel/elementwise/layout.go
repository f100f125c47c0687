// Package elementwise computes one output element from the elements at the same
// place of one, two or three inputs, which are repeated along dimensions of
// size 1 as numpy does.
//
// A kernel sees contiguous runs of elements: a [Binary] is three loops, vector
// with vector, vector with scalar and scalar with vector. A [Layout] cuts any
// broadcast into such runs: dimensions that are walked alike are joined first,
// so that equal shapes are one run, and a channel bias over [N,C,H,W] is one
// scalar run a plane. Work is split among threads by output elements alone.
//
// Every output may be the very buffer of an input that has all of the output's
// elements.
package elementwise

import (
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// maxDims is the number of dimensions that a layout can hold after joining.
// Only a shape that alternates between repeated and not along more dimensions
// than that needs more.
const maxDims = 16

// maxInputs is the largest number of inputs of a layout.
const maxInputs = 3

// Layout says how the inputs of an elementwise operation are walked for each
// output element.
type Layout struct {
	n    int // output elements
	rank int
	dims [maxDims]int // joined output dimensions, innermost first
	// strides counts elements; 0 where the input is repeated.
	strides [maxInputs][maxDims]int
}

// Shape appends the broadcast shape of the inputs to dst. It fails where the
// shapes do not fit.
func Shape(dst []int, shapes ...[]int) ([]int, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	for i := range rank {
		dim := 1
		for _, s := range shapes {
			k := len(s) - rank + i
			if k < 0 || s[k] == 1 || s[k] == dim {
				continue
			}
			if dim != 1 {
				return nil, fmt.Errorf("shapes %s do not broadcast: dimension %d is %d and %d", formatShapes(shapes), i, dim, s[k])
			}
			dim = s[k]
		}
		dst = append(dst, dim)
	}
	return dst, nil
}

func formatShapes(shapes [][]int) string {
	var text strings.Builder
	for i, s := range shapes {
		if i > 0 {
			text.WriteString(" and ")
		}
		text.WriteString(tensor.FormatShape(s))
	}
	return text.String()
}

// Broadcast lays out inputs of those shapes, at most three, over an output of
// shape out, to which they broadcast.
func (l *Layout) Broadcast(out []int, in ...[]int) error {
	if len(in) > maxInputs {
		return fmt.Errorf("elementwise: %d inputs, at most %d are supported", len(in), maxInputs)
	}
	*l = Layout{n: 1}
	var step [maxInputs]int // elements that one step in the dimension at hand moves
	for k := range in {
		step[k] = 1
	}
	for i := range out {
		dim := out[len(out)-1-i]
		l.n *= dim
		var strides [maxInputs]int
		for k, s := range in {
			size := 1
			if i < len(s) {
				size = s[len(s)-1-i]
			}
			switch size {
			case 1: // repeated, or of no matter
			case dim:
				strides[k] = step[k]
				step[k] *= size
			default:
				return fmt.Errorf("shape %s does not broadcast to %s", tensor.FormatShape(s), tensor.FormatShape(out))
			}
		}
		if dim != 1 && !l.push(dim, strides) {
			return fmt.Errorf("shapes %s broadcast along more than %d separate dimensions", formatShapes(in), maxDims)
		}
	}
	if l.rank == 0 { // a single element
		l.push(1, [maxInputs]int{1, 1, 1})
	}
	return nil
}

// push adds the next outer dimension, joined with the one before where all
// inputs walk through both in one stride. It reports whether there was room.
func (l *Layout) push(dim int, strides [maxInputs]int) bool {
	if r := l.rank - 1; r >= 0 {
		joined := true
		for k, s := range strides {
			joined = joined && s == l.strides[k][r]*l.dims[r]
		}
		if joined {
			l.dims[r] *= dim
			return true
		}
	}
	if l.rank == maxDims {
		return false
	}
	l.dims[l.rank] = dim
	for k, s := range strides {
		l.strides[k][l.rank] = s
	}
	l.rank++
	return true
}

// Len is the number of output elements.
func (l *Layout) Len() int { return l.n }

// cursor is a place in a layout.
type cursor struct {
	at     [maxDims]int
	offset [maxInputs]int
}

// seek is the place of output element i.
func (l *Layout) seek(i int) cursor {
	var c cursor
	for r := range l.rank {
		c.at[r] = i % l.dims[r]
		i /= l.dims[r]
		for k := range c.offset {
			c.offset[k] += c.at[r] * l.strides[k][r]
		}
	}
	return c
}

// run is the number of elements, at most limit, that lie in one run from here.
func (l *Layout) run(c *cursor, limit int) int { return min(l.dims[0]-c.at[0], limit) }

// advance moves n elements on, which do not leave the run.
func (l *Layout) advance(c *cursor, n int) {
	c.at[0] += n
	for k := range c.offset {
		c.offset[k] += n * l.strides[k][0]
	}
	for r := 0; c.at[r] == l.dims[r] && r+1 < l.rank; r++ {
		c.at[r] = 0
		c.at[r+1]++
		for k := range c.offset {
			c.offset[k] += l.strides[k][r+1] - l.dims[r]*l.strides[k][r]
		}
	}
}
