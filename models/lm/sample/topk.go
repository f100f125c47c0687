package sample

// TopK keeps that many of the most likely tokens.
type TopK int

// Filter keeps the first k.
func (k TopK) Filter(c []Candidate) []Candidate { return c[:min(max(int(k), 1), len(c))] }
