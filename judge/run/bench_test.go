package run_test

import (
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/judge/protocol"
	"github.com/seed6700ada1/infer/judge/run"
)

// BenchmarkReplay reads the verdict on one item again, from two answers in a journal.
func BenchmarkReplay(b *testing.B) {
	j := open(b, filepath.Join(b.TempDir(), "j"))
	p := pairwise(b, protocol.Options{Ties: true})
	f := judges.Func{ID: "f", Answer: picks}
	replay := func(n int) {
		if _, err := run.New(j, run.Options{Workers: 4}).Run(b.Context(), items(n, p, f), func(run.Result) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	const kept = 2000
	replay(kept)
	for b.Loop() {
		replay(kept)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*kept*2), "µs/judgment")
}
