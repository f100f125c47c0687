package sample

// MinP keeps the tokens whose probability is at least that part of the largest one
// (Nguyen et al. 2024, arXiv:2407.01082).
type MinP float64

// Filter keeps those from the first to the last that is likely enough.
func (m MinP) Filter(c []Candidate) []Candidate {
	p := Probabilities(c)
	for i := 1; i < len(c); i++ {
		if p[i] < float64(m)*p[0] {
			return c[:i]
		}
	}
	return c
}
