// Package latency sums up how long something took, many times over.
package latency

import (
	"math"
	"slices"
	"time"
)

// Percentile is the time that p percent of the times do not exceed, by the
// nearest rank; 0 where there are none. The order of the times does not matter.
func Percentile(times []time.Duration, p float64) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Milliseconds is d in ms, with its fraction.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
