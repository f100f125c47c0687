package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/judge"
)

// TestPrometheus runs the 320 items of Prometheus's Vicuna set, with their references,
// through the pointwise protocol: three recorded judgments each, whose mean is the score.
func TestPrometheus(t *testing.T) {
	data, err := os.ReadFile(fixture.Shared(t, "data/judge/prometheus/vicuna_eval.json"))
	if err != nil {
		t.Fatal(err)
	}
	var recorded []struct {
		Instruction string
		Scores      []float64 `json:"gpt4_score"`
		Feedback    []string  `json:"gpt4_feedback"`
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		t.Fatal(err)
	}
	readings := 0
	for i, r := range recorded {
		part := func(from, to string) string {
			_, rest, ok := strings.Cut(r.Instruction, from)
			text, _, end := strings.Cut(rest, to)
			if !ok || !end {
				t.Fatalf("item %d has no part %q", i, from)
			}
			return strings.TrimSpace(text)
		}
		it := &judge.Item{
			ID: fmt.Sprint(i), Input: part("###The instruction to evaluate:", "###Response to evaluate:"),
			Candidates: []judge.Candidate{{Text: part("###Response to evaluate:", "###Reference Answer")}},
			Reference:  part("###Reference Answer (Score 5):", "###Score Rubrics:"),
		}
		o := Options{
			Kind: judge.Pointwise, Form: Result, Scale: [2]float64{1, 5}, Samples: len(r.Scores), Reference: true,
			Rubric: Rubric{Instructions: part("###Score Rubrics:", "###Feedback:")},
		}
		v, _ := drive(t, o, it, func(req *judge.Request) judge.Answer {
			if !strings.Contains(req.Messages[1].Content, it.Reference) {
				t.Errorf("item %d: the prompt does not show the reference", i)
			}
			return judge.Answer{Text: fmt.Sprintf("Feedback: %s [RESULT] %g", r.Feedback[req.Sample], r.Scores[req.Sample])}
		})
		want := 0.0
		for _, s := range r.Scores {
			want += s / float64(len(r.Scores))
			readings++
		}
		if got, ok := v.Totals[0].Value(); !ok || got-want > 1e-12 || want-got > 1e-12 {
			t.Errorf("item %d: score %v, want %v of %v", i, v.Totals[0], want, r.Scores)
		}
	}
	t.Logf("%d recorded judgments of %d items", readings, len(recorded))
}

// TestMTBench runs the questions of MT-Bench that have references through the prompts that
// MT-Bench judges with, single and in pairs.
func TestMTBench(t *testing.T) {
	references := map[float64]string{}
	for _, line := range lines(t, "data/judge/fastchat/mt_bench/reference_answer/gpt-4.jsonl") {
		turns := line["choices"].([]any)[0].(map[string]any)["turns"].([]any)
		references[line["question_id"].(float64)] = turns[0].(string)
	}
	prompts := map[string]map[string]any{}
	for _, line := range lines(t, "data/judge/fastchat/judge_prompts.jsonl") {
		prompts[line["name"].(string)] = line
	}
	judged := 0
	for _, line := range lines(t, "data/judge/fastchat/mt_bench/question.jsonl") {
		reference, ok := references[line["question_id"].(float64)]
		if !ok {
			continue
		}
		it := &judge.Item{
			ID: fmt.Sprint(line["question_id"]), Input: line["turns"].([]any)[0].(string), Reference: reference,
			Candidates: []judge.Candidate{{Text: reference}, {Text: "I do not know."}},
		}
		judged++
		pairwise := Options{Kind: judge.Pairwise, Form: Brackets, Ties: true, Reference: true, Prompt: translated(prompts["pair-math-v1"])}
		v, _ := drive(t, pairwise, it, func(req *judge.Request) judge.Answer {
			for _, want := range []string{it.Input, reference, "I do not know."} {
				if !strings.Contains(req.Messages[1].Content, want) {
					t.Errorf("question %s: the prompt does not show %q", it.ID, want)
				}
			}
			return best(reference, "It is right. [[%s]]")(req)
		})
		if v.Choice.String() != "first" || v.Flipped() {
			t.Errorf("question %s: %+v", it.ID, v)
		}
		single := Options{Kind: judge.Pointwise, Form: Rating, Reference: true, Prompt: translated(prompts["single-math-v1"])}
		v, _ = drive(t, single, it, func(req *judge.Request) judge.Answer {
			return judge.Answer{Text: fmt.Sprintf("It is an answer. Rating: [[%d]]", 10-9*req.Question.Order[0])}
		})
		if v.Totals[0].String() != "10" || v.Totals[1].String() != "1" {
			t.Errorf("question %s: scores %v", it.ID, v.Totals)
		}
	}
	if judged != len(references) || judged == 0 {
		t.Errorf("%d questions judged, %d have references", judged, len(references))
	}
}

// translated returns a prompt of MT-Bench as a template.
func translated(p map[string]any) *Prompt {
	user := strings.NewReplacer(
		"{question}", "{{.Input}}", "{ref_answer_1}", "{{.Reference}}",
		"{answer_a}", "{{(index .Candidates 0).Text}}", "{answer_b}", "{{(index .Candidates 1).Text}}",
		"{answer}", "{{(index .Candidates 0).Text}}",
	).Replace(p["prompt_template"].(string))
	return &Prompt{System: p["system_prompt"].(string), User: user}
}

// lines returns the objects of a JSONL file of the shared data.
func lines(t *testing.T, rel string) []map[string]any {
	t.Helper()
	file, err := os.Open(fixture.Shared(t, rel))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []map[string]any
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<24)
	for in.Scan() {
		var object map[string]any
		if err := json.Unmarshal(in.Bytes(), &object); err != nil {
			t.Fatal(err)
		}
		out = append(out, object)
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
