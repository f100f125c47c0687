package demo

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/internal/atomicfile"
)

//go:embed report.html
var page string

// report is what came of the demonstration.
type report struct {
	Steps   []*step
	Seconds float64
	Rate    rate // at which the tuned model wins
	Won     bool
	items   []item
}

// step is a part of the report.
type step struct {
	Title    string
	Commands []string
	Notes    []string
	Text     string // as it is
	Picture  template.URL
	Sound    template.URL
	Drawings []template.HTML // SVG that this program made
	Seconds  float64
}

// item is a question with its replies.
type item struct{ question, kind, right, base, tuned string }

// Row is a question as the report shows it.
type Row struct {
	Question, Base, Tuned string
	BaseRight, TunedRight bool
}

// Rows are some of the questions: first those on which the two differ.
func (r *report) Rows() []Row {
	const most = 12
	var differ, alike []Row
	for _, it := range r.items {
		row := Row{it.question, it.base, it.tuned, it.base == it.right, it.tuned == it.right}
		if it.base != it.tuned {
			differ = append(differ, row)
		} else {
			alike = append(alike, row)
		}
	}
	list := slices.Concat(differ[:min(len(differ), most-2)], alike)
	return list[:min(len(list), most)]
}

// save writes the page.
func (r *report) save(path string) error {
	t, err := template.New("report").Parse(page)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error { return t.Execute(w, r) })
}

// The size of a drawing, and the room around what is drawn, in pixels.
const (
	drawnWidth  = 360.0
	drawnHeight = 150.0
	left, right = 44.0, 12.0
	top, bottom = 26.0, 24.0
)

// curve is a figure of each epoch.
type curve struct {
	Name   string
	Values []float64
}

// draw makes a line of it.
func (c curve) draw() template.HTML {
	if len(c.Values) == 0 {
		return ""
	}
	low, high := min(0, slices.Min(c.Values)), slices.Max(c.Values)
	if high == low {
		high = low + 1
	}
	x := func(i int) float64 {
		return left + (drawnWidth-left-right)*float64(i)/float64(max(len(c.Values)-1, 1))
	}
	y := func(v float64) float64 {
		return top + (drawnHeight-top-bottom)*(high-v)/(high-low)
	}
	var points []string
	for i, v := range c.Values {
		points = append(points, fmt.Sprintf("%.1f,%.1f", x(i), y(v)))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img"><title>%s</title><text x="%g" y="14">%s</text>`, drawnWidth, drawnHeight, c.Name, left, c.Name)
	for _, v := range []float64{low, (low + high) / 2, high} {
		fmt.Fprintf(&b, `<line class="grid" x1="%g" x2="%g" y1="%.1f" y2="%.1f"/><text x="%g" y="%.1f" text-anchor="end">%.2f</text>`,
			left, drawnWidth-right, y(v), y(v), left-6, y(v)+4, v)
	}
	fmt.Fprintf(&b, `<polyline points="%s"/><text x="%g" y="%g">epoch 1</text><text x="%g" y="%g" text-anchor="end">%d</text></svg>`,
		strings.Join(points, " "), left, drawnHeight-6, drawnWidth-right, drawnHeight-6, len(c.Values))
	return template.HTML(b.String())
}

// rate is a share with its interval of 95 %.
type rate struct{ Value, Lower, Upper float64 }

// draw makes a bar of it, with the half that it has to pass.
func (r rate) draw() template.HTML {
	const height, middle, thick = 70.0, 40.0, 16.0
	x := func(v float64) float64 { return left + (drawnWidth-left-right)*v }
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %g %g" role="img"><title>win rate</title><text x="%g" y="14">win rate of the tuned model, 95 %% interval</text>
<rect class="bar" x="%.1f" y="%g" width="%.1f" height="%g"/><line class="range" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/>
<line class="half" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/><text x="%g" y="%g" text-anchor="middle">0</text><text x="%.1f" y="%g" text-anchor="middle">½</text><text x="%.1f" y="%g" text-anchor="middle">1</text></svg>`,
		drawnWidth, height, left,
		x(0), middle-thick/2, x(r.Value)-x(0), thick, x(r.Lower), x(r.Upper), middle, middle,
		x(.5), x(.5), middle-thick, middle+thick*.7, x(0), height-4, x(.5), height-4, x(1), height-4))
}
