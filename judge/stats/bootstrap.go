package stats

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap estimates a statistic's interval by resampling with replacement.
//
// What is resampled are items 0 … n-1, and the statistic is a function of the items
// drawn. So a paired comparison is paired by itself: the statistic of the drawn items
// looks at both systems. Items that belong together are drawn together, by clusters.
type Bootstrap struct {
	Resamples int     // 0 for 2000
	Level     float64 // of confidence; 0 for 0.95
	Seed      uint64
	BCa       bool // bias-corrected and accelerated (Efron 1987), else the percentiles

	// Clusters holds, for each item, the number of its cluster. Nil: every item is one.
	Clusters []int
}

// Interval returns the statistic of all n items and its interval. stat is given the
// indices of the drawn items, which it may keep no longer than the call, and may be NaN
// for a sample that it is not defined for: such samples are left out, and where they are
// more than half an error says so.
func (b Bootstrap) Interval(n int, stat func(items []int) float64) (Interval, error) {
	resamples, level := cmp.Or(b.Resamples, 2000), cmp.Or(b.Level, 0.95)
	if err := checkLevel(level); err != nil {
		return Interval{}, err
	}
	if n <= 0 || resamples < 2 {
		return Interval{}, fmt.Errorf("stats: bootstrap of %d items, %d resamples: want items, and 2 resamples", n, resamples)
	}
	groups, err := b.groups(n)
	if err != nil {
		return Interval{}, err
	}
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	value := stat(all)
	draws := b.draw(groups, resamples, n, stat)
	if math.IsNaN(value) || 2*len(draws) < resamples {
		return Interval{}, errors.New("stats: bootstrap: the statistic is not defined for these items")
	}
	slices.Sort(draws)
	lower, upper := (1-level)/2, (1+level)/2
	if b.BCa {
		lower, upper = adjusted(draws, value, jackknife(groups, n, stat), lower, upper)
	}
	return Interval{value, percentile(draws, lower), percentile(draws, upper), level}, nil
}

// groups returns the items of each cluster, the clusters in the order of their first
// items; nil where every item is one.
func (b Bootstrap) groups(n int) ([][]int, error) {
	if b.Clusters != nil && len(b.Clusters) != n {
		return nil, fmt.Errorf("stats: bootstrap: clusters of %d items, there are %d", len(b.Clusters), n)
	}
	var groups [][]int
	place := map[int]int{}
	if b.Clusters == nil {
		return nil, nil
	}
	for i := range n {
		g, ok := place[b.Clusters[i]]
		if !ok {
			g = len(groups)
			place[b.Clusters[i]] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups, nil
}

// draw returns the statistics of resampled items, those that are defined.
func (b Bootstrap) draw(groups [][]int, resamples, n int, stat func([]int) float64) []float64 {
	rng := rand.New(rand.NewPCG(b.Seed, 0x9e3779b97f4a7c15))
	draws := make([]float64, 0, resamples)
	items := make([]int, 0, n)
	for range resamples {
		items = items[:0]
		if groups == nil {
			for range n {
				items = append(items, rng.IntN(n))
			}
		}
		for range groups {
			items = append(items, groups[rng.IntN(len(groups))]...)
		}
		if v := stat(items); !math.IsNaN(v) {
			draws = append(draws, v)
		}
	}
	return draws
}

// jackknife returns the statistics without one cluster each.
func jackknife(groups [][]int, n int, stat func([]int) float64) []float64 {
	var values []float64
	items := make([]int, 0, n)
	clusters := len(groups)
	if groups == nil {
		clusters = n
	}
	for left := range clusters {
		items = items[:0]
		for g := range clusters {
			switch {
			case g == left:
			case groups == nil:
				items = append(items, g)
			default:
				items = append(items, groups[g]...)
			}
		}
		if v := stat(items); !math.IsNaN(v) {
			values = append(values, v)
		}
	}
	return values
}

// adjusted returns the shares of the draws at which a BCa interval has its ends. Draws
// are sorted. The bias correction counts draws below the value, half of those at it.
func adjusted(draws []float64, value float64, jack []float64, lower, upper float64) (float64, float64) {
	below, at := 0.0, 0.0
	for _, d := range draws {
		if d < value {
			below++
		} else if d == value {
			at++
		}
	}
	share := (below + at/2) / float64(len(draws))
	if share == 0 || share == 1 {
		return lower, upper // no draw on one side: nothing to correct with
	}
	z0 := quantile(share)
	mean := Mean(jack)
	var squares, cubes float64
	for _, v := range jack {
		d := mean - v
		squares += d * d
		cubes += d * d * d
	}
	a := 0.0
	if squares > 0 {
		a = cubes / (6 * math.Pow(squares, 1.5))
	}
	end := func(p float64) float64 {
		z := z0 + quantile(p)
		return 0.5 * math.Erfc(-(z0+z/(1-a*z))/math.Sqrt2)
	}
	return end(lower), end(upper)
}

// percentile returns the value below which a share p of sorted values lies, linear
// between neighbours.
func percentile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// Mean returns the mean of values, NaN where there are none.
func Mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
