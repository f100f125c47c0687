package opfuzz

import (
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// product makes the shapes of a matrix product, with stacks that broadcast.
func (g *gen) product() (a, b []int) {
	m, k, n := g.dim(), g.dim(), g.dim()
	stack := g.anyShape(2)
	a, b = append(g.broadcast(stack), m, k), append(slices.Clone(stack), k, n)
	switch g.IntN(8) {
	case 0:
		a = []int{k}
	case 1:
		b = []int{k}
	case 2:
		b = []int{k, n}
	}
	return a, b
}

// equations are of Einsum, with the ranks of their operands.
var equations = []string{
	"ij,jk->ik", "bij,bjk->bik", "i,i->", "ij->ji", "ii->i", "ij->i", "i,j->ij", "bhqd,bhkd->bhqk", "bqhd,bkhd->bhqk",
	"ij,ij->ij", "ijk,k->ij", "ij,jk,kl->il", "ij,k->ijk", "abc->cab",
}

func linearSpecs() []spec {
	return []spec{
		{"MatMul", matMulNode},
		{"Gemm", gemmNode},
		{"Einsum", einsumNode},
		{"Det", detNode},
	}
}

func matMulNode(g *gen) *node {
	a, b := g.product()
	d := oneOf(g, tensor.Float32, tensor.Float32, tensor.Float64, tensor.Int32, tensor.Int64)
	return &node{op: "MatMul", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(d, normal, a...), g.tensor(d, normal, b...)}}
}

// turned transposes each of two matrices by chance, and says so.
func (g *gen) turned(a, b []int) []*onnx.Attribute {
	var attrs []*onnx.Attribute
	for _, m := range []struct {
		name  string
		shape []int
	}{{"transA", a}, {"transB", b}} {
		turn := int64(g.IntN(2))
		if turn == 1 {
			slices.Reverse(m.shape)
		}
		attrs = append(attrs, attrInt(m.name, turn))
	}
	return attrs
}

func gemmNode(g *gen) *node {
	m, k, n := g.size(), g.dim(), g.size()
	d := oneOf(g, wideFloats...)
	x := &node{op: "Gemm", opset: g.opset(13)}
	a, b := []int{m, k}, []int{k, n}
	x.attrs = g.maybe(g.maybe(g.turned(a, b), attrFloat("alpha", g.value(normal))), attrFloat("beta", g.value(normal)))
	x.in = []*tensor.Tensor{g.tensor(d, normal, a...), g.tensor(d, normal, b...)}
	if g.chance(2) {
		x.in = append(x.in, g.tensor(d, normal, g.broadcast([]int{m, n})...))
	}
	return x
}

func einsumNode(g *gen) *node {
	equation := oneOf(g, equations...)
	sizes := map[rune]int{}
	n := &node{op: "Einsum", opset: g.opset(12), attrs: []*onnx.Attribute{attrStr("equation", equation)}}
	left, _, _ := strings.Cut(equation, "->")
	for term := range strings.SplitSeq(left, ",") {
		var s []int
		for _, r := range term {
			if sizes[r] == 0 {
				sizes[r] = g.size()
			}
			s = append(s, sizes[r])
		}
		n.in = append(n.in, g.tensor(tensor.Float32, normal, s...))
	}
	return n
}

func detNode(g *gen) *node {
	k := g.size()
	return &node{op: "Det", opset: g.opset(11), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, append(g.anyShape(1), min(k, 4), min(k, 4))...)}}
}
