package sample

// Repetition makes tokens that were seen in the prompt or the answer less likely:
// positive scores are divided by it, negative ones multiplied (CTRL; Keskar et al. 2019,
// arXiv:1909.05858).
type Repetition float64

// Penalise changes the scores of the tokens seen.
func (r Repetition) Penalise(logits []float32, seen *Seen) {
	for id := range seen.All {
		if id < 0 || id >= int64(len(logits)) {
			continue
		}
		if l := logits[id]; l > 0 {
			logits[id] = float32(float64(l) / float64(r))
		} else {
			logits[id] = float32(float64(l) * float64(r))
		}
	}
}
