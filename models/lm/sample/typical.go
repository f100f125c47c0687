package sample

import (
	"cmp"
	"math"
	"slices"
)

// Typical keeps the tokens whose information is nearest to what is expected, the
// entropy: the fewest that together have at least that probability (locally typical
// sampling; Meister et al. 2022, arXiv:2202.00666).
type Typical float64

// Filter keeps the typical ones.
func (t Typical) Filter(c []Candidate) []Candidate {
	p := Probabilities(c)
	entropy := 0.0
	for _, q := range p {
		if q > 0 {
			entropy -= q * math.Log(q)
		}
	}
	order := make([]int, len(c))
	off := make([]float64, len(c))
	for i, q := range p {
		order[i] = i
		off[i] = math.Abs(-math.Log(q) - entropy)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(off[a], off[b]) })
	sum := 0.0
	n := 0
	for n < len(order) {
		sum += p[order[n]]
		if n++; sum >= float64(t) {
			break
		}
	}
	slices.Sort(order[:n])
	kept := make([]Candidate, n)
	for i, at := range order[:n] {
		kept[i] = c[at]
	}
	return kept
}
