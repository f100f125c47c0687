package verdict

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/judge"
)

// minMass is how much of its probability a judge must have given to the labels
// together: with less, what it meant to say was something else.
const minMass = 1e-4

// Expected returns the mean of values under the probabilities of their labels, made to
// add up to one over the labels of values. logProbs are natural logarithms; a label that
// they lack has probability 0.
func Expected(logProbs, values map[string]float64) judge.Reading[float64] {
	probs, reason := normalized(logProbs, slices.Sorted(maps.Keys(values)))
	if reason != "" {
		return judge.Unscored[float64](judge.NoVerdict, reason)
	}
	mean := 0.0
	for _, label := range slices.Sorted(maps.Keys(values)) {
		mean += probs[label] * values[label]
	}
	return judge.Read(mean)
}

// Likeliest returns the label of the highest probability and that probability, made to
// add up to one over labels. Of equals the first of labels counts.
func Likeliest(logProbs map[string]float64, labels []string) (judge.Reading[string], float64) {
	probs, reason := normalized(logProbs, labels)
	if reason != "" {
		return judge.Unscored[string](judge.NoVerdict, reason), 0
	}
	best := labels[0]
	for _, label := range labels {
		if probs[label] > probs[best] {
			best = label
		}
	}
	return judge.Read(best), probs[best]
}

// normalized returns the probabilities of labels, which add up to one, or why there are
// none.
func normalized(logProbs map[string]float64, labels []string) (map[string]float64, string) {
	if len(logProbs) == 0 || len(labels) == 0 {
		return nil, "no log-probabilities"
	}
	probs := make(map[string]float64, len(labels))
	sum := 0.0
	for _, label := range labels {
		lp, ok := logProbs[label]
		if !ok {
			continue
		}
		if math.IsNaN(lp) || lp > 1e-6 {
			return nil, fmt.Sprintf("label %q has log-probability %g", label, lp)
		}
		probs[label] = math.Exp(lp)
		sum += probs[label]
	}
	if sum < minMass {
		return nil, fmt.Sprintf("the labels have probability %.2g together", sum)
	}
	for label := range probs {
		probs[label] /= sum
	}
	return probs, ""
}
