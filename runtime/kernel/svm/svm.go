// Package svm evaluates support vector machines as libsvm trains them.
package svm

import "math"

// Kernel is a kernel function with its parameters.
type Kernel struct {
	Kind                 Kind
	Gamma, Coef0, Degree float64
}

// Kind names a kernel function.
type Kind uint8

// The kernel functions of two vectors.
const (
	Linear  Kind = iota // a·b
	Poly                // (γ·a·b + c)^degree
	RBF                 // exp(-γ·|a - b|²)
	Sigmoid             // tanh(γ·a·b + c)
)

// Eval is the kernel function of two vectors of one length.
func (k Kernel) Eval(a, b []float64) float64 {
	s := 0.0
	if k.Kind == RBF {
		for i, v := range a {
			d := v - b[i]
			s += d * d
		}
		return math.Exp(-k.Gamma * s)
	}
	for i, v := range a {
		s += v * b[i]
	}
	switch k.Kind {
	case Poly:
		return math.Pow(k.Gamma*s+k.Coef0, k.Degree)
	case Sigmoid:
		return math.Tanh(k.Gamma*s + k.Coef0)
	default:
		return s
	}
}

// Classifier decides between each pair of classes.
type Classifier struct {
	Kernel  Kernel
	Vectors []float64 // support vectors, those of a class together, [sum of PerClass, features]
	// PerClass counts the support vectors of each class.
	PerClass []int
	// Coefs has, for each class but one, a coefficient for each support vector:
	// [classes-1, sum of PerClass].
	Coefs []float64
	// Rho, ProbA and ProbB belong to the pairs (0,1), (0,2), … (1,2), …; the
	// latter two, if any, turn a pair's score into a probability.
	Rho, ProbA, ProbB []float64
}

// Pairs is the number of pairs of classes.
func (m *Classifier) Pairs() int { return len(m.PerClass) * (len(m.PerClass) - 1) / 2 }

// Decide scores each pair for the features x, to scores, and counts for each
// class the pairs that it wins, to votes.
func (m *Classifier) Decide(scores []float64, votes []int, x []float64) {
	total := 0
	starts := make([]int, len(m.PerClass))
	for i, n := range m.PerClass {
		starts[i] = total
		total += n
	}
	k := make([]float64, total)
	for i := range k {
		k[i] = m.Kernel.Eval(x, m.Vectors[i*len(x):(i+1)*len(x)])
	}
	clear(votes)
	pair := 0
	for i := range m.PerClass {
		for j := i + 1; j < len(m.PerClass); j++ {
			s := m.Rho[pair]
			for v := starts[i]; v < starts[i]+m.PerClass[i]; v++ {
				s += m.Coefs[(j-1)*total+v] * k[v]
			}
			for v := starts[j]; v < starts[j]+m.PerClass[j]; v++ {
				s += m.Coefs[i*total+v] * k[v]
			}
			scores[pair] = s
			if s > 0 {
				votes[i]++
			} else {
				votes[j]++
			}
			pair++
		}
	}
}

// Probabilities turns the scores of pairs into one probability for each class,
// to p: those that agree best with the pairs' own, after Wu, Lin and Weng,
// "Probability Estimates for Multi-class Classification by Pairwise Coupling",
// second method.
func (m *Classifier) Probabilities(p, scores []float64) {
	const least = 1e-7
	n := len(m.PerClass)
	r := make([]float64, n*n) // r[i,j]: probability of i where it is i or j
	pair := 0
	for i := range n {
		for j := i + 1; j < n; j++ {
			v := 1 / (1 + math.Exp(scores[pair]*m.ProbA[pair]+m.ProbB[pair]))
			v = min(max(v, least), 1-least)
			r[i*n+j], r[j*n+i] = v, 1-v
			pair++
		}
	}
	couple(p, r)
}

// couple minimizes ½ pᵀQp over probabilities p, with Q[t,t] = Σ r[j,t]² and
// Q[t,j] = -r[j,t]·r[t,j], one element after the other.
func couple(p, r []float64) {
	n := len(p)
	q, qp := make([]float64, n*n), make([]float64, n)
	for t := range n {
		p[t] = 1 / float64(n)
		for j := range n {
			if j != t {
				q[t*n+t] += r[j*n+t] * r[j*n+t]
				q[t*n+j] = -r[j*n+t] * r[t*n+j]
			}
		}
	}
	for range max(100, n) {
		pqp := 0.0
		for t := range n {
			qp[t] = 0
			for j := range n {
				qp[t] += q[t*n+j] * p[j]
			}
			pqp += p[t] * qp[t]
		}
		worst := 0.0
		for t := range n {
			worst = max(worst, math.Abs(qp[t]-pqp))
		}
		if worst < 0.005/float64(n) {
			return
		}
		for t := range n {
			d := (pqp - qp[t]) / q[t*n+t]
			p[t] += d
			pqp = (pqp + d*(d*q[t*n+t]+2*qp[t])) / ((1 + d) * (1 + d))
			for j := range n {
				qp[j] = (qp[j] + d*q[t*n+j]) / (1 + d)
				p[j] /= 1 + d
			}
		}
	}
}
