package text_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
)

// vocabulary of the tests' tokenizer: words, and the frame [CLS] A [SEP] B [SEP].
const tokens = `{"version": "1.0", "added_tokens": [
 {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}, {"id": 1, "content": "[CLS]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}, {"id": 2, "content": "[SEP]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
 "pre_tokenizer": {"type": "Whitespace"},
 "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "good": 4, "bad": 5, "Ada": 6, "Byron": 7, "in": 8, "London": 9}},
 "post_processor": {"type": "TemplateProcessing",
  "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
  "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
  "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}, "[SEP]": {"id": "[SEP]", "ids": [2], "tokens": ["[SEP]"]}}}}`

// open makes a model of a graph, whose inputs are those of an encoder.
func open(tb testing.TB, graph string, c text.Config) *text.Model {
	tb.Helper()
	g, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 17]>` + graph)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := infer.OpenModel(g, infer.WithThreads(1))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	tok, err := tokenizer.FromJSON([]byte(tokens))
	if err != nil {
		tb.Fatal(err)
	}
	m, err := text.New(s, tok, c)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// vectors gives each token the vector (id, 1).
const vectors = `g (int64[b,s] input_ids, int64[b,s] attention_mask) => (float[b,s,2] last_hidden_state) <int64[1] axis = {2}, float one = {1}, float zero = {0}>
{ f = Cast<to = 1>(input_ids) x = Unsqueeze(f, axis) z = Mul(x, zero) y = Add(z, one) last_hidden_state = Concat<axis = 2>(x, y) }`

func TestEmbed(t *testing.T) {
	m := open(t, vectors, text.Config{})
	m.BatchTokens = 8 // several runs
	texts := []string{"good", "good bad Ada", "", "London London"}
	for how, want := range map[text.Pooling][]float32{ // the first number of each vector; the second is 1
		text.PoolMean: {7.0 / 3, 18.0 / 5, 1.5, 21.0 / 4}, // ids 1 4 2; 1 4 5 6 2; 1 2; 1 9 9 2
		text.PoolCLS:  {1, 1, 1, 1},
		text.PoolLast: {2, 2, 2, 2},
		text.PoolMax:  {4, 6, 2, 9},
	} {
		e, err := text.NewEmbedder(m, text.EmbedOptions{Pooling: how, Normalise: text.No})
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Embed(t.Context(), texts)
		if err != nil {
			t.Fatal(err)
		}
		for i := range texts {
			if v := got[i].Vector; math.Abs(float64(v[0]-want[i])) > 1e-6 || v[1] != 1 {
				t.Errorf("%s of %q: %v, want [%v 1]", how, texts[i], v, want[i])
			}
		}
	}
	e, err := text.NewEmbedder(m, text.EmbedOptions{Prefix: "good "})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Embed(t.Context(), []string{"bad"}) // ids 1 4 5 2, mean 3
	if err != nil {
		t.Fatal(err)
	}
	if v := got[0].Vector; math.Abs(float64(v[0])-3/math.Sqrt(10)) > 1e-6 || got[0].Tokens != 4 {
		t.Errorf("with a prefix and length one: %v of %d tokens, want [%v …] of 4", v, got[0].Tokens, 3/math.Sqrt(10))
	}
}

func TestTooLong(t *testing.T) {
	m := open(t, vectors, text.Config{})
	m.MaxTokens = 4
	strict, err := text.NewEmbedder(m, text.EmbedOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = strict.Embed(t.Context(), []string{"good", "good bad Ada"})
	if long := new(text.TooLongError); !errors.As(err, &long) || long.Index != 1 || long.Tokens != 5 || long.Most != 4 {
		t.Errorf("%v, want a TooLongError of text 1", err)
	}
	cut, err := text.NewEmbedder(m, text.EmbedOptions{Truncate: true})
	if err != nil {
		t.Fatal(err)
	}
	got, err := cut.Embed(t.Context(), []string{"good", "good bad Ada"})
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Truncated || !got[1].Truncated || got[1].Tokens != 4 {
		t.Errorf("%+v, want the second cut to 4 tokens", got)
	}
}

// counts scores a text by its tokens: good against bad, and whether there is a second
// text.
const counts = `g (int64[b,s] input_ids, int64[b,s] attention_mask, int64[b,s] token_type_ids) => (float[b,3] logits)
<int64 good = {4}, int64 bad = {5}, int64[1] axis = {1}>
{
   e1 = Equal(input_ids, good) f1 = Cast<to = 1>(e1) n1 = ReduceSum(f1, axis)
   e2 = Equal(input_ids, bad) f2 = Cast<to = 1>(e2) n2 = ReduceSum(f2, axis)
   f3 = Cast<to = 1>(token_type_ids) n3 = ReduceMax<axes = [1]>(f3)
   logits = Concat<axis = 1>(n1, n2, n3)
}`

func labels() map[string]string {
	return map[string]string{"0": "entailment", "1": "contradiction", "2": "neutral"}
}

func TestClassify(t *testing.T) {
	m := open(t, counts, text.Config{IDToLabel: labels()})
	c, err := text.NewClassifier(m, text.ClassifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Classify(t.Context(), []string{"bad in London bad", "good"})
	if err != nil {
		t.Fatal(err)
	}
	e2 := math.Exp(2)
	if got[0].Name != "contradiction" || math.Abs(got[0].Score-e2/(e2+2)) > 1e-6 || got[1].Name != "entailment" || len(got[0].Scores) != 3 {
		t.Errorf("%+v, want contradiction with %v, then entailment", got, e2/(e2+2))
	}
	pairs, err := c.ClassifyPairs(t.Context(), [][2]string{{"in", "London in"}})
	if err != nil || pairs[0].Name != "neutral" {
		t.Errorf("a pair: %+v, %v, want neutral: its second text has another type", pairs, err)
	}

	multi := open(t, counts, text.Config{IDToLabel: labels(), ProblemType: "multi_label_classification"})
	if c, err = text.NewClassifier(multi, text.ClassifyOptions{}); err != nil {
		t.Fatal(err)
	}
	if got, err = c.Classify(t.Context(), []string{"good"}); err != nil {
		t.Fatal(err)
	}
	if s := got[0].Scores; math.Abs(s[0].Score-1/(1+math.Exp(-1))) > 1e-6 || s[1].Score != 0.5 {
		t.Errorf("%+v, want each label's own probability", s)
	}
}

func TestLabels(t *testing.T) {
	c := text.Config{}
	if got, err := c.Labels(2); err != nil || !slices.Equal(got, []string{"LABEL_0", "LABEL_1"}) {
		t.Errorf("without names: %v, %v", got, err)
	}
	for _, names := range []map[string]string{{"0": "a"}, {"0": "a", "2": "b"}, {"0": "a", "x": "b"}} {
		c.IDToLabel = names
		if got, err := c.Labels(2); err == nil {
			t.Errorf("%v: %v, want an error", names, got)
		}
	}
}

func TestZeroShotAndRerank(t *testing.T) {
	m := open(t, counts, text.Config{IDToLabel: labels()})
	z, err := text.NewZeroShot(m, text.ZeroShotOptions{Template: "in {}"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := z.Classify(t.Context(), "London", []string{"bad", "good", "Ada"})
	if err != nil {
		t.Fatal(err)
	}
	// entailment is 0, 1, 0
	if want := math.E / (math.E + 2); got[0].Name != "good" || math.Abs(got[0].Score-want) > 1e-6 {
		t.Errorf("%+v, want good with %v", got, want)
	}
	z, err = text.NewZeroShot(m, text.ZeroShotOptions{MultiLabel: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, err = z.Classify(t.Context(), "London", []string{"bad", "good"}); err != nil {
		t.Fatal(err)
	}
	// good: entailment 1 against contradiction 0; bad: 0 against 1
	if want := math.E / (math.E + 1); math.Abs(got[0].Score-want) > 1e-6 || math.Abs(got[1].Score-(1-want)) > 1e-6 {
		t.Errorf("%+v, want %v and %v", got, want, 1-want)
	}
	one := open(t, strings.NewReplacer("float[b,3]", "float[b,1]", "Concat<axis = 1>(n1, n2, n3)", "Sub(n1, n2)").Replace(counts), text.Config{})
	r, err := text.NewReranker(one, false)
	if err != nil {
		t.Fatal(err)
	}
	ranked, err := r.Rank(t.Context(), "in", []string{"bad", "good good", "Ada", "good"})
	if err != nil {
		t.Fatal(err)
	}
	var order []int
	for _, x := range ranked {
		order = append(order, x.Index)
	}
	if !slices.Equal(order, []int{1, 3, 2, 0}) {
		t.Errorf("%+v, want the order 1 3 2 0", ranked)
	}
}

// names gives Ada B-PER, Byron I-PER, London B-LOC and all else O.
const names = `g (int64[b,s] input_ids, int64[b,s] attention_mask) => (float[b,s,4] logits)
<float[10,4] table = {9,0,0,0, 9,0,0,0, 9,0,0,0, 9,0,0,0, 9,0,0,0, 9,0,0,0, 0,9,0,0, 0,0,9,0, 9,0,0,0, 0,0,0,9}>
{ logits = Gather(table, input_ids) }`

func TestSpans(t *testing.T) {
	m := open(t, names, text.Config{IDToLabel: map[string]string{"0": "O", "1": "B-PER", "2": "I-PER", "3": "B-LOC"}})
	for how, want := range map[text.Aggregation]string{
		text.AggregateNone:   "B-PER:Ada I-PER:Byron B-LOC:London B-PER:Ada B-PER:Ada",
		text.AggregateSimple: "PER:Ada Byron LOC:London PER:Ada PER:Ada",
		text.AggregateMax:    "PER:Ada Byron LOC:London PER:Ada PER:Ada",
	} {
		c, err := text.NewTokenClassifier(m, text.TokenOptions{Aggregation: how})
		if err != nil {
			t.Fatal(err)
		}
		const content = "Ada Byron in London é Ada Ada"
		found, err := c.Classify(t.Context(), []string{"good", content})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, s := range found[1] {
			if content[s.Start:s.End] != s.Text {
				t.Errorf("%q is at %d to %d, where %q is", s.Text, s.Start, s.End, content[s.Start:s.End])
			}
			got = append(got, s.Label+":"+s.Text)
		}
		if len(found[0]) != 0 || strings.Join(got, " ") != want {
			t.Errorf("%s: %v and %s, want none and %s", how, found[0], got, want)
		}
	}
}

// where says that answers begin at Ada and end at Byron.
const where = `g (int64[b,s] input_ids, int64[b,s] attention_mask) => (float[b,s] start_logits, float[b,s] end_logits)
<int64 ada = {6}, int64 byron = {7}, float ten = {10}>
{ a = Equal(input_ids, ada) fa = Cast<to = 1>(a) start_logits = Mul(fa, ten) b = Equal(input_ids, byron) fb = Cast<to = 1>(b) end_logits = Mul(fb, ten) }`

func TestAnswer(t *testing.T) {
	m := open(t, where, text.Config{})
	content := strings.Repeat("London in ", 20) + "good Ada bad Byron in " + strings.Repeat("London ", 10)
	for _, most := range []int{0, 16} { // at once, and in pieces
		m.MaxTokens = most
		a, err := text.NewAnswerer(m, text.AnswerOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := a.Answer(t.Context(), "Ada Byron", content) // the question's own words are no answer
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Text != "Ada bad Byron" || content[got[0].Start:got[0].End] != got[0].Text {
			t.Errorf("with %d tokens: %+v, want Ada bad Byron", most, got)
		}
	}
}

func TestNearest(t *testing.T) {
	x, err := text.NewIndex([]text.Embedding{{Vector: []float32{1, 0}}, {Vector: []float32{0, 1}}, {Vector: []float32{0.6, 0.8}}, {Vector: []float32{1, 0}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Nearest([]float32{1, 0}, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{0, 3, 2} {
		if got[i].Index != want {
			t.Errorf("nearest are %+v, want 0, 3 and 2", got)
		}
	}
	if _, err := x.Nearest([]float32{1}, 1); err == nil {
		t.Error("a vector of another size was looked for")
	}
	if err := x.Add([]float32{1}); err == nil {
		t.Error("a vector of another size was added")
	}
}

// A folder says how its model embeds.
func TestOpenFolder(t *testing.T) {
	dir := t.TempDir()
	g, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 17]>` + vectors)
	if err != nil {
		t.Fatal(err)
	}
	data, err := g.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"onnx/model.onnx": string(data), "tokenizer.json": tokens,
		"config.json":                       `{"architectures": ["BertForSequenceClassification"], "max_position_embeddings": 50, "model_type": "roberta"}`,
		"sentence_bert_config.json":         `{"max_seq_length": 20}`,
		"1_Pooling/config.json":             `{"pooling_mode_cls_token": true}`,
		"modules.json":                      `[{"type": "sentence_transformers.models.Pooling"}]`,
		"config_sentence_transformers.json": `{"prompts": {"query": "good "}, "default_prompt_name": null}`,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := infer.Open(filepath.Join(dir, "onnx", "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	m, err := text.Open(s, dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.MaxTokens != 20 || m.Config.Task() != text.TaskClassification || m.OneByOne {
		t.Errorf("at most %d tokens, for %q, one by one %v; want 20, text-classification, false", m.MaxTokens, m.Config.Task(), m.OneByOne)
	}
	e, err := text.NewEmbedder(m, text.EmbedOptions{Prompt: "query"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := e.Embed(t.Context(), []string{"bad"})
	if err != nil {
		t.Fatal(err)
	}
	if v := got[0].Vector; v[0] != 1 || v[1] != 1 || got[0].Tokens != 4 {
		t.Errorf("%v of %d tokens, want the first token's [1 1] as it is, of 4", v, got[0].Tokens)
	}
	if _, err := text.NewEmbedder(m, text.EmbedOptions{Prompt: "absent"}); err == nil {
		t.Error("a prompt was found that is not there")
	}
	if err := os.Remove(filepath.Join(dir, "tokenizer.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := text.Open(s, dir); !errors.Is(err, tokenizer.ErrNotFound) {
		t.Errorf("without a tokenizer: %v, want ErrNotFound", err)
	}
}

func ExampleEmbedder_Embed() {
	m := open(new(testing.T), vectors, text.Config{})
	e, err := text.NewEmbedder(m, text.EmbedOptions{Pooling: text.PoolMax, Normalise: text.No})
	if err != nil {
		fmt.Println(err)
		return
	}
	vectors, err := e.Embed(context.Background(), []string{"good bad", "Ada in London"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(vectors[0].Vector, vectors[1].Vector)
	// Output: [5 1] [9 1]
}
