package sample

// Frequency is taken from the score of each token for each time that the answer has it.
type Frequency float64

// Penalise changes the scores of the tokens of the answer.
func (f Frequency) Penalise(logits []float32, seen *Seen) {
	for id, n := range seen.Answer {
		if id >= 0 && id < int64(len(logits)) {
			logits[id] -= float32(float64(f) * float64(n))
		}
	}
}
