package replay

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
)

// TestPublished holds every recorded run of LLMBar against the figures published for
// it, to the last bit.
func TestPublished(t *testing.T) {
	dir := fixture.Shared(t, "data/judge/llmbar")
	want := published(t, filepath.Join(dir, "published.tsv"))
	runs, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != len(want) {
		t.Errorf("%d runs, %d are published", len(runs), len(want))
	}
	completions := 0
	for _, run := range runs {
		f, err := Score(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		completions += f.Completions
		for name, got := range map[string]float64{
			"n": float64(f.N), "accuracy": f.Accuracy(), "agreement": f.Agreement(), "accuracy_both": f.AccuracyBoth(),
			"accuracy_given_order": f.AccuracyOf(0), "accuracy_swapped": f.AccuracyOf(1),
		} {
			row := want[run.Subset+" "+run.Judge+" "+run.Prompt]
			if published, err := strconv.ParseFloat(row[name], 64); err != nil || got != published {
				t.Errorf("%s, %s, %s: %s is %v, published is %s", run.Subset, run.Judge, run.Prompt, name, got, row[name])
			}
		}
		kappa, ok := f.Kappa()
		if published, err := strconv.ParseFloat(want[run.Subset+" "+run.Judge+" "+run.Prompt]["kappa_agreement"], 64); err != nil || !ok || math.Abs(kappa-published) > 1e-12 {
			t.Errorf("%s, %s, %s: κ is %v, published is %v", run.Subset, run.Judge, run.Prompt, kappa, published)
		}
		for _, d := range f.Differences {
			t.Errorf("%s: item %d, swapped %v: recorded %v, reads as %v: %q", run.Path, d.Item, d.Swapped, d.Recorded, d.Read, d.Text)
		}
	}
	// 419 pairs in both orders: five judges with one prompt, two with a second, one with a third.
	if pairs := 419; completions != pairs*2*8 {
		t.Errorf("%d completions were read again, want %d", completions, pairs*2*8)
	}
}

// published returns the rows of a table by subset, judge and prompt.
func published(t *testing.T, path string) map[string]map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comma = '\t'
	records, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]map[string]string{}
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows[row["subset"]+" "+row["judge"]+" "+row["prompt"]] = row
	}
	return rows
}

// made is a run of three items: steps before the verdicts, an answer without a winner,
// and an answer that was recorded wrongly.
const made = `[
 {"label": 1, "results": [["1. Is it right?", "stop"], {"swap = False": {"completion": ["Output (a)", "stop"], "winner": "1"}, "swap = True": {"completion": ["Output (b)", "stop"], "winner": "1"}}]},
 {"label": 2, "results": [{"swap = False": {"completion": ["", ""], "winner": null}, "swap = True": {"completion": ["Output (a)", ""], "winner": "2"}}]},
 {"label": 2, "results": [{"swap = False": {"completion": "Therefore, Output (b) is better.", "winner": "1"}, "swap = True": {"winner": "1"}}]}
]`

func TestScore(t *testing.T) {
	f, err := score(t.Context(), strings.NewReader(made))
	if err != nil {
		t.Fatal(err)
	}
	if f.N != 3 || f.Correct != [2]int{1, 2} || f.Both != 1 || f.Same != 2 || f.Unscored != 1 || f.Completions != 5 {
		t.Errorf("figures: %+v", f)
	}
	if f.Accuracy() != 50 {
		t.Errorf("accuracy %v, want 50: 3 of 6", f.Accuracy())
	}
	if len(f.Differences) != 1 || f.Differences[0].Item != 2 || f.Differences[0].Swapped {
		t.Errorf("differences: %+v, want the last item in the order given", f.Differences)
	}
}

func TestScoreRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"object":     `{}`,
		"nothing":    ``,
		"no items":   `[]`,
		"no end":     `[{"label":1,"results":[{"swap = False":{"winner":"1"},"swap = True":{"winner":"1"}}]}`,
		"no label":   `[{"results":[{"swap = False":{"winner":"1"},"swap = True":{"winner":"1"}}]}]`,
		"no verdict": `[{"label":1,"results":[["x","stop"]]}]`,
		"one order":  `[{"label":1,"results":[{"swap = False":{"winner":"1"}}]}]`,
		"winner":     `[{"label":1,"results":[{"swap = False":{"winner":"3"},"swap = True":{"winner":"1"}}]}]`,
	} {
		if f, err := score(t.Context(), strings.NewReader(text)); err == nil {
			t.Errorf("%s: figures %+v, want an error", name, f)
		}
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{
		"b/evaluators/J/P.json", "a/x/evaluators/J/P/result.json", "a/x/evaluators/J/P/statistics.json", "a/x/dataset.json",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("[]"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runs, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range runs {
		got = append(got, r.Subset+" "+r.Judge+" "+r.Prompt)
	}
	if strings.Join(got, ", ") != "a/x J P, b J P" {
		t.Errorf("found %v", got)
	}
	if _, err := Find(t.TempDir()); err == nil {
		t.Error("an empty folder has runs")
	}
}

func FuzzScore(f *testing.F) {
	f.Add(made)
	f.Add(`[{"label":1,"results":[{"swap = False":{"completion":[1],"winner":1},"swap = True":{"completion":null,"winner":0}}]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := score(t.Context(), strings.NewReader(text))
		if err == nil && (got.N == 0 || got.Accuracy() < 0 || got.Accuracy() > 100 || got.Same > got.N) {
			t.Errorf("figures %+v of %q", got, text)
		}
	})
}
