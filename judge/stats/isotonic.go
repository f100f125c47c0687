package stats

import (
	"cmp"
	"slices"
)

// An Isotonic is a function that never falls, constant outside the scores it was made
// from and linear between them.
type Isotonic struct{ x, y []float64 }

// FitIsotonic returns the function of scores that never falls and is nearest to the
// targets by least squares (pool adjacent violators): what a judge's scores mean in the
// scores of people. Equal scores are given the mean of their targets.
func FitIsotonic(scores, targets []float64) (Isotonic, error) {
	if err := checkPair("isotonic regression", len(scores), len(targets)); err != nil {
		return Isotonic{}, err
	}
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(scores[i], scores[j]) })
	type block struct {
		sum, n float64
		xs     []float64 // the different scores
	}
	var blocks []block
	for k, i := range order {
		if k > 0 && scores[i] == scores[order[k-1]] {
			last := &blocks[len(blocks)-1]
			last.sum, last.n = last.sum+targets[i], last.n+1
			continue
		}
		blocks = append(blocks, block{targets[i], 1, []float64{scores[i]}})
	}
	pooled := blocks[:0]
	for _, b := range blocks {
		pooled = append(pooled, b)
		for len(pooled) > 1 {
			a, c := &pooled[len(pooled)-2], &pooled[len(pooled)-1]
			if a.sum/a.n < c.sum/c.n {
				break
			}
			*a = block{a.sum + c.sum, a.n + c.n, append(a.xs, c.xs...)}
			pooled = pooled[:len(pooled)-1]
		}
	}
	var f Isotonic
	for _, b := range pooled {
		for _, x := range b.xs {
			f.x, f.y = append(f.x, x), append(f.y, b.sum/b.n)
		}
	}
	return f, nil
}

// At returns the value of the function at a score.
func (f Isotonic) At(score float64) float64 {
	i, found := slices.BinarySearch(f.x, score)
	switch {
	case found:
		return f.y[i]
	case i == 0:
		return f.y[0]
	case i == len(f.x):
		return f.y[i-1]
	}
	return f.y[i-1] + (score-f.x[i-1])/(f.x[i]-f.x[i-1])*(f.y[i]-f.y[i-1])
}
