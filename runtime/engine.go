package runtime

import (
	"context"
	"log/slog"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Engine opens models.
type Engine interface {
	// Name is the engine's name in commands and tables, such as "native".
	Name() string
	// Open makes a model ready to run. The model must not be changed afterwards.
	// Where operators are not supported the error is an [*UnsupportedError] that
	// lists them all.
	Open(ctx context.Context, m *onnx.Model, opts Options) (Session, error)
}

// Options are the choices that every engine understands. The zero value is the
// default.
type Options struct {
	// Threads bounds the threads that one Run uses; 0 leaves it to the engine,
	// which takes what the process may use.
	Threads int
	// Disable names optimizations to leave out, as `infer inspect --passes`
	// lists them; "all" leaves out every one. An unknown name is an error.
	Disable []string
	// MemoryLimit bounds in bytes what the values of one Run may take together,
	// besides inputs and weights; 0 is the engine's default. It protects against
	// models that ask for absurd sizes.
	MemoryLimit int
	// Outputs names values to return in place of the model's own outputs:
	// any value inside the graph may be named.
	Outputs []string
	// Logger receives what the engine has to say; nil is silence.
	Logger *slog.Logger
}

// Session is a model ready to run.
type Session interface {
	// Inputs and Outputs describe what Run takes and gives, in the model's
	// order. Inputs that have a default value are marked Optional.
	Inputs() []ValueSpec
	Outputs() []ValueSpec
	// Run evaluates the model: one value for each input, by name. It returns one
	// value for each output, which the caller owns. Inputs are only read, and
	// not kept. Run is safe for concurrent use and ends within one node of its
	// context's end.
	Run(ctx context.Context, inputs map[string]tensor.Value) (map[string]tensor.Value, error)
	// Close gives back what the session holds outside the garbage collector's
	// reach. Run fails after it.
	Close() error
}

// ValueSpec is the name and type of an input or output.
type ValueSpec struct {
	Name     string
	Type     *onnx.Type // nil where the model says nothing
	Optional bool       // an input that the model has a default for
}
