package judgetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/judge/judgetest"
)

// adds scores sums: 1 where they are right.
func adds(id string) judge.Judge {
	return judges.Scorer{ID: id, Version: "1", Score: func(_ context.Context, it *judge.Item, c int, _ string) (float64, error) {
		if want := map[string]string{"a": "4", "b": "40", "c": "6"}[it.ID]; it.Candidates[c].Text != want {
			return 0, nil
		}
		return 1, nil
	}}
}

func TestGate(t *testing.T) {
	judgetest.Gate(t, "testdata/suite.yaml", "", adds("function"), adds("other"))
}

// TestRun looks at every form of the report.
func TestRun(t *testing.T) {
	silent := judges.Func{ID: "other", Answer: func(context.Context, *judge.Request) (judge.Answer, error) {
		return judge.Answer{}, errors.New("out of order")
	}}
	kept := filepath.Join(t.TempDir(), "journal")
	r, err := judgetest.Run(t, "testdata/suite.yaml", kept, "function:accuracy == 1 && other:scored > 0", adds("function"), silent)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Gate) != 4 || r.Passed() || !r.Gate[0].Passed || r.Gate[2].Passed {
		t.Errorf("gate %+v", r.Gate)
	}
	if len(r.Groups) != 6 { // two judges and the panel, two protocols
		t.Fatalf("%d groups", len(r.Groups))
	}
	for _, g := range r.Groups {
		switch {
		case g.Judge == "function" && g.Scored != 3, g.Judge == "other" && g.Unscored[judge.Failed] != 3,
			g.Judge == "panel" && g.Unscored[judge.Abstained] != 3:
			t.Errorf("group %+v", g)
		}
	}
	if again, err := judgetest.Run(t, "testdata/suite.yaml", kept, "", adds("function"), silent); err != nil || again.Status.Asked != 0 || again.Status.Replayed == 0 {
		t.Errorf("again: %+v, %v", again.Status, err)
	}
	var md, html, junit bytes.Buffer
	for _, err := range []error{r.WriteMarkdown(&md), r.WriteHTML(&html), r.WriteJUnit(&junit)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"kind = small | 2", "3 unscored: the judge failed", "criterion.right", "**fails**"} {
		if !strings.Contains(md.String(), want) {
			t.Errorf("the Markdown has no %q:\n%s", want, md.String())
		}
	}
	for _, want := range []string{"<svg", "answer A", "out of order", "20&#43;20?", `class="case unscored"`} {
		if !strings.Contains(html.String(), want) {
			t.Errorf("the HTML has no %q", want)
		}
	}
	for _, outside := range []string{"src=", "href=", "@import", "url("} {
		if strings.Contains(html.String(), outside) {
			t.Errorf("the HTML loads something: %q", outside)
		}
	}
	var suites struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(junit.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if len(suites.Suites) != 7 || suites.Suites[0].Tests != 4 || suites.Suites[0].Failures != 2 || suites.Suites[2].Skipped != 3 {
		t.Errorf("JUnit suites %+v", suites.Suites)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Errorf("the report as JSON: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	kept := filepath.Join(t.TempDir(), "journal")
	if _, err := judgetest.Run(t, "testdata/absent.yaml", kept, ""); err == nil {
		t.Error("a suite that is not there was run")
	}
	if _, err := judgetest.Run(t, "testdata/suite.yaml", kept, "accuracy"); err == nil {
		t.Error("a gate without an operator was checked")
	}
	if _, err := judgetest.Run(t, "testdata/suite.yaml", kept, "", adds("function")); err == nil {
		t.Error("a suite ran without one of its judges")
	}
}
