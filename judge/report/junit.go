package report

import (
	"encoding/xml"
	"fmt"
	"io"
)

// The elements of JUnit's XML that are written.
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitMessage `xml:"failure"`
		Skipped *junitMessage `xml:"skipped"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
	}
)

// WriteJUnit writes JUnit XML: a suite for the gate, with a test for each clause, and one
// for each judge and protocol, with a test for each item that was kept in detail. A
// verdict other than the label is a failure there, an unscored one is skipped.
func (r *Report) WriteJUnit(w io.Writer) error {
	gate := junitSuite{Name: r.Suite + " gate"}
	for _, g := range r.Gate {
		c := junitCase{Name: g.Clause, Class: g.Judge}
		if !g.Passed {
			c.Failure = &junitMessage{"the value is " + gateValue(g)}
		}
		gate.add(c)
	}
	all := junitSuites{Suites: []junitSuite{gate}}
	place := map[groupKey]int{}
	for i := range r.Cases {
		item := &r.Cases[i]
		key := groupKey{item.Judge, item.Protocol}
		at, ok := place[key]
		if !ok {
			at = len(all.Suites)
			place[key] = at
			all.Suites = append(all.Suites, junitSuite{Name: item.Judge + ", " + item.Protocol})
		}
		c := junitCase{Name: item.Item.ID, Class: item.Judge + "." + item.Protocol}
		if reason := item.Verdict.Reason(); reason != "" {
			c.Skipped = &junitMessage{string(reason)}
		} else if item.Wrong {
			c.Failure = &junitMessage{fmt.Sprintf("%s, the label is %v", outcomeText(&item.Verdict), item.Item.Label)}
		}
		all.Suites[at].add(c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	return enc.Encode(all)
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}
