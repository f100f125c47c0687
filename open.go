package infer

import (
	"context"
	"io/fs"
	"log/slog"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Session is a model ready to run: see [runtime.Session].
type Session = runtime.Session

// settings is what options set.
type settings struct {
	engine runtime.Engine
	runtime.Options
}

// Option is a choice made when a model is opened.
type Option func(*settings)

// WithEngine chooses the engine; without it a model gets an engine of its own
// of the project's own kind. Sessions of one engine share its threads.
func WithEngine(e runtime.Engine) Option { return func(s *settings) { s.engine = e } }

// WithThreads bounds the threads that one Run uses.
func WithThreads(n int) Option { return func(s *settings) { s.Threads = n } }

// WithMemoryLimit bounds in bytes what the values of one run may take together,
// besides inputs and weights.
func WithMemoryLimit(bytes int) Option { return func(s *settings) { s.MemoryLimit = bytes } }

// WithOutputs makes Run return the named values, which may be any inside the
// graph, in place of the model's outputs.
func WithOutputs(names ...string) Option { return func(s *settings) { s.Outputs = names } }

// WithoutPasses leaves out optimizations by name; "all" leaves out every one.
func WithoutPasses(names ...string) Option { return func(s *settings) { s.Disable = names } }

// WithLogger gives the engine something to log to.
func WithLogger(l *slog.Logger) Option { return func(s *settings) { s.Logger = l } }

// Open opens a model file. External data is looked for beside it. The file is
// mapped where the system can: it must not be changed while the session is
// used.
func Open(path string, opts ...Option) (Session, error) {
	m, err := onnx.Open(path)
	if err != nil {
		return nil, err
	}
	return OpenModel(m, opts...)
}

// OpenFS opens a model file of a file system, such as an embed.FS.
func OpenFS(fsys fs.FS, name string, opts ...Option) (Session, error) {
	m, err := onnx.ReadFS(fsys, name)
	if err != nil {
		return nil, err
	}
	return OpenModel(m, opts...)
}

// OpenBytes opens a model from memory. The session shares data, which must not
// be changed.
func OpenBytes(data []byte, opts ...Option) (Session, error) {
	m, err := onnx.Parse(data)
	if err != nil {
		return nil, err
	}
	return OpenModel(m, opts...)
}

// OpenModel opens a model that is in memory already. The session shares its
// constants: the model must not be changed while the session is used.
func OpenModel(m *onnx.Model, opts ...Option) (Session, error) {
	var s settings
	for _, o := range opts {
		o(&s)
	}
	if s.engine == nil {
		e, err := native.New()
		if err != nil {
			return nil, err
		}
		s.engine = e
	}
	return s.engine.Open(context.Background(), m, s.Options)
}
