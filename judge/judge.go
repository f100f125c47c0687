package judge

import (
	"context"
	"encoding/json"
)

// A Message is a turn of the talk that a judge is asked to go on with.
type Message struct {
	Role    string `json:"role"` // "system", "user" or "assistant"
	Content string `json:"content"`
}

// A Request is one question to a judge. It holds everything that decides the answer,
// and so is what a journal's key is made of.
type Request struct {
	Item     string    `json:"item"`             // the item's id
	Step     string    `json:"step"`             // of the protocol: what the answer is for
	Sample   int       `json:"sample,omitempty"` // which of several answers to the same question
	Messages []Message `json:"messages"`
	Params   Params    `json:"params,omitzero"`

	// Schema is the JSON schema of the answer, for judges that can keep to one. Judges
	// that cannot are still told in the messages what to write.
	Schema json.RawMessage `json:"schema,omitempty"`

	// Labels are the answers to choose from, for judges that can score or constrain:
	// they give [Answer.LogProbs], by label. Others answer in text.
	Labels []string `json:"labels,omitempty"`

	// Question is what is asked, for judges that do not read prompts: a function, a
	// classifier, a person. Nil where the answer only prepares a question. It is not part
	// of the key: the messages say the same.
	Question *Question `json:"-"`
}

// A Kind says what a verdict is about.
type Kind string

// The kinds of protocols.
const (
	Pointwise Kind = "pointwise" // a score for each candidate
	Pairwise  Kind = "pairwise"  // the better of two
	Listwise  Kind = "listwise"  // an order of all
)

// A Question is a request without its words.
type Question struct {
	Kind     Kind
	Item     *Item
	Order    []int      // the candidates in the order in which they are shown: one, two or all
	Criteria []string   // of a score; one "" where there is a single score
	Scale    [2]float64 // the least and the highest score
	Ties     bool       // whether a comparison may end in a tie
}

// Params are the parameters of sampling. A zero field is the judge's own default.
type Params struct {
	Temperature *float64 `json:"temperature,omitempty" yaml:"temperature"`
	TopP        *float64 `json:"top_p,omitempty" yaml:"top_p"`
	MaxTokens   int      `json:"max_tokens,omitempty" yaml:"max_tokens"`
	Seed        *int64   `json:"seed,omitempty" yaml:"seed"`
}

// An Answer is what a judge said.
type Answer struct {
	Text   string `json:"text"`
	Finish string `json:"finish,omitempty"` // why it ended: "stop", "length", …

	// LogProbs are natural logarithms of probability, by label of the request.
	LogProbs map[string]float64 `json:"logprobs,omitempty"`

	Usage Usage `json:"usage,omitzero"`

	// Error is the message of a failure that more tries did not cure. Such an answer is
	// counted, and not kept in the journal: who continues the run asks again.
	Error string `json:"error,omitempty"`
}

// Usage is what an answer took.
type Usage struct {
	Prompt     int     `json:"prompt,omitempty"`     // tokens read
	Completion int     `json:"completion,omitempty"` // tokens written
	Cost       float64 `json:"cost,omitempty"`       // in the currency of the judge's prices
}

// Add returns the sum of two usages.
func (u Usage) Add(v Usage) Usage {
	return Usage{u.Prompt + v.Prompt, u.Completion + v.Completion, u.Cost + v.Cost}
}

// A Judge answers requests. It is used by many goroutines at once.
type Judge interface {
	// Name is short and stands in reports. Two judges of a run have different names.
	Name() string

	// Identity is everything about the judge that decides its answers: the model, its
	// version, its settings. It is part of a journal's key and holds no secret.
	Identity() string

	// Ask returns the answer. An error that [Temporary] accepts is worth another try;
	// any other is final for this request.
	Ask(ctx context.Context, req *Request) (Answer, error)
}
