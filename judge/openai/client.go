package openai

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// client speaks the part of the protocol that a judge needs: one request, chat
// completions. OpenAI's own client for Go would add 24 MB to the program, almost all of it
// types of other requests; a test compares what both send.
type client struct {
	endpoint string
	key      secret
	http     *http.Client
}

// newClient makes a client of the endpoint below a base such as
// http://localhost:8000/v1.
func newClient(base string, key secret, transport http.RoundTripper) (*client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("base_url %q: expected one such as http://localhost:8000/v1", base)
	}
	return &client{u.JoinPath("chat", "completions").String(), key, &http.Client{Transport: transport}}, nil
}

// request is the body of a request.
type request struct {
	Messages            []message       `json:"messages"`
	Model               string          `json:"model"`
	Temperature         *float64        `json:"temperature,omitempty"`
	TopP                *float64        `json:"top_p,omitempty"`
	Seed                *int64          `json:"seed,omitempty"`
	MaxTokens           int             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	LogProbs            bool            `json:"logprobs,omitempty"`
	TopLogProbs         int             `json:"top_logprobs,omitempty"`
	Format              *responseFormat `json:"response_format,omitempty"`
	Stream              bool            `json:"stream,omitempty"`
	StreamOptions       *streamOptions  `json:"stream_options,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type responseFormat struct {
	Type   string     `json:"type"`
	Schema jsonSchema `json:"json_schema"`
}

type jsonSchema struct {
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
	Strict bool            `json:"strict"`
}

// response is the body of an answer, or of a piece of one, whose text is in Delta.
type response struct {
	Choices []struct {
		Index   int `json:"index"`
		Message struct {
			Content string `json:"content"`
		} `json:"message"`
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		LogProbs *struct {
			Content []token `json:"content"`
		} `json:"logprobs"`
		Finish string `json:"finish_reason"`
	} `json:"choices"`
	Usage usage     `json:"usage"`
	Error *apiFault `json:"error"` // in a stream that began well
}

// token is a token of an answer with the likeliest tokens in its place.
type token struct {
	Token string `json:"token"`
	Top   []struct {
		Token   string  `json:"token"`
		LogProb float64 `json:"logprob"`
	} `json:"top_logprobs"`
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// apiFault is what an endpoint says is wrong.
type apiFault struct {
	Message string `json:"message"`
}

// statusError is an answer that is none.
type statusError struct {
	Message  string
	Code     int
	Response *http.Response
}

// Error is one line.
func (e *statusError) Error() string { return fmt.Sprintf("status %d: %s", e.Code, e.Message) }

// send sends a request. The body of the response is the caller's to close.
func (c *client) send(ctx context.Context, r *request) (*http.Response, error) {
	body, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	if r.Stream {
		req.Header.Set("Accept", "text/event-stream")
	}
	if c.key != nil {
		req.Header.Set("Authorization", "Bearer "+c.key())
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 == 2 {
		return res, nil
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	return nil, &statusError{faultOf(data), res.StatusCode, res}
}

// faultOf is the message of an error's body: {"error": {"message": …}}, {"error": "…"}, or
// the body itself.
func faultOf(data []byte) string {
	var body struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(data, &body) != nil || body.Error == nil {
		return string(data)
	}
	var fault apiFault
	if json.Unmarshal(body.Error, &fault) == nil && fault.Message != "" {
		return fault.Message
	}
	return string(body.Error)
}

// whole takes a response in one piece.
func (c *client) whole(ctx context.Context, r *request) (*response, error) {
	res, err := c.send(ctx, r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	out := &response{}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return nil, fmt.Errorf("the response: %w", err)
	}
	return out, nil
}

// mostEvent bounds a line of a stream.
const mostEvent = 4 << 20

// stream takes a response in pieces: server-sent events, of which only data lines matter.
func (c *client) stream(ctx context.Context, r *request, take func(*response)) error {
	r.Stream, r.StreamOptions = true, &streamOptions{IncludeUsage: true}
	res, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, mostEvent)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data:")
		if data = strings.TrimSpace(data); !ok || data == "" {
			continue
		}
		if data == "[DONE]" {
			return nil
		}
		var piece response
		if err := json.Unmarshal([]byte(data), &piece); err != nil {
			return fmt.Errorf("a piece of the stream: %w", err)
		}
		if piece.Error != nil {
			return fmt.Errorf("the stream ended with an error: %s", piece.Error.Message)
		}
		take(&piece)
	}
	return lines.Err()
}
