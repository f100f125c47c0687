package lm

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/lm/sample"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
)

// Options say how an answer is written. The zero value takes the most likely token each
// time, until the model ends the answer or its context is full.
type Options struct {
	sample.Options
	// MaxTokens bounds the tokens of the answer; 0 is what the context has room for,
	// and 256 where nothing says how much that is.
	MaxTokens int
	Stop      []string // the answer ends before the first of these
	IgnoreEOS bool     // go on where the model would end the answer
	// LogProbs adds to each token the logarithm of the probability that the model gave
	// it, before penalties, filters and constraints, and of that many alternatives;
	// 0 adds none.
	LogProbs int
	// Truncate drops the beginning of a prompt that is too long, and keeps its first
	// token if that begins each text.
	Truncate bool
	// PlainText reads the names of special tokens in the prompt as text.
	PlainText bool
	// Bare leaves out the special tokens that begin a text: the prompt has them.
	Bare bool
	// Constraint restricts what may be written; nil is nothing.
	Constraint Constraint
	// Memory keeps what the model remembers of prompts and answers, for prompts that
	// begin with them; nil keeps nothing.
	Memory *Memory
}

// Constraint restricts an answer: see package constrain.
type Constraint interface {
	// Start returns the state before the first token.
	Start() ConstraintState
}

// ConstraintState is a constraint at a place of an answer. It belongs to one answer.
type ConstraintState interface {
	// Mask makes the scores -Inf of tokens that must not follow. Where the answer may
	// end here, those of end stay.
	Mask(logits []float32, end []int64)
	// Accept goes on with a token.
	Accept(id int64) error
	// Done says that nothing may follow.
	Done() bool
}

// Finish says why an answer ended.
type Finish string

// The reasons.
const (
	FinishNone   Finish = ""       // it did not, yet
	FinishStop   Finish = "stop"   // the model ended it, a stop string came up, or the constraint is met
	FinishLength Finish = "length" // it is as long as it may be
)

// Token is a token of an answer.
type Token struct {
	ID int64
	// Text is what is known of the text with this token. It may be empty and come with
	// a later one: of runes in several tokens, and where a stop string may have begun.
	Text    string
	LogProb float64 // natural logarithm; see Options.LogProbs
	Top     []Alternative
	// Finish is set on the last token, which may be the model's end of the answer: that
	// one is no part of the answer's ids and text.
	Finish Finish
}

// Alternative is a token that could have been, with the logarithm of its probability.
type Alternative struct {
	ID      int64
	LogProb float64
}

// Result is an answer.
type Result struct {
	Text   string
	IDs    []int64
	Tokens []Token // with their texts; the end of the answer, too
	Finish Finish
	Prompt int // tokens of the prompt that were run or remembered
}

// add counts a token of the answer.
func (r *Result) add(t Token, isEnd bool) {
	r.Tokens = append(r.Tokens, t)
	r.Text += t.Text
	r.Finish = t.Finish
	if !isEnd {
		r.IDs = append(r.IDs, t.ID)
	}
}

// defaultTokens bounds an answer where neither the options nor the model do.
const defaultTokens = 256

// encodePrompt cuts a prompt into tokens.
func (m *Model) encodePrompt(prompt string, o *Options) ([]int64, error) {
	opts := []tokenizer.Option{tokenizer.IDsOnly()}
	if o.PlainText {
		opts = append(opts, tokenizer.WithSpecialAsText())
	}
	if o.Bare {
		opts = append(opts, tokenizer.WithoutSpecialTokens())
	}
	e, err := m.Tokenizer.Encode(prompt, opts...)
	if err != nil {
		return nil, err
	}
	if len(e.IDs) == 0 && m.Config.BOS >= 0 {
		return []int64{m.Config.BOS}, nil // a model begins with something
	}
	return e.IDs, nil
}

// fit returns the prompt, cut if the options say so, and how long the answer may be.
func (m *Model) fit(prompt []int64, o *Options) ([]int64, int, error) {
	if len(prompt) == 0 {
		return nil, 0, errEmpty
	}
	if o.MaxTokens < 0 || o.LogProbs < 0 {
		return nil, 0, fmt.Errorf("lm: the answer may have %d tokens and %d alternatives each, expected 0 or more", o.MaxTokens, o.LogProbs)
	}
	if slices.Contains(o.Stop, "") {
		return nil, 0, errors.New("lm: a stop string is empty")
	}
	context := m.Config.Context
	if context == 0 {
		return prompt, first(o.MaxTokens, defaultTokens), nil
	}
	if len(prompt) >= context && !o.Truncate {
		return nil, 0, &ContextError{Tokens: len(prompt), Context: context}
	}
	if o.Truncate {
		// half the context at most goes to an answer that may be longer than it
		room := max(context-first(o.MaxTokens, context), context/2, 1)
		if len(prompt) > room {
			prompt = m.dropBeginning(prompt, room)
		}
	}
	room := context - len(prompt)
	if o.MaxTokens > 0 {
		room = min(room, o.MaxTokens)
	}
	return prompt, room, nil
}

// dropBeginning keeps n tokens: the last, and the first if it begins each text.
func (m *Model) dropBeginning(prompt []int64, n int) []int64 {
	kept := slices.Clone(prompt[len(prompt)-n:])
	if n > 1 && prompt[0] == m.Config.BOS {
		kept[0] = prompt[0]
	}
	return kept
}
