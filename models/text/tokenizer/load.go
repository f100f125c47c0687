package tokenizer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed6700ada1/infer/models/text/tokenizer/decode"
	"github.com/seed6700ada1/infer/models/text/tokenizer/model"
	"github.com/seed6700ada1/infer/models/text/tokenizer/normalize"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pretoken"
)

// ErrNotFound is the error of [Load] where there is no tokenizer.
var ErrNotFound = errors.New("no tokenizer found")

// Load returns the tokenizer at path: a tokenizer file, or a folder or model file that
// has one beside it or one folder up. It knows tokenizer.json; vocab.json with
// merges.txt (GPT-2, RoBERTa); vocab.txt (BERT); and NAME.tiktoken.
func Load(path string) (*Tokenizer, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if !info.IsDir() {
		if t, err := loadFile(path); t != nil || err != nil {
			return t, err
		}
		path = filepath.Dir(path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	for _, dir := range []string{abs, filepath.Dir(abs)} {
		if t, err := loadFolder(dir); t != nil || err != nil {
			return t, err
		}
	}
	return nil, fmt.Errorf("tokenizer: %w: %s and the folder above it have no tokenizer.json, no vocab.json with merges.txt, no vocab.txt and no .tiktoken file", ErrNotFound, abs)
}

// loadFolder returns the tokenizer in dir, or nil.
func loadFolder(dir string) (*Tokenizer, error) {
	for _, name := range []string{"tokenizer.json", "vocab.json", "vocab.txt"} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			return loadFile(path)
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tiktoken"))
	if err != nil || len(found) == 0 {
		return nil, nil //nolint:nilerr // a folder whose name is no pattern has no such file
	}
	if len(found) > 1 {
		return nil, fmt.Errorf("tokenizer: %s has %d .tiktoken files: name the one to use", dir, len(found))
	}
	return loadFile(found[0])
}

// loadFile returns the tokenizer of a file, or nil where it is none by its name.
func loadFile(path string) (*Tokenizer, error) {
	var from func(path string, data []byte) (*Tokenizer, error)
	switch name := filepath.Base(path); {
	case name == "vocab.json", name == "merges.txt":
		from = func(path string, _ []byte) (*Tokenizer, error) { return loadMerges(filepath.Dir(path)) }
	case name == "vocab.txt":
		from = loadVocab
	case strings.HasSuffix(name, ".tiktoken"):
		from = FromTiktoken
	case strings.HasSuffix(name, ".json") && name != "config.json":
		from = func(_ string, data []byte) (*Tokenizer, error) { return FromJSON(data) }
	default:
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	t, err := from(path, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// loadMerges returns the byte-level tokenizer of vocab.json and merges.txt: RoBERTa's
// where the vocabulary has its special tokens, and else GPT-2's.
func loadMerges(dir string) (*Tokenizer, error) {
	data, err := os.ReadFile(filepath.Join(dir, "vocab.json"))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	var ids map[string]int32
	if err := json.Unmarshal(data, &ids); err != nil {
		return nil, fmt.Errorf("tokenizer: vocab.json: want an object with the id of each token: %w", err)
	}
	for token, id := range ids {
		if id < 0 {
			return nil, fmt.Errorf("tokenizer: vocab.json: token %q has the id %d", token, id)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "merges.txt"))
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" {
			lines = append(lines, line)
		}
	}
	merges, err := model.SplitMerges(lines)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: merges.txt: %w", err)
	}
	m, err := model.NewBPE(ids, merges, model.BPEConfig{})
	if err != nil {
		return nil, fmt.Errorf("tokenizer: merges.txt: %w", err)
	}
	p := parts{model: m, decoder: decode.ByteLevel{}, splitter: pretoken.ByteLevel{UseRegex: true}}
	cls, isRoberta := ids["<s>"]
	sep := ids["</s>"]
	if _, ok := ids["<mask>"]; ok && isRoberta {
		p.post = frame{
			cls: specialToken{"<s>", int64(cls)}, sep: specialToken{"</s>", int64(sep)}, roberta: true, trim: trim{on: true},
		}
	}
	for _, token := range []string{"<|endoftext|>", "<s>", "<pad>", "</s>", "<unk>", "<mask>"} {
		if _, ok := ids[token]; ok {
			p.added = append(p.added, AddedToken{Content: token, Special: true, LStrip: token == "<mask>"})
		}
	}
	return p.build()
}

// bertConfig holds the fields of a tokenizer_config.json that concern BERT.
type bertConfig struct {
	Lowercase    *bool `json:"do_lower_case"`
	StripAccents *bool `json:"strip_accents"`
	HandleHan    *bool `json:"tokenize_chinese_chars"`
}

// loadVocab returns BERT's tokenizer of a vocab.txt, a token a line.
func loadVocab(path string, data []byte) (*Tokenizer, error) {
	ids := map[string]int32{}
	n := int32(0)
	for line := range strings.Lines(string(data)) {
		ids[strings.TrimRight(line, " \t\r\n")] = n
		n++
	}
	var cfg bertConfig
	raw, err := os.ReadFile(filepath.Join(filepath.Dir(path), "tokenizer_config.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("tokenizer: %w", err)
	default:
		if err := json.Unmarshal(raw, &cfg); err != nil {
			return nil, fmt.Errorf("tokenizer: tokenizer_config.json: %w", err)
		}
	}
	or := func(b *bool, d bool) bool {
		if b == nil {
			return d
		}
		return *b
	}
	lower := or(cfg.Lowercase, true)
	p := parts{
		normalizer: normalize.Bert{
			CleanText: true, HandleHan: or(cfg.HandleHan, true), StripAccents: or(cfg.StripAccents, lower), Lowercase: lower,
		},
		splitter: pretoken.Sequence{pretoken.WhitespaceSplit{}, pretoken.Punctuation{}},
		model:    model.NewWordPiece(ids, "[UNK]", "##", 100),
		decoder:  decode.WordPiece{Prefix: "##", Cleanup: true},
	}
	for _, token := range []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} {
		if _, ok := ids[token]; !ok {
			return nil, fmt.Errorf("tokenizer: the vocabulary has no %s", token)
		}
		p.added = append(p.added, AddedToken{Content: token, Special: true})
	}
	cls := templatePiece{sequence: -1, ids: []int64{int64(ids["[CLS]"])}, tokens: []string{"[CLS]"}}
	sep := templatePiece{sequence: -1, ids: []int64{int64(ids["[SEP]"])}, tokens: []string{"[SEP]"}}
	sep1 := sep
	sep1.typeID = 1
	first := []templatePiece{cls, {}, sep}
	p.post = template{single: first, pair: append(first[:3:3], templatePiece{sequence: 1, typeID: 1}, sep1)}
	return p.build()
}
