package text

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/seed6700ada1/infer/models/folder"
	"github.com/seed6700ada1/infer/models/text/tokenizer"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The inputs that an encoder may have.
const (
	inputIDs   = "input_ids"
	inputMask  = "attention_mask"
	inputTypes = "token_type_ids"
	inputPlace = "position_ids"
)

// Model is a session with its tokenizer and configuration. It is safe for concurrent
// use once it is set up.
type Model struct {
	Session   runtime.Session
	Tokenizer *tokenizer.Tokenizer
	Config    Config
	Folder    *folder.Folder // nil where the model was not opened from one
	// MaxTokens is how many tokens a text may have, special ones counted; 0 is no limit.
	MaxTokens int
	// BatchTokens bounds the tokens of one run, padding counted; 0 is a default.
	BatchTokens int
	// OneByOne runs each text alone. It is for models that quantise activations over a
	// whole run, in which a text would change with its neighbours: Open tells it from
	// the file, see [QuantisesActivations].
	OneByOne bool

	inputs map[string]tensor.DType
	pad    int64
}

// Open joins a session with the files at path: a model file or a folder, see package
// folder. The session stays the caller's to close.
func Open(s runtime.Session, path string) (*Model, error) {
	f, err := folder.Open(path)
	if err != nil {
		return nil, err
	}
	tok, err := LoadTokenizer(f)
	if err != nil {
		return nil, err
	}
	var c Config
	if _, err := f.JSON("config.json", &c); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	m, err := New(s, tok, c)
	if err != nil {
		return nil, err
	}
	m.Folder = f
	if m.MaxTokens, err = c.maxTokens(f); err != nil {
		return nil, fmt.Errorf("text: %w", err)
	}
	graph, err := onnx.Open(f.Model)
	if err != nil {
		return nil, err
	}
	m.OneByOne = QuantisesActivations(graph)
	return m, graph.Close()
}

// LoadTokenizer loads the tokenizer of a model's folder: the nearest to the graph.
func LoadTokenizer(f *folder.Folder) (*tokenizer.Tokenizer, error) {
	dirs := f.Dirs()
	tok, err := tokenizer.Load(dirs[0]) // looks one folder up, too
	if errors.Is(err, tokenizer.ErrNotFound) {
		if above, e := tokenizer.Load(dirs[len(dirs)-1]); !errors.Is(e, tokenizer.ErrNotFound) {
			return above, e
		}
		return nil, fmt.Errorf("text: %w: %s and the %d folders above it have no tokenizer.json, vocab.json with merges.txt, vocab.txt or .tiktoken file",
			tokenizer.ErrNotFound, filepath.Dir(f.Model), len(dirs)-1)
	}
	return tok, err
}

// New joins a session with a tokenizer and a configuration.
func New(s runtime.Session, tok *tokenizer.Tokenizer, c Config) (*Model, error) {
	m := &Model{Session: s, Tokenizer: tok, Config: c, inputs: map[string]tensor.DType{}}
	known := []string{inputIDs, inputMask, inputTypes, inputPlace}
	for _, in := range s.Inputs() {
		if in.Optional && !slices.Contains(known, in.Name) {
			continue
		}
		if !slices.Contains(known, in.Name) {
			return nil, fmt.Errorf("text: the model has an input %q, expected %q and nothing beside %q", in.Name, inputIDs, known[1:])
		}
		m.inputs[in.Name] = tensor.Int64
		if in.Type != nil && in.Type.DType != tensor.Undefined {
			m.inputs[in.Name] = in.Type.DType
		}
	}
	if _, ok := m.inputs[inputIDs]; !ok {
		return nil, fmt.Errorf("text: the model has no input %q: it wants %s", inputIDs, runtime.Describe(s.Inputs()))
	}
	m.pad = padID(tok, &c)
	return m, nil
}

// padID is the id of padding; masked as it is, it may be any.
func padID(tok *tokenizer.Tokenizer, c *Config) int64 {
	if c.PadID != nil && *c.PadID >= 0 {
		return *c.PadID
	}
	if p, ok := tok.FilePadding(); ok {
		return p.ID
	}
	for _, token := range []string{"[PAD]", "<pad>"} {
		if id, ok := tok.TokenToID(token); ok {
			return id
		}
	}
	return 0
}

// QuantisesActivations says whether a model quantises activations as it runs, with one
// scale for all texts of a run: see [Model.OneByOne].
func QuantisesActivations(m *onnx.Model) bool {
	found := false
	onnx.Walk(m.Graph, func(n *onnx.Node) { found = found || n.OpType == "DynamicQuantizeLinear" })
	return found
}

// output picks an output of the model: the first of names that it has, or the first of
// that rank.
func (m *Model) output(rank int, names ...string) (runtime.ValueSpec, error) {
	outputs := m.Session.Outputs()
	for _, name := range names {
		for _, o := range outputs {
			if o.Name == name {
				return o, nil
			}
		}
	}
	for _, o := range outputs {
		if o.Type != nil && o.Type.Shape != nil && len(o.Type.Shape.Dims) == rank {
			return o, nil
		}
	}
	return runtime.ValueSpec{}, fmt.Errorf("text: the model has no output %q and none of rank %d: it gives %s", names, rank, runtime.Describe(outputs))
}
