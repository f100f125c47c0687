// Package optimizer updates trainable values by their gradients, as the operators
// of ai.onnx.preview.training do.
//
// In every formula, g is the gradient with its regularization, Gradient +
// Norm·X. Results may be written over the values they come from.
package optimizer

import "math"

// Float lists the element types.
type Float interface{ float32 | float64 }

// Adam is the optimizer of Kingma and Ba, with first and second moments v and h:
//
//	v ← α·v + (1 − α)·g
//	h ← β·h + (1 − β)·g²
//	x ← (1 − NormPost)·(x − rate·v / (√h + ε))
//
// where rate is Rate·√(1 − βᵗ) / (1 − αᵗ) after t > 0 steps, Rate before.
type Adam[T Float] struct {
	Rate                 T
	Step                 int64
	Alpha, Beta, Epsilon T
	Norm, NormPost       T
}

// Run makes the next values from x, gradient g and moments v and h.
func (a *Adam[T]) Run(x, g, v, h, nextX, nextV, nextH []T) {
	rate := float64(a.Rate)
	if a.Step > 0 {
		t := float64(a.Step)
		rate *= math.Sqrt(1-math.Pow(float64(a.Beta), t)) / (1 - math.Pow(float64(a.Alpha), t))
	}
	for i, value := range x {
		gradient := a.Norm*value + g[i]
		moment := a.Alpha*v[i] + (1-a.Alpha)*gradient
		second := a.Beta*h[i] + (1-a.Beta)*gradient*gradient
		root := T(math.Sqrt(float64(second))) + a.Epsilon
		nextX[i] = (1 - a.NormPost) * (value - T(rate)*(moment/root))
		nextV[i], nextH[i] = moment, second
	}
}

// Adagrad is the optimizer of Duchi and others, with the sum of squares h:
//
//	h ← h + g²
//	x ← x − Rate/(1 + Step·Decay)·g / (√h + ε)
type Adagrad[T Float] struct {
	Rate                 T
	Step                 int64
	Decay, Epsilon, Norm T
}

// Run makes the next values from x, gradient g and sum of squares h.
func (a *Adagrad[T]) Run(x, g, h, nextX, nextH []T) {
	rate := a.Rate / (1 + T(a.Step)*a.Decay)
	for i, value := range x {
		gradient := a.Norm*value + g[i]
		sum := h[i] + gradient*gradient
		nextX[i] = value - rate*gradient/(T(math.Sqrt(float64(sum)))+a.Epsilon)
		nextH[i] = sum
	}
}

// Momentum is gradient descent with momentum v, plain or Nesterov's:
//
//	v ← α·v + β·g        β counts as 1 in the first step
//	x ← x − Rate·v       or x − Rate·(g + α·v)
type Momentum[T Float] struct {
	Rate              T
	Step              int64
	Alpha, Beta, Norm T
	Nesterov          bool
}

// Run makes the next values from x, gradient g and momentum v.
func (m *Momentum[T]) Run(x, g, v, nextX, nextV []T) {
	beta := m.Beta
	if m.Step == 0 {
		beta = 1
	}
	for i, value := range x {
		gradient := m.Norm*value + g[i]
		moment := m.Alpha*v[i] + beta*gradient
		step := moment
		if m.Nesterov {
			step = gradient + m.Alpha*moment
		}
		nextX[i], nextV[i] = value-m.Rate*step, moment
	}
}
