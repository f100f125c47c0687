package opfuzz

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// spoil changes one to three things of a node: values, types, shapes, attributes, what
// it leaves out, its version.
func (g *gen) spoil(n *node) {
	for range 1 + g.IntN(3) {
		switch g.IntN(7) {
		case 0, 1:
			g.spoilInput(n, func(t *tensor.Tensor) *tensor.Tensor { return g.tensor(t.DType(), special, g.otherShape(t.Shape())...) })
		case 2:
			g.spoilInput(n, func(t *tensor.Tensor) *tensor.Tensor {
				return g.tensor(oneOf(g, movedTypes...), special, t.Shape()...)
			})
		case 3:
			g.spoilInput(n, func(t *tensor.Tensor) *tensor.Tensor { return extremes(g, t) })
		case 4:
			g.spoilInput(n, func(*tensor.Tensor) *tensor.Tensor { return nil })
		case 5:
			g.spoilAttribute(n)
		case 6:
			n.opset = 7 + g.IntN(22)
			if n.domain != "" {
				n.opset = 1
			}
		}
	}
	if g.chance(10) {
		n.in = append(n.in, g.any(g.anyShape(3)...))
	}
}

func (g *gen) spoilInput(n *node, f func(*tensor.Tensor) *tensor.Tensor) {
	if len(n.in) == 0 {
		return
	}
	if i := g.IntN(len(n.in)); n.in[i] != nil {
		n.in[i] = f(n.in[i])
	}
}

// otherShape is a shape that may or may not fit where s did.
func (g *gen) otherShape(s []int) []int {
	s = append([]int{}, s...)
	switch {
	case g.chance(4):
		return g.anyShape(5)
	case len(s) > 0 && g.chance(2):
		s[g.IntN(len(s))] = 0
	case len(s) > 0:
		s[g.IntN(len(s))] = g.dim()
	default:
		s = append(s, g.dim())
	}
	return s
}

// extremes puts the numbers at which arithmetic overflows into a tensor.
func extremes(g *gen, t *tensor.Tensor) *tensor.Tensor {
	values := make([]float64, t.Len())
	for i := range values {
		values[i] = oneOf(g, 0, -1, 1, 1<<62, -(1 << 62), math.MaxInt32, math.MinInt32, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1))
	}
	return fromFloats(t.DType(), values, t.Shape())
}

func (g *gen) spoilAttribute(n *node) {
	if len(n.attrs) == 0 {
		return
	}
	i := g.IntN(len(n.attrs))
	a := *n.attrs[i]
	wild := func() int64 {
		return oneOf[int64](g, 0, -1, 1, 2, 7, -7, math.MaxInt64, math.MinInt64, 1<<31, 1<<40, -(1 << 40))
	}
	switch {
	case g.chance(6):
		n.attrs = append(n.attrs[:i:i], n.attrs[i+1:]...)
		return
	case a.Ints != nil:
		list := append([]int64{}, a.Ints...)
		if len(list) > 0 && !g.chance(4) {
			list[g.IntN(len(list))] = wild()
		} else {
			list = append(list, wild())
		}
		a.Ints = list
	case len(a.String) > 0:
		a.String = []byte("no such thing")
	case a.Tensor == nil:
		a.Int = wild()
		if a.Float != 0 {
			a.Int, a.Float = 0, float32(g.value(special))
		}
	}
	n.attrs[i] = &a
}
