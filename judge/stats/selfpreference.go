package stats

import "math"

// SelfPreference returns by how much a judge prefers candidates of its own making more
// than others do: the mean of own, its outcomes 1, ½ or 0 for its own candidates, minus
// the mean of others, the outcomes that people or other judges gave for the same ones,
// with a paired bootstrap interval. An outcome that is missing, NaN, leaves its item out.
func SelfPreference(own, others []float64, b Bootstrap) (Interval, error) {
	if err := checkPair("self-preference", len(own), len(others)); err != nil {
		return Interval{}, err
	}
	var x, y []float64
	var clusters []int
	for i := range own {
		if math.IsNaN(own[i]) || math.IsNaN(others[i]) {
			continue
		}
		x, y = append(x, own[i]), append(y, others[i])
		if i < len(b.Clusters) {
			clusters = append(clusters, b.Clusters[i])
		}
	}
	b.Clusters = clusters
	return Difference(x, y, b)
}
