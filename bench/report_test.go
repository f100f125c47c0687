package main

import (
	"math"
	"strings"
	"testing"
)

func TestReplaceSection(t *testing.T) {
	page := replaceSection("", "## one\n\nold\n")
	page = replaceSection(page, "## one and a half\n\nother\n")
	page = replaceSection(page, "## one\n\nnew\n")
	want := strings.TrimRight(about, "\n") + "\n\n## one\n\nnew\n\n## one and a half\n\nother\n"
	if page != want {
		t.Errorf("got\n%s\nwant\n%s", page, want)
	}
}

func TestCPUModel(t *testing.T) {
	const info = "processor\t: 0\ncpu family\t: 25\nmodel\t\t: 1\nmodel name\t: Fast CPU\n\nprocessor\t: 1\nmodel\t\t: 9\n"
	if got, want := cpuModel(info), "Fast CPU (family 25, model 1)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := cpuModel("Features: neon\n"); got != "" {
		t.Errorf("got %q for a file that names no CPU", got)
	}
}

func TestGeometricMean(t *testing.T) {
	mean, worst := geometricMean([]result{{native: 1, ort: 2}, {native: 4, ort: 2}, {native: 8, ort: 8}})
	if math.Abs(mean-1) > 1e-12 || worst != 2 { // ratios 1/2, 2 and 1
		t.Errorf("got %v and %v, want 1 and 2", mean, worst)
	}
}

// TestSection finds the figures of a run in its text, grouped.
func TestSection(t *testing.T) {
	a, b := &row{group: "g", name: "a"}, &row{group: "g", name: "b"}
	r := report{
		host:    host{cpu: "Fast CPU", load: "0.10"},
		results: []result{{a, 2, 3, 4}, {a, 1, 1, 2}, {b, 1, 2, 1}},
		leftOut: []string{"g: c: absent"},
	}
	text := r.section()
	at := 0
	for _, line := range []string{
		"## Fast CPU\n", "load average at start 0.10\n",
		"| g | 1 | 2 | 1.00 | 2.00 |\n", "| g | 2 | 1 | 0.75 | 0.75 |\n",
		"| g | a | 1 | 1.000 | 2.000 | 0.50 |\n", "| g | b | 1 | 2.000 | 1.000 | 2.00 |\n", "| g | a | 2 | 3.000 | 4.000 | 0.75 |\n",
		"- g: c: absent\n",
	} {
		i := strings.Index(text[at:], line)
		if i < 0 {
			t.Fatalf("%q is missing, or not in its place, in\n%s", line, text)
		}
		at += i
	}
}
