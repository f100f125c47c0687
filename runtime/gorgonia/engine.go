package gorgonia

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Engine opens models on Gorgonia. It implements [runtime.Engine].
type Engine struct {
	reference runtime.Engine // that first runs are compared with
}

var _ runtime.Engine = (*Engine)(nil)

// Option configures an [Engine].
type Option func(*Engine)

// WithReference names the engine that the first run for each set of input
// shapes is compared with. An engine without one opens nothing.
func WithReference(e runtime.Engine) Option {
	return func(g *Engine) { g.reference = e }
}

// New makes the engine.
func New(opts ...Option) *Engine {
	e := new(Engine)
	for _, opt := range opts {
		opt(e)
	}
	return e
}

// Name is "gorgonia".
func (e *Engine) Name() string { return "gorgonia" }

// Open checks a model strictly; see the package's documentation. Threads and
// MemoryLimit are not heeded, as Gorgonia has no such choice, and there are no
// optimizations that could be disabled.
func (e *Engine) Open(ctx context.Context, m *onnx.Model, opts runtime.Options) (s runtime.Session, err error) {
	defer recovered(&err)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m == nil || m.Graph == nil {
		return nil, errors.New("gorgonia: the model has no graph")
	}
	for _, name := range opts.Disable {
		if name != "all" {
			return nil, fmt.Errorf("gorgonia: no optimization is named %q", name)
		}
	}
	return e.open(ctx, m, opts)
}

// recovered turns a panic of the libraries into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("gorgonia: the library panicked: %v", p)
	}
}
