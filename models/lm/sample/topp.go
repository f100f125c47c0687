package sample

// TopP keeps the fewest of the most likely tokens that together have at least that
// probability (nucleus sampling; Holtzman et al. 2019, arXiv:1904.09751).
type TopP float64

// Filter keeps the tokens before the sum is reached, and the one that reaches it.
func (p TopP) Filter(c []Candidate) []Candidate {
	sum := 0.0
	for i, q := range Probabilities(c) {
		if sum += q; sum >= float64(p) {
			return c[:i+1]
		}
	}
	return c
}
