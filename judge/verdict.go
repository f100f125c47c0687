package judge

import "fmt"

// A Choice is the outcome of a comparison of two candidates.
type Choice int8

// The outcomes. There is none for an answer that cannot be read: that is an unscored
// [Reading] of a Choice.
const (
	Tie    Choice = 0
	First  Choice = 1
	Second Choice = 2
)

// Swap returns the choice seen from the other order: First and Second change places.
func (c Choice) Swap() Choice {
	switch c {
	case First:
		return Second
	case Second:
		return First
	default:
		return c
	}
}

// String returns "first", "second" or "tie".
func (c Choice) String() string {
	switch c {
	case First:
		return "first"
	case Second:
		return "second"
	case Tie:
		return "tie"
	}
	return fmt.Sprintf("Choice(%d)", int8(c))
}

// MarshalText writes "first", "second" or "tie".
func (c Choice) MarshalText() ([]byte, error) {
	if c != Tie && c != First && c != Second {
		return nil, fmt.Errorf("judge: %v is no outcome of a comparison", c)
	}
	return []byte(c.String()), nil
}

// UnmarshalText reads "first", "second" or "tie".
func (c *Choice) UnmarshalText(text []byte) error {
	for _, known := range []Choice{Tie, First, Second} {
		if string(text) == known.String() {
			*c = known
			return nil
		}
	}
	return fmt.Errorf("judge: %q is no outcome of a comparison: want first, second or tie", text)
}

// A Verdict is what one judge holds of one item under one protocol. Which of its
// readings are meant follows from the kind of the protocol; the others are left out.
type Verdict struct {
	Item     string `json:"item"`
	Judge    string `json:"judge"`
	Protocol string `json:"protocol"`

	// Choice is the outcome of a comparison: First is the item's first candidate
	// whatever the order in which the judge saw them.
	Choice *Reading[Choice] `json:"choice,omitempty"`

	// Orders are the outcomes of the comparison in the order given and swapped, both
	// with First for the item's first candidate. Where both are scored and differ, the
	// judge let the position decide.
	Orders []Reading[Choice] `json:"orders,omitempty"`

	// Scores are the scores by candidate and criterion: Scores[candidate][criterion].
	// A protocol without criteria uses the one criterion "".
	Scores []map[string]Reading[float64] `json:"scores,omitempty"`

	// Totals are the weighted means of the scores of each candidate.
	Totals []Reading[float64] `json:"totals,omitempty"`

	// Ranking holds the places of candidates, the best first, by their index.
	Ranking *Reading[[]int] `json:"ranking,omitempty"`

	// Repairs counts the answers that could not be read at first and were asked for
	// again; Repaired those of them that could be read then.
	Repairs  int `json:"repairs,omitempty"`
	Repaired int `json:"repaired,omitempty"`

	// Samples counts the readings that the verdict was made of, where it is more than
	// one: samples of one judge, or the members of a panel.
	Samples int `json:"samples,omitempty"`
}

// Flipped says whether the two orders of a comparison were both read, and did not agree.
func (v *Verdict) Flipped() bool {
	if len(v.Orders) != 2 {
		return false
	}
	a, aok := v.Orders[0].Value()
	b, bok := v.Orders[1].Value()
	return aok && bok && a != b
}

// Scored says whether the verdict holds anything: a choice, a ranking, or a total of
// every candidate.
func (v *Verdict) Scored() bool { return v.Reason() == "" }

// Reason returns why the verdict is unscored, and "" where it is not: of its parts
// that are unscored, the first one's reason.
func (v *Verdict) Reason() Reason {
	switch {
	case v.Choice != nil:
		return v.Choice.Reason()
	case v.Ranking != nil:
		return v.Ranking.Reason()
	case len(v.Totals) == 0:
		return NotJudged
	}
	for _, t := range v.Totals {
		if r := t.Reason(); r != "" {
			return r
		}
	}
	return ""
}
