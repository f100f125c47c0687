package run_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/internal/journal"
	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/judge/judgetest"
	"github.com/seed6700ada1/infer/judge/openai"
	"github.com/seed6700ada1/infer/judge/protocol"
	"github.com/seed6700ada1/infer/judge/run"
)

func pairwise(tb testing.TB, o protocol.Options) *protocol.Protocol {
	tb.Helper()
	o.Kind = judge.Pairwise
	p, err := protocol.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func items(n int, p *protocol.Protocol, js ...judge.Judge) iter.Seq2[run.Job, error] {
	return func(yield func(run.Job, error) bool) {
		for i := range n {
			it := &judge.Item{ID: fmt.Sprint(i), Input: "?", Candidates: []judge.Candidate{{Text: fmt.Sprint("good ", i)}, {Text: "bad"}}}
			for _, j := range js {
				if !yield(run.Job{Item: it, Protocol: p, Judge: j}, nil) {
					return
				}
			}
		}
	}
}

func open(tb testing.TB, path string) *journal.Journal {
	tb.Helper()
	j, err := journal.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = j.Close() }) // a test may have closed it
	return j
}

// picks answers a comparison with the candidate that is good.
func picks(_ context.Context, r *judge.Request) (judge.Answer, error) {
	if strings.HasPrefix(r.Question.Item.Candidates[r.Question.Order[0]].Text, "good") {
		return judge.Answer{Text: `{"winner":"A"}`}, nil
	}
	return judge.Answer{Text: `{"winner":"B"}`}, nil
}

func TestRun(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j")
	j := open(t, path)
	p := pairwise(t, protocol.Options{})
	f := judges.Func{ID: "f", Answer: picks}
	var order []string
	status, err := run.New(j, run.Options{Workers: 4}).Run(t.Context(), items(50, p, f), func(r run.Result) error {
		order = append(order, r.Verdict.Item)
		if r.Verdict.Choice.String() != "first" || r.Verdict.Judge != "f" {
			t.Errorf("verdict %+v", r.Verdict)
		}
		return nil
	})
	if err != nil || status.Done != 50 || status.Asked != 100 || status.Replayed != 0 || j.Len() != 100 {
		t.Errorf("status %+v, %v, %d in the journal", status, err, j.Len())
	}
	for i, id := range order {
		if id != fmt.Sprint(i) {
			t.Fatalf("result %d is of item %s", i, id)
		}
	}
	// Again: nothing is asked. A judge that is another one is asked.
	silent := judges.Func{ID: "f", Answer: func(context.Context, *judge.Request) (judge.Answer, error) {
		t.Error("asked twice")
		return judge.Answer{}, nil
	}}
	status, err = run.New(j, run.Options{}).Run(t.Context(), items(50, p, silent), func(run.Result) error { return nil })
	if err != nil || status.Asked != 0 || status.Replayed != 100 {
		t.Errorf("again: %+v, %v", status, err)
	}
	other := judges.Func{ID: "f", Version: "2", Answer: picks}
	status, err = run.New(j, run.Options{Offline: true}).Run(t.Context(), items(5, p, other), func(r run.Result) error {
		if r.Verdict.Reason() == "" {
			t.Errorf("nobody was asked, and the verdict is %+v", r.Verdict)
		}
		return nil
	})
	if err != nil || status.Done != 5 || status.Asked+status.Replayed != 0 {
		t.Errorf("offline: %+v, %v", status, err)
	}
}

func TestRetry(t *testing.T) {
	p := pairwise(t, protocol.Options{OneOrder: true})
	var tries atomic.Int64
	flaky := judges.Func{ID: "f", Answer: func(ctx context.Context, r *judge.Request) (judge.Answer, error) {
		if tries.Add(1)%3 != 0 {
			return judge.Answer{}, &judge.TemporaryError{Err: errors.New("busy"), After: time.Millisecond}
		}
		return picks(ctx, r)
	}}
	o := run.Options{Workers: 1, Retry: run.Retry{Tries: 3, Base: time.Millisecond}}
	status, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), o).Run(t.Context(), items(4, p, flaky), func(run.Result) error { return nil })
	if err != nil || status.Asked != 4 || status.Retried != 8 || status.Failed != 0 {
		t.Errorf("status %+v, %v", status, err)
	}
	// Failures are counted and unscored, and not kept.
	tries.Store(0)
	o.Retry.Tries = 2
	j := open(t, filepath.Join(t.TempDir(), "j"))
	status, err = run.New(j, o).Run(t.Context(), items(1, p, flaky), func(r run.Result) error {
		if r.Verdict.Reason() != judge.Failed {
			t.Errorf("verdict %+v", r.Verdict)
		}
		return nil
	})
	if err != nil || status.Failed != 1 || j.Len() != 0 {
		t.Errorf("status %+v, %v, %d kept", status, err, j.Len())
	}
}

func TestGivesUp(t *testing.T) {
	p := pairwise(t, protocol.Options{})
	var asked atomic.Int64
	gone := judges.Func{ID: "f", Answer: func(context.Context, *judge.Request) (judge.Answer, error) {
		asked.Add(1)
		return judge.Answer{}, errors.New("401")
	}}
	_, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{Workers: 2, Failures: 5}).Run(t.Context(), items(1000, p, gone), func(run.Result) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "5 requests in a row failed") || asked.Load() > 10 {
		t.Errorf("error %v after %d requests", err, asked.Load())
	}
}

func TestEnds(t *testing.T) {
	p := pairwise(t, protocol.Options{})
	hang := judges.Func{ID: "f", Answer: func(ctx context.Context, _ *judge.Request) (judge.Answer, error) {
		<-ctx.Done()
		return judge.Answer{}, ctx.Err()
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{}).Run(ctx, items(100, p, hang), func(run.Result) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the end of the context gives %v", err)
	}
	boom := errors.New("boom")
	f := judges.Func{ID: "f", Answer: picks}
	if _, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{}).Run(t.Context(), items(100, p, f), func(run.Result) error { return boom }); !errors.Is(err, boom) {
		t.Errorf("a failed emit gives %v", err)
	}
	jobs := func(yield func(run.Job, error) bool) { yield(run.Job{}, boom) }
	if _, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{}).Run(t.Context(), jobs, func(run.Result) error { return nil }); !errors.Is(err, boom) {
		t.Errorf("a failed job gives %v", err)
	}
}

// priced takes all that it may.
type priced struct{ judges.Func }

func (priced) Prices() run.Prices { return run.Prices{Prompt: 1, Completion: 2} }

func TestBudget(t *testing.T) {
	most := 10
	p := pairwise(t, protocol.Options{OneOrder: true, Params: judge.Params{MaxTokens: most}})
	f := judges.Func{ID: "f", Answer: func(ctx context.Context, r *judge.Request) (judge.Answer, error) {
		a, err := picks(ctx, r)
		a.Usage = judge.Usage{Prompt: 400, Completion: most}
		return a, err
	}}
	for name, budget := range map[string]run.Budget{"tokens": {Tokens: 20000}, "cost": {Cost: 0.02}} {
		status, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{Workers: 8, Budget: budget}).Run(t.Context(), items(1000, p, priced{f}), func(run.Result) error { return nil })
		if !errors.Is(err, run.ErrBudget) {
			t.Errorf("%s: error %v", name, err)
		}
		tokens := status.Usage.Prompt + status.Usage.Completion
		if budget.Tokens > 0 && (tokens > budget.Tokens || tokens < budget.Tokens/2) || budget.Cost > 0 && (status.Usage.Cost > budget.Cost || status.Usage.Cost < budget.Cost/2) {
			t.Errorf("%s: spent %+v of %+v", name, status.Usage, budget)
		}
		if status.Done != status.Asked {
			t.Errorf("%s: %d done, %d paid for", name, status.Done, status.Asked)
		}
	}
	unlimited := pairwise(t, protocol.Options{})
	if _, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{Budget: run.Budget{Tokens: 1}}).Run(t.Context(), items(1, unlimited, f), func(run.Result) error { return nil }); err == nil {
		t.Error("a budget without a limit of tokens is no error")
	}
}

func TestRate(t *testing.T) {
	p := pairwise(t, protocol.Options{OneOrder: true})
	begin := time.Now()
	f := judges.Func{ID: "f", Answer: picks}
	if _, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{Rate: 100}).Run(t.Context(), items(11, p, f), func(run.Result) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took < 95*time.Millisecond {
		t.Errorf("11 requests at 100 a second took %v", took)
	}
}

func TestShards(t *testing.T) {
	for i := range 200 {
		holders := 0
		for s := 1; s <= 3; s++ {
			if (run.Shard{I: s, N: 3}).Has(fmt.Sprint(i)) {
				holders++
			}
		}
		if holders != 1 || !(run.Shard{}).Has(fmt.Sprint(i)) {
			t.Fatalf("item %d is in %d shards", i, holders)
		}
	}
}

// answer judges as an endpoint that reads its prompt.
func answer(messages []judgetest.Message) string {
	text := messages[len(messages)-1].Content
	if strings.Index(text, "good ") < strings.Index(text, "\nbad\n") {
		return `{"winner":"A"}`
	}
	return `{"winner":"B"}`
}

// faults runs n comparisons, in both orders, against a server of which a third of the
// responses fail, and stops the run at random moments on the way.
func faults(t *testing.T, n, stops int) {
	t.Helper()
	server := &judgetest.Server{Answer: answer, Rate: 0.3, Seed: 1}
	endpoint := httptest.NewServer(server)
	defer endpoint.Close()
	e, err := openai.New(openai.Config{BaseURL: endpoint.URL, Model: "m"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "j")
	o := run.Options{Workers: 64, Timeout: time.Second, Retry: run.Retry{Tries: 40, Base: time.Millisecond, Most: 50 * time.Millisecond}}
	p := pairwise(t, protocol.Options{})
	asked := 0
	for stop := range stops + 1 {
		j := open(t, path)
		before := j.Len()
		ctx, cancel := context.WithCancel(t.Context())
		if stop < stops {
			time.AfterFunc(time.Duration(rand.IntN(200))*time.Millisecond, cancel)
		}
		var once sync.Map
		status, err := run.New(j, o).Run(ctx, items(n, p, e), func(r run.Result) error {
			if _, twice := once.LoadOrStore(r.Verdict.Item, true); twice {
				t.Errorf("item %s has two results", r.Verdict.Item)
			}
			if r.Verdict.Choice.String() != "first" {
				t.Errorf("item %s: %v", r.Verdict.Item, r.Verdict.Choice)
			}
			return nil
		})
		if err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if status.Asked > j.Len()-before {
			t.Errorf("%d answers counted, %d kept", status.Asked, j.Len()-before)
		}
		asked += status.Asked
		if stop == stops && (err != nil || status.Done != n || j.Len() != 2*n) {
			t.Errorf("at the end: %+v, %v, %d in the journal, want %d", status, err, j.Len(), 2*n)
		}
		cancel()
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d answers in %d runs; faults by kind: %v", asked, stops+1, server.Seen())
	for f, seen := range server.Seen() {
		if seen == 0 {
			t.Errorf("fault %d was never shown", f)
		}
	}
}

func TestFaults(t *testing.T) { faults(t, 60, 2) }

func TestSoakFaults(t *testing.T) {
	if os.Getenv("INFER_SOAK") == "" {
		t.Skip("a long test: make soak")
	}
	faults(t, 5000, 100)
}

// TestSoakThroughput: with 256 requests in flight and no faults, a run takes at most 1/0.95
// of the time that the server's latency alone demands.
func TestSoakThroughput(t *testing.T) {
	if os.Getenv("INFER_SOAK") == "" {
		t.Skip("a long test: make soak")
	}
	const n, workers, latency = 10240, 256, 200 * time.Millisecond
	server := httptest.NewServer(&judgetest.Server{Answer: answer, Latency: latency})
	defer server.Close()
	e, err := openai.New(openai.Config{BaseURL: server.URL, Model: "m"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	status, err := run.New(open(t, filepath.Join(t.TempDir(), "j")), run.Options{Workers: workers}).Run(t.Context(), items(n, pairwise(t, protocol.Options{OneOrder: true}), e), func(run.Result) error { return nil })
	if err != nil || status.Asked != n {
		t.Fatalf("%+v, %v", status, err)
	}
	ideal := latency * n / workers
	share := float64(ideal) / float64(time.Since(begin))
	t.Logf("%.1f %% of the ideal throughput", 100*share)
	if share < 0.95 {
		t.Errorf("%.1f %% of the ideal throughput, want 95 %%", 100*share)
	}
}
