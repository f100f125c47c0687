package sample

import "math"

// Greedy is the token with the largest score, of equal ones the first.
func Greedy(logits []float32) (int, error) {
	best, at := float32(math.Inf(-1)), -1
	for id, l := range logits {
		if l > best {
			best, at = l, id
		}
	}
	if at < 0 {
		return 0, ErrNone
	}
	return at, nil
}
