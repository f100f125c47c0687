package opfuzz

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

const microsoft = "com.microsoft"

// attentionSpecs are of attention, in the standard and as language models have it.
func attentionSpecs() []spec {
	return []spec{
		{"Attention", attentionNode},
		{"RotaryEmbedding", rotaryNode},
		{"TensorScatter", tensorScatterNode},
		{"com.microsoft.Attention", projectedNode},
		{"com.microsoft.QAttention", quantizedProjectedNode},
		{"com.microsoft.MultiHeadAttention", multiHeadNode},
		{"com.microsoft.GroupQueryAttention", groupQueryNode},
		{"com.microsoft.RotaryEmbedding", rotaryContribNode},
	}
}

// floats are numbers around 0.
func (g *gen) floats(shape ...int) *tensor.Tensor { return g.tensor(tensor.Float32, normal, shape...) }

// attentionNode makes Attention of heads, or of rows that hold all heads, with a mask of
// numbers or of truths, and with a past.
func attentionNode(g *gen) *node {
	batch, kv, size, vsize := 1+g.IntN(3), 1+g.IntN(3), 1+g.IntN(8), 1+g.IntN(8)
	heads, queries, keys, past := kv*(1+g.IntN(2)), g.size(), g.size(), 0
	n := &node{op: "Attention", opset: oneOf(g, 23, 24), exact: true}
	n.attrs = g.maybe(g.maybe(nil, g.bit("is_causal")), attrFloat("scale", g.Float64()))
	if g.chance(3) {
		n.in = []*tensor.Tensor{g.floats(batch, queries, heads*size), g.floats(batch, keys, kv*size), g.floats(batch, keys, kv*vsize)}
		n.attrs = append(n.attrs, attrInt("q_num_heads", int64(heads)), attrInt("kv_num_heads", int64(kv)))
	} else {
		n.in = []*tensor.Tensor{g.floats(batch, heads, queries, size), g.floats(batch, kv, keys, size), g.floats(batch, kv, keys, vsize)}
	}
	if g.chance(3) {
		n.attrs = append(n.attrs, attrFloat("softcap", 1+g.Float64()))
	}
	n.in = append(n.in, nil)
	if g.chance(3) {
		past = 1 + g.IntN(4)
		n.in = append(n.in, g.floats(batch, kv, past, size), g.floats(batch, kv, past, vsize))
		n.out = 3
	}
	if g.chance(2) {
		shape := oneOf(g, []int{queries, past + keys}, []int{1, 1, queries, past + keys}, []int{batch, heads, queries, past + keys}, []int{batch, 1, queries, past + keys})
		n.in[3] = g.floats(shape...)
		if g.chance(2) {
			n.in[3] = g.mask(shape...)
		}
	}
	return n
}

// mask is a mask of truths whose every row begins with one.
func (g *gen) mask(shape ...int) *tensor.Tensor {
	values := make([]float64, count(shape))
	for i := range values {
		values[i] = float64(g.IntN(3))
		if i%shape[len(shape)-1] == 0 {
			values[i] = 1
		}
	}
	return fromFloats(tensor.Bool, values, shape)
}

func rotaryNode(g *gen) *node {
	batch, heads, rows, half := 1+g.IntN(3), 1+g.IntN(3), g.size(), 1+g.IntN(4)
	size := 2 * half
	n := &node{op: "RotaryEmbedding", opset: 23, exact: true, attrs: []*onnx.Attribute{g.bit("interleaved")}}
	if g.chance(3) {
		size += 2 * g.IntN(3)
		n.attrs = append(n.attrs, attrInt("rotary_embedding_dim", int64(2*half)))
	}
	n.in = []*tensor.Tensor{g.floats(batch, heads, rows, size), g.tensor(tensor.Float32, unit, batch, rows, half), g.tensor(tensor.Float32, unit, batch, rows, half)}
	if g.chance(3) {
		n.in[0] = g.floats(batch, rows, heads*size)
		n.attrs = append(n.attrs, attrInt("num_heads", int64(heads)))
	}
	if g.chance(2) {
		most := rows + g.IntN(9)
		n.in[1], n.in[2] = g.tensor(tensor.Float32, unit, most, half), g.tensor(tensor.Float32, unit, most, half)
		n.in = append(n.in, g.whole(tensor.Int64, most, batch, rows))
	}
	return n
}

// whole are integers from 0 to below n.
func (g *gen) whole(d tensor.DType, n int, shape ...int) *tensor.Tensor {
	values := make([]float64, count(shape))
	for i := range values {
		values[i] = float64(g.IntN(max(1, n)))
	}
	return fromFloats(d, values, shape)
}

func tensorScatterNode(g *gen) *node {
	batch, room, size := 1+g.IntN(3), 2+g.IntN(6), g.size()
	rows := 1 + g.IntN(room)
	n := &node{op: "TensorScatter", opset: 24, exact: true}
	mode := oneOf(g, "linear", "circular")
	n.attrs = []*onnx.Attribute{attrStr("mode", mode)}
	places := room - rows + 1
	if mode == "circular" {
		places = room
	}
	heads := 1 + g.IntN(3)
	d := oneOf(g, numbers...)
	n.in = []*tensor.Tensor{g.tensor(d, normal, batch, heads, room, size), g.tensor(d, normal, batch, heads, rows, size)}
	if g.chance(3) {
		n.attrs = append(n.attrs, attrInt("axis", 1))
		n.in = []*tensor.Tensor{g.tensor(d, normal, batch, room, size), g.tensor(d, normal, batch, rows, size)}
	}
	if !g.chance(4) {
		n.in = append(n.in, g.whole(tensor.Int64, places, batch))
	}
	return n
}

// projection holds the sizes of an attention that projects its input.
type projection struct{ batch, rows, columns, heads, size int }

func (g *gen) projection() projection {
	return projection{1 + g.IntN(3), 1 + g.IntN(5), 1 + g.IntN(9), 1 + g.IntN(3), 1 + g.IntN(6)}
}

// keyMask is a mask of com.microsoft for so many keys, or none.
func (g *gen) keyMask(batch, rows, keys int) *tensor.Tensor {
	switch g.IntN(6) {
	case 0:
		t := g.mask(batch, keys)
		return g.counted(t)
	case 1:
		return g.counted(g.mask(batch, rows, keys))
	case 2:
		ends := make([]float64, batch)
		for i := range ends {
			ends[i] = float64(1 + g.IntN(keys))
		}
		return fromFloats(tensor.Int32, ends, []int{batch})
	}
	return nil
}

// counted is a mask of truths as numbers.
func (g *gen) counted(t *tensor.Tensor) *tensor.Tensor {
	values, err := tensor.Float64s(t)
	if err != nil {
		return nil
	}
	return fromFloats(tensor.Int32, values, t.Shape())
}

func projectedNode(g *gen) *node {
	p := g.projection()
	vsize, past := p.size, 0
	n := &node{op: "Attention", domain: microsoft, opset: 1, attrs: g.maybe([]*onnx.Attribute{attrInt("num_heads", int64(p.heads))}, g.bit("unidirectional"))}
	if g.chance(4) {
		vsize = 1 + g.IntN(6)
		n.attrs = append(n.attrs, attrInts("qkv_hidden_sizes", int64(p.heads*p.size), int64(p.heads*p.size), int64(p.heads*vsize)))
	} else if g.chance(3) {
		past = 1 + g.IntN(4)
	}
	n.attrs = g.maybe(n.attrs, attrFloat("scale", 0.1+g.Float64()))
	all := p.heads * (2*p.size + vsize)
	n.in = []*tensor.Tensor{g.floats(p.batch, p.rows, p.columns), g.floats(p.columns, all), g.floats(all), g.keyMask(p.batch, p.rows, past+p.rows), nil, nil}
	n.constant = []int{1}
	if past > 0 {
		n.in[4], n.out = g.floats(2, p.batch, p.heads, past, p.size), 2
	}
	if g.chance(4) {
		n.in[5] = g.floats(oneOf(g, 1, p.batch), oneOf(g, 1, p.heads), p.rows, past+p.rows)
	}
	return n
}

func quantizedProjectedNode(g *gen) *node {
	p := g.projection()
	n := &node{op: "QAttention", domain: microsoft, opset: 1, attrs: g.maybe([]*onnx.Attribute{attrInt("num_heads", int64(p.heads))}, g.bit("unidirectional"))}
	all, past := 3*p.heads*p.size, 0
	scales := []int{}
	if g.chance(2) {
		scales = []int{all}
	}
	d := oneOf(g, tensor.Int8, tensor.Uint8)
	x := oneOf(g, tensor.Uint8, tensor.Uint8, tensor.Int8)
	if g.chance(3) {
		past = 1 + g.IntN(4)
	}
	n.in = []*tensor.Tensor{
		g.tensor(x, normal, p.batch, p.rows, p.columns), g.tensor(d, normal, p.columns, all), g.floats(all),
		g.tensor(tensor.Float32, positive), g.tensor(tensor.Float32, positive, scales...), g.keyMask(p.batch, p.rows, past+p.rows),
		g.tensor(x, unit), g.tensor(d, unit, scales...), nil,
	}
	n.constant = []int{1, 3, 4, 6, 7}
	if g.chance(3) {
		n.in[6], n.in[7] = nil, nil
	}
	if past > 0 {
		n.in[8], n.out = g.floats(2, p.batch, p.heads, past, p.size), 2
	}
	return n
}

func multiHeadNode(g *gen) *node {
	p := g.projection()
	keys, past, vsize := 1+g.IntN(5), 0, p.size
	n := &node{op: "MultiHeadAttention", domain: microsoft, opset: 1, in: make([]*tensor.Tensor, 8)}
	n.attrs = g.maybe([]*onnx.Attribute{attrInt("num_heads", int64(p.heads))}, attrFloat("scale", 0.1+g.Float64()))
	n.in[0] = g.floats(p.batch, p.rows, p.heads*p.size)
	switch g.IntN(4) {
	case 0: // the keys of another sequence
		n.in[1], n.in[2] = g.floats(p.batch, p.heads, keys, p.size), g.floats(p.batch, p.heads, keys, p.size)
	case 1: // with a past
		keys, past = p.rows, 1+g.IntN(4)
		n.in[1], n.in[2] = g.floats(p.batch, keys, p.heads*p.size), g.floats(p.batch, keys, p.heads*p.size)
		n.in[6], n.in[7], n.out = g.floats(p.batch, p.heads, past, p.size), g.floats(p.batch, p.heads, past, p.size), 3
	default:
		vsize = 1 + g.IntN(6)
		n.in[1], n.in[2] = g.floats(p.batch, keys, p.heads*p.size), g.floats(p.batch, keys, p.heads*vsize)
	}
	if n.in[1].Rank() == 3 && g.chance(2) {
		n.in[3] = g.floats(p.heads * (2*p.size + vsize))
	}
	n.in[4] = g.keyMask(p.batch, p.rows, past+keys)
	if g.chance(4) {
		n.in[5] = g.floats(oneOf(g, 1, p.batch), oneOf(g, 1, p.heads), p.rows, past+keys)
	}
	if keys == p.rows {
		n.attrs = g.maybe(n.attrs, g.bit("unidirectional"))
	}
	return n
}

// angles are cosines and sines of rows positions.
func (g *gen) angles(rows, half int) (c, s *tensor.Tensor) {
	cosines, sines := make([]float64, rows*half), make([]float64, rows*half)
	for i := range cosines {
		a := float64(i/half) / math.Pow(100, float64(i%half)/float64(half))
		cosines[i], sines[i] = math.Cos(a), math.Sin(a)
	}
	return fromFloats(tensor.Float32, cosines, []int{rows, half}), fromFloats(tensor.Float32, sines, []int{rows, half})
}

func groupQueryNode(g *gen) *node {
	batch, kv, size := 1+g.IntN(2), 1+g.IntN(2), oneOf(g, 8, 16, 32)
	heads, rows, past := kv*(1+g.IntN(3)), 1+g.IntN(5), 0
	n := &node{op: "GroupQueryAttention", domain: microsoft, opset: 1, in: make([]*tensor.Tensor, 12), out: 3}
	n.attrs = []*onnx.Attribute{attrInt("num_heads", int64(heads)), attrInt("kv_num_heads", int64(kv))}
	if g.chance(2) {
		past = 1 + g.IntN(6)
		if batch > 1 || g.chance(2) {
			rows = 1
		}
	}
	room := oneOf(g, 0, 0, 1, 4) // of the past beyond what it holds
	n.in[3], n.in[4] = g.floats(batch, kv, past+room, size), g.floats(batch, kv, past+room, size)
	lengths := make([]int32, batch)
	for i := range lengths {
		lengths[i] = int32(past + rows - 1)
		if past > 0 && i > 0 {
			lengths[i] = int32(1 + g.IntN(past))
		}
	}
	n.in[5], n.in[6] = tensor.Vector(lengths...), tensor.Scalar(int32(past+rows))
	if g.chance(3) {
		n.in[0] = g.floats(batch, rows, (heads+2*kv)*size)
	} else {
		n.in[0], n.in[1], n.in[2] = g.floats(batch, rows, heads*size), g.floats(batch, rows, kv*size), g.floats(batch, rows, kv*size)
	}
	if g.chance(2) && size >= 16 {
		n.attrs = append(n.attrs, attrInt("do_rotary", 1), g.bit("rotary_interleaved"))
		n.in[7], n.in[8] = g.angles(24, size/2)
		if g.chance(3) {
			n.in[9] = g.whole(tensor.Int64, 24, batch, rows)
		}
	}
	g.groupQueryScores(n, batch, heads, rows, past+rows)
	return n
}

// groupQueryScores adds what changes the scores.
func (g *gen) groupQueryScores(n *node, batch, heads, rows, total int) {
	n.attrs = g.maybe(n.attrs, attrFloat("scale", 0.1+g.Float64()))
	if g.chance(3) {
		n.attrs = append(n.attrs, attrInt("local_window_size", int64(1+g.IntN(5))))
	}
	if g.chance(3) {
		n.attrs = append(n.attrs, attrFloat("softcap", 1+g.Float64()))
	}
	if g.chance(4) {
		n.in[10] = g.floats(oneOf(g, 1, batch), oneOf(g, 1, heads), rows, total)
	}
	switch g.IntN(6) {
	case 0:
		n.attrs = append(n.attrs, attrInt("smooth_softmax", 1))
	case 1:
		n.in[11] = g.floats(heads)
	}
}

func rotaryContribNode(g *gen) *node {
	batch, heads, rows, half := 1+g.IntN(3), 1+g.IntN(3), 1+g.IntN(5), 4*(1+g.IntN(2))
	size := 2 * half
	n := &node{op: "RotaryEmbedding", domain: microsoft, opset: 1, attrs: []*onnx.Attribute{g.bit("interleaved")}}
	if g.chance(3) {
		size *= 2
		n.attrs = append(n.attrs, attrInt("rotary_embedding_dim", int64(2*half)), attrInt("num_heads", int64(heads)))
	}
	most := rows + g.IntN(9)
	c, s := g.angles(most, half)
	n.in = []*tensor.Tensor{g.floats(batch, rows, heads*size), g.whole(tensor.Int64, most, batch, rows), c, s}
	if g.chance(3) {
		n.in[0] = g.floats(batch, heads, rows, size)
	}
	if g.chance(3) {
		n.in[1] = g.whole(tensor.Int64, most-rows+1, 1)
	}
	return n
}
