package lm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/models/folder"
	"github.com/seed6700ada1/infer/models/text"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Model is a decoder with its tokenizer and configuration. It is safe for concurrent use.
type Model struct {
	Session   runtime.Session
	Tokenizer *tokenizer.Tokenizer
	Config    Config
	Folder    *folder.Folder  // nil where the model was not opened from one
	runs      runtime.Session // Session, or one that carries the cache
	layout    *layout
	alone     bool // a row of a run would change with its neighbours
}

// Open joins a session with the files at path: a model file or a folder, see package
// folder. The session stays the caller's to close.
func Open(s runtime.Session, path string) (*Model, error) {
	f, err := folder.Open(path)
	if err != nil {
		return nil, err
	}
	tok, err := text.LoadTokenizer(f)
	if err != nil {
		return nil, err
	}
	c, err := readConfig(f)
	if err != nil {
		return nil, err
	}
	m, err := New(s, tok, c)
	if err != nil {
		return nil, err
	}
	m.Folder = f
	graph, err := onnx.Open(f.Model)
	if err != nil {
		return nil, err
	}
	m.SetRightAligned(UsesGroupQuery(graph))
	m.SetAlone(text.QuantisesActivations(graph))
	return m, graph.Close()
}

// New joins a session with a tokenizer and a configuration.
func New(s runtime.Session, tok *tokenizer.Tokenizer, c Config) (*Model, error) {
	l, err := newLayout(s, &c)
	if err != nil {
		return nil, err
	}
	m := &Model{Session: s, Tokenizer: tok, Config: c, layout: l, runs: s}
	return m, m.carry()
}

// carry asks the session to carry the cache from run to run, if its engine can.
func (m *Model) carry() error {
	carrier, ok := m.Session.(runtime.Carrier)
	if !ok || len(m.layout.pairs) == 0 || m.layout.recurrent {
		return nil
	}
	pairs := make([]runtime.Pair, len(m.layout.pairs))
	for i, p := range m.layout.pairs {
		pairs[i] = runtime.Pair{Input: p.past, Output: p.present}
	}
	s, err := carrier.Carry(pairs)
	switch {
	case errors.Is(err, runtime.ErrNotCarried):
		return nil // the cache is then copied by every run
	case err != nil:
		return err
	}
	m.runs = s
	return nil
}

// Close gives back what the model holds beside its session, which stays the caller's.
func (m *Model) Close() error {
	if m.runs == m.Session {
		return nil
	}
	return m.runs.Close()
}

// SetRightAligned says whether rows of a batch begin at the first column of the cache:
// see [UsesGroupQuery]. Open tells it from the file. It must not be called once the model
// is in use.
func (m *Model) SetRightAligned(right bool) {
	m.layout.right = right || len(m.layout.pairs) == 0 || m.layout.recurrent
}

// SetAlone says that a run must hold one answer only, since the model quantises activations
// over a whole run: see [text.QuantisesActivations]. Open tells it from the file. It must
// not be called once the model is in use.
func (m *Model) SetAlone(alone bool) { m.alone = alone }

// ContextError is a prompt that the model has no room for.
type ContextError struct {
	Tokens  int // of the prompt, and of the answer where that was asked for
	Context int // tokens that the model has room for
}

// Error is one line.
func (e *ContextError) Error() string {
	return fmt.Sprintf("lm: the prompt has %d tokens, and the model's context of %d must hold it and an answer: shorten it, or say that its beginning shall be dropped", e.Tokens, e.Context)
}

// logits are the scores of a run: of each row those of its last tokens.
type logits struct {
	values []float32 // [rows, columns, vocab]
	// columns is how many places of each row there are, and offset the place of the
	// first of them among the columns that were run.
	columns, vocab int
	last           []int // the column of each row's last token
}

// row returns the scores of what follows column c of row i.
func (l *logits) at(i, c int) []float32 {
	n := (i*l.columns + c) * l.vocab
	return l.values[n : n+l.vocab]
}

// lastOf returns the scores of what follows the last token of row i.
func (l *logits) lastOf(i int) []float32 { return l.at(i, l.last[i]) }

// errEmpty is a run on nothing.
var errEmpty = errors.New("lm: no tokens to run: the prompt is empty and the tokenizer adds none")

// run adds tokens to each row of the cache and returns the scores of what may follow.
// Rows may have different numbers of tokens only where the cache is empty, or the model
// has none. The cache is changed only where there is no error.
func (m *Model) run(ctx context.Context, tokens [][]int64, c *cache) (*logits, error) {
	if c.history != nil {
		return m.runAll(ctx, tokens, c)
	}
	width := 0
	grown := make([]int, len(tokens))
	for i, t := range tokens {
		grown[i] = len(t)
		width = max(width, len(t))
	}
	for i, n := range grown {
		if n == 0 {
			return nil, errEmpty
		}
		if n != width && (c.width > 0 || m.layout.right) {
			return nil, fmt.Errorf("lm: row %d has %d tokens and another %d: this model runs rows of one length", i, n, width)
		}
	}
	inputs := map[string]tensor.Value{}
	if err := m.frame(inputs, tokens, c, width); err != nil {
		return nil, err
	}
	if err := c.feed(inputs); err != nil {
		return nil, err
	}
	outputs, err := m.runs.Run(ctx, inputs)
	if err != nil {
		return nil, err
	}
	l, err := newLogits(outputs, len(tokens), width)
	if err != nil {
		return nil, err
	}
	for i := range l.last {
		l.last[i] = l.columns - 1
	}
	return l, c.take(outputs, width, grown)
}

// runAll runs a model without a cache on all tokens that its rows ever had. They are
// padded on the right, where a causal model does not look.
func (m *Model) runAll(ctx context.Context, tokens [][]int64, c *cache) (*logits, error) {
	all := make([][]int64, len(tokens))
	width := 0
	for i, t := range tokens {
		if len(t) == 0 {
			return nil, errEmpty
		}
		all[i] = append(slices.Clip(c.history[i]), t...)
		width = max(width, len(all[i]))
	}
	inputs := map[string]tensor.Value{}
	if err := m.frame(inputs, all, newCache(m.layout, len(all)), width); err != nil {
		return nil, err
	}
	outputs, err := m.runs.Run(ctx, inputs)
	if err != nil {
		return nil, err
	}
	l, err := newLogits(outputs, len(tokens), width)
	if err != nil {
		return nil, err
	}
	for i := range all {
		l.last[i] = len(all[i]) - 1 - (width - l.columns)
		if l.last[i] < 0 {
			return nil, fmt.Errorf("lm: output %q has %d places, expected %d", outputLogits, l.columns, width)
		}
	}
	c.history = all
	for i := range all {
		c.rows[i] = len(all[i])
	}
	return l, nil
}

// frame makes the inputs beside the cache: ids and positions [rows, width], and the mask
// [rows, past + width].
func (m *Model) frame(inputs map[string]tensor.Value, tokens [][]int64, c *cache, width int) error {
	l := m.layout
	n := len(tokens)
	total := c.width + width
	ids, positions, mask := make([]int64, n*width), make([]int64, n*width), make([]int64, n*total)
	for i, t := range tokens {
		at := 0 // column of the first of the new tokens
		if !l.right {
			at = width - len(t)
		}
		copy(ids[i*width+at:], t)
		for j := range t {
			positions[i*width+at+j] = int64(c.rows[i] + j)
		}
		begin, end := c.start(i), total // the columns that count
		if c.width == 0 {
			begin, end = at, at+len(t)
		} else if l.right {
			end = c.rows[i] + len(t)
		}
		for j := begin; j < end; j++ {
			mask[i*total+j] = 1
		}
	}
	for _, in := range []struct {
		name   string
		dtype  tensor.DType
		values []int64
		width  int
	}{{inputIDs, l.ids, ids, width}, {inputPositions, l.positions, positions, width}, {inputMask, l.mask, mask, total}} {
		if in.dtype == tensor.Undefined {
			continue
		}
		t, err := tensor.FromIndices(in.dtype, in.values, n, in.width)
		if err != nil {
			return fmt.Errorf("lm: input %q: %w", in.name, err)
		}
		inputs[in.name] = t
	}
	return nil
}

// newLogits reads the scores of a run.
func newLogits(outputs map[string]tensor.Value, rows, width int) (*logits, error) {
	t, ok := outputs[outputLogits].(*tensor.Tensor)
	if !ok || t.Rank() != 3 || t.Dim(0) != rows || (t.Dim(1) != width && t.Dim(1) != 1) || t.Dim(2) == 0 {
		return nil, fmt.Errorf("lm: output %q is %v, expected [%d, %d, vocabulary]", outputLogits, outputs[outputLogits], rows, width)
	}
	l := &logits{columns: t.Dim(1), vocab: t.Dim(2), last: make([]int, rows)}
	if t.DType() == tensor.Float32 {
		var err error
		l.values, err = tensor.Data[float32](t)
		return l, err
	}
	wide, err := tensor.Float64s(t)
	if err != nil {
		return nil, fmt.Errorf("lm: output %q: %w", outputLogits, err)
	}
	l.values = make([]float32, len(wide))
	for i, v := range wide {
		l.values[i] = float32(v)
	}
	return l, nil
}
