package tokenizer

// Option says how text is encoded.
type Option func(*options)

type options struct {
	special       bool // add special tokens
	specialAsText bool
	truncation    *Truncation
	padding       *Padding
	asConfigured  bool
	runes         bool
	idsOnly       bool
	workers       int
}

// WithoutSpecialTokens leaves out the special tokens that the tokenizer adds to a text.
func WithoutSpecialTokens() Option { return func(o *options) { o.special = false } }

// WithSpecialAsText reads the names of special tokens in the text as text: what a user
// wrote cannot end a turn or a document.
func WithSpecialAsText() Option { return func(o *options) { o.specialAsText = true } }

// WithTruncation truncates. Without it nothing is cut off, whatever the tokenizer's
// file says.
func WithTruncation(t Truncation) Option { return func(o *options) { o.truncation = &t } }

// WithPadding pads. Without it nothing is added, whatever the tokenizer's file says.
func WithPadding(p Padding) Option { return func(o *options) { o.padding = &p } }

// AsConfigured truncates and pads as the tokenizer's file says.
func AsConfigured() Option { return func(o *options) { o.asConfigured = true } }

// WithRuneOffsets counts offsets in code points rather than bytes.
func WithRuneOffsets() Option { return func(o *options) { o.runes = true } }

// IDsOnly leaves out Tokens, Offsets and Words, for those who need none of them.
func IDsOnly() Option { return func(o *options) { o.idsOnly = true } }

// WithWorkers sets how many texts of a batch are encoded at a time; the default is one
// a processor.
func WithWorkers(n int) Option { return func(o *options) { o.workers = n } }

// options returns the options of a call.
func (t *Tokenizer) options(opts []Option) options {
	o := options{special: true}
	for _, opt := range opts {
		opt(&o)
	}
	if o.asConfigured {
		o.truncation, o.padding = t.truncation, t.padding
	}
	return o
}
