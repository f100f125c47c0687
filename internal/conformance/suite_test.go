package conformance_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/conformance"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/ort"
)

// listedORT is the version of ONNX Runtime that its list is for: the one that
// `make ort` fetches.
const listedORT = "1.30."

// TestORT runs the whole suite on ONNX Runtime, where it is: it tries the
// harness and the wrapping of the binding on what most others are tested with.
func TestORT(t *testing.T) {
	e := ort.New()
	if err := e.Available(); err != nil {
		t.Skip(err)
	}
	if v, _ := e.Version(); !strings.HasPrefix(v, listedORT) {
		t.Skipf("the list of what does not pass is that of ONNX Runtime %s, this is %s", listedORT, v)
	}
	suite(t, e)
}

// TestNative runs the whole suite on the project's own engine.
func TestNative(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	suite(t, e)
}

// suite runs the suite on an engine and holds the result against the engine's
// list of cases that are known not to pass. With [fixture.UpdateEnv] set it rewrites
// the list instead, where reasons of new cases are then to be made readable.
func suite(t *testing.T, e runtime.Engine) {
	t.Helper()
	cases, err := conformance.Find(fixture.Shared(t, "onnx-conformance"))
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() { // a case in eight
		var some []conformance.Case
		for i := 0; i < len(cases); i += 8 {
			some = append(some, cases[i])
		}
		cases = some
	}
	list := filepath.Join(fixture.Root(t), "testdata", "conformance", e.Name(), "xfail.txt")
	data, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	expected, err := conformance.ReadExpected(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", list, err)
	}
	report, err := conformance.Run(t.Context(), e, cases, conformance.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(report.Summary())
	if os.Getenv(fixture.UpdateEnv) != "" && !testing.Short() {
		comment, _, _ := strings.Cut(strings.TrimPrefix(string(data), "# "), "\n")
		var b bytes.Buffer
		if err := expected.Write(&b, comment, report); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(list, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(passedFile(t, e.Name()), []byte(passedText(report)), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if data, err := os.ReadFile(passedFile(t, e.Name())); err == nil && !testing.Short() && string(data) != passedText(report) {
		t.Errorf("%s is not what passes now: make conformance-lists, then make docs", passedFile(t, e.Name()))
	}
	complaints := expected.Check(report)
	if testing.Short() {
		complaints = without(complaints, "is on the list, but not in the suite")
	}
	for _, c := range complaints {
		t.Error(c)
	}
}

func without(list []string, suffix string) []string {
	var kept []string
	for _, s := range list {
		if !strings.HasSuffix(s, suffix) {
			kept = append(kept, s)
		}
	}
	return kept
}
