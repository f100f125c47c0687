package music

import (
	"fmt"
	"io"
	"strings"
)

// WriteSVG draws the tune as it was written: time to the right, pitch upwards, bars as
// lines. The picture follows the reader's choice of light or dark.
func (t *Tune) WriteSVG(w io.Writer) error {
	const (
		rowTicks   = 8 * Whole // at most, of a row
		width      = 760.0     // pixels of a row
		step       = 5.0       // of a half tone
		gap, above = 18.0, 14.0
	)
	low, high := 127, 0
	for i := range t.Bars {
		for _, n := range t.Bars[i].Notes {
			for _, p := range n.Pitches {
				low, high = min(low, p), max(high, p)
			}
		}
	}
	height := float64(high-low+1) * step
	var b strings.Builder
	rows, at := 0, rowTicks+1
	scale := width / rowTicks
	for i := range t.Bars {
		bar := &t.Bars[i]
		if at+bar.Ticks > rowTicks {
			rows, at = rows+1, 0
		}
		top := above + float64(rows-1)*(height+gap)
		fmt.Fprintf(&b, `<rect class="b" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, float64(at)*scale, top, min(float64(bar.Ticks), rowTicks)*scale, height)
		for _, n := range bar.Notes {
			for _, p := range n.Pitches {
				fmt.Fprintf(&b, `<rect class="n" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`,
					float64(at+n.Start)*scale+.5, top+float64(high-p)*step, max(float64(n.Ticks)*scale-1, 1), step)
			}
		}
		b.WriteByte('\n')
		at += bar.Ticks
	}
	total := above + float64(rows)*(height+gap)
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 0 %.0f %.0f" role="img"><title>%s</title>
<style>.b{fill:none;stroke:#8886;stroke-width:1}.n{fill:#0b66c3}.t{font:12px sans-serif;fill:#555}@media (prefers-color-scheme:dark){.n{fill:#6cb6ff}.t{fill:#bbb}}</style>
<text class="t" x="0" y="10">%s</text>
%s</svg>
`, width+8, total, escape(t.Title), escape(strings.TrimSpace(t.Title+"  ·  "+t.Key)), b.String())
	return err
}

// escape makes text of a title that may hold anything.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
