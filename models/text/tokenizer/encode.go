package tokenizer

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/seed6700ada1/infer/models/text/tokenizer/aligned"
	"github.com/seed6700ada1/infer/models/text/tokenizer/model"
	"github.com/seed6700ada1/infer/models/text/tokenizer/pretoken"
)

// Encode returns the tokens of text, with the special tokens that the model expects.
// Bytes that are not UTF-8 are read as U+FFFD.
func (t *Tokenizer) Encode(text string, opts ...Option) (Encoding, error) {
	o := t.options(opts)
	e, err := t.encode(o, text)
	if err != nil {
		return Encoding{}, err
	}
	return padded(o, e)
}

// EncodePair returns the tokens of two texts as one encoding: question and context,
// premise and hypothesis.
func (t *Tokenizer) EncodePair(first, second string, opts ...Option) (Encoding, error) {
	o := t.options(opts)
	e, err := t.encode(o, first, second)
	if err != nil {
		return Encoding{}, err
	}
	return padded(o, e)
}

// EncodeBatch returns the encodings of texts, several at a time.
func (t *Tokenizer) EncodeBatch(texts []string, opts ...Option) ([]Encoding, error) {
	return t.batch(len(texts), opts, func(o options, i int) (Encoding, error) { return t.encode(o, texts[i]) })
}

// EncodePairBatch returns the encodings of pairs of texts, several at a time.
func (t *Tokenizer) EncodePairBatch(pairs [][2]string, opts ...Option) ([]Encoding, error) {
	return t.batch(len(pairs), opts, func(o options, i int) (Encoding, error) { return t.encode(o, pairs[i][:]...) })
}

// batch makes n encodings by encode, and pads them to one length. The error is that of
// the first text that has one.
func (t *Tokenizer) batch(n int, opts []Option, encode func(o options, i int) (Encoding, error)) ([]Encoding, error) {
	o := t.options(opts)
	out, errs := make([]Encoding, n), make([]error, n)
	workers := o.workers
	if workers < 1 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next atomic.Int64
	var failed atomic.Bool
	work := func() {
		for !failed.Load() {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if out[i], errs[i] = encode(o, i); errs[i] != nil {
				failed.Store(true)
			}
		}
	}
	var wg sync.WaitGroup
	for range min(workers, n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("text %d: %w", i, err)
		}
	}
	if o.padding != nil {
		if err := o.padding.apply(out); err != nil {
			return nil, err
		}
	}
	for i := range out {
		o.strip(&out[i])
	}
	return out, nil
}

// padded returns e as the only one of a batch.
func padded(o options, e Encoding) (Encoding, error) {
	list := []Encoding{e}
	if o.padding != nil {
		if err := o.padding.apply(list); err != nil {
			return Encoding{}, err
		}
	}
	o.strip(&list[0])
	return list[0], nil
}

// strip takes out what was not asked for.
func (o *options) strip(e *Encoding) {
	if !o.idsOnly {
		return
	}
	e.Tokens, e.Offsets, e.Words = nil, nil, nil
	for i := range e.Overflowing {
		o.strip(&e.Overflowing[i])
	}
}

// encode returns the encoding of one text or two, without padding.
func (t *Tokenizer) encode(o options, texts ...string) (Encoding, error) {
	p := post{special: o.special, runes: o.runes, encodings: make([]Encoding, len(texts))}
	copy(p.texts[:], texts)
	for i, text := range texts {
		var err error
		if p.encodings[i], err = t.sequence(o, text, i); err != nil {
			return Encoding{}, err
		}
	}
	if o.truncation != nil {
		if err := t.truncate(o, p.encodings); err != nil {
			return Encoding{}, err
		}
	}
	if t.post != nil {
		var err error
		if p.encodings, err = t.post.process(p); err != nil {
			return Encoding{}, err
		}
	}
	return merge(p.encodings), nil
}

// truncate truncates the encodings of one text or two, leaving room for special tokens.
func (t *Tokenizer) truncate(o options, list []Encoding) error {
	one, all := 0, 0
	if t.post != nil {
		one = t.post.added(false)
		if o.special {
			all = t.post.added(len(list) > 1)
		}
	}
	tr, err := o.truncation.limit(all, one)
	if err != nil {
		return err
	}
	if len(list) > 1 {
		return tr.apply(&list[0], &list[1])
	}
	return tr.apply(&list[0], nil)
}

// maxText is the longest text in bytes.
const maxText = math.MaxInt32 / 4

// sequence returns the encoding of one text, the index-th, without special tokens.
func (t *Tokenizer) sequence(o options, text string, index int) (Encoding, error) {
	if len(text) > maxText {
		return Encoding{}, fmt.Errorf("tokenizer: the text has %d bytes, at most %d can be encoded at once", len(text), maxText)
	}
	b := builder{t: t, run: t.model.Begin(), idsOnly: o.idsOnly, length: len(text)}
	defer b.run.End()
	emit := pretoken.Emit(b.word)
	normalized := func(piece aligned.Text, id int) error {
		if id != noToken {
			b.token(piece, id)
			return nil
		}
		return t.splitter.Split(piece, emit)
	}
	err := t.added.find(t.added.plain, aligned.New(text), o.specialAsText, func(piece aligned.Text, id int) error {
		if id != noToken {
			b.token(piece, id)
			return nil
		}
		if t.normalizer != nil {
			var err error
			if piece, err = t.normalizer.Normalize(piece); err != nil {
				return err
			}
		}
		return t.added.find(t.added.normalized, piece, o.specialAsText, normalized)
	})
	if err != nil {
		return Encoding{}, fmt.Errorf("tokenizer: %w", err)
	}
	e := b.encoding(index)
	if o.runes {
		toRunes(text, e.Offsets)
	}
	return e, nil
}

// builder collects the tokens of a text.
type builder struct {
	t       *Tokenizer
	run     model.Run
	idsOnly bool
	length  int // of the text
	words   int
	scratch []model.Token

	ids     []int64
	tokens  []string
	offsets []Offset
	wordIDs []int
}

// token adds an added token, which stands for piece.
func (b *builder) token(piece aligned.Text, id int) {
	b.ids = append(b.ids, int64(id))
	if !b.idsOnly {
		start, end := piece.Range(0, len(piece.Bytes))
		b.tokens = append(b.tokens, string(piece.Bytes))
		b.offsets = append(b.offsets, Offset{start, end})
		b.wordIDs = append(b.wordIDs, b.words)
	}
	b.words++
}

// word adds the tokens of one word.
func (b *builder) word(piece aligned.Text) error {
	var err error
	if b.scratch, err = b.run.Tokenize(b.scratch[:0], piece.Bytes); err != nil {
		return err
	}
	for i := range b.scratch {
		token := &b.scratch[i]
		b.ids = append(b.ids, int64(token.ID))
		if b.idsOnly {
			continue
		}
		var value string
		if token.Surface {
			value = string(piece.Bytes[token.Start:token.End])
		} else {
			value, _ = b.t.model.IDToToken(int(token.ID))
		}
		start, end := piece.Range(int(token.Start), int(token.End))
		b.tokens = append(b.tokens, value)
		b.offsets = append(b.offsets, Offset{min(start, b.length), min(end, b.length)})
		b.wordIDs = append(b.wordIDs, b.words)
	}
	b.words++
	return nil
}

// encoding returns what was collected as the encoding of the index-th text.
func (b *builder) encoding(index int) Encoding {
	n := len(b.ids)
	e := Encoding{
		IDs: b.ids, TypeIDs: repeat(int64(index), n), AttentionMask: repeat(int64(1), n), SpecialTokensMask: make([]bool, n),
		Tokens: b.tokens, Offsets: b.offsets, Words: b.wordIDs, Sequences: repeat(index, n),
	}
	if n == 0 {
		e.IDs, e.Tokens, e.Offsets, e.Words = []int64{}, []string{}, []Offset{}, []int{}
	}
	return e
}

// toRunes turns offsets in bytes of text into offsets in runes.
func toRunes(text string, offsets []Offset) {
	plain := 0
	for plain < len(text) && text[plain] < utf8.RuneSelf {
		plain++
	}
	if plain == len(text) {
		return
	}
	// Each offset is close to the one before it: count on from there, either way.
	at, count := plain, plain
	convert := func(i int) int {
		i = min(i, len(text))
		if i <= plain {
			return i
		}
		for at > i {
			_, n := utf8.DecodeLastRuneInString(text[:at])
			at -= n
			count--
		}
		for at < i {
			_, n := utf8.DecodeRuneInString(text[at:])
			if at+n > i {
				break
			}
			at += n
			count++
		}
		return count
	}
	for i := range offsets {
		o := &offsets[i]
		o.Start = convert(o.Start)
		o.End = convert(o.End)
	}
}
