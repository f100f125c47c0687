package sample

// Presence is taken from the score of each token that the answer has.
type Presence float64

// Penalise changes the scores of the tokens of the answer.
func (p Presence) Penalise(logits []float32, seen *Seen) {
	for id := range seen.Answer {
		if id >= 0 && id < int64(len(logits)) {
			logits[id] -= float32(p)
		}
	}
}
