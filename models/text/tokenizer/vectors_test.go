package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// vector is a record of shared/tokenizers/vectors/NAME.jsonl: a text, and what the
// reference makes of it.
type vector struct {
	Text           *string
	IDs            []int64
	Offsets        [][2]int
	PlainIDs       []int64 `json:"plain_ids"`
	OrdinaryIDs    []int64 `json:"ordinary_ids"`
	ByteLengths    []int   `json:"byte_lengths"`
	Decoded        *string
	DecodedSpecial *string `json:"decoded_special"`
}

// vectorModels maps the names of vectors to the tokenizers they were made with.
var vectorModels = map[string]string{
	"bert-uncased-minilm": "tokenizers/bert-uncased-minilm",
	"roberta-base":        "tokenizers/roberta-base",
	"gpt2":                "tokenizers/gpt2",
	"llama2":              "tokenizers/llama2/tokenizer_repaired.json",
	"phi-3":               "tokenizers/phi-3",
	"t5-small":            "tokenizers/t5-small",
	"cl100k_base":         "tokenizers/tiktoken/cl100k_base.tiktoken",
	"stories260K":         "models/language/stories260K",
	"babyllama-105":       "models/language/babyllama-105/onnx/model.onnx",
}

func load(tb testing.TB, rel string) *tokenizer.Tokenizer {
	tb.Helper()
	tok, err := tokenizer.Load(fixture.Shared(tb, rel))
	if err != nil {
		tb.Fatal(err)
	}
	return tok
}

// lines calls use with each record of a file of JSON lines but the first.
func lines[T any](t *testing.T, path string, use func(line int, v T)) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<24)
	for line := 1; s.Scan(); line++ {
		if line == 1 {
			continue
		}
		var v T
		if err := json.Unmarshal(s.Bytes(), &v); err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		use(line, v)
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}

func offsets(list []tokenizer.Offset) [][2]int {
	out := make([][2]int, len(list))
	for i, o := range list {
		out[i] = [2]int{o.Start, o.End}
	}
	return out
}

func same[T any](a, b []T) bool { return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b) }

func TestVectors(t *testing.T) {
	for name, model := range vectorModels {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tok := load(t, model)
			count := 0
			lines(t, fixture.Shared(t, "tokenizers/vectors/"+name+".jsonl"), func(line int, v vector) {
				if v.Text == nil {
					t.Fatalf("line %d: no text", line)
				}
				count++
				checkVector(t, tok, line, v)
			})
			if count != 300 {
				t.Errorf("%d vectors, want 300", count)
			}
		})
	}
}

func checkVector(t *testing.T, tok *tokenizer.Tokenizer, line int, v vector) {
	t.Helper()
	e, err := tok.Encode(*v.Text, tokenizer.WithRuneOffsets())
	if err != nil {
		t.Errorf("line %d: %v", line, err)
		return
	}
	if !same(e.IDs, v.IDs) {
		t.Errorf("line %d: %q\n got %v %q\nwant %v", line, *v.Text, e.IDs, e.Tokens, v.IDs)
	}
	if v.Offsets != nil && !same(offsets(e.Offsets), v.Offsets) {
		t.Errorf("line %d: %q offsets\n got %v\nwant %v", line, *v.Text, e.Offsets, v.Offsets)
	}
	plain := v.PlainIDs
	if plain == nil {
		plain = v.IDs
	}
	if e, err = tok.Encode(*v.Text, tokenizer.WithoutSpecialTokens()); err != nil || !same(e.IDs, plain) {
		t.Errorf("line %d: %q without special tokens\n got %v, %v\nwant %v", line, *v.Text, e.IDs, err, plain)
	}
	if v.OrdinaryIDs != nil {
		e, err := tok.Encode(*v.Text, tokenizer.WithSpecialAsText())
		if err != nil || !same(e.IDs, v.OrdinaryIDs) {
			t.Errorf("line %d: %q special as text\n got %v, %v\nwant %v", line, *v.Text, e.IDs, err, v.OrdinaryIDs)
		}
	}
	if v.ByteLengths != nil {
		v.Decoded, v.DecodedSpecial = nil, v.Text // tiktoken's vectors: decoding gives the text back
	}
	checkDecoded(t, tok, line, v.IDs, true, v.Decoded)
	checkDecoded(t, tok, line, v.IDs, false, v.DecodedSpecial)
}

// checkDecoded compares the text of ids, at once and as a stream, with want.
func checkDecoded(t *testing.T, tok *tokenizer.Tokenizer, line int, ids []int64, skip bool, want *string) {
	t.Helper()
	if want == nil {
		return
	}
	got, err := tok.Decode(ids, skip)
	if err != nil || got != *want {
		t.Errorf("line %d: decode\n got %q, %v\nwant %q", line, got, err, *want)
	}
	stream := tok.NewDecodeStream(skip)
	var text strings.Builder
	for _, id := range ids {
		part, err := stream.Step(id)
		if err != nil {
			t.Errorf("line %d: stream: %v", line, err)
		}
		text.WriteString(part)
	}
	rest, err := stream.Flush()
	if text.WriteString(rest); err != nil || text.String() != *want {
		t.Errorf("line %d: stream\n got %q, %v\nwant %q", line, text.String(), err, *want)
	}
}

// pairVector is a record of the vectors of pairs, truncation, padding and batches.
type pairVector struct {
	Text, Pair *string
	Batch      []json.RawMessage
	Truncation *struct {
		MaxLength int `json:"max_length"`
		Stride    int
		Strategy  tokenizer.Strategy
		Direction tokenizer.Side
	}
	Padding *struct {
		Direction  tokenizer.Side
		Length     *int
		MultipleOf *int   `json:"pad_to_multiple_of"`
		ID         int64  `json:"pad_id"`
		TypeID     int64  `json:"pad_type_id"`
		Token      string `json:"pad_token"`
	}
	Error             string
	IDs               json.RawMessage
	TypeIDs           json.RawMessage `json:"type_ids"`
	AttentionMask     json.RawMessage `json:"attention_mask"`
	SpecialTokensMask []int           `json:"special_tokens_mask"`
	Offsets           [][2]int
	WordIDs           []*int `json:"word_ids"`
	SequenceIDs       []*int `json:"sequence_ids"`
	Overflowing       [][]int64
}

func (v *pairVector) options() []tokenizer.Option {
	opts := []tokenizer.Option{tokenizer.WithRuneOffsets()}
	if tr := v.Truncation; tr != nil {
		opts = append(opts, tokenizer.WithTruncation(tokenizer.Truncation{
			MaxLength: tr.MaxLength, Stride: tr.Stride, Strategy: tr.Strategy, Side: tr.Direction,
		}))
	}
	if p := v.Padding; p != nil {
		pad := tokenizer.Padding{ID: p.ID, TypeID: p.TypeID, Token: p.Token, Side: p.Direction}
		if p.Length != nil {
			pad.Length = *p.Length
		}
		if p.MultipleOf != nil {
			pad.MultipleOf = *p.MultipleOf
		}
		opts = append(opts, tokenizer.WithPadding(pad))
	}
	return opts
}

func TestPairVectors(t *testing.T) {
	for _, name := range []string{"bert-uncased-minilm", "roberta-base"} {
		t.Run(name, func(t *testing.T) {
			tok := load(t, vectorModels[name])
			singles, batches, errs := 0, 0, 0
			lines(t, fixture.Shared(t, "tokenizers/vectors/"+name+"-pairs.jsonl"), func(line int, v pairVector) {
				if v.Batch != nil {
					batches++
					checkBatch(t, tok, line, v)
					return
				}
				singles++
				var e tokenizer.Encoding
				var err error
				if v.Pair != nil {
					e, err = tok.EncodePair(*v.Text, *v.Pair, v.options()...)
				} else {
					e, err = tok.Encode(*v.Text, v.options()...)
				}
				if v.Error != "" {
					errs++
					if err == nil || !strings.Contains(err.Error(), v.Error) {
						t.Errorf("line %d: error %v, want %q", line, err, v.Error)
					}
					return
				}
				if err != nil {
					t.Errorf("line %d: %v", line, err)
					return
				}
				checkPair(t, line, e, v)
			})
			if singles == 0 || batches == 0 || errs == 0 {
				t.Errorf("%d single, %d batch and %d error records, want some of each", singles, batches, errs)
			}
		})
	}
}

func checkPair(t *testing.T, line int, e tokenizer.Encoding, v pairVector) {
	t.Helper()
	numbers := func(raw json.RawMessage) (list []int64) {
		if err := json.Unmarshal(raw, &list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	index := func(list []*int) []int {
		out := make([]int, len(list))
		for i, p := range list {
			out[i] = -1
			if p != nil {
				out[i] = *p
			}
		}
		return out
	}
	mask := make([]int, len(e.SpecialTokensMask))
	for i, special := range e.SpecialTokensMask {
		if special {
			mask[i] = 1
		}
	}
	var over [][]int64
	for _, o := range e.Overflowing {
		over = append(over, o.IDs)
	}
	check := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("line %d: %s\n got %v\nwant %v", line, what, got, want)
		}
	}
	check("ids", e.IDs, numbers(v.IDs))
	check("type ids", e.TypeIDs, numbers(v.TypeIDs))
	check("attention mask", e.AttentionMask, numbers(v.AttentionMask))
	check("special tokens mask", mask, v.SpecialTokensMask)
	check("offsets", offsets(e.Offsets), v.Offsets)
	check("words", e.Words, index(v.WordIDs))
	check("sequences", e.Sequences, index(v.SequenceIDs))
	check("overflowing", over, v.Overflowing)
}

func checkBatch(t *testing.T, tok *tokenizer.Tokenizer, line int, v pairVector) {
	t.Helper()
	var texts []string
	var pairs [][2]string
	for _, item := range v.Batch {
		var text string
		var pair [2]string
		if json.Unmarshal(item, &text) == nil {
			texts = append(texts, text)
		} else if err := json.Unmarshal(item, &pair); err != nil {
			t.Fatalf("line %d: %v", line, err)
		} else {
			pairs = append(pairs, pair)
		}
	}
	list, err := tok.EncodeBatch(texts, v.options()...)
	if pairs != nil {
		list, err = tok.EncodePairBatch(pairs, v.options()...)
	}
	if err != nil {
		t.Errorf("line %d: %v", line, err)
		return
	}
	var ids, typeIDs, masks [][]int64
	for _, e := range list {
		ids, typeIDs, masks = append(ids, e.IDs), append(typeIDs, e.TypeIDs), append(masks, e.AttentionMask)
	}
	for _, c := range []struct {
		what string
		got  [][]int64
		want json.RawMessage
	}{{"ids", ids, v.IDs}, {"type ids", typeIDs, v.TypeIDs}, {"attention masks", masks, v.AttentionMask}} {
		var want [][]int64
		if err := json.Unmarshal(c.want, &want); err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
		if !reflect.DeepEqual(c.got, want) {
			t.Errorf("line %d: batch %s\n got %v\nwant %v", line, c.what, c.got, want)
		}
	}
}

// TestLlamaCPPVectors compares with the texts and ids that llama.cpp tests its own
// tokenizers with.
func TestLlamaCPPVectors(t *testing.T) {
	for file, model := range map[string]string{
		"bert-bge":  vectorModels["bert-uncased-minilm"],
		"gpt-2":     vectorModels["gpt2"],
		"llama-spm": vectorModels["llama2"],
		"phi-3":     vectorModels["phi-3"],
	} {
		t.Run(file, func(t *testing.T) {
			tok := load(t, model)
			base := filepath.Join(fixture.Shared(t, "tokenizers/llama.cpp-vectors"), "ggml-vocab-"+file+".gguf")
			in, err := os.ReadFile(base + ".inp")
			if err != nil {
				t.Fatal(err)
			}
			out, err := os.ReadFile(base + ".out")
			if err != nil {
				t.Fatal(err)
			}
			texts := strings.Split(string(in), "\n__ggml_vocab_test__\n")
			want := strings.Split(string(out), "\n")
			if len(texts) < 40 || len(want) < len(texts) {
				t.Fatalf("%d texts and %d lines of ids", len(texts), len(want))
			}
			for i, text := range texts {
				e, err := tok.Encode(text, tokenizer.WithoutSpecialTokens())
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, id := range e.IDs {
					got = append(got, strconv.FormatInt(id, 10))
				}
				if !same(got, strings.Fields(want[i])) {
					t.Errorf("%q\n got %v\nwant %v", text, got, want[i])
				}
			}
		})
	}
}
