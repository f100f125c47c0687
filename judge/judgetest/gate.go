package judgetest

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer/internal/journal"
	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/report"
	"github.com/seed6700ada1/infer/judge/run"
	"github.com/seed6700ada1/infer/judge/suite"
)

// Gate runs the suite at path and fails the test where the gate, or else the suite's own,
// does not hold. The figures are logged. judges are those that the suite names and does
// not describe: Go functions, models that the test has opened.
func Gate(tb testing.TB, path, gate string, judges ...judge.Judge) {
	tb.Helper()
	r, err := Run(tb, path, filepath.Join(tb.TempDir(), "journal.jsonl"), gate, judges...)
	if err != nil {
		tb.Fatalf("judgetest: %v", err)
	}
	var figures bytes.Buffer
	if err := r.WriteMarkdown(&figures); err != nil {
		tb.Fatalf("judgetest: %v", err)
	}
	tb.Log(figures.String())
	for _, g := range r.Gate {
		if !g.Passed {
			tb.Errorf("judge %s: %s does not hold: the value is %.4g %s", g.Judge, g.Clause, g.Value, g.Error)
		}
	}
}

// Run runs the suite at path with the journal at kept, and returns its report. Answers
// that the journal holds are not asked for again: a test that keeps it in testdata asks
// nobody until something changes.
func Run(tb testing.TB, path, kept, gate string, judges ...judge.Judge) (_ report.Report, err error) {
	tb.Helper()
	s, err := suite.Load(path, "")
	if err != nil {
		return report.Report{}, err
	}
	if gate == "" {
		gate = s.Gate
	}
	clauses, err := report.ParseGate(gate)
	if err != nil {
		return report.Report{}, err
	}
	plan, err := s.Open(func(spec suite.Judge) (judge.Judge, error) {
		for _, j := range judges {
			if j.Name() == spec.Name {
				return j, nil
			}
		}
		return nil, errors.New("the test gives no judge of this name")
	})
	if err != nil {
		return report.Report{}, err
	}
	defer func() { err = errors.Join(err, plan.Close()) }()
	j, err := journal.Open(kept)
	if err != nil {
		return report.Report{}, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	c := report.NewCollector(s.Name, s.Panel)
	status, err := run.New(j, s.Run.Options()).Run(tb.Context(), plan.Jobs(run.Shard{}), func(r run.Result) error {
		c.Add(r)
		return nil
	})
	return c.Report(status, clauses), err
}
