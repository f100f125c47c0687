package main

import (
	"fmt"
	"maps"
	goruntime "runtime"
	"slices"
	"strings"
)

// revision is the commit that was measured: the linker sets it.
var revision = "unknown"

// about begins a page of results.
const about = `# Native beside ONNX Runtime

Made by ` + "`make bench-engines LLAMA=FOLDER`" + ` on a machine that does nothing else: a run replaces the
section of the CPU that it ran on, and leaves the others. [doc.go](doc.go) says how it is measured.
Times are medians; the ratio is the native engine's time in that of ONNX Runtime: less than 1 is
faster than it. Where the load average at start was not near 0, rows by themselves say little.
`

// report is what a run found.
type report struct {
	host    host
	command string // the flags, as given
	version string // of ONNX Runtime
	plan    schedule
	results []result
	leftOut []string // a line each: what was not measured, and why
}

// section is the report in Markdown, with a heading of level 2 that names the
// CPU. It holds no date: the same figures are the same text.
func (r *report) section() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", r.host.cpu)
	fmt.Fprintf(&b, "- command: `%s`\n", strings.TrimSpace("bench "+r.command))
	fmt.Fprintf(&b, "- versions: infer %s, %s, ONNX Runtime %s\n", revision, goruntime.Version(), r.version)
	fmt.Fprintf(&b, "- %d rounds of turns of %v, after %d that do not count\n", r.plan.rounds, r.plan.turn, r.plan.warmup)
	fmt.Fprintf(&b, "- %d CPUs, load average at start %s\n", goruntime.NumCPU(), r.host.load)

	threads := map[int]bool{}
	var groups []string
	for _, res := range r.results {
		threads[res.threads] = true
		if !slices.Contains(groups, res.row.group) {
			groups = append(groups, res.row.group)
		}
	}
	counts := slices.Sorted(maps.Keys(threads))
	b.WriteString("\n| group | threads | rows | geometric mean | worst |\n|---|--:|--:|--:|--:|\n")
	for _, group := range groups {
		for _, n := range counts {
			if of := r.of(group, n); len(of) > 0 {
				mean, worst := geometricMean(of)
				fmt.Fprintf(&b, "| %s | %d | %d | %.2f | %.2f |\n", group, n, len(of), mean, worst)
			}
		}
	}
	b.WriteString("\n| group | model | threads | native ms | ONNX Runtime ms | ratio |\n|---|---|--:|--:|--:|--:|\n")
	for _, group := range groups {
		for _, n := range counts {
			for _, res := range r.of(group, n) {
				fmt.Fprintf(&b, "| %s | %s | %d | %.3f | %.3f | %.2f |\n", group, res.row.name, n, res.native, res.ort, res.ratio())
			}
		}
	}
	if len(r.leftOut) > 0 {
		b.WriteString("\nLeft out:\n\n")
		for _, line := range r.leftOut {
			fmt.Fprintf(&b, "- %s\n", line)
		}
	}
	return b.String()
}

// of are the results of a group on a number of threads.
func (r *report) of(group string, threads int) []result {
	var of []result
	for _, res := range r.results {
		if res.row.group == group && res.threads == threads {
			of = append(of, res)
		}
	}
	return of
}

// replaceSection puts a section into a page, in the place of the one with the
// same heading, or at the end. An empty page gets its beginning.
func replaceSection(page, section string) string {
	if page == "" {
		page = about
	}
	heading, _, _ := strings.Cut(section, "\n")
	parts := strings.Split(page, "\n## ")
	for i, part := range parts {
		parts[i] = strings.TrimRight(part, "\n")
	}
	body := strings.TrimRight(strings.TrimPrefix(section, "## "), "\n")
	same := func(part string) bool {
		first, _, _ := strings.Cut(part, "\n")
		return "## "+first == heading
	}
	if i := slices.IndexFunc(parts[1:], same); i >= 0 {
		parts[i+1] = body
	} else {
		parts = append(parts, body)
	}
	return strings.Join(parts, "\n\n## ") + "\n"
}
