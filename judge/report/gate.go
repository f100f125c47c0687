package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// A Gate is what must hold of a report's metrics: clauses joined by &&, each a metric, one
// of > >= < <= == and a number:
//
//	win_rate.lower > 0.5 && unscored_rate <= 0.01
//
// A metric may be of one judge, as in small:win_rate.lower; else the clause must hold for
// every judge and protocol that has it.
type Gate []Clause

// A Clause is a part of a gate.
type Clause struct {
	Judge  string // empty: all
	Metric string
	Op     string
	Value  float64
}

// String returns the clause as it is written.
func (c Clause) String() string {
	name := c.Metric
	if c.Judge != "" {
		name = c.Judge + ":" + name
	}
	return fmt.Sprintf("%s %s %g", name, c.Op, c.Value)
}

var clauseForm = regexp.MustCompile(`^\s*(?:([^:\s]+):)?([A-Za-z_][\w.]*)\s*(>=|<=|==|>|<)\s*(\S+)\s*$`)

// ParseGate reads a gate. An empty text is a gate without clauses, which holds.
func ParseGate(text string) (Gate, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var g Gate
	for part := range strings.SplitSeq(text, "&&") {
		m := clauseForm.FindStringSubmatch(part)
		if m == nil {
			return nil, fmt.Errorf("report: gate %q: want clauses such as win_rate.lower > 0.5, joined by &&", strings.TrimSpace(part))
		}
		v, err := strconv.ParseFloat(m[4], 64)
		if err != nil || math.IsNaN(v) {
			return nil, fmt.Errorf("report: gate %q: %q is no number", strings.TrimSpace(part), m[4])
		}
		g = append(g, Clause{m[1], m[2], m[3], v})
	}
	return g, nil
}

// A GateResult is how a clause came out for one judge and protocol.
type GateResult struct {
	Clause   string  `json:"clause"`
	Judge    string  `json:"judge"`
	Protocol string  `json:"protocol"`
	Value    float64 `json:"value"`
	Passed   bool    `json:"passed"`
	Error    string  `json:"error,omitempty"` // the metric is not there: the clause fails
}

// Check returns how each clause came out.
func (g Gate) Check(groups []Group) []GateResult {
	var out []GateResult
	for _, c := range g {
		found := false
		for i := range groups {
			group := &groups[i]
			if c.Judge != "" && c.Judge != group.Judge {
				continue
			}
			v, ok := group.Metrics[c.Metric]
			if !ok {
				continue
			}
			found = true
			out = append(out, GateResult{Clause: c.String(), Judge: group.Judge, Protocol: group.Protocol, Value: v, Passed: c.holds(v)})
		}
		if !found {
			out = append(out, GateResult{Clause: c.String(), Judge: c.Judge, Error: "there is no such metric"})
		}
	}
	return out
}

// holds says whether a value satisfies the clause. NaN satisfies none.
func (c Clause) holds(v float64) bool {
	switch c.Op {
	case ">":
		return v > c.Value
	case ">=":
		return v >= c.Value
	case "<":
		return v < c.Value
	case "<=":
		return v <= c.Value
	}
	return v == c.Value
}
