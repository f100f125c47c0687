package openai

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"

	"github.com/seed6700ada1/infer/judge"
)

// TestRequestsOfReference compares what OpenAI's own client sends with what this one does:
// address, key, and body.
func TestRequestsOfReference(t *testing.T) {
	type sent struct{ path, key, body string }
	var last sent
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a body that broke off compares unequal
		last = sent{r.Method + " " + r.URL.Path, r.Header.Get("Authorization") + r.Header.Get("Content-Type"), string(body)}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"choices":[{"message":{"content":"A"},"finish_reason":"stop"}]}`)) // the client says if it is not there
	}))
	defer server.Close()
	t.Setenv("TEST_KEY", "sesame")
	temperature, topP, seed := 0.0, 0.5, int64(7)
	schema := json.RawMessage(`{"type":"object"}`)
	j, err := New(Config{BaseURL: server.URL + "/v1/", Model: "m", KeyEnv: "TEST_KEY", Schema: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = j.Ask(t.Context(), &judge.Request{
		Messages: []judge.Message{{Role: "system", Content: "s"}, {Role: "user", Content: "<u>"}, {Role: "assistant", Content: "a"}},
		Params:   judge.Params{Temperature: &temperature, TopP: &topP, MaxTokens: 9, Seed: &seed}, Schema: schema, Labels: []string{"A"},
	})
	if err != nil {
		t.Fatal(err)
	}
	own := last
	reference := openai.NewChatCompletionService(option.WithBaseURL(server.URL+"/v1/"), option.WithAPIKey("sesame"))
	p := openai.ChatCompletionNewParams{
		Model:       "m",
		Messages:    []openai.ChatCompletionMessageParamUnion{openai.SystemMessage("s"), openai.UserMessage("<u>"), openai.AssistantMessage("a")},
		Temperature: openai.Float(0), TopP: openai.Float(.5), Seed: openai.Int(7), MaxTokens: openai.Int(9),
		Logprobs: openai.Bool(true), TopLogprobs: openai.Int(20),
	}
	p.ResponseFormat.OfJSONSchema = &shared.ResponseFormatJSONSchemaParam{
		JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{Name: "verdict", Schema: schema, Strict: openai.Bool(true)},
	}
	if _, err := reference.New(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if own.path != last.path || own.key != last.key || !sameJSON(t, own.body, last.body) {
		t.Errorf("sent\n%v, OpenAI's client sends\n%v", own, last)
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	for text, v := range map[string]*any{a: &x, b: &y} {
		if err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(v); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(x, y)
}
