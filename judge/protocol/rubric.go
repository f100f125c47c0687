package protocol

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Rubric says what to judge by.
type Rubric struct {
	Instructions string      `yaml:"instructions"`
	Criteria     []Criterion `yaml:"criteria"`
}

// A Criterion is one thing to look at.
type Criterion struct {
	Name        string             `yaml:"name"` // a field of the answer: letters, digits and _
	Description string             `yaml:"description"`
	Weight      float64            `yaml:"weight"`   // in the total; 1 by default
	Anchors     map[float64]string `yaml:"anchors"`  // what a score means
	Examples    []Example          `yaml:"examples"` // of texts and their scores
}

// An Example is a text that shows what deserves a score.
type Example struct {
	Text  string  `yaml:"text"`
	Score float64 `yaml:"score"`
	Why   string  `yaml:"why"`
}

// check returns what is wrong with a rubric whose scores lie on scale.
func (r *Rubric) check(scale [2]float64) error {
	seen := map[string]bool{}
	for i := range r.Criteria {
		c := &r.Criteria[i]
		switch {
		case c.Name == "" || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "":
			return fmt.Errorf("criterion %d: name %q: want letters, digits and _", i, c.Name)
		case seen[c.Name] || c.Name == "reasoning" || c.Name == "scores":
			return fmt.Errorf("criterion %q: the name is taken", c.Name)
		case c.Weight < 0:
			return fmt.Errorf("criterion %q: weight %g", c.Name, c.Weight)
		}
		seen[c.Name] = true
		for score := range c.Anchors {
			if score < scale[0] || score > scale[1] {
				return fmt.Errorf("criterion %q: an anchor at %g, the scale is %g to %g", c.Name, score, scale[0], scale[1])
			}
		}
		for _, e := range c.Examples {
			if e.Score < scale[0] || e.Score > scale[1] {
				return fmt.Errorf("criterion %q: an example with %g, the scale is %g to %g", c.Name, e.Score, scale[0], scale[1])
			}
		}
	}
	return nil
}

// weight returns the weight of a criterion in the total.
func (r *Rubric) weight(name string) float64 {
	for _, c := range r.Criteria {
		if c.Name == name && c.Weight > 0 {
			return c.Weight
		}
	}
	return 1
}

// text returns the rubric, or the criterion called only, as judges read it.
func (r *Rubric) text(only string) string {
	var b strings.Builder
	if r.Instructions != "" {
		fmt.Fprintf(&b, "%s\n", strings.TrimSpace(r.Instructions))
	}
	for _, c := range r.Criteria {
		if only != "" && c.Name != only {
			continue
		}
		fmt.Fprintf(&b, "- %s: %s\n", c.Name, strings.TrimSpace(c.Description))
		for _, score := range slices.Sorted(maps.Keys(c.Anchors)) {
			fmt.Fprintf(&b, "    %g means: %s\n", score, strings.TrimSpace(c.Anchors[score]))
		}
		for _, e := range c.Examples {
			fmt.Fprintf(&b, "    For example %q deserves %g. %s\n", e.Text, e.Score, e.Why)
		}
	}
	return strings.TrimSpace(b.String())
}
