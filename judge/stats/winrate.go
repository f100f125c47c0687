package stats

// WinRate returns the mean of outcomes, 1 for a win, ½ for a tie and 0 for a loss, with a
// bootstrap interval.
func WinRate(outcomes []float64, b Bootstrap) (Interval, error) {
	if len(outcomes) == 0 {
		return Interval{}, errEmpty
	}
	return b.Interval(len(outcomes), func(items []int) float64 { return meanOf(outcomes, items) })
}

// Difference returns the mean of x-y, for values of the same items, with a paired
// bootstrap interval.
func Difference(x, y []float64, b Bootstrap) (Interval, error) {
	if err := checkPair("difference", len(x), len(y)); err != nil {
		return Interval{}, err
	}
	return b.Interval(len(x), func(items []int) float64 { return meanOf(x, items) - meanOf(y, items) })
}

// meanOf returns the mean of the values at items.
func meanOf(values []float64, items []int) float64 {
	sum := 0.0
	for _, i := range items {
		sum += values[i]
	}
	return sum / float64(len(items))
}
