package conformance_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/conformance"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/internal/opfuzz"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/all"
)

// operator is an operator of the standard, or of another domain.
type operator struct {
	domain, name string
	versions     []int // by rising number
	withdrawn    []int // those of versions that end it
}

// id is the operator's name in reports.
func (o operator) id() string {
	if o.domain == "" {
		return o.name
	}
	return o.domain + "." + o.name
}

// expanded are operators without a definition, which the engine replaces by others.
var expanded = map[string]string{
	"ai.onnx.preview.training.Gradient": "as other nodes: the derivatives of the elementwise operators and of MatMul",
}

// oldestOpset is the first opset whose operators the engine promises to have.
const oldestOpset = 7

// standard reads the list of the standard's operators.
func standard(t *testing.T) []operator {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(fixture.Root(t), "testdata", "operators.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list []operator
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 3 || fields[0] == "#" {
			continue
		}
		o := operator{domain: onnx.CanonicalDomain(fields[0]), name: fields[1]}
		for _, f := range fields[2:] {
			n, err := strconv.Atoi(strings.TrimSuffix(f, "-"))
			if err != nil {
				t.Fatalf("operators.txt: %q: %v", line, err)
			}
			o.versions = append(o.versions, n)
			if strings.HasSuffix(f, "-") {
				o.withdrawn = append(o.withdrawn, n)
			}
		}
		list = append(list, o)
	}
	return list
}

// missing lists the versions of an operator that a registry lacks.
func missing(r *ops.Registry, o operator) []int {
	var list []int
	for _, v := range o.versions {
		if !slices.Contains(o.withdrawn, v) && r.Find(o.domain, o.name, v) == nil {
			list = append(list, v)
		}
	}
	return list
}

// TestStandardIsWhole sees that every operator of the standard is there, in every
// version that a model of opset 7 or later can ask for.
func TestStandardIsWhole(t *testing.T) {
	r, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range standard(t) {
		if expanded[o.id()] != "" {
			continue
		}
		for _, v := range missing(r, o) {
			next := slices.IndexFunc(o.versions, func(w int) bool { return w > v })
			if o.domain != "" || next < 0 || o.versions[next] > oldestOpset {
				t.Errorf("%s has no definition that holds at version %d", o.id(), v)
			}
		}
	}
}

// passedFile is where an engine's counts by operator and opset are kept, so that the
// page of operators can be made where the suite is not.
func passedFile(t *testing.T, engine string) string {
	t.Helper()
	return filepath.Join(fixture.Root(t), "testdata", "conformance", engine, "passed.txt")
}

// passedText is a report as lines OPERATOR OPSET PASSED TOTAL.
func passedText(r *conformance.Report) string {
	var b strings.Builder
	b.WriteString("# How many cases of the ONNX suite pass: OPERATOR OPSET PASSED TOTAL, made by make conformance-lists\n")
	for _, row := range r.Rows() {
		for _, opset := range slices.Sorted(maps.Keys(row.Opsets)) {
			c := row.Opsets[opset]
			fmt.Fprintf(&b, "%s %d %d %d\n", row.Op, opset, c.Passed, c.Total())
		}
	}
	return b.String()
}

// counts are the numbers of one operator.
type counts struct {
	cells         []string // by opset
	passed, total int
}

func readPassed(t *testing.T, engine string) map[string]*counts {
	t.Helper()
	data, err := os.ReadFile(passedFile(t, engine))
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]*counts{}
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var op string
		var opset, passed, total int
		if _, err := fmt.Sscanf(line, "%s %d %d %d\n", &op, &opset, &passed, &total); err != nil {
			t.Fatalf("passed.txt: %q: %v", line, err)
		}
		c := list[op]
		if c == nil {
			c = &counts{}
			list[op] = c
		}
		c.cells = append(c.cells, fmt.Sprintf("%d: %d/%d", opset, passed, total))
		c.passed += passed
		c.total += total
	}
	return list
}

// TestPageOperators makes docs/operators.md.
func TestPageOperators(t *testing.T) {
	r, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	fixture.Page(t, "docs/operators.md", operatorsPage(t, r))
}

func operatorsPage(t *testing.T, r *ops.Registry) []byte {
	t.Helper()
	list := standard(t)
	passed := readPassed(t, "native")
	sum := counts{}
	for _, c := range passed {
		sum.passed, sum.total = sum.passed+c.passed, sum.total+c.total
	}
	beyond := others(r, list)
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Operators

Made from the registry of operators by %[1]s; do not edit.

The native engine has %d operators of the standard, up to opset 28, with the meaning of
each version from opset %d on, and %d operators beyond the standard that exporters write. Of
the %s cases of the standard's backend suite, release 1.20.1, %s pass.

## Cases that do not pass

| case | why |
|---|---|
`, "`make docs`", len(list), oldestOpset, len(beyond), thousands(sum.total), thousands(sum.passed))
	exceptions(t, &b)
	b.WriteString("\n## Results that differ from ONNX Runtime's\n\nFound by `make fuzz-ops`, which compares random models; other differences are faults.\n\n| operators | the native engine | the standard |\n|---|---|---|\n")
	for _, d := range opfuzz.Differences() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", strings.Join(d.Operators, ", "), d.What, d.Why)
	}
	domain := "?"
	both := append(list, beyond...)
	slices.SortStableFunc(both, func(a, b operator) int { return cmp.Compare(a.domain, b.domain) })
	for _, o := range both {
		if o.domain != domain {
			domain = o.domain
			fmt.Fprintf(&b, "\n## %s\n\n| operator | versions | native engine | cases that pass, by opset |\n|---|---|---|---|\n", cmp.Or(domain, "ai.onnx"))
		}
		row(&b, r, o, passed[o.id()])
		delete(passed, o.id())
	}
	if c := passed["(model)"]; c != nil {
		fmt.Fprintf(&b, "\n## Models of several operators\n\nCases that pass, by opset: %s.\n", strings.Join(c.cells, ", "))
		delete(passed, "(model)")
	}
	for op := range passed {
		t.Errorf("passed.txt counts cases of %s, which testdata/operators.txt does not list", op)
	}
	return b.Bytes()
}

// exceptions writes a line for each case of the list that does not pass.
func exceptions(t *testing.T, b *bytes.Buffer) {
	t.Helper()
	f, err := os.Open(filepath.Join(fixture.Root(t), "testdata", "conformance", "native", "xfail.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	expected, err := conformance.ReadExpected(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(expected)) {
		fmt.Fprintf(b, "| %s | %s |\n", name, expected[name])
	}
}

// row writes an operator's line.
func row(b *bytes.Buffer, r *ops.Registry, o operator, c *counts) {
	has := "yes"
	if gone := missing(r, o); len(gone) == len(o.versions) {
		has = cmp.Or(expanded[o.id()], "no")
	} else if len(gone) > 0 {
		has = "but for version " + join(gone)
	}
	versions := make([]string, len(o.versions))
	for i, v := range o.versions {
		versions[i] = strconv.Itoa(v)
		if slices.Contains(o.withdrawn, v) {
			versions[i] += " (withdrawn)"
		}
	}
	cells := ""
	if c != nil {
		cells = strings.Join(c.cells, ", ")
	}
	fmt.Fprintf(b, "| %s | %s | %s | %s |\n", o.name, strings.Join(versions, ", "), has, cells)
}

func join(list []int) string {
	text := make([]string, len(list))
	for i, v := range list {
		text[i] = strconv.Itoa(v)
	}
	return strings.Join(text, ", ")
}

// thousands writes a number with a comma before its last three digits.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// others are the operators of domains outside of the standard that models may use.
func others(r *ops.Registry, standard []operator) []operator {
	known := map[string]bool{}
	for _, o := range standard {
		known[o.id()] = true
	}
	var list []operator
	for _, d := range r.All() {
		ours := d.Domain != "" && !strings.Contains(d.Domain, ".") // those that passes put in
		if ours || known[operator{domain: d.Domain, name: d.Name}.id()] {
			continue
		}
		i := slices.IndexFunc(list, func(o operator) bool { return o.domain == d.Domain && o.name == d.Name })
		if i < 0 {
			i = len(list)
			list = append(list, operator{domain: d.Domain, name: d.Name})
		}
		list[i].versions = append(list[i].versions, d.Since)
	}
	slices.SortFunc(list, func(a, b operator) int {
		return cmp.Or(cmp.Compare(a.domain, b.domain), cmp.Compare(a.name, b.name))
	})
	return list
}
