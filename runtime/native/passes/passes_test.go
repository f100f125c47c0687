package passes

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ops/all"
)

// separator stands between the graph before a pass and after it.
const separator = "\n--- after\n"

// TestPictures runs each pass over the graphs in testdata/NAME/*.txt and
// compares what comes out with what stands below the separator; -update writes
// it anew. A graph whose file name starts with "keep" is one that the pass must
// leave alone.
func TestPictures(t *testing.T) {
	for _, p := range Pipeline() {
		t.Run(p.Name, func(t *testing.T) {
			files, err := filepath.Glob(filepath.Join("testdata", p.Name, "*.txt"))
			if err != nil {
				t.Fatal(err)
			}
			kept := 0
			for _, file := range files {
				if strings.HasPrefix(filepath.Base(file), "keep") {
					kept++
				}
				picture(t, p, file)
			}
			if len(files) == kept || kept == 0 {
				t.Errorf("pass %s has %d pictures, of which %d must not change: expected at least one of each kind", p.Name, len(files), kept)
			}
		})
	}
}

func picture(t *testing.T, p Pass, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(text), separator)
	g := parse(t, before)
	n, err := p.Run(g)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if keep := strings.HasPrefix(filepath.Base(file), "keep"); keep != (n == 0) {
		t.Errorf("%s: the pass changed %d places", file, n)
	}
	if err := onnx.Check(g.Model); err != nil {
		t.Errorf("%s: what came out is no valid model: %v", file, err)
	}
	var got bytes.Buffer
	fmt.Fprintf(&got, "%s%s%s", before, separator, onnxtext.Format(g.Model))
	fixture.Golden(t, strings.TrimPrefix(file, "testdata/"), got.Bytes())
}

func parse(t *testing.T, src string) *Graph {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	r, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(m, r, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestApplyReports(t *testing.T) {
	const src = `g (float[2] x) => (float[2] y) { a = Identity(x) b = Identity(a) y = Identity(b) }`
	reports, err := Apply(parse(t, src), []string{"fuse-conv-bn"})
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != len(Pipeline())-1 {
		t.Errorf("%d reports, expected one for each pass but the one that is off", len(reports))
	}
	for _, r := range reports {
		if r.Pass == "remove-identities" && (r.Changed != 2 || r.Before != 3 || r.After != 1) {
			t.Errorf("got %+v, expected 2 changes from 3 nodes to 1", r)
		}
	}
	g := parse(t, src)
	if reports, err := Apply(g, []string{"all"}); err != nil || len(reports) != 0 || len(g.Nodes()) != 3 {
		t.Errorf("with all passes off: %v, %v, %d nodes", reports, err, len(g.Nodes()))
	}
}
