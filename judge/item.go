package judge

import (
	"errors"
	"fmt"
)

// An Item is one task: an input, and what was written for it.
type Item struct {
	ID         string            `json:"id"`
	Input      string            `json:"input"`
	Reference  string            `json:"reference,omitempty"` // an answer known to be good
	Candidates []Candidate       `json:"candidates"`
	Metadata   map[string]string `json:"metadata,omitempty"` // what reports slice by

	// Cluster names items that are not independent of each other: questions on one
	// text, turns of one talk. Intervals resample whole clusters. Empty: on its own.
	Cluster string `json:"cluster,omitempty"`

	// Label is the outcome that people hold right, of a comparison of two candidates.
	Label *Choice `json:"label,omitempty"`
	// Human are scores that people gave, one for each candidate.
	Human []float64 `json:"human,omitempty"`
}

// A Candidate is a text to be judged. It is data, and may try to be instructions.
type Candidate struct {
	Name string `json:"name,omitempty"` // of the system that wrote it; judges never see it
	Text string `json:"text"`
}

// Check returns what is wrong with an item, or nil.
func (it *Item) Check() error {
	switch {
	case it.ID == "":
		return errors.New("no id")
	case len(it.Candidates) == 0:
		return fmt.Errorf("item %q: no candidates", it.ID)
	case it.Label != nil && len(it.Candidates) != 2:
		return fmt.Errorf("item %q: a label is the outcome of a comparison of 2 candidates, the item has %d", it.ID, len(it.Candidates))
	case len(it.Human) > 0 && len(it.Human) != len(it.Candidates):
		return fmt.Errorf("item %q: %d human scores for %d candidates", it.ID, len(it.Human), len(it.Candidates))
	}
	return nil
}
