package suite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judges"
	"github.com/seed6700ada1/infer/judge/run"
)

const text = `
name: n
items: items.jsonl
protocols:
  - {kind: pairwise, ties: true, params: {max_tokens: 7}}
  - {kind: pointwise, scale: [1, 5]}
judges:
  - name: e
    openai: {base_url: "http://localhost/v1", model: m, prices: {prompt: 1}}
  - name: r
    recorded: answers.jsonl
  - name: f
run: {workers: 3, timeout: 5s, budget: {tokens: 10}}
`

func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"items.jsonl":   `{"id":"a","output_1":"x","output_2":"y"}` + "\n" + `{"id":"b","output_1":"x","output_2":"y"}`,
		"answers.jsonl": `{"item":"a","step":"ab","text":"[[A]]"}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSuite(t *testing.T) {
	s, err := Parse([]byte(text), folder(t))
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Run.Options(); o.Workers != 3 || o.Timeout.Seconds() != 5 || o.Budget.Tokens != 10 {
		t.Errorf("limits %+v", o)
	}
	p, err := s.Open(func(j Judge) (judge.Judge, error) { return judges.Func{ID: j.Name}, nil })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var got []string
	for job, err := range p.Jobs(run.Shard{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, job.Item.ID+" "+job.Protocol.Name()+" "+job.Judge.Name())
	}
	want := "a pairwise e|a pairwise r|a pairwise f|a pointwise e|a pointwise r|a pointwise f|" +
		"b pairwise e|b pairwise r|b pairwise f|b pointwise e|b pointwise r|b pointwise f"
	if strings.Join(got, "|") != want {
		t.Errorf("jobs %s", strings.Join(got, "|"))
	}
	if priced, ok := p.Judges[0].(run.Priced); !ok || priced.Prices().Prompt != 1 {
		t.Error("the endpoint has no prices")
	}
}

func TestRefuses(t *testing.T) {
	dir := folder(t)
	for name, change := range map[string][2]string{
		"field":     {"name: n", "nme: n"},
		"items":     {"items: items.jsonl", ""},
		"judges":    {"judges:", "# judges:"},
		"kind":      {"kind: pointwise", "kind: other"},
		"names":     {"kind: pointwise, scale: [1, 5]", "kind: pairwise"},
		"twice":     {"name: r", "name: e"},
		"panel":     {"name: f", "name: panel"},
		"recorded":  {"answers.jsonl", "absent.jsonl"},
		"no model":  {"model: m,", ""},
		"bad scale": {"[1, 5]", "[5, 1]"},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Fatalf("%s: nothing changed", name)
		}
		s, err := Parse([]byte(changed), dir)
		if err == nil {
			_, err = s.Open(func(j Judge) (judge.Judge, error) { return judges.Func{ID: j.Name}, nil })
		}
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	s, err := Parse([]byte(text), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(nil); err == nil {
		t.Error("a judge that nobody makes was opened")
	}
	s.Items = "absent.csv"
	for _, err := range s.All() {
		if err == nil {
			t.Error("items that are not there were read")
		}
	}
	if _, err := Load(filepath.Join(dir, "absent.yaml"), ""); err == nil {
		t.Error("a suite that is not there was loaded")
	}
}
