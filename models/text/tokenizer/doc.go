// Package tokenizer turns text into the tokens of a language model, and back.
//
//	t, err := tokenizer.Load("models/bert") // a folder, a tokenizer.json, a model file
//	if err != nil { … }
//	e, err := t.Encode("Hello, world!")
//	fmt.Println(e.Tokens, e.IDs) // [[CLS] hello , world ! [SEP]] [101 7592 1010 2088 999 102]
//	text, err := t.Decode(e.IDs, true)
//
// It reads everything that a tokenizer.json of Hugging Face tokenizers can say, and the
// older files: vocab.json with merges.txt, vocab.txt, and tiktoken's. Ids, offsets and
// texts are those of the reference, token for token; where the two differ that is a
// fault here. The one thing left out is BPE dropout, which is for training.
//
// Text takes five steps, each a field of the file and, but for the last, a package:
//
//	added_tokens     found first, and kept from all that follows
//	normalizer       normalize: case, accents, normal forms
//	pre_tokenizer    pretoken: words
//	model            model: tokens of a word, by BPE, WordPiece, Unigram or whole words
//	post_processor   special tokens around one text or two
//
// and decode has the way back. Package aligned carries the offsets through all of it.
//
// Regular expressions that need look-ahead have scanners of their own (package pattern),
// and everything else runs in linear time: a text may come from anyone.
package tokenizer
