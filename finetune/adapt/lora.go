package adapt

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// LoRA puts adapters of low rank beside products with a weight W: x·W becomes
//
//	x·W + (Alpha/Rank) · (x·A)·B
//
// with A [in, Rank] random and B [Rank, out] zero, so that at first nothing
// changes.
type LoRA struct {
	Rank  int
	Alpha float64 // 0 is twice the rank
	// Targets are patterns of the names of nodes, or of weights; each must fit a
	// MatMul or Gemm whose second input is a weight.
	Targets []string
	Seed    uint64
}

// The ends of the names of an adapter's weights: that of its node and one of these.
const (
	LoRAA = ".lora_A"
	LoRAB = ".lora_B"
)

// AddLoRA adds the adapters to the graph and returns the names of their weights,
// A and B of each product in the order of the graph.
func AddLoRA(m *onnx.Model, l LoRA) ([]string, error) {
	if l.Rank < 1 {
		return nil, fmt.Errorf("adapt: LoRA of rank %d, expected at least 1", l.Rank)
	}
	if l.Alpha == 0 {
		l.Alpha = 2 * float64(l.Rank)
	}
	targets, err := products(m.Graph, l.Targets)
	if err != nil {
		return nil, err
	}
	// Nodes are added at the end, then everything is put in order again.
	b, err := emit.New(m)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(l.Seed, 0x6c6f7261))
	var weights []string
	for _, n := range targets {
		a, bw := l.beside(b, n, random)
		weights = append(weights, a, bw)
	}
	if err := b.Err(); err != nil {
		return nil, fmt.Errorf("adapt: LoRA: %w", err)
	}
	return weights, m.Graph.Sort()
}

// beside adds the adapter of one product.
func (l LoRA) beside(b *emit.Builder, n *onnx.Node, random *rand.Rand) (aName, bName string) {
	x, w := n.Inputs[0], n.Inputs[1]
	d, ok := b.Dims(w)
	if !ok || len(d) != 2 || !d[0].IsKnown() || !d[1].IsKnown() {
		b.Failf("the weight %q of node %q is no matrix", w, n.Label())
		return "", ""
	}
	in, out := int(d[0].Value), int(d[1].Value)
	if isTransposed(n, "transB") {
		in, out = out, in
	}
	dtype := b.DType(w)
	a := b.Initializer(n.Label()+LoRAA, uniform(random, in, dtype, in, l.Rank))
	zero := b.Initializer(n.Label()+LoRAB, convert(make([]float64, l.Rank*out), dtype, l.Rank, out))
	old := b.Prefix(n.Label())
	defer b.Prefix(old)
	if isTransposed(n, "transA") {
		x = b.Transpose(x, 1, 0)
	}
	y := n.Outputs[0]
	plain := b.Fresh("frozen")
	typ := b.Type(y)
	n.Outputs[0] = plain
	b.SetType(plain, typ)
	side := b.Scale(b.MatMul(b.MatMul(x, a), zero), l.Alpha/float64(l.Rank))
	b.Append(&onnx.Node{Name: y, OpType: "Add", Inputs: []string{plain, side}, Outputs: []string{y}})
	return a, zero
}

func isTransposed(n *onnx.Node, name string) bool {
	a := n.Attribute(name)
	return a != nil && a.Int != 0
}

// products lists the MatMul and Gemm nodes with a weight that fit the patterns.
func products(g *onnx.Graph, patterns []string) ([]*onnx.Node, error) {
	if len(patterns) == 0 {
		patterns = []string{"*"}
	}
	hit := make([]bool, len(patterns))
	var list []*onnx.Node
	var names []layer
	for _, n := range g.Nodes {
		if onnx.CanonicalDomain(n.Domain) != "" || n.OpType != "MatMul" && n.OpType != "Gemm" || len(n.Inputs) < 2 {
			continue
		}
		w := g.Initializer(n.Inputs[1])
		if w == nil || !w.DType.IsFloat() {
			continue
		}
		names = append(names, layer{n, []string{w.Name}})
		for i, p := range patterns {
			if Match(p, n.Label()) || Match(p, w.Name) {
				hit[i] = true
				if !slices.Contains(list, n) {
					list = append(list, n)
				}
			}
		}
	}
	if i := slices.Index(hit, false); i >= 0 {
		return nil, fmt.Errorf("adapt: the pattern %q fits no MatMul or Gemm with a weight%s", patterns[i], examples(names))
	}
	return list, nil
}

// MergeLoRA adds each adapter to the weight that it stands beside and takes it
// out of the graph: the model computes the same with the nodes that it was
// published with.
func MergeLoRA(m *onnx.Model, l LoRA) error {
	if l.Alpha == 0 {
		l.Alpha = 2 * float64(l.Rank)
	}
	g, merged := m.Graph, map[*onnx.Node]bool{}
	for _, add := range slices.Clone(g.Nodes) {
		if add.OpType != "Add" || len(add.Inputs) != 2 {
			continue
		}
		i := slices.IndexFunc(g.Nodes, func(n *onnx.Node) bool {
			return (n.OpType == "MatMul" || n.OpType == "Gemm") && n.Outputs[0] == add.Inputs[0]
		})
		if i < 0 {
			continue
		}
		n := g.Nodes[i]
		a, b := g.Initializer(n.Label()+LoRAA), g.Initializer(n.Label()+LoRAB)
		if a == nil || b == nil || merged[n] {
			continue
		}
		merged[n] = true
		if err := mergeOne(g, n, a, b, l.Alpha); err != nil {
			return err
		}
		n.Outputs[0] = add.Outputs[0]
		g.Nodes = slices.DeleteFunc(g.Nodes, func(x *onnx.Node) bool { return x == add })
	}
	Prune(m)
	return g.Sort()
}

// mergeOne sets W ← W + (α/r)·A·B.
func mergeOne(g *onnx.Graph, n *onnx.Node, aT, bT *onnx.Tensor, alpha float64) error {
	at := slices.IndexFunc(g.Initializers, func(t *onnx.Tensor) bool { return t.Name == n.Inputs[1] })
	w, err := floatsOf(g.Initializers[at])
	if err != nil {
		return err
	}
	a, err := floatsOf(aT)
	if err != nil {
		return err
	}
	b, err := floatsOf(bT)
	if err != nil {
		return err
	}
	in, rank, out := int(aT.Dims[0]), int(aT.Dims[1]), int(bT.Dims[1])
	scale := alpha / float64(rank)
	transposed := isTransposed(n, "transB")
	for i := range in {
		for j := range out {
			sum := 0.0
			for k := range rank {
				sum += a[i*rank+k] * b[k*out+j]
			}
			if transposed {
				w[j*in+i] += scale * sum
			} else {
				w[i*out+j] += scale * sum
			}
		}
	}
	old := g.Initializers[at]
	shape := []int{int(old.Dims[0]), int(old.Dims[1])}
	g.Initializers[at] = onnx.NewTensor(old.Name, convert(w, old.DType, shape...))
	return nil
}

func floatsOf(t *onnx.Tensor) ([]float64, error) {
	v, err := t.Value()
	if err != nil {
		return nil, err
	}
	return tensor.Float64s(v)
}
