package attention

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// LinearArgs describes one computation of linear attention: a state S of each head of
// keys, [size of a key, size of a value], takes in one position after the other,
//
//	S ← exp(decay)·S
//	S ← S + k·(beta·(v - Sᵀk))ᵀ      with beta, the delta rule
//	S ← S + k·vᵀ                     without
//	y = scale·Sᵀq                    for each head of queries that shares S
type LinearArgs[T Float] struct {
	Batch, Heads, KVHeads, Rows int
	Size, VSize                 int // of a key and of a value

	Q, K, V, Y View[T]
	Scale      T

	// Decay is [batch, row, head of keys, DecaySize], where DecaySize is 1 or Size;
	// nil is none.
	Decay     []T
	DecaySize int
	// Beta is [batch, row, BetaHeads], where BetaHeads is 1 or KVHeads; nil is none.
	Beta      []T
	BetaHeads int

	// State is [batch, head of keys, Size, VSize]: before, and then after, the rows.
	State []T
}

// Linear computes linear attention. One task is a head of keys.
func Linear[T Float](p *pool.Pool, a *LinearArgs[T]) {
	work := a.Rows*a.Size*a.VSize*4 + 1
	p.For(a.Batch*a.KVHeads, max(1, chunkWork/work), func(lo, hi int) {
		update := make([]T, a.VSize)
		for t := lo; t < hi; t++ {
			a.head(t/a.KVHeads, t%a.KVHeads, update)
		}
	})
}

// head goes through the rows of one head; update is room for a value.
func (a *LinearArgs[T]) head(b, g int, update []T) {
	state := a.State[(b*a.KVHeads+g)*a.Size*a.VSize:][:a.Size*a.VSize]
	group := a.Heads / a.KVHeads
	for i := range a.Rows {
		a.decay(state, b, g, i)
		k, v := a.K.at(b, g, i, a.Size), a.V.at(b, g, i, a.VSize)
		copy(update, v)
		if a.Beta != nil {
			for r, x := range k {
				for c, s := range state[r*a.VSize:][:a.VSize] {
					update[c] -= s * x
				}
			}
			beta := a.Beta[(b*a.Rows+i)*a.BetaHeads+g%a.BetaHeads]
			for c := range update {
				update[c] *= beta
			}
		}
		for r, x := range k {
			row := state[r*a.VSize:][:a.VSize]
			for c, u := range update {
				row[c] += x * u
			}
		}
		for h := g * group; h < (g+1)*group; h++ {
			y := a.Y.at(b, h, i, a.VSize)
			clear(y)
			for r, x := range a.Q.at(b, h, i, a.Size) {
				for c, s := range state[r*a.VSize:][:a.VSize] {
					y[c] += x * s
				}
			}
			for c := range y {
				y[c] *= a.Scale
			}
		}
	}
}

// decay makes the state smaller before row i.
func (a *LinearArgs[T]) decay(state []T, b, g, i int) {
	if a.Decay == nil {
		return
	}
	for r := range a.Size {
		f := T(math.Exp(float64(a.Decay[((b*a.Rows+i)*a.KVHeads+g)*a.DecaySize+r%a.DecaySize])))
		row := state[r*a.VSize:][:a.VSize]
		for c := range row {
			row[c] *= f
		}
	}
}
