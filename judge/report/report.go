// Package report turns verdicts into figures: it takes one result at a time, keeps sums
// and single numbers of it, and writes JSON, Markdown, JUnit XML and one HTML file that
// needs nothing else.
package report

import (
	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/run"
	"github.com/seed6700ada1/infer/judge/stats"
)

// A Report is what an evaluation came to.
type Report struct {
	Suite  string       `json:"suite"`
	Status run.Status   `json:"status"`
	Groups []Group      `json:"groups"`
	Gate   []GateResult `json:"gate,omitempty"`
	Cases  []Case       `json:"-"` // items in detail, as many as were kept
	Left   int          `json:"-"` // items that were not kept
}

// Passed says whether every clause of the gate holds.
func (r *Report) Passed() bool {
	for _, g := range r.Gate {
		if !g.Passed {
			return false
		}
	}
	return true
}

// A Group holds the figures of one judge under one protocol.
type Group struct {
	Judge    string     `json:"judge"`
	Protocol string     `json:"protocol"`
	Kind     judge.Kind `json:"kind"`

	N        int                  `json:"n"`
	Scored   int                  `json:"scored"`
	Unscored map[judge.Reason]int `json:"unscored,omitempty"`
	Repairs  int                  `json:"repairs,omitempty"`
	Repaired int                  `json:"repaired,omitempty"`

	// Intervals are the estimates by name. Metrics holds them and everything else as
	// plain numbers, an interval's ends as name.lower and name.upper: what gates see.
	Intervals map[string]stats.Interval `json:"intervals,omitempty"`
	Metrics   map[string]float64        `json:"metrics"`

	Position  *stats.PositionBias     `json:"position,omitempty"`
	Verbosity *stats.VerbosityBias    `json:"verbosity,omitempty"`
	Length    *stats.LengthControlled `json:"length_controlled,omitempty"`

	Criteria map[string]Distribution `json:"criteria,omitempty"` // scores by criterion
	Slices   []Slice                 `json:"slices,omitempty"`
}

// A Distribution is how often scores fell into the ten parts of their range.
type Distribution struct {
	N      int     `json:"n"`
	Mean   float64 `json:"mean"`
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Counts [10]int `json:"counts"`
}

// A Slice holds the figures of the items that share a value of their metadata.
type Slice struct {
	Key      string  `json:"key"`
	Value    string  `json:"value"`
	N        int     `json:"n"`    // scored
	Mean     float64 `json:"mean"` // outcome of a comparison, or total score
	Labelled int     `json:"labelled,omitempty"`
	Accuracy float64 `json:"accuracy,omitempty"`
}

// A Case is an item in detail.
type Case struct {
	Judge    string
	Protocol string
	Item     *judge.Item
	Verdict  judge.Verdict
	Wrong    bool // it has a label, and the verdict is another one
	Asked    []run.Exchange
}
