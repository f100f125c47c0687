package text

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// Pooling makes one vector of those of a text's tokens.
type Pooling string

// The ways of pooling.
const (
	PoolAuto Pooling = ""     // what the model's folder says, else mean
	PoolMean Pooling = "mean" // over the tokens that are no padding
	PoolCLS  Pooling = "cls"  // the first token
	PoolLast Pooling = "last" // the last token that is no padding
	PoolMax  Pooling = "max"  // the largest value of each dimension
)

// EmbedOptions say how texts become vectors. The zero value does what the model's folder
// says: 1_Pooling/config.json, modules.json and sentence_bert_config.json of
// sentence-transformers.
type EmbedOptions struct {
	Pooling   Pooling
	Normalise Choice // to length one; the default is the folder's, else yes
	Prefix    string // put before each text, such as "query: "
	// Prompt names a prefix that config_sentence_transformers.json lists. Without it the
	// file's default is used, if it has one and Prefix is "".
	Prompt   string
	Truncate bool // cut texts that are too long, rather than fail
}

// Choice is yes, no, or what is usual.
type Choice int8

// The choices.
const (
	Default Choice = iota
	Yes
	No
)

// Embedder turns texts into vectors. It is safe for concurrent use.
type Embedder struct {
	m         *Model
	output    string
	tokens    bool // the output has a vector for each token, which are to be pooled
	pooling   Pooling
	normalise bool
	prefix    string
	truncate  bool
}

// Embedding is the vector of a text.
type Embedding struct {
	Vector    []float32
	Tokens    int  // of the text, special ones counted
	Truncated bool // the text was longer
}

// NewEmbedder makes an embedder of a model that gives a vector for each token, or for the
// whole text.
func NewEmbedder(m *Model, opts EmbedOptions) (*Embedder, error) {
	e := &Embedder{m: m, pooling: opts.Pooling, prefix: opts.Prefix, truncate: opts.Truncate, normalise: opts.Normalise != No}
	if err := e.configure(opts); err != nil {
		return nil, err
	}
	switch e.pooling {
	case PoolMean, PoolCLS, PoolLast, PoolMax:
	default:
		return nil, fmt.Errorf("text: pooling %q, expected mean, cls, last or max", e.pooling)
	}
	names := []string{"sentence_embedding", "last_hidden_state", "token_embeddings", "hidden_states"}
	if opts.Pooling != PoolAuto {
		names = names[1:]
	}
	out, err := m.output(3, names...)
	if err != nil {
		if out, err = m.output(2, names...); err != nil {
			return nil, err
		}
	}
	e.output = out.Name
	e.tokens = out.Name != "sentence_embedding" && (out.Type == nil || out.Type.Shape == nil || len(out.Type.Shape.Dims) != 2)
	return e, nil
}

// configure takes from the model's folder what the options leave open.
func (e *Embedder) configure(opts EmbedOptions) error {
	f := e.m.Folder
	if f == nil {
		if e.pooling == PoolAuto {
			e.pooling = PoolMean
		}
		return nil
	}
	if e.pooling == PoolAuto {
		var pool struct {
			CLS  bool `json:"pooling_mode_cls_token"`
			Max  bool `json:"pooling_mode_max_tokens"`
			Last bool `json:"pooling_mode_lasttoken"`
		}
		if _, err := f.JSON("1_Pooling/config.json", &pool); err != nil {
			return fmt.Errorf("text: %w", err)
		}
		switch {
		case pool.CLS:
			e.pooling = PoolCLS
		case pool.Max:
			e.pooling = PoolMax
		case pool.Last:
			e.pooling = PoolLast
		default:
			e.pooling = PoolMean
		}
	}
	if opts.Normalise == Default {
		var modules []struct {
			Type string `json:"type"`
		}
		found, err := f.JSON("modules.json", &modules)
		if err != nil {
			return fmt.Errorf("text: %w", err)
		}
		e.normalise = !found
		for _, m := range modules {
			e.normalise = e.normalise || strings.HasSuffix(m.Type, ".Normalize")
		}
	}
	return e.choosePrompt(opts)
}

func (e *Embedder) choosePrompt(opts EmbedOptions) error {
	var set struct {
		Prompts map[string]string `json:"prompts"`
		Default string            `json:"default_prompt_name"`
	}
	if _, err := e.m.Folder.JSON("config_sentence_transformers.json", &set); err != nil {
		return fmt.Errorf("text: %w", err)
	}
	name := opts.Prompt
	if name == "" && opts.Prefix == "" {
		name = set.Default
	}
	if name == "" {
		return nil
	}
	prefix, ok := set.Prompts[name]
	if !ok {
		return fmt.Errorf("text: the model has no prompt %q", name)
	}
	e.prefix = prefix + e.prefix
	return nil
}

// Embed returns the vector of each text.
func (e *Embedder) Embed(ctx context.Context, texts []string) ([]Embedding, error) {
	if e.prefix != "" {
		with := make([]string, len(texts))
		for i, t := range texts {
			with[i] = e.prefix + t
		}
		texts = with
	}
	encodings, truncated, err := e.m.encode(texts, e.m.MaxTokens, e.truncate)
	if err != nil {
		return nil, err
	}
	result := make([]Embedding, len(texts))
	err = e.m.each(ctx, encodings, func(b *batch) error {
		rank := 2
		if e.tokens {
			rank = 3
		}
		data, shape, err := b.floats(e.output, rank)
		if err != nil {
			return err
		}
		if e.tokens && shape[1] != b.width {
			return fmt.Errorf("text: output %q has %d tokens, expected %d", e.output, shape[1], b.width)
		}
		size := len(data) / len(b.rows)
		for r, at := range b.rows {
			row := data[r*size : (r+1)*size]
			v := make([]float32, shape[rank-1])
			if e.tokens {
				pool(e.pooling, v, row, encodings[at].AttentionMask)
			} else {
				copy(v, row)
			}
			if e.normalise {
				normalise(v)
			}
			result[at] = Embedding{Vector: v, Tokens: encodings[at].Len(), Truncated: truncated[at]}
		}
		return nil
	})
	return result, err
}

// pool makes dst of the vectors [tokens, len(dst)] of which mask is 1.
func pool(how Pooling, dst, vectors []float32, mask []int64) {
	size := len(dst)
	at := func(i int) []float32 { return vectors[i*size : (i+1)*size] }
	last := 0
	sums := make([]float64, size)
	n := 0
	for i, keep := range mask {
		if keep == 0 {
			continue
		}
		last = i
		switch how {
		case PoolMean:
			for j, v := range at(i) {
				sums[j] += float64(v)
			}
		case PoolMax:
			for j, v := range at(i) {
				if n == 0 || v > dst[j] {
					dst[j] = v
				}
			}
		default: // takes one token, below
		}
		n++
	}
	switch how {
	case PoolMean:
		for j, s := range sums {
			dst[j] = float32(s / float64(max(n, 1)))
		}
	case PoolCLS:
		copy(dst, at(0))
	case PoolLast:
		copy(dst, at(last))
	default: // the largest is there already
	}
}

// normalise makes the length of v one; a vector of zeros stays as it is.
func normalise(v []float32) {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	scale := 1 / math.Sqrt(sum)
	for i, x := range v {
		v[i] = float32(float64(x) * scale)
	}
}
