package report

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteMarkdown writes the figures as Markdown.
func (r *Report) WriteMarkdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "# %s\n\n", cell(r.Suite))
	s := r.Status
	fmt.Fprintf(b, "%d requests answered, %d replayed, %d failed, %d repeated; %d tokens", s.Asked, s.Replayed, s.Failed, s.Retried, s.Usage.Prompt+s.Usage.Completion)
	if s.Usage.Cost > 0 {
		fmt.Fprintf(b, ", cost %.4f", s.Usage.Cost)
	}
	fmt.Fprintln(b, ".")
	if len(r.Gate) > 0 {
		fmt.Fprint(b, "\n| gate | judge | value | |\n|---|---|---|---|\n")
		for _, g := range r.Gate {
			fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(g.Clause), cell(g.Judge), gateValue(g), map[bool]string{true: "holds", false: "**fails**"}[g.Passed])
		}
	}
	for i := range r.Groups {
		r.Groups[i].markdown(b)
	}
	return b.Flush()
}

// gateValue returns the value of a clause's metric, or why there is none.
func gateValue(g GateResult) string {
	if g.Error != "" {
		return g.Error
	}
	return fmt.Sprintf("%.4g", g.Value)
}

func (g *Group) markdown(w io.Writer) {
	fmt.Fprintf(w, "\n## %s, %s\n\n%d items, %d scored", cell(g.Judge), cell(g.Protocol), g.N, g.Scored)
	for _, reason := range slices.Sorted(maps.Keys(g.Unscored)) {
		fmt.Fprintf(w, "; %d unscored: %s", g.Unscored[reason], reason)
	}
	if g.Repairs > 0 {
		fmt.Fprintf(w, "; %d asked to say it again, %d read then", g.Repairs, g.Repaired)
	}
	fmt.Fprint(w, ".\n\n| figure | value | 95 % interval |\n|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(g.Metrics)) {
		if strings.HasSuffix(name, ".lower") || strings.HasSuffix(name, ".upper") {
			continue
		}
		interval := ""
		if i, ok := g.Intervals[name]; ok {
			interval = fmt.Sprintf("%.4f to %.4f", i.Lower, i.Upper)
		}
		fmt.Fprintf(w, "| %s | %.4g | %s |\n", cell(name), g.Metrics[name], interval)
	}
	if p := g.Position; p != nil && p.FirstLed+p.SecondLed > 0 {
		fmt.Fprintf(w, "\nOf %d flips %d led to the candidate shown first (sign test p = %.3g).\n", p.FirstLed+p.SecondLed, p.FirstLed, p.Lean.P)
	}
	if len(g.Slices) > 0 {
		fmt.Fprint(w, "\n| slice | n | mean | accuracy |\n|---|---|---|---|\n")
		for _, s := range g.Slices {
			accuracy := ""
			if s.Labelled > 0 {
				accuracy = fmt.Sprintf("%.3f", s.Accuracy)
			}
			fmt.Fprintf(w, "| %s = %s | %d | %.3f | %s |\n", cell(s.Key), cell(s.Value), s.N, s.Mean, accuracy)
		}
	}
}

// cell returns text that stays within a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ", "<", "&lt;").Replace(text)
}
