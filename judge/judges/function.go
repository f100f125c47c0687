package judges

import (
	"context"

	"github.com/seed6700ada1/infer/judge"
)

// Func is a Go function as a judge.
type Func struct {
	ID      string // its name in reports
	Version string // to be changed when the function gives other answers
	Answer  func(ctx context.Context, req *judge.Request) (judge.Answer, error)
}

// Name returns the name.
func (f Func) Name() string { return f.ID }

// Identity returns the version.
func (f Func) Identity() string { return "func " + f.Version }

// Ask calls the function.
func (f Func) Ask(ctx context.Context, req *judge.Request) (judge.Answer, error) {
	return f.Answer(ctx, req)
}
