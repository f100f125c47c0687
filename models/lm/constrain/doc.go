// Package constrain keeps what a language model writes within a regular expression or a
// JSON schema.
//
//	v, err := constrain.NewVocabulary(m.Tokenizer)
//	if err != nil { … }
//	c, err := constrain.Schema(v, []byte(`{"type": "object", "properties": {"age": {"type": "integer"}}}`))
//	if err != nil { … }
//	r, err := m.Generate(ctx, prompt, lm.Options{Constraint: c})
//
// The whole answer must match. An expression becomes an automaton over bytes, whose
// states are made as they are reached; before each token, those are masked whose bytes
// the automaton cannot take. Tokens may end within a rune, as those of byte-level
// vocabularies do. Work is linear in the bytes of the vocabulary for each new state, and
// nothing for a state that was seen before.
package constrain
