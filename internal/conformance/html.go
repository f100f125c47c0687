package conformance

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
)

//go:embed report.html
var page string

// cell is one place of the page's table.
type cell struct {
	Count
	Class string
}

// WriteHTML writes the report as a page that needs nothing else: operators by
// opsets, and what did not pass.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Parse(page)
	if err != nil {
		return fmt.Errorf("conformance: the page: %w", err)
	}
	rows := r.Rows()
	columns := map[int]bool{}
	for _, row := range rows {
		for opset := range row.Opsets {
			columns[opset] = true
		}
	}
	opsets := slices.Sorted(maps.Keys(columns))
	type line struct {
		Op    string
		All   cell
		Cells []cell
	}
	lines := make([]line, len(rows))
	for i, row := range rows {
		lines[i] = line{Op: row.Op, All: newCell(row.All)}
		for _, opset := range opsets {
			lines[i].Cells = append(lines[i].Cells, newCell(row.Opsets[opset]))
		}
	}
	return t.Execute(w, map[string]any{"Report": r, "Opsets": opsets, "Lines": lines})
}

func newCell(c Count) cell {
	switch {
	case c.Total() == 0:
		return cell{c, "none"}
	case c.Failed > 0:
		return cell{c, "failed"}
	case c.Unsupported > 0:
		return cell{c, "unsupported"}
	}
	return cell{c, "passed"}
}
