package optim

import "fmt"

// SGD is x − rate·g.
func SGD(decay float64) *Optimizer {
	return &Optimizer{
		Name: "SGD", Decay: decay, coupled: true,
		body:    `(x, g, rate) => (x1) { d = Mul(g, rate) x1 = Sub(x, d) }`,
		numbers: func(n Numbers) []string { return []string{n.Rate} },
	}
}

// Momentum keeps v ← μ·v + g and takes x − rate·v.
func Momentum(mu, decay float64) *Optimizer {
	return &Optimizer{
		Name: "Momentum", Moments: []string{"velocity"}, Decay: decay, coupled: true,
		body: `(x, g, v, rate, mu) => (x1, v1) { a = Mul(v, mu) v1 = Add(a, g) d = Mul(v1, rate) x1 = Sub(x, d) }`,
		numbers: func(n Numbers) []string {
			return []string{n.Rate, n.number(mu)}
		},
	}
}

// Nesterov is [Momentum] that looks ahead: it takes x − rate·(g + μ·v).
func Nesterov(mu, decay float64) *Optimizer {
	return &Optimizer{
		Name: "Nesterov", Moments: []string{"velocity"}, Decay: decay, coupled: true,
		body: `(x, g, v, rate, mu) => (x1, v1) {
			a = Mul(v, mu) v1 = Add(a, g) b = Mul(v1, mu) c = Add(b, g) d = Mul(c, rate) x1 = Sub(x, d) }`,
		numbers: func(n Numbers) []string { return []string{n.Rate, n.number(mu)} },
	}
}

// adam keeps m ← β₁·m + (1 − β₁)·g and v ← β₂·v + (1 − β₂)·g² and takes
// x − rate/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
func adam(name string, beta1, beta2, epsilon, decay float64, coupled bool) *Optimizer {
	return &Optimizer{
		Name: name, Moments: []string{"mean", "square"}, Decay: decay, coupled: coupled,
		body: `(x, g, m, v, rate, root, beta1, rest1, beta2, rest2, epsilon) => (x1, m1, v1) {
			ma = Mul(m, beta1) mb = Mul(g, rest1) m1 = Add(ma, mb)
			gg = Mul(g, g) va = Mul(v, beta2) vb = Mul(gg, rest2) v1 = Add(va, vb)
			r = Sqrt(v1) s = Div(r, root) t = Add(s, epsilon)
			u = Div(m1, t) d = Mul(u, rate) x1 = Sub(x, d) }`,
		numbers: func(n Numbers) []string {
			return []string{
				n.Div(n.Rate, n.correction(beta1)), n.Sqrt(n.correction(beta2)),
				n.number(beta1), n.number(1 - beta1), n.number(beta2), n.number(1 - beta2), n.number(epsilon),
			}
		},
	}
}

// Adam is the optimizer of Kingma and Ba; its weight decay is part of the
// gradient.
func Adam(beta1, beta2, epsilon, decay float64) *Optimizer {
	return adam("Adam", beta1, beta2, epsilon, decay, true)
}

// AdamW is [Adam] with the weight decay of Loshchilov and Hutter, which takes
// rate·decay·x from x itself.
func AdamW(beta1, beta2, epsilon, decay float64) *Optimizer {
	return adam("AdamW", beta1, beta2, epsilon, decay, false)
}

// RMSProp keeps v ← ρ·v + (1 − ρ)·g² and takes x − rate·g/(√v + ε).
func RMSProp(rho, epsilon, decay float64) *Optimizer {
	return &Optimizer{
		Name: "RMSProp", Moments: []string{"square"}, Decay: decay, coupled: true,
		body: `(x, g, v, rate, rho, rest, epsilon) => (x1, v1) {
			gg = Mul(g, g) va = Mul(v, rho) vb = Mul(gg, rest) v1 = Add(va, vb)
			r = Sqrt(v1) t = Add(r, epsilon) u = Div(g, t) d = Mul(u, rate) x1 = Sub(x, d) }`,
		numbers: func(n Numbers) []string {
			return []string{n.Rate, n.number(rho), n.number(1 - rho), n.number(epsilon)}
		},
	}
}

// Adagrad keeps v ← v + g² and takes x − rate·g/(√v + ε).
func Adagrad(epsilon, decay float64) *Optimizer {
	return &Optimizer{
		Name: "Adagrad", Moments: []string{"square"}, Decay: decay, coupled: true,
		body: `(x, g, v, rate, epsilon) => (x1, v1) {
			gg = Mul(g, g) v1 = Add(v, gg)
			r = Sqrt(v1) t = Add(r, epsilon) u = Div(g, t) d = Mul(u, rate) x1 = Sub(x, d) }`,
		numbers: func(n Numbers) []string { return []string{n.Rate, n.number(epsilon)} },
	}
}

// Lion takes x − rate·sign(β₁·m + (1 − β₁)·g) and keeps m ← β₂·m + (1 − β₂)·g.
func Lion(beta1, beta2, decay float64) *Optimizer {
	return &Optimizer{
		Name: "Lion", Moments: []string{"mean"}, Decay: decay,
		body: `(x, g, m, rate, beta1, rest1, beta2, rest2) => (x1, m1) {
			a = Mul(m, beta1) b = Mul(g, rest1) c = Add(a, b) s = Sign(c) d = Mul(s, rate) x1 = Sub(x, d)
			e = Mul(m, beta2) f = Mul(g, rest2) m1 = Add(e, f) }`,
		numbers: func(n Numbers) []string {
			return []string{n.Rate, n.number(beta1), n.number(1 - beta1), n.number(beta2), n.number(1 - beta2)}
		},
	}
}

// Names lists the optimizers that [Named] knows.
var Names = []string{"adamw", "adam", "sgd", "momentum", "nesterov", "rmsprop", "adagrad", "lion"}

// Named makes an optimizer by its name, with the usual constants.
func Named(name string, decay float64) (*Optimizer, error) {
	switch name {
	case "sgd":
		return SGD(decay), nil
	case "momentum":
		return Momentum(0.9, decay), nil
	case "nesterov":
		return Nesterov(0.9, decay), nil
	case "adam":
		return Adam(0.9, 0.999, 1e-8, decay), nil
	case "adamw":
		return AdamW(0.9, 0.999, 1e-8, decay), nil
	case "rmsprop":
		return RMSProp(0.99, 1e-8, decay), nil
	case "adagrad":
		return Adagrad(1e-10, decay), nil
	case "lion":
		return Lion(0.9, 0.99, decay), nil
	}
	return nil, fmt.Errorf("optim: there is no optimizer %q: there are %q", name, Names)
}
