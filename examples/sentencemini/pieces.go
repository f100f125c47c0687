package main

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/seed6700ada1/infer/internal/atomicfile"
)

// The special pieces, in the order of their numbers.
var special = []string{"[PAD]", "[UNK]"}

// inside marks a piece that goes on with a word, as WordPiece writes it.
const inside = "##"

// word is a word with how often it occurs, and its pieces so far.
type word struct {
	pieces []string
	count  int
}

// learnPieces makes a vocabulary of n pieces: the characters, and then again and again the
// two neighbours that occur most often, joined (byte-pair encoding).
func learnPieces(texts []string, n int) []string {
	words := countWords(texts)
	seen := map[string]bool{}
	var vocabulary []string
	add := func(piece string) {
		if !seen[piece] {
			seen[piece] = true
			vocabulary = append(vocabulary, piece)
		}
	}
	for _, w := range words {
		for _, p := range w.pieces {
			add(p)
		}
	}
	slices.Sort(vocabulary)
	vocabulary = append(slices.Clone(special), vocabulary...)
	counts, places := map[[2]string]int{}, map[[2]string]map[int]bool{}
	change := func(i, sign int) {
		w := &words[i]
		for k := 1; k < len(w.pieces); k++ {
			pair := [2]string{w.pieces[k-1], w.pieces[k]}
			counts[pair] += sign * w.count
			if places[pair] == nil {
				places[pair] = map[int]bool{}
			}
			places[pair][i] = true
		}
	}
	for i := range words {
		change(i, 1)
	}
	for len(vocabulary) < n {
		var best [2]string
		for pair, c := range counts {
			if c > counts[best] || (c == counts[best] && (pair[0] < best[0] || pair[0] == best[0] && pair[1] < best[1])) {
				best = pair
			}
		}
		if counts[best] < 2 {
			break
		}
		add(join(best))
		for i := range places[best] {
			change(i, -1)
			words[i].merge(best)
			change(i, 1)
		}
		delete(counts, best)
		delete(places, best)
	}
	return vocabulary
}

func join(pair [2]string) string { return pair[0] + strings.TrimPrefix(pair[1], inside) }

// merge joins the pair wherever it stands in the word.
func (w *word) merge(pair [2]string) {
	var list []string
	for k := 0; k < len(w.pieces); k++ {
		if k+1 < len(w.pieces) && w.pieces[k] == pair[0] && w.pieces[k+1] == pair[1] {
			list = append(list, join(pair))
			k++
			continue
		}
		list = append(list, w.pieces[k])
	}
	w.pieces = list
}

// countWords counts words as BERT's pre-tokenizer cuts them: lower case, signs alone.
// Characters that occur less often than rare times are left out, and with them their words.
func countWords(texts []string) []word {
	const rare = 5
	counts, chars := map[string]int{}, map[rune]int{}
	for _, t := range texts {
		for w := range strings.FieldsSeq(strings.ToLower(t)) {
			for _, part := range cut(w) {
				counts[part]++
				for _, r := range part {
					chars[r]++
				}
			}
		}
	}
	var list []word
	for text, n := range counts {
		if strings.ContainsFunc(text, func(r rune) bool { return chars[r] < rare }) {
			continue
		}
		var pieces []string
		for i, r := range text {
			if i > 0 {
				pieces = append(pieces, inside+string(r))
			} else {
				pieces = append(pieces, string(r))
			}
		}
		list = append(list, word{pieces, n})
	}
	slices.SortFunc(list, func(a, b word) int {
		return cmp.Or(cmp.Compare(b.count, a.count), slices.Compare(a.pieces, b.pieces))
	})
	return list
}

// cut cuts a word at its signs.
func cut(w string) []string {
	var list []string
	from := 0
	for i, r := range w {
		if !unicode.IsPunct(r) && !unicode.IsSymbol(r) {
			continue
		}
		if i > from {
			list = append(list, w[from:i])
		}
		from = i + len(string(r))
		list = append(list, w[i:from])
	}
	if from < len(w) {
		list = append(list, w[from:])
	}
	return list
}

// writeTokenizer writes tokenizer.json.
func writeTokenizer(dir string, vocabulary []string) error {
	vocab := map[string]int{}
	for i, p := range vocabulary {
		vocab[p] = i
	}
	var added []any
	for i, p := range special {
		added = append(added, map[string]any{"id": i, "content": p, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true})
	}
	data, err := json.Marshal(map[string]any{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer":     map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer":  map[string]any{"type": "BertPreTokenizer"},
		"post_processor": nil,
		"decoder":        map[string]any{"type": "WordPiece", "prefix": inside, "cleanup": true},
		"model":          map[string]any{"type": "WordPiece", "unk_token": special[1], "continuing_subword_prefix": inside, "max_input_chars_per_word": 100, "vocab": vocab},
	})
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, "tokenizer.json"), append(data, '\n'))
}
