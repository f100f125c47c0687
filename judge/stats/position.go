package stats

// PositionBias says how much the place in which a candidate is shown moves a judge.
type PositionBias struct {
	Flips     Interval `json:"flips"`      // share of pairs whose outcome changes with the order
	FirstLed  int      `json:"first_led"`  // flips to the candidate that is shown first
	SecondLed int      `json:"second_led"` // flips to the one shown second
	Lean      Test     `json:"lean"`       // whether flips lean to one place (sign test)
}

// Position measures position bias over pairs judged in both orders: given[i] is the
// outcome 1, ½ or 0 for the first candidate of pair i in the order given, swapped[i] for
// the same candidate when it was shown second.
func Position(given, swapped []float64, level float64) (PositionBias, error) {
	if err := checkPair("position bias", len(given), len(swapped)); err != nil {
		return PositionBias{}, err
	}
	first, second := 0, 0
	for i := range given {
		switch {
		case given[i] > swapped[i]: // it did better where it was shown first
			first++
		case given[i] < swapped[i]:
			second++
		}
	}
	return PositionOf(first, second, len(given), level)
}

// PositionOf is [Position] of counts: of pairs judged in both orders, those whose outcome
// flips to the candidate that is shown first, and to the one shown second.
func PositionOf(first, second, pairs int, level float64) (PositionBias, error) {
	flips, err := Wilson(first+second, pairs, level)
	return PositionBias{
		Flips: flips, FirstLed: first, SecondLed: second,
		Lean: Test{float64(first), binomialTwoSided(first, first+second)},
	}, err
}
