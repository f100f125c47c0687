package nn

import (
	"math"

	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// attention is softmax(scale·Q·Kᵀ + mask)·V by head, written out. Heads of
// queries share those of keys where there are fewer.
var attention = rule.Rule{Op: "Attention", Expand: func(c *rule.Context) {
	heads, kvHeads := int(c.Attrs.Int("q_num_heads", 0)), int(c.Attrs.Int("kv_num_heads", 0))
	q, flat := byHead(c, c.X(0), heads)
	k, _ := byHead(c, c.X(1), kvHeads)
	v, _ := byHead(c, c.X(2), kvHeads)
	if c.Has(4) {
		k = c.Concat(2, c.X(4), k)
	}
	if c.Has(5) {
		v = c.Concat(2, c.X(5), v)
	}
	c.Result(1, k)
	c.Result(2, v)
	k, v = repeatHeads(c, q, k), repeatHeads(c, q, v)
	d, ok := c.Dims(q)
	if !ok || !d[3].IsKnown() {
		c.Failf("the size of a head is not known")
		return
	}
	scale := 1 / math.Sqrt(float64(d[3].Value))
	if c.Attrs.Has("scale") {
		scale = float64(c.Attrs.Float("scale", 0))
	}
	scores := c.Scale(c.MatMul(q, c.Swap(k, 2, 3)), scale)
	if c.Attrs.Int("qk_matmul_output_mode", 0) != 0 && c.Y(3) != "" {
		c.Failf("output 3 in this mode is not written out")
		return
	}
	c.Result(3, scores)
	scores = masked(c, scores, q, k)
	y := c.MatMul(c.Softmax(scores, 3), v)
	if flat {
		y = c.Transpose(y, 0, 2, 1, 3)
		y = c.ReshapeTo(y, 0, 0, -1)
	}
	c.Result(0, y)
}}

// byHead makes [N, T, heads·D] into [N, heads, T, D]; what has four dimensions is
// that already.
func byHead(c *rule.Context, x string, heads int) (split string, flat bool) {
	if c.Rank(x) == 4 {
		return x, false
	}
	d, _ := c.Dims(x)
	if heads < 1 || len(d) != 3 || !d[2].IsKnown() {
		c.Failf("heads of %q are not known", x)
		return "", true
	}
	return c.Transpose(c.ReshapeTo(x, 0, 0, heads, int(d[2].Value)/heads), 0, 2, 1, 3), true
}

// repeatHeads gives x as many heads as q has, each repeated for neighbours.
func repeatHeads(c *rule.Context, q, x string) string {
	dq, _ := c.Dims(q)
	dx, _ := c.Dims(x)
	if len(dq) != 4 || len(dx) != 4 || !dq[1].IsKnown() || !dx[1].IsKnown() || dx[1].Value < 1 {
		c.Failf("the number of heads is not known")
		return ""
	}
	times := int(dq[1].Value / dx[1].Value)
	if times == 1 {
		return x
	}
	var index []int
	for h := range int(dx[1].Value) {
		for range times {
			index = append(index, h)
		}
	}
	return c.Gather(x, c.Ints(index...), 1)
}

// masked adds the mask, caps and the view back in time to the scores.
func masked(c *rule.Context, scores, q, k string) string {
	mask := func() {
		if !c.Has(3) {
			return
		}
		m := c.X(3)
		if c.DType(m) == tensor.Bool {
			scores = c.Where(m, scores, c.Scalar(scores, math.Inf(-1)))
		} else {
			scores = c.Add(scores, m)
		}
	}
	cap := func() {
		if s := float64(c.Attrs.Float("softcap", 0)); s > 0 {
			scores = c.Scale(c.Unary("Tanh", c.Scale(scores, 1/s)), s)
		}
	}
	// from opset 24 on the cap comes first
	if c.Opset() >= 24 {
		cap()
		mask()
	} else {
		mask()
		cap()
	}
	if c.Attrs.Bool("is_causal", false) {
		tq, tk := c.Size(q, 2), c.Size(k, 2)
		from := c.Unsqueeze(c.Range(tq), 1)
		if c.Has(4) {
			from = c.Add(from, c.Size(c.X(4), 2))
		}
		later := c.Greater(c.Unsqueeze(c.Range(tk), 0), from)
		scores = c.Where(later, c.Scalar(scores, math.Inf(-1)), scores)
	}
	return scores
}

// rotaryEmbedding turns pairs of elements by angles: a rotation, so that g is
// turned back. The operator does it with the sines negated.
var rotaryEmbedding = rule.Rule{Op: "RotaryEmbedding", Grad: func(c *rule.Context) {
	if c.Want(1) || c.Want(2) {
		c.Failf("the gradient of the angles is not known")
		return
	}
	inputs := []string{c.G(0), c.X(1), c.Neg(c.X(2))}
	if c.Has(3) {
		inputs = append(inputs, c.X(3))
	}
	c.Set(0, c.Builder.Node("RotaryEmbedding", inputs, c.Node.Attributes...))
}}
