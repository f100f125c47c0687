package report

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/judge"
)

//go:embed report.html
var page string

// WriteHTML writes the report as one HTML file: figures, distributions, slices, and the
// items that were kept with every prompt and answer. It loads nothing, and what stands in
// it was written by others, escaped.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Funcs(template.FuncMap{
		"outcome": func(v judge.Verdict) string { return outcomeText(&v) },
		"flag":    flag,
		"bars":    bars,
		"names":   metricNames,
		"json": func(v any) (string, error) {
			data, err := json.MarshalIndent(v, "", "  ")
			return string(data), err
		},
		"percent": func(part, whole int) string { return fmt.Sprintf("%.1f", 100*float64(part)/float64(max(whole, 1))) },
	}).Parse(page)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return t.Execute(w, r)
}

// outcomeText returns a verdict in a few words.
func outcomeText(v *judge.Verdict) string {
	switch {
	case v.Choice != nil && v.Flipped():
		return v.Choice.String() + " (the orders differ)"
	case v.Choice != nil:
		return v.Choice.String()
	case v.Ranking != nil:
		return v.Ranking.String()
	}
	var totals []string
	for _, t := range v.Totals {
		totals = append(totals, t.String())
	}
	return strings.Join(totals, ", ")
}

// flag returns the class by which the page filters a case.
func flag(c Case) string {
	switch {
	case !c.Verdict.Scored():
		return "unscored"
	case c.Wrong:
		return "wrong"
	case c.Verdict.Flipped():
		return "flipped"
	}
	return "fine"
}

// metricNames returns the names of a group's metrics, without the ends of intervals.
func metricNames(g Group) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(g.Metrics)), func(name string) bool {
		return strings.HasSuffix(name, ".lower") || strings.HasSuffix(name, ".upper")
	})
}

// A bar is a part of a histogram: its place and height in pixels.
type bar struct{ X, Y, H, N int }

// bars returns the histogram of a distribution, 60 pixels high.
func bars(d Distribution) []bar {
	const height, width = 60, 22
	most := max(slices.Max(d.Counts[:]), 1)
	out := make([]bar, len(d.Counts))
	for i, n := range d.Counts {
		h := n * height / most
		out[i] = bar{X: i * width, Y: height - h, H: h, N: n}
	}
	return out
}
