package lm_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/lm/sample"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
)

// The sum model knows the tokens 0 to 9 and says that the next one is the last digit of
// the sum of those before it, by the score -(token - digit)². So each answer is known by
// hand, and depends on every token of the cache, and on the mask.
const (
	sumCached = `<ir_version: 8, opset_import: ["": 17]>
sum (int64[b,s] input_ids, int64[b,t] attention_mask, float[b,1,p,1] "past_key_values.0.key") => (float[b,s,10] logits, float[b,1,t2,1] "present.0.key")
<int64[2] axes = {1, 3}, int64[1] one = {1}, int64[1] two = {2}, int64 axis = {2}, int64[1] end = {9223372036854775807}, float ten = {10}, float[10] digits = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}>
{
   x = Cast<to = 1>(input_ids)
   x4 = Unsqueeze(x, axes)
   "present.0.key" = Concat<axis = 2>("past_key_values.0.key", x4)
   m = Cast<to = 1>(attention_mask)
   m4 = Unsqueeze(m, axes)
   masked = Mul("present.0.key", m4)
   c = CumSum(masked, axis)
   s = Shape<start = 1, end = 2>(input_ids)
   start = Neg(s)
   last = Slice(c, start, end, two)
   sums = Squeeze(last, one)
   digit = Mod<fmod = 1>(sums, ten)
   d = Sub(digits, digit)
   d2 = Mul(d, d)
   logits = Neg(d2)
}`
	sumPlain = `<ir_version: 8, opset_import: ["": 17]>
sum (int64[b,s] input_ids) => (float[b,s,10] logits)
<int64[1] two = {2}, int64 axis = {1}, float ten = {10}, float[10] digits = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}>
{
   x = Cast<to = 1>(input_ids)
   c = CumSum(x, axis)
   sums = Unsqueeze(c, two)
   digit = Mod<fmod = 1>(sums, ten)
   d = Sub(digits, digit)
   d2 = Mul(d, d)
   logits = Neg(d2)
}`
)

// sumState is the sum model as a recurrent network: what it remembers is the sum, of fixed
// size.
const sumState = `<ir_version: 8, opset_import: ["": 17]>
sum (int64[b,s] input_ids, float[b,1,1,1] "past.sum") => (float[b,s,10] logits, float[b,1,1,1] "present.sum")
<int64[2] axes = {2, 3}, int64[1] two = {2}, int64[1] one = {1}, int64 axis = {1}, int64[1] last = {-1}, int64[1] end = {9223372036854775807}, float ten = {10}, float[10] digits = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}>
{
   x = Cast<to = 1>(input_ids)
   before = Squeeze("past.sum", axes)
   c = CumSum(x, axis)
   all = Add(c, before)
   tail = Slice(all, last, end, one)
   "present.sum" = Unsqueeze(tail, axes)
   sums = Unsqueeze(all, two)
   digit = Mod<fmod = 1>(sums, ten)
   d = Sub(digits, digit)
   d2 = Mul(d, d)
   logits = Neg(d2)
}`

// digitTokens is a tokenizer whose tokens are the digits, without anything around them.
func digitTokens(tb testing.TB) *tokenizer.Tokenizer {
	tb.Helper()
	vocab := map[string]int{}
	for i := range 10 {
		vocab[fmt.Sprint(i)] = i
	}
	data, err := json.Marshal(map[string]any{
		"version":       "1.0",
		"pre_tokenizer": map[string]any{"type": "Split", "pattern": map[string]string{"String": ""}, "behavior": "Isolated", "invert": false},
		"model":         map[string]any{"type": "BPE", "vocab": vocab, "merges": []string{}},
		"decoder":       map[string]any{"type": "Fuse"},
		"added_tokens":  []any{},
	})
	if err != nil {
		tb.Fatal(err)
	}
	t, err := tokenizer.FromJSON(data)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func openSum(tb testing.TB, graph string, c lm.Config) *lm.Model {
	tb.Helper()
	g, err := onnxtext.Parse(graph)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := infer.OpenModel(g, infer.WithThreads(1))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	m, err := lm.New(s, digitTokens(tb), c)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// sumAnswer is what the sum model writes behind a prompt, up to the end token or n digits.
func sumAnswer(prompt string, n int, end byte) string {
	sum := 0
	for _, d := range []byte(prompt) {
		sum += int(d - '0')
	}
	answer := ""
	for range n {
		d := byte('0' + sum%10)
		if d == end {
			break
		}
		answer += string(d)
		sum += int(d - '0')
	}
	return answer
}

func eachSum(t *testing.T, c lm.Config, test func(t *testing.T, m *lm.Model)) {
	t.Helper()
	t.Run("cached", func(t *testing.T) { test(t, openSum(t, sumCached, c)) })
	t.Run("state", func(t *testing.T) { test(t, openSum(t, sumState, c)) })
	t.Run("plain", func(t *testing.T) { test(t, openSum(t, sumPlain, c)) })
}

func TestGreedy(t *testing.T) {
	eachSum(t, lm.Config{BOS: -1, EOS: []int64{6}, Context: 20}, func(t *testing.T, m *lm.Model) {
		t.Helper()
		for _, tt := range []struct {
			prompt string
			o      lm.Options
			finish lm.Finish
		}{
			{"123", lm.Options{MaxTokens: 5}, lm.FinishStop}, // 1+2+3 is the end
			{"1", lm.Options{MaxTokens: 3}, lm.FinishLength},
			{"15", lm.Options{MaxTokens: 3, IgnoreEOS: true}, lm.FinishLength},
			{"35", lm.Options{}, lm.FinishStop},
			{"0", lm.Options{}, lm.FinishLength}, // zeros up to the context's end
		} {
			r, err := m.Generate(t.Context(), tt.prompt, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			n := tt.o.MaxTokens
			if n == 0 {
				n = m.Config.Context - len(tt.prompt)
			}
			want := sumAnswer(tt.prompt, n, '6')
			if tt.o.IgnoreEOS { // of 5 and 7, which are equally near to 6, the first is taken; then 1+5+5 and +1
				want = "512"
			}
			if r.Text != want || r.Finish != tt.finish || len(r.IDs) != len(want) {
				t.Errorf("%s: %q, %d ids, %q, want %q, %q", tt.prompt, r.Text, len(r.IDs), r.Finish, want, tt.finish)
			}
		}
	})
}

func TestBatchPads(t *testing.T) {
	eachSum(t, lm.Config{BOS: -1, EOS: []int64{9}}, func(t *testing.T, m *lm.Model) {
		t.Helper()
		prompts := []string{"1", "1234", "55555", "27", "8"}
		results, err := m.GenerateBatch(t.Context(), prompts, lm.Options{MaxTokens: 8})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range prompts {
			if want := sumAnswer(p, 8, '9'); results[i].Text != want {
				t.Errorf("%s: %q, want %q", p, results[i].Text, want)
			}
		}
	})
}

func TestStop(t *testing.T) {
	eachSum(t, lm.Config{BOS: -1}, func(t *testing.T, m *lm.Model) {
		t.Helper()
		// behind 1 comes 1 2 4 8 6 2 4 8 6 2 …
		for _, tt := range []struct {
			stop []string
			want string
		}{
			{[]string{"48"}, "12"}, {[]string{"2"}, "1"}, {[]string{"862", "24"}, "1"}, {[]string{"487", "62"}, "1248"}, {[]string{"99"}, "12486248"},
		} {
			var pieces []string
			finish := lm.FinishNone
			for token, err := range m.Stream(t.Context(), "1", lm.Options{MaxTokens: 8, Stop: tt.stop}) {
				if err != nil {
					t.Fatal(err)
				}
				pieces, finish = append(pieces, token.Text), token.Finish
			}
			if got := strings.Join(pieces, ""); got != tt.want || (finish == lm.FinishStop) != (len(tt.want) < 8) {
				t.Errorf("stop %q: %q (%q), ended for %q, want %q", tt.stop, got, pieces, finish, tt.want)
			}
		}
	})
}

// What the model's own files say ends an answer too, unless it shall go on.
func TestStopOfModel(t *testing.T) {
	m := openSum(t, sumState, lm.Config{BOS: -1, Stop: []string{"86"}})
	for _, tt := range []struct {
		o    lm.Options
		want string
	}{
		{lm.Options{MaxTokens: 8}, "124"},
		{lm.Options{MaxTokens: 8, Stop: []string{"4"}}, "12"},
		{lm.Options{MaxTokens: 8, IgnoreEOS: true}, "12486248"},
	} {
		r, err := m.Generate(t.Context(), "1", tt.o)
		if err != nil || r.Text != tt.want {
			t.Errorf("%+v: %q, %v, want %q", tt.o, r.Text, err, tt.want)
		}
	}
}

// A memory serves a recurrent model where a prompt goes on from all that it has read, and
// is of no use where the two part before.
func TestMemoryOfState(t *testing.T) {
	eachSum(t, lm.Config{BOS: -1}, func(t *testing.T, m *lm.Model) {
		t.Helper()
		o := lm.Options{MaxTokens: 3, Memory: lm.NewMemory(4)}
		for _, prompt := range []string{"12", "123", "12365", "19", "1236", "12", "12365999"} {
			r, err := m.Generate(t.Context(), prompt, o)
			if want := sumAnswer(prompt, 3, 0); err != nil || r.Text != want {
				t.Errorf("%s: %+v, %v, want %q", prompt, r, err, want)
			}
		}
	})
}

func TestPromptTooLong(t *testing.T) {
	eachSum(t, lm.Config{BOS: -1, Context: 8}, func(t *testing.T, m *lm.Model) {
		t.Helper()
		_, err := m.Generate(t.Context(), "12345678", lm.Options{MaxTokens: 2})
		if long := new(lm.ContextError); !errors.As(err, &long) || long.Tokens != 8 || long.Context != 8 {
			t.Errorf("%v, want a ContextError of 8 tokens", err)
		}
		r, err := m.Generate(t.Context(), "12345678", lm.Options{MaxTokens: 2, Truncate: true})
		if want := sumAnswer("345678", 2, 0); err != nil || r.Text != want || r.Prompt != 6 {
			t.Errorf("cut to 6: %+v, %v, want %q", r, err, want)
		}
	})
}

func TestLogProbs(t *testing.T) {
	m := openSum(t, sumPlain, lm.Config{BOS: -1})
	r, err := m.Generate(t.Context(), "3", lm.Options{MaxTokens: 1, LogProbs: 3})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i := range 10 {
		sum += math.Exp(-float64((i - 3) * (i - 3)))
	}
	top := r.Tokens[0].Top
	if len(top) != 3 || top[0].ID != 3 || top[1].ID != 2 || top[2].ID != 4 {
		t.Fatalf("alternatives %v, want 3, 2 and 4", top)
	}
	for i, want := range []float64{-math.Log(sum), -1 - math.Log(sum), -1 - math.Log(sum)} {
		if math.Abs(top[i].LogProb-want) > 1e-6 {
			t.Errorf("alternative %d: %v, want %v", i, top[i].LogProb, want)
		}
	}
	if r.Tokens[0].LogProb != top[0].LogProb {
		t.Errorf("the token's own is %v, want %v", r.Tokens[0].LogProb, top[0].LogProb)
	}
}

// Windows of 4 behind a token 1, and what a window that overlaps sees.
func TestPerplexityWindows(t *testing.T) {
	m := openSum(t, sumPlain, lm.Config{BOS: 1, Context: 5})
	text := "2345678"
	for _, tt := range []struct {
		windows lm.Windows
		before  []string // of each token: what stands before it
	}{
		{lm.Windows{}, []string{"1", "12", "123", "1234", "1", "16", "167"}},
		{lm.Windows{Size: 3, Tokens: 5}, []string{"1", "12", "123", "1", "15"}},
		{lm.Windows{Size: 4, Stride: 2}, []string{"1", "12", "123", "1234", "145", "1456", "1567"}},
	} {
		p, err := m.Perplexity(t.Context(), text, tt.windows, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p.Tokens != len(tt.before) {
			t.Fatalf("%+v: %d tokens, want %d", tt.windows, p.Tokens, len(tt.before))
		}
		for i, before := range tt.before {
			want := sumLog(before, int(text[i]-'0'))
			if math.Abs(p.LogProbs[i]-want) > 1e-4 {
				t.Errorf("%+v: token %d: %v, want %v, that of %c behind %s", tt.windows, i, p.LogProbs[i], want, text[i], before)
			}
		}
		if math.Abs(math.Log(p.Perplexity)-p.NLL) > 1e-9 {
			t.Errorf("perplexity %v of nll %v", p.Perplexity, p.NLL)
		}
	}
	for _, w := range []lm.Windows{{Size: 5}, {Size: -1}, {Size: 3, Stride: 4}, {Tokens: -1}} {
		if _, err := m.Perplexity(t.Context(), text, w, nil); err == nil {
			t.Errorf("%+v has no error", w)
		}
	}
}

// sumLog is the log-probability that the sum model gives a digit.
func sumLog(before string, digit int) float64 {
	last := 0
	for _, d := range before {
		last += int(d - '0')
	}
	last %= 10
	sum := 0.0
	for i := range 10 {
		sum += math.Exp(-float64((i - last) * (i - last)))
	}
	return -float64((digit-last)*(digit-last)) - math.Log(sum)
}

func TestCancelled(t *testing.T) {
	m := openSum(t, sumCached, lm.Config{BOS: -1})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range m.Stream(ctx, "1", lm.Options{MaxTokens: 100}) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			break
		}
		if n++; n == 3 {
			cancel()
		}
	}
	if n != 3 {
		t.Errorf("%d tokens came, want 3", n)
	}
}

func TestSeeds(t *testing.T) {
	m := openSum(t, sumCached, lm.Config{BOS: -1})
	write := func(seed uint64) string {
		r, err := m.Generate(t.Context(), "7", lm.Options{MaxTokens: 30, Options: sample.Options{Temperature: 2, Seed: seed}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Text
	}
	if a, b := write(1), write(1); a != b {
		t.Errorf("one seed wrote %q and %q", a, b)
	}
	if a, b := write(1), write(2); a == b {
		t.Errorf("two seeds wrote %q", a)
	}
}

// A beam as wide as the vocabulary finds the likeliest answers of two digits.
func TestBeamsByHand(t *testing.T) {
	eachSum(t, lm.Config{BOS: -1}, func(t *testing.T, m *lm.Model) {
		t.Helper()
		type answer struct {
			text string
			log  float64
		}
		var all []answer
		for a := range 10 {
			for b := range 10 {
				all = append(all, answer{fmt.Sprintf("%d%d", a, b), sumLog("5", a) + sumLog(fmt.Sprintf("5%d", a), b)})
			}
		}
		slices.SortStableFunc(all, func(x, y answer) int {
			if x.log > y.log {
				return -1
			}
			return 1
		})
		beams, err := m.Beams(t.Context(), "5", lm.BeamOptions{Width: 10, MaxTokens: 2})
		if err != nil {
			t.Fatal(err)
		}
		for i, b := range beams {
			if math.Abs(b.Score-all[i].log) > 1e-4 {
				t.Errorf("beam %d is %q with %v, want one with %v", i, b.Text, b.Score, all[i].log)
			}
		}
	})
}

func TestRefused(t *testing.T) {
	for graph, says := range map[string]string{
		`<ir_version: 8, opset_import: ["": 17]> g (int64[b,s] input_ids) => (int64[b,s] y) { y = Identity(input_ids) }`:                                                                                 `no output "logits"`,
		`<ir_version: 8, opset_import: ["": 17]> g (float[b,s] x) => (float[b,s] logits) { logits = Identity(x) }`:                                                                                       `an input "x"`,
		`<ir_version: 8, opset_import: ["": 17]> g (int64[b,s] input_ids, float[b,1,p,1] "past.0") => (int64[b,s] logits) { logits = Identity(input_ids) }`:                                              `no output present`,
		`<ir_version: 8, opset_import: ["": 17]> g (int64[b,s] input_ids, float[b,h,p,1] past) => (int64[b,s] logits, float[b,h,p,1] present) { logits = Identity(input_ids) present = Identity(past) }`: "how many heads",
	} {
		g, err := onnxtext.Parse(graph)
		if err != nil {
			t.Fatal(err)
		}
		s, err := infer.OpenModel(g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lm.New(s, digitTokens(t), lm.Config{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
		s.Close()
	}
	m := openSum(t, sumCached, lm.Config{BOS: -1})
	for _, o := range []lm.Options{{MaxTokens: -1}, {Stop: []string{""}}, {LogProbs: -1}, {Options: sample.Options{Temperature: -1}}} {
		if _, err := m.Generate(t.Context(), "1", o); err == nil {
			t.Errorf("%+v has no error", o)
		}
	}
	if _, err := m.Generate(t.Context(), "", lm.Options{}); err == nil {
		t.Error("an empty prompt got an answer")
	}
}

func ExampleModel_Stream() {
	m := openSum(new(testing.T), sumCached, lm.Config{BOS: -1})
	for token, err := range m.Stream(context.Background(), "12", lm.Options{MaxTokens: 5}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(token.Text, " ")
	}
	// Output: 3 6 2 4 8
}
