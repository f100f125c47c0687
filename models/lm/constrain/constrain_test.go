package constrain

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/lm"
	"github.com/seed6700ada1/infer/models/lm/sample"
)

// takes says whether the automaton takes a whole text.
func takes(a *automaton, text string) bool {
	s := a.start
	for i := range len(text) {
		if s = a.step(s, text[i]); s == nil {
			return false
		}
	}
	return s.accepts
}

// TestAutomaton compares with package regexp on random texts of the expression's letters.
func TestAutomaton(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, expr := range []string{
		"a", "ab*c", "(a|b)*abb", "^a+$", "a{2,4}", "[a-c]+|x", "(?i)é+b", "a.c", "(?s)a.c", "日[本-語]", "", "(a*)*b", "a?b?c?", "(a$|b)*", "[^a]b",
	} {
		a, err := newAutomaton(expr)
		if err != nil {
			t.Fatal(err)
		}
		re := regexp.MustCompile(`\A(?:` + expr + `)\z`)
		letters := []rune("abcxé\n日本語É€𝄞")
		for range 3000 {
			var b strings.Builder
			for range rng.IntN(6) {
				b.WriteRune(letters[rng.IntN(len(letters))])
			}
			if got, want := takes(a, b.String()), re.MatchString(b.String()); got != want {
				t.Fatalf("%q on %q: %v, want %v", expr, b.String(), got, want)
			}
		}
	}
}

// A rune whose first byte comes alone goes on only where a rune of the expression begins
// with it.
func TestAutomatonWithinRunes(t *testing.T) {
	a, err := newAutomaton("[é-ü]+")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"\xc3": true, "\xc3\xa9": true, "\xc4": false, "\xe2": false, "\xc3\xa9\xc3": true, "\xff": false, "a": false} {
		s := a.start
		for i := 0; i < len(text) && s != nil; i++ {
			s = a.step(s, text[i])
		}
		if (s != nil) != want {
			t.Errorf("% x can go on: %v, want %v", text, s != nil, want)
		}
	}
}

func TestExpressionsRefused(t *testing.T) {
	v := &Vocabulary{bytes: [][]byte{[]byte("a")}}
	for expr, says := range map[string]string{"(": "missing closing", `\bword`: "boundaries", "(?m)^a": "ends of lines", "(((a{100}){100}){100})": "", "a[^\\x00-\\x{10FFFF}]": ""} {
		c, err := Regexp(v, expr)
		if err == nil && says != "" {
			t.Errorf("%q made %v", expr, c)
		}
		if err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", expr, err, says)
		}
	}
}

func TestSchema(t *testing.T) {
	for _, tt := range []struct {
		schema  string
		yes, no []string
	}{
		{`{"type": "integer"}`, []string{"0", "-12"}, []string{"01", "1.5", "", "a"}},
		{`{"type": "number"}`, []string{"0.5", "-1e9", "3"}, []string{".5", "1.", "NaN"}},
		{`{"type": ["string", "null"]}`, []string{`""`, `"a\"\u00e9é"`, "null"}, []string{`"`, "\"\n\"", `"\x"`, "1"}},
		{`{"enum": ["a.b", 1, null]}`, []string{`"a.b"`, "1", "null"}, []string{`"axb"`, "2"}},
		{`{"const": {"a": [1]}}`, []string{`{"a":[1]}`}, []string{`{"a":[2]}`}},
		{`{"type": "array", "items": {"type": "boolean"}, "minItems": 1, "maxItems": 2}`, []string{"[true]", "[true, false]"}, []string{"[]", "[true,]", "[true,true,true]", "[1]"}},
		{`{"type": "array", "maxItems": 0}`, []string{"[]"}, []string{"[1]"}},
		{`{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "null"}]}`, []string{"[1,null]"}, []string{"[1]", "[null,1]"}},
		{
			`{"properties": {"b": {"type": "integer"}, "a": {"type": "null"}, "c": {"type": "null"}}, "required": ["a"]}`,
			[]string{`{"b":1,"a":null}`, `{"a": null}`, `{ "a":null, "c":null }`},
			[]string{`{"a":null,"b":1}`, `{"b":1}`, `{}`, `{"a":null,}`},
		},
		{`{"properties": {"a": {"type": "null"}, "b": {"type": "null"}}}`, []string{`{}`, `{"b":null}`, `{"a":null,"b":null}`}, []string{`{,}`, `{"a":null "b":null}`}},
		{`{"$ref": "#/$defs/p", "$defs": {"p": {"type": "string", "pattern": "^[A-Z]{2}$"}}}`, []string{`"IE"`}, []string{`"ie"`, `"IEE"`}},
		{`{"anyOf": [{"type": "null"}, {"type": "string", "minLength": 1, "maxLength": 2}]}`, []string{"null", `"a"`, `"日本"`}, []string{`""`, `"abc"`}},
		{`true`, []string{`{"a": [1, "b"]}`, "null"}, []string{"{", "[1"}},
	} {
		expr, err := SchemaExpression([]byte(tt.schema))
		if err != nil {
			t.Errorf("%s: %v", tt.schema, err)
			continue
		}
		a, err := newAutomaton(expr)
		if err != nil {
			t.Fatalf("%s: %v", tt.schema, err)
		}
		for _, text := range tt.yes {
			if !json.Valid([]byte(text)) {
				t.Fatalf("%s is no JSON", text)
			}
			if !takes(a, text) {
				t.Errorf("%s does not take %s", tt.schema, text)
			}
		}
		for _, text := range tt.no {
			if takes(a, text) {
				t.Errorf("%s takes %s", tt.schema, text)
			}
		}
	}
}

func TestSchemasRefused(t *testing.T) {
	for schema, says := range map[string]string{
		`{`:                                     "no JSON",
		`false`:                                 "nothing matches",
		`[]`:                                    "cannot unmarshal",
		`{"type": "date"}`:                      "not known",
		`{"minimum": 3}`:                        `"minimum" is not supported`,
		`{"enum": []}`:                          "nothing matches",
		`{"$ref": "other.json"}`:                "a place in the schema",
		`{"$ref": "#/nowhere"}`:                 "no such place",
		`{"items": {"$ref": "#"}}`:              "refers to itself",
		`{"properties": {}, "required": ["a"]}`: "not among the properties",
		`{"type": "string", "pattern": "("}`:    "pattern",
		`{"type": "array", "minItems": 5, "maxItems": 2}`: "bounds",
	} {
		if expr, err := SchemaExpression([]byte(schema)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %q, %v, want %q", schema, expr, err, says)
		}
	}
}

// TestAnswers lets a small model write, hot enough to go anywhere, and reads what it wrote.
func TestAnswers(t *testing.T) {
	for _, name := range []string{"stories260K", "babyllama-105"} {
		path := fixture.Shared(t, "models/language/"+name+"/onnx/model.onnx")
		s, err := infer.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		m, err := lm.Open(s, path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := NewVocabulary(m.Tokenizer)
		if err != nil {
			t.Fatal(err)
		}
		expr := `( [a-z]{3,6}){3}\.`
		re, err := Regexp(v, expr)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(5) {
			r, err := m.Generate(t.Context(), "Once upon a time", lm.Options{Options: sample.Options{Temperature: 1.5, Seed: seed}, Constraint: re})
			if err != nil {
				t.Fatal(err)
			}
			if !regexp.MustCompile(`\A` + expr + `\z`).MatchString(r.Text) {
				t.Errorf("%s wrote %q, want a match of %q", name, r.Text, expr)
			}
			if r.Finish != lm.FinishStop {
				t.Errorf("%s ended for %q, want stop", name, r.Finish)
			}
		}
	}
}

func TestMaskLeavesEnd(t *testing.T) {
	v := &Vocabulary{bytes: [][]byte{nil, []byte("a"), []byte("b"), []byte("ab")}}
	c, err := Regexp(v, "a*b?")
	if err != nil {
		t.Fatal(err)
	}
	p := c.Start()
	for _, step := range []struct {
		allowed string // ids whose scores stay
		accept  int64
	}{{"0123", 1}, {"0123", 3}, {"0", -1}} {
		logits := make([]float32, 4)
		p.Mask(logits, []int64{0})
		got := ""
		for id, l := range logits {
			if !math.IsInf(float64(l), -1) {
				got += string(rune('0' + id))
			}
		}
		if got != step.allowed {
			t.Errorf("tokens %s may follow, want %s", got, step.allowed)
		}
		if step.accept >= 0 {
			if err := p.Accept(step.accept); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !p.Done() {
		t.Error("nothing can follow, and it is not done")
	}
	if err := p.Accept(1); err == nil {
		t.Error("a token was accepted that cannot follow")
	}
}
