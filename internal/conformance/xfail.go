package conformance

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Expected are the cases that are known not to pass on an engine, with a reason
// each.
type Expected map[string]string

// ReadExpected reads a list: a line "NAME: REASON" for each case. Empty lines
// and those that start with # are comments. A case without a reason, or listed
// twice, is an error.
func ReadExpected(r io.Reader) (Expected, error) {
	list := Expected{}
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, reason, _ := strings.Cut(line, ":")
		reason = strings.TrimSpace(reason)
		if reason == "" {
			return nil, fmt.Errorf("conformance: line %d: %q has no reason, expected NAME: REASON", n, line)
		}
		if _, twice := list[name]; twice {
			return nil, fmt.Errorf("conformance: line %d: %s is listed twice", n, name)
		}
		list[name] = reason
	}
	return list, lines.Err()
}

// lacks starts the reasons that [Expected.Write] makes for unsupported cases.
const lacks = "not there yet: "

// Write writes the list of what did not pass in the report, under the comment
// that says what the list is. Cases that failed keep the reason that they were
// listed with; new ones get what the engine said, to be put into words.
func (e Expected) Write(w io.Writer, comment string, r *Report) error {
	if _, err := fmt.Fprintf(w, "# %s\n", comment); err != nil {
		return err
	}
	for _, c := range r.Cases {
		if c.Status == Passed {
			continue
		}
		reason := e[c.Name]
		switch {
		case c.Status == Unsupported && (reason == "" || strings.HasPrefix(reason, lacks)):
			reason, _, _ = strings.Cut(c.Detail, ` at "`)
			if at := strings.LastIndex(reason, "cannot be run: "); at >= 0 {
				reason = reason[at+len("cannot be run: "):]
			}
			reason = lacks + reason
		case reason == "" || strings.HasPrefix(reason, lacks):
			reason = c.Detail
		}
		if _, err := fmt.Fprintf(w, "%s: %s\n", c.Name, reason); err != nil {
			return err
		}
	}
	return nil
}

// Check holds a report against the list and says in a line each what does not
// agree: cases that did not pass and are not listed, listed ones that passed,
// and listed ones that there are not.
func (e Expected) Check(r *Report) []string {
	var complaints []string
	seen := map[string]bool{}
	for _, c := range r.Cases {
		seen[c.Name] = true
		_, listed := e[c.Name]
		switch {
		case c.Status != Passed && !listed:
			complaints = append(complaints, fmt.Sprintf("%s (%s, opset %d) %s: %s", c.Name, c.Op, c.Opset, c.Status, c.Detail))
		case c.Status == Passed && listed:
			complaints = append(complaints, fmt.Sprintf("%s (%s, opset %d) passed: take it off the list", c.Name, c.Op, c.Opset))
		}
	}
	for name := range e {
		if !seen[name] {
			complaints = append(complaints, name+" is on the list, but not in the suite")
		}
	}
	slices.Sort(complaints)
	return complaints
}
