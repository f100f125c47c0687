package run

import (
	"context"
	"errors"
	"sync"

	"github.com/seed6700ada1/infer/judge"
)

// A Budget is what a run may take. A field of zero is no limit.
type Budget struct {
	Tokens int
	Cost   float64 // of judges that have prices
}

// Prices are what a judge takes for a million tokens.
type Prices struct {
	Prompt     float64 `yaml:"prompt"`
	Completion float64 `yaml:"completion"`
}

// Priced is a judge with prices.
type Priced interface {
	Prices() Prices
}

// errNoLimit is the error of a request whose answer may have any length.
var errNoLimit = errors.New("run: a budget wants max_tokens in the parameters, as an answer could have any length")

// budget keeps the sum of what is spent and of what the requests under way can take at
// most below its limit.
type budget struct {
	limit Budget

	mu       sync.Mutex
	changed  *sync.Cond
	spent    judge.Usage
	reserved judge.Usage
}

func (b *budget) init(limit Budget) {
	b.limit = limit
	b.changed = sync.NewCond(&b.mu)
}

// used returns what was spent.
func (b *budget) used() judge.Usage {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spent
}

// reserve sets apart the most that a request can take: a token for each byte of its
// messages, some for their marks, and the tokens that the answer may have. Where only
// the requests under way stand against it, it waits for them.
func (b *budget) reserve(ctx context.Context, j judge.Judge, request *judge.Request) (judge.Usage, error) {
	const marks = 16 // tokens around a message, more than any chat format adds
	estimate := judge.Usage{Completion: request.Params.MaxTokens}
	for _, m := range request.Messages {
		estimate.Prompt += len(m.Content) + len(m.Role) + marks
	}
	if (b.limit != Budget{}) && estimate.Completion == 0 {
		return judge.Usage{}, errNoLimit
	}
	if priced, ok := j.(Priced); ok {
		p := priced.Prices()
		estimate.Cost = cost(p, estimate)
	}
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed.Broadcast()
	})
	defer stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.passed(estimate) {
		if b.reserved.Prompt+b.reserved.Completion == 0 {
			return judge.Usage{}, ErrBudget
		}
		b.changed.Wait()
		if ctx.Err() != nil {
			return judge.Usage{}, context.Cause(ctx)
		}
	}
	b.reserved = b.reserved.Add(estimate)
	return estimate, nil
}

// passed says whether a further request can pass the budget.
func (b *budget) passed(more judge.Usage) bool {
	all := b.spent.Add(b.reserved).Add(more)
	return b.limit.Tokens > 0 && all.Prompt+all.Completion > b.limit.Tokens ||
		b.limit.Cost > 0 && all.Cost > b.limit.Cost
}

// settle puts what a request took in the place of what was set apart for it, and returns
// it. A judge that does not say what an answer took is taken to have used all of it.
func (b *budget) settle(j judge.Judge, estimate, used judge.Usage, answered bool) judge.Usage {
	if answered && used.Prompt+used.Completion == 0 && (b.limit != Budget{}) {
		used = estimate
	}
	if priced, ok := j.(Priced); ok && used.Cost == 0 {
		used.Cost = cost(priced.Prices(), used)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	minus := judge.Usage{Prompt: -estimate.Prompt, Completion: -estimate.Completion, Cost: -estimate.Cost}
	b.reserved = b.reserved.Add(minus)
	if b.reserved.Prompt+b.reserved.Completion == 0 {
		b.reserved.Cost = 0 // no trace of rounding
	}
	b.spent = b.spent.Add(used)
	b.changed.Broadcast()
	return used
}

// cost returns the price of a usage.
func cost(p Prices, u judge.Usage) float64 {
	return (float64(u.Prompt)*p.Prompt + float64(u.Completion)*p.Completion) / 1e6
}
