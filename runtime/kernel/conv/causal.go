package conv

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Causal describes a depthwise convolution in one dimension that looks back: each of
// Channels rows of Length values is convolved with Kernel weights of its own,
//
//	out[t] = bias + Σ_j weight[j]·seq[t+j]      seq = past, then in
//
// where past has Kernel-1 values.
type Causal struct {
	Batch, Channels, Length, Kernel int
	Silu                            bool // out ← out·sigmoid(out)

	In     []float32 // [Batch, Channels, Length]
	Weight []float32 // [Channels, Kernel]
	Bias   []float32 // [Channels]; nil is none
	Past   []float32 // [Batch, Channels, Kernel-1]; nil is zeros

	Out     []float32 // [Batch, Channels, Length]
	Present []float32 // [Batch, Channels, Kernel-1]: the last values of seq
}

// Run computes the convolution. One task is a row.
func (c *Causal) Run(p *pool.Pool) {
	work := c.Length*c.Kernel + 1
	p.For(c.Batch*c.Channels, max(1, 1<<14/work), func(lo, hi int) {
		seq := make([]float32, c.Kernel-1+c.Length)
		for r := lo; r < hi; r++ {
			c.row(r, seq)
		}
	})
}

// row computes row r of all batch entries; seq is room for the values it reads.
func (c *Causal) row(r int, seq []float32) {
	back, ch := c.Kernel-1, r%c.Channels
	if c.Past != nil {
		copy(seq, c.Past[r*back:][:back])
	} else {
		clear(seq[:back])
	}
	copy(seq[back:], c.In[r*c.Length:][:c.Length])
	weight, out := c.Weight[ch*c.Kernel:][:c.Kernel], c.Out[r*c.Length:][:c.Length]
	for t := range out {
		sum := float32(0)
		if c.Bias != nil {
			sum = c.Bias[ch]
		}
		for j, w := range weight {
			sum += w * seq[t+j]
		}
		if c.Silu {
			sum = float32(float64(sum) / (1 + math.Exp(-float64(sum))))
		}
		out[t] = sum
	}
	copy(c.Present[r*back:][:back], seq[c.Length:])
}
