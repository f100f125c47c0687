package ort

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Engine opens models on ONNX Runtime. It implements [runtime.Engine].
type Engine struct {
	library string // where to load ONNX Runtime from; "" searches
}

var _ runtime.Engine = (*Engine)(nil)

// Option configures an [Engine].
type Option func(*Engine)

// WithLibrary names the ONNX Runtime library to load, a path to
// libonnxruntime.so or its like. The first engine of the process that opens a
// model decides: a process has one library.
func WithLibrary(path string) Option { return func(e *Engine) { e.library = path } }

// New makes the engine. The library is loaded when the first model is opened.
func New(opts ...Option) *Engine {
	e := new(Engine)
	for _, opt := range opts {
		opt(e)
	}
	return e
}

// Name is "ort".
func (e *Engine) Name() string { return "ort" }

// Open makes a model ready to run.
//
// Of the options, Threads bounds ONNX Runtime's own pool, 0 being GOMAXPROCS;
// Disable knows "all" only; MemoryLimit is not enforced, as ONNX Runtime offers
// no such bound: do not open models here that are not trusted.
func (e *Engine) Open(ctx context.Context, m *onnx.Model, opts runtime.Options) (s runtime.Session, err error) {
	defer recovered(&err)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if m == nil || m.Graph == nil {
		return nil, fmt.Errorf("ort: the model has no graph")
	}
	for _, name := range opts.Disable {
		if name != "all" {
			return nil, fmt.Errorf("ort: no optimization is named %q: ONNX Runtime's can be left out together, as \"all\"", name)
		}
	}
	return e.open(m, opts)
}

// recovered turns a panic of the binding into an error.
func recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("ort: the ONNX Runtime binding panicked: %v", p)
	}
}

// oneLine is a message of ONNX Runtime without its line breaks.
func oneLine(message string) string { return strings.Join(strings.Fields(message), " ") }
