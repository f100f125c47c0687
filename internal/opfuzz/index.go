package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// filled is a shape without zeros.
func (g *gen) filled(rank int) []int {
	s := make([]int, rank)
	for i := range s {
		s[i] = g.size()
	}
	return s
}

func indexSpecs() []spec {
	return []spec{
		{"Gather", gatherNode},
		{"GatherElements", gatherElementsNode},
		{"ScatterElements", scatterElementsNode},
		{"GatherND", gatherNDNode},
		{"ScatterND", scatterNDNode},
		{"Unique", uniqueNode},
	}
}

func gatherNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	axis := g.axis(len(s))
	n := s[(int(axis)+len(s))%len(s)]
	return &node{
		op: "Gather", opset: g.opset(13), exact: true, attrs: []*onnx.Attribute{attrInt("axis", axis)},
		in: []*tensor.Tensor{g.any(s...), g.index(n, g.anyShape(2)...)},
	}
}

func gatherElementsNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	axis := g.axis(len(s))
	at := (int(axis) + len(s)) % len(s)
	n := s[at]
	idx := g.filled(len(s))
	for i := range idx {
		if i != at {
			idx[i] = min(idx[i], s[i])
		}
	}
	return &node{
		op: "GatherElements", opset: g.opset(13), exact: true, attrs: []*onnx.Attribute{attrInt("axis", axis)},
		in: []*tensor.Tensor{g.any(s...), g.index(n, idx...)},
	}
}

func scatterElementsNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	axis := g.axis(len(s))
	at := (int(axis) + len(s)) % len(s)
	idx := g.filled(len(s))
	for i := range idx {
		idx[i] = min(idx[i], s[i])
	}
	idx[at] = 1 // so that no place is written twice
	d := oneOf(g, numbers...)
	n := &node{
		op: "ScatterElements", opset: oneOf(g, 13, 16, 18), exact: true, attrs: []*onnx.Attribute{attrInt("axis", axis)},
		in: []*tensor.Tensor{g.tensor(d, normal, s...), g.index(s[at], idx...), g.tensor(d, normal, idx...)},
	}
	switch n.opset {
	case 16:
		n.attrs = append(n.attrs, attrStr("reduction", oneOf(g, "none", "add", "mul")))
	case 18:
		n.attrs = append(n.attrs, attrStr("reduction", oneOf(g, "none", "add", "mul", "max", "min")))
	}
	return n
}

func gatherNDNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	k := 1 + g.IntN(len(s))
	rows := 1 + g.IntN(4)
	var list []int64
	for range rows {
		for i := range k {
			v := int64(g.IntN(s[i]))
			if g.chance(4) {
				v -= int64(s[i])
			}
			list = append(list, v)
		}
	}
	index, err := tensor.FromSlice(list, rows, k)
	if err != nil {
		index = ints(0)
	}
	return &node{op: "GatherND", opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.any(s...), index}}
}

func scatterNDNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	var rows []int64
	for i, p := range g.Perm(s[0]) {
		if i == 0 || g.chance(2) {
			rows = append(rows, int64(p))
		}
	}
	index, err := tensor.FromSlice(rows, len(rows), 1)
	if err != nil {
		index = ints(0)
	}
	d := oneOf(g, numbers...)
	updates := append([]int{len(rows)}, s[1:]...)
	return &node{op: "ScatterND", opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.tensor(d, normal, s...), index, g.tensor(d, normal, updates...)}}
}

func uniqueNode(g *gen) *node {
	s := g.filled(1 + g.IntN(2))
	return &node{
		op: "Unique", opset: g.opset(11), exact: true, out: 4, attrs: g.maybe([]*onnx.Attribute{g.bit("sorted")}, attrInt("axis", g.axis(len(s)))),
		in: []*tensor.Tensor{g.tensor(oneOf(g, tensor.Float32, tensor.Int64), whole, s...)},
	}
}
