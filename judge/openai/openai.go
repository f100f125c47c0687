// Package openai is a judge at an endpoint that speaks OpenAI's chat completions: theirs,
// or one of the many servers that are compatible with it.
//
// The key comes from the environment or a file, and goes into the header of requests and
// nowhere else: it is in no identity, error, log or journal, not even where the server
// sends it back.
package openai

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/seed6700ada1/infer/judge"
	"github.com/seed6700ada1/infer/judge/run"
)

// Config says where the endpoint is and what it can do.
type Config struct {
	Name    string `yaml:"name"`     // of the judge, in reports; the model by default
	BaseURL string `yaml:"base_url"` // up to and with the version: http://localhost:8000/v1
	Model   string `yaml:"model"`

	KeyEnv  string `yaml:"key_env"`  // environment variable that holds the key
	KeyFile string `yaml:"key_file"` // file that holds the key; neither: no key

	Stream           bool `yaml:"stream"`            // take the answer as it is written
	Schema           bool `yaml:"schema"`            // the server keeps to JSON schemas
	NoLogProbs       bool `yaml:"no_logprobs"`       // the server refuses to be asked for probabilities
	CompletionTokens bool `yaml:"completion_tokens"` // the server wants max_completion_tokens, not max_tokens
	MaxAnswer        int  `yaml:"max_answer"`        // bytes of a response; 4 MiB

	Prices run.Prices `yaml:"prices"`
}

// Judge asks an endpoint.
type Judge struct {
	config Config
	key    secret
	chat   *client
}

// secret gives a text to those who call it. Printed, even as a field of something else,
// it is an address.
type secret func() string

// scrub returns text without the secret.
func (s secret) scrub(text string) string {
	if s == nil {
		return text
	}
	return strings.ReplaceAll(text, s(), "[key]")
}

// New returns the judge of a config. transport is what carries requests, nil for the
// default.
func New(c Config, transport http.RoundTripper) (*Judge, error) {
	if c.BaseURL == "" || c.Model == "" {
		return nil, errors.New("openai: want base_url and model")
	}
	c.Name = cmp.Or(c.Name, c.Model)
	c.MaxAnswer = cmp.Or(c.MaxAnswer, 4<<20)
	key, err := c.key()
	if err != nil {
		return nil, fmt.Errorf("openai: judge %s: %w", c.Name, err)
	}
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.MaxIdleConnsPerHost = 1024 // as many as there may be workers
		transport = own
	}
	chat, err := newClient(c.BaseURL, key, &checked{transport, int64(c.MaxAnswer)})
	if err != nil {
		return nil, fmt.Errorf("openai: judge %s: %w", c.Name, err)
	}
	return &Judge{config: c, key: key, chat: chat}, nil // it does not repeat requests: package run does, for all judges alike
}

// key reads the key; it is nil where there is none.
func (c *Config) key() (secret, error) {
	var key string
	switch {
	case c.KeyEnv != "":
		if key = os.Getenv(c.KeyEnv); key == "" {
			return nil, fmt.Errorf("the environment variable %s, which should hold the key, is empty", c.KeyEnv)
		}
	case c.KeyFile != "":
		data, err := os.ReadFile(c.KeyFile)
		if err != nil {
			return nil, err
		}
		if key = strings.TrimSpace(string(data)); key == "" {
			return nil, fmt.Errorf("%s, which should hold the key, is empty", c.KeyFile)
		}
	default:
		return nil, nil
	}
	return func() string { return key }, nil
}

// Name returns the name.
func (j *Judge) Name() string { return j.config.Name }

// Identity returns what decides the answers beside the request: the model, where it is,
// and how it is asked.
func (j *Judge) Identity() string {
	return fmt.Sprintf("openai %s at %s, schema %v", j.config.Model, j.config.BaseURL, j.config.Schema)
}

// Prices returns the prices.
func (j *Judge) Prices() run.Prices { return j.config.Prices }

// Ask sends the request and returns the answer.
func (j *Judge) Ask(ctx context.Context, req *judge.Request) (judge.Answer, error) {
	params := j.params(req)
	var answer judge.Answer
	var tokens []token
	var err error
	if j.config.Stream {
		answer, tokens, err = j.stream(ctx, params)
	} else {
		answer, tokens, err = j.whole(ctx, params)
	}
	if err != nil {
		return judge.Answer{}, j.failure(ctx, err)
	}
	if len(req.Labels) > 0 && len(tokens) > 0 {
		answer.LogProbs = labelLogProbs(tokens, req.Labels)
	}
	answer.Text = j.key.scrub(answer.Text)
	return answer, nil
}

// params returns the request as the client wants it.
func (j *Judge) params(req *judge.Request) *request {
	p := &request{Model: j.config.Model, Temperature: req.Params.Temperature, TopP: req.Params.TopP, Seed: req.Params.Seed}
	for _, m := range req.Messages {
		role := m.Role
		if role != "system" && role != "assistant" {
			role = "user"
		}
		p.Messages = append(p.Messages, message{role, m.Content})
	}
	if j.config.CompletionTokens {
		p.MaxCompletionTokens = req.Params.MaxTokens
	} else {
		p.MaxTokens = req.Params.MaxTokens
	}
	if len(req.Labels) > 0 && !j.config.NoLogProbs {
		p.LogProbs, p.TopLogProbs = true, 20
	}
	if len(req.Schema) > 0 && j.config.Schema {
		p.Format = &responseFormat{"json_schema", jsonSchema{"verdict", req.Schema, true}}
	}
	return p
}

// whole takes the answer in one piece.
func (j *Judge) whole(ctx context.Context, params *request) (judge.Answer, []token, error) {
	res, err := j.chat.whole(ctx, params)
	if err != nil {
		return judge.Answer{}, nil, err
	}
	if len(res.Choices) == 0 {
		return judge.Answer{}, nil, &judge.TemporaryError{Err: errors.New("a response without choices")}
	}
	c := res.Choices[0]
	var tokens []token
	if c.LogProbs != nil {
		tokens = c.LogProbs.Content
	}
	return judge.Answer{Text: c.Message.Content, Finish: c.Finish, Usage: res.Usage.judged()}, tokens, nil
}

// stream takes the answer as it is written.
func (j *Judge) stream(ctx context.Context, params *request) (judge.Answer, []token, error) {
	var answer judge.Answer
	var text strings.Builder
	var tokens []token
	err := j.chat.stream(ctx, params, func(piece *response) {
		if piece.Usage.Total > 0 {
			answer.Usage = piece.Usage.judged()
		}
		for _, c := range piece.Choices {
			if c.Index != 0 {
				continue
			}
			text.WriteString(c.Delta.Content)
			if c.LogProbs != nil {
				tokens = append(tokens, c.LogProbs.Content...)
			}
			answer.Finish = cmp.Or(c.Finish, answer.Finish)
		}
	})
	if err != nil {
		return judge.Answer{}, nil, err
	}
	if answer.Finish == "" {
		return judge.Answer{}, nil, &judge.TemporaryError{Err: errors.New("the stream ended before the answer did")}
	}
	answer.Text = text.String()
	return answer, tokens, nil
}

func (u usage) judged() judge.Usage {
	return judge.Usage{Prompt: u.Prompt, Completion: u.Completion}
}

// labelLogProbs returns the log-probabilities of labels at the first token that says
// anything. Spellings that differ in space and case of one label add up.
func labelLogProbs(tokens []token, labels []string) map[string]float64 {
	for _, t := range tokens {
		if strings.TrimSpace(t.Token) == "" {
			continue
		}
		out := map[string]float64{}
		for _, top := range t.Top {
			for _, label := range labels {
				if strings.EqualFold(strings.TrimSpace(top.Token), label) {
					out[label] = addLogs(out, label, top.LogProb)
				}
			}
		}
		return out
	}
	return nil
}
