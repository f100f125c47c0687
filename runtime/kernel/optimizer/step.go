package optimizer

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Step is the step of one trainable value in an optimizer whose numbers are given:
// x and its gradient g, what is kept of it (in), and where the next of all go. t is
// room of the same length. It is made for pieces that stay in cache.
type Step[T Float] func(x, g []T, in [][]T, next []T, out [][]T, t, numbers []T)

// stepChunk is how many elements are taken at a time.
const stepChunk = 2048

// Run makes a step of whole values on the threads of p.
func (f Step[T]) Run(p *pool.Pool, x, g []T, in [][]T, next []T, out [][]T, numbers []T) {
	const perTask = 16 * stepChunk
	p.For(len(x), perTask, func(lo, hi int) {
		t := make([]T, stepChunk)
		parts := make([][]T, len(in)+len(out))
		for ; lo < hi; lo += stepChunk {
			n := min(hi, lo+stepChunk)
			for i := range in {
				parts[i], parts[len(in)+i] = in[i][lo:n], out[i][lo:n]
			}
			f(x[lo:n], g[lo:n], parts[:len(in)], next[lo:n], parts[len(in):], t[:n-lo], numbers)
		}
	})
}

// Descend is x − rate·g. Numbers: rate.
func Descend[T Float](x, g []T, _ [][]T, next []T, _ [][]T, _, n []T) { blend(next, g, x, -n[0], 1) }

// MomentumStep keeps v ← μ·v + g and takes x − rate·v. Numbers: rate, μ.
func MomentumStep[T Float](x, g []T, in [][]T, next []T, out [][]T, _, n []T) {
	blend(out[0], in[0], g, n[1], 1)
	blend(next, out[0], x, -n[0], 1)
}

// NesterovStep is [MomentumStep] that takes x − rate·(g + μ·v).
func NesterovStep[T Float](x, g []T, in [][]T, next []T, out [][]T, t, n []T) {
	blend(out[0], in[0], g, n[1], 1)
	blend(t, out[0], g, n[1], 1)
	blend(next, t, x, -n[0], 1)
}

// AdamStep keeps m ← β₁·m + b₁·g and v ← β₂·v + b₂·g² and takes
// x − rate·m/(√v/root + ε). Numbers: rate, root, β₁, b₁, β₂, b₂, ε.
func AdamStep[T Float](x, g []T, in [][]T, next []T, out [][]T, t, n []T) {
	blend(out[0], in[0], g, n[2], n[3])
	square(t, g)
	blend(out[1], in[1], t, n[4], n[5])
	rooted(t, out[1], n[1], n[6])
	divide(t, out[0], t)
	blend(next, t, x, -n[0], 1)
}

// RMSPropStep keeps v ← ρ·v + r·g² and takes x − rate·g/(√v + ε). Numbers: rate, ρ,
// r, ε.
func RMSPropStep[T Float](x, g []T, in [][]T, next []T, out [][]T, t, n []T) {
	square(t, g)
	blend(out[0], in[0], t, n[1], n[2])
	rooted(t, out[0], 1, n[3])
	divide(t, g, t)
	blend(next, t, x, -n[0], 1)
}

// AdagradStep keeps v ← v + g² and takes x − rate·g/(√v + ε). Numbers: rate, ε.
func AdagradStep[T Float](x, g []T, in [][]T, next []T, out [][]T, t, n []T) {
	square(t, g)
	blend(out[0], in[0], t, 1, 1)
	rooted(t, out[0], 1, n[1])
	divide(t, g, t)
	blend(next, t, x, -n[0], 1)
}

// LionStep takes x − rate·sign(β₁·m + b₁·g) and keeps m ← β₂·m + b₂·g. Numbers:
// rate, β₁, b₁, β₂, b₂.
func LionStep[T Float](x, g []T, in [][]T, next []T, out [][]T, t, n []T) {
	blend(t, in[0], g, n[1], n[2])
	for i, v := range t {
		switch {
		case v > 0:
			t[i] = 1
		case v < 0:
			t[i] = -1
		}
	}
	blend(next, t, x, -n[0], 1)
	blend(out[0], in[0], g, n[3], n[4])
}

// blend writes a·x + b·y.
func blend[T Float](dst, a, b []T, x, y T) { vec.BlendFloat(dst, a, b, x, y, 0) }

func square[T Float](dst, a []T) {
	if d, ok := any(dst).([]float32); ok {
		s := any(a).([]float32)
		vec.Mul(d, s, s)
		return
	}
	for i, v := range a {
		dst[i] = v * v
	}
}

// rooted writes √a/root + ε.
func rooted[T Float](dst, a []T, root, epsilon T) {
	if d, ok := any(dst).([]float32); ok {
		vec.Sqrt(d, any(a).([]float32))
		if root != 1 {
			vec.DivVS(d, d, float32(root))
		}
		vec.AddVS(d, d, float32(epsilon))
		return
	}
	for i, v := range a {
		dst[i] = T(math.Sqrt(float64(v)))/root + epsilon
	}
}

func divide[T Float](dst, a, b []T) {
	if d, ok := any(dst).([]float32); ok {
		vec.Div(d, any(a).([]float32), any(b).([]float32))
		return
	}
	for i, v := range a {
		dst[i] = v / b[i]
	}
}
