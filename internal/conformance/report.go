package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Report is how the cases ended on one engine.
type Report struct {
	Engine      string   `json:"-"`
	Passed      int      `json:"passed"`
	Failed      int      `json:"failed"`
	Unsupported int      `json:"unsupported"`
	Total       int      `json:"total"`
	Cases       []Result `json:"cases"`
}

func (r *Report) add(res Result) {
	r.Cases = append(r.Cases, res)
	r.Total++
	switch res.Status {
	case Passed:
		r.Passed++
	case Failed:
		r.Failed++
	case Unsupported:
		r.Unsupported++
	}
}

// WriteJSON writes the report as one line of JSON.
func (r *Report) WriteJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// Count is how many cases ended in which way.
type Count struct{ Passed, Failed, Unsupported int }

// Total is the number of cases.
func (c Count) Total() int { return c.Passed + c.Failed + c.Unsupported }

// String is "passed/total", with what is missing, such as "3/5 (1 failed)".
func (c Count) String() string {
	s := fmt.Sprintf("%d/%d", c.Passed, c.Total())
	var missing []string
	if c.Failed > 0 {
		missing = append(missing, fmt.Sprintf("%d failed", c.Failed))
	}
	if c.Unsupported > 0 {
		missing = append(missing, fmt.Sprintf("%d unsupported", c.Unsupported))
	}
	if missing != nil {
		s += " (" + strings.Join(missing, ", ") + ")"
	}
	return s
}

func (c *Count) add(s Status) {
	switch s {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Unsupported:
		c.Unsupported++
	}
}

// Row is an operator of a [Report] with its counts by opset.
type Row struct {
	Op     string
	All    Count
	Opsets map[int]Count
}

// Rows groups the cases by operator and opset, in the order of the names.
func (r *Report) Rows() []Row {
	byOp := map[string]*Row{}
	for _, c := range r.Cases {
		row := byOp[c.Op]
		if row == nil {
			row = &Row{Op: c.Op, Opsets: map[int]Count{}}
			byOp[c.Op] = row
		}
		row.All.add(c.Status)
		n := row.Opsets[c.Opset]
		n.add(c.Status)
		row.Opsets[c.Opset] = n
	}
	rows := make([]Row, 0, len(byOp))
	for _, row := range byOp {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Op, b.Op) })
	return rows
}

// WriteText writes a table with a line for each operator, then what did not
// pass, then the sum.
func (r *Report) WriteText(w io.Writer) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "operator\tpassed\tby opset")
	for _, row := range r.Rows() {
		var cells []string
		for _, opset := range slices.Sorted(maps.Keys(row.Opsets)) {
			cells = append(cells, fmt.Sprintf("%d: %v", opset, row.Opsets[opset]))
		}
		fmt.Fprintf(tab, "%s\t%v\t%s\n", row.Op, row.All, strings.Join(cells, ", "))
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	for _, c := range r.Cases {
		if c.Status != Passed {
			if _, err := fmt.Fprintf(w, "%s: %s: %s\n", c.Status, c.Name, c.Detail); err != nil {
				return err
			}
		}
	}
	_, err := fmt.Fprintln(w, r.Summary())
	return err
}

// Summary is one line with the sums.
func (r *Report) Summary() string {
	return fmt.Sprintf("%s: passed %d, failed %d, unsupported %d of %d", r.Engine, r.Passed, r.Failed, r.Unsupported, r.Total)
}
