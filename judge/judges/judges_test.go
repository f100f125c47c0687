package judges

import (
	"bufio"
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/judge"
)

func item() *judge.Item {
	return &judge.Item{ID: "q", Input: "in", Candidates: []judge.Candidate{{Text: "xx", Name: "secret-model"}, {Text: "xxxx"}, {Text: "x"}}}
}

func request(kind judge.Kind, order ...int) *judge.Request {
	q := &judge.Question{Kind: kind, Item: item(), Order: order, Scale: [2]float64{1, 5}, Ties: true}
	if kind == judge.Pointwise {
		q.Criteria = []string{""}
	}
	return &judge.Request{Item: "q", Step: "s", Question: q}
}

func TestScorer(t *testing.T) {
	s := Scorer{ID: "length", Margin: 0.05, Score: func(_ context.Context, it *judge.Item, c int, _ string) (float64, error) {
		return float64(len(it.Candidates[c].Text)) / 4, nil
	}}
	for _, c := range []struct {
		req  *judge.Request
		want string
	}{
		{request(judge.Pairwise, 0, 1), `{"winner":"B"}`},
		{request(judge.Pairwise, 1, 0), `{"winner":"A"}`},
		{request(judge.Pairwise, 1, 1), `{"winner":"tie"}`},
		{request(judge.Listwise, 0, 1, 2), `{"ranking":[2,1,3]}`},
		{request(judge.Pointwise, 0), `{"score":3}`},
		{&judge.Request{}, `-`},
	} {
		got, err := s.Ask(t.Context(), c.req)
		if err != nil || got.Text != c.want {
			t.Errorf("answer %s, %v; want %s", got.Text, err, c.want)
		}
	}
	s.Score = func(context.Context, *judge.Item, int, string) (float64, error) { return math.NaN(), nil }
	if _, err := s.Ask(t.Context(), request(judge.Pointwise, 0)); err == nil {
		t.Error("a score of NaN is no error")
	}
}

type embedder struct{}

// Embed counts letters.
func (embedder) Embed(_ context.Context, texts []string) ([][]float32, error) {
	var out [][]float32
	for _, text := range texts {
		out = append(out, []float32{float32(strings.Count(text, "x")), float32(strings.Count(text, "i"))})
	}
	return out, nil
}

type classifier struct{}

func (classifier) Classify(_ context.Context, text string) (map[string]float64, error) {
	return map[string]float64{"toxic": float64(len(text)) / 10}, nil
}

func TestModels(t *testing.T) {
	it := item()
	it.Reference = "xi"
	got, err := Similarity("s", "1", embedder{}).Score(t.Context(), it, 0, "")
	if err != nil || math.Abs(got-math.Sqrt2/2) > 1e-7 {
		t.Errorf("similarity %v, %v", got, err)
	}
	got, err = Classified("c", "1", classifier{}, "toxic", false).Score(t.Context(), it, 1, "")
	if err != nil || math.Abs(got-0.6) > 1e-12 {
		t.Errorf("share that is not toxic %v, %v", got, err)
	}
	if _, err := Classified("c", "1", classifier{}, "absent", true).Score(t.Context(), it, 1, ""); err == nil {
		t.Error("a label that the classifier does not have is no error")
	}
}

type model struct{}

func (model) Complete(context.Context, []judge.Message, judge.Params) (judge.Answer, error) {
	return judge.Answer{Text: "said"}, nil
}

func (model) LogProbs(_ context.Context, _ []judge.Message, labels []string) (map[string]float64, error) {
	return map[string]float64{labels[0]: -2, labels[1]: -1}, nil
}

func TestLocal(t *testing.T) {
	l := Local{ID: "l", Model: model{}}
	if got, err := l.Ask(t.Context(), &judge.Request{}); err != nil || got.Text != "said" {
		t.Errorf("answer %+v, %v", got, err)
	}
	if got, err := l.Ask(t.Context(), &judge.Request{Labels: []string{"A", "B"}}); err != nil || got.Text != "B" || got.LogProbs["A"] != -2 {
		t.Errorf("answer %+v, %v", got, err)
	}
}

func TestRecorded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.jsonl")
	const lines = `{"item":"q","step":"ab","text":"first"}
{"item":"q","step":"ab","sample":1,"text":"second"}

{"item":"q","step":"ab","text":"twice"}
{"item":"q","step":"ba","text":"third"}`
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := OpenRecorded("r", path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, c := range []struct {
		step   string
		sample int
		want   string
	}{{"ab", 0, "first"}, {"ab", 1, "second"}, {"ba", 0, "third"}} {
		if got, err := r.Ask(t.Context(), &judge.Request{Item: "q", Step: c.step, Sample: c.sample}); err != nil || got.Text != c.want {
			t.Errorf("%s, %d: %q, %v; want %q", c.step, c.sample, got.Text, err, c.want)
		}
	}
	if _, err := r.Ask(t.Context(), &judge.Request{Item: "q", Step: "absent"}); err == nil {
		t.Error("an answer that was not recorded is no error")
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenRecorded("r", path); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a damaged recording: %v", err)
	}
}

func TestHuman(t *testing.T) {
	var out bytes.Buffer
	h := &Human{ID: "me", In: bufio.NewReader(strings.NewReader("what?\nb\n9\n4\nskip\nc>a>b\ntie")), Out: &out}
	for _, c := range []struct {
		req  *judge.Request
		want string
	}{
		{request(judge.Pairwise, 0, 1), `{"winner":"B"}`},
		{request(judge.Pointwise, 0), `{"score":4}`},
		{request(judge.Pointwise, 0), `{"score":null}`},
		{request(judge.Listwise, 0, 1, 2), `{"ranking":[3,1,2]}`},
		{request(judge.Pairwise, 0, 1), `{"winner":"TIE"}`},
	} {
		got, err := h.Ask(t.Context(), c.req)
		if err != nil || got.Text != c.want {
			t.Errorf("answer %s, %v; want %s", got.Text, err, c.want)
		}
	}
	if _, err := h.Ask(t.Context(), request(judge.Pairwise, 0, 1)); err == nil {
		t.Error("the end of the input is no error")
	}
	if strings.Contains(out.String(), "secret-model") {
		t.Error("the person is shown who wrote an answer")
	}
	if got := printable("a\x1b[2Jb\nc"); got != "a�[2Jb\nc" {
		t.Errorf("printable text %q", got)
	}
}
