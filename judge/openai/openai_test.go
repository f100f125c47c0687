package openai_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/judgetest"
	"github.com/seed6700ada1/infer/judge/openai"
)

const theKey = "sk-very-secret-0123"

func ask(t *testing.T, handler http.Handler, c openai.Config, req *judge.Request) (judge.Answer, error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	t.Setenv("TEST_JUDGE_KEY", theKey)
	c.BaseURL, c.Model, c.KeyEnv = server.URL, "m", "TEST_JUDGE_KEY"
	j, err := openai.New(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{j.Identity(), fmt.Sprintf("%v %+v %#v", *j, *j, *j)} {
		if strings.Contains(shown, theKey) {
			t.Errorf("the key is shown: %s", shown)
		}
	}
	return j.Ask(t.Context(), req)
}

func question() *judge.Request {
	return &judge.Request{
		Messages: []judge.Message{{Role: "system", Content: "s"}, {Role: "user", Content: "u"}, {Role: "assistant", Content: "a"}, {Role: "user", Content: "again"}},
		Params:   judge.Params{MaxTokens: 5}, Labels: []string{"1", "2"},
	}
}

func TestAsk(t *testing.T) {
	for _, stream := range []bool{false, true} {
		server := &judgetest.Server{
			Answer: func(m []judgetest.Message) string {
				if len(m) != 4 || m[0].Role != "system" || m[2].Role != "assistant" || m[3].Content != "again" {
					t.Errorf("messages %+v", m)
				}
				return "two words"
			},
			LogProbs: map[string]float64{"1": math.Log(0.25), " 2": math.Log(0.5), "2": math.Log(0.125)},
		}
		got, err := ask(t, server, openai.Config{Stream: stream}, question())
		if err != nil {
			t.Fatal(err)
		}
		if got.Text != "two words" || got.Finish != "stop" || got.Usage != (judge.Usage{Prompt: 10, Completion: 5}) {
			t.Errorf("stream %v: answer %+v", stream, got)
		}
		if p := math.Exp(got.LogProbs["2"]); len(got.LogProbs) != 2 || math.Abs(p-0.625) > 1e-12 {
			t.Errorf("stream %v: log-probabilities %v", stream, got.LogProbs)
		}
	}
}

func TestRequest(t *testing.T) {
	temperature := 0.5
	req := question()
	req.Params.Temperature, req.Schema = &temperature, []byte(`{"type":"object"}`)
	var body, authorization string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data := make([]byte, r.ContentLength)
		_, _ = r.Body.Read(data) // a body this small comes whole
		body, authorization = string(data), r.Header.Get("Authorization")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"choices":[{"message":{"content":"said `+theKey+`"},"finish_reason":"stop"}]}`)
	})
	got, err := ask(t, handler, openai.Config{Schema: true, CompletionTokens: true}, req)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "Bearer "+theKey {
		t.Errorf("authorization %q", authorization)
	}
	if got.Text != "said [key]" {
		t.Errorf("the answer %q is kept", got.Text)
	}
	for _, want := range []string{`"max_completion_tokens":5`, `"temperature":0.5`, `"json_schema"`, `"top_logprobs":20`} {
		if !strings.Contains(body, want) {
			t.Errorf("the request has no %s: %s", want, body)
		}
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name      string
		handler   http.HandlerFunc
		temporary bool
		after     time.Duration
	}{
		{"too many", status(429, "Retry-After", "3"), true, 3 * time.Second},
		{"too many, a date", status(429, "Retry-After", "Mon, 02 Jan 2006 15:04:05 GMT"), true, 0},
		{"too many, forever", status(429, "Retry-After", "1e300"), true, 10 * time.Minute},
		{"too many, nonsense", status(429, "Retry-After", "soon"), true, 0},
		{"broken", status(500, "", ""), true, 0},
		{"forbidden", status(401, "", ""), false, 0},
		{"no choices", text(`{"choices":[]}`), true, 0},
		{"no JSON", text(`<html>`), true, 0},
		{"twice", text(`{"choices":[]}{"choices":[]}`), true, 0},
		{"huge", text(strings.Repeat(" ", 2000)), true, 0},
	} {
		_, err := ask(t, c.handler, openai.Config{MaxAnswer: 1000}, question())
		temporary, ok := judge.Temporary(err)
		if err == nil || ok != c.temporary || ok && temporary.After != c.after {
			t.Errorf("%s: error %v, temporary %v", c.name, err, ok)
		}
		if err != nil && strings.Contains(err.Error(), theKey) {
			t.Errorf("%s: the key is in the error: %v", c.name, err)
		}
	}
}

// status fails, and tells everybody the key.
func status(code int, header, value string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if header != "" {
			w.Header().Set(header, value)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"error":{"message":"bad key %s"}}`, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	}
}

func text(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(theKey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var authorization string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { authorization = r.Header.Get("Authorization") }))
	defer server.Close()
	j, err := openai.New(openai.Config{BaseURL: server.URL, Model: "m", KeyFile: path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := j.Ask(t.Context(), question()); err == nil || authorization != "Bearer "+theKey {
		t.Errorf("with a key in a file the header is %q, and an empty response gives the error %v", authorization, err)
	}
	for _, c := range []openai.Config{
		{},
		{BaseURL: "http://x"},
		{BaseURL: "http://x", Model: "m", KeyEnv: "TEST_JUDGE_ABSENT"},
		{BaseURL: "http://x", Model: "m", KeyFile: path + "x"},
	} {
		if _, err := openai.New(c, nil); err == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
