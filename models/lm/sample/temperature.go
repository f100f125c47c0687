package sample

// Temperature divides the scores: below 1 likely tokens become likelier, above 1 all
// become more alike.
type Temperature float64

// Filter changes the scores and keeps all.
func (t Temperature) Filter(c []Candidate) []Candidate {
	for i := range c {
		c[i].Logit = float32(float64(c[i].Logit) / float64(t))
	}
	return c
}
