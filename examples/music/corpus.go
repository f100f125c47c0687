package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// corpus is the tunes as characters.
type corpus struct {
	vocab  []rune // sorted
	number map[rune]int64
	tunes  []string
}

// between stands between two tunes: an empty line, as ABC wants it.
const between = "\n\n"

// readCorpus reads a file of tunes, which empty lines separate.
func readCorpus(path string) (*corpus, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	c := &corpus{number: map[rune]int64{}}
	seen := map[rune]bool{'\n': true}
	for tune := range strings.SplitSeq(text, between) {
		if tune = strings.Trim(tune, "\n"); tune == "" {
			continue
		}
		c.tunes = append(c.tunes, tune)
		for _, r := range tune {
			seen[r] = true
		}
	}
	if len(c.tunes) < 2 {
		return nil, fmt.Errorf("%s: %d tunes, expected at least 2", path, len(c.tunes))
	}
	for r := range seen {
		c.vocab = append(c.vocab, r)
	}
	slices.Sort(c.vocab)
	for i, r := range c.vocab {
		c.number[r] = int64(i)
	}
	return c, nil
}

// split puts a share of the tunes aside, drawn at random.
func (c *corpus) split(share float64, seed uint64) (train, held []string) {
	order := rand.New(rand.NewPCG(seed, 1)).Perm(len(c.tunes))
	n := int(share * float64(len(order)))
	for i, k := range order {
		if i < n {
			held = append(held, c.tunes[k])
		} else {
			train = append(train, c.tunes[k])
		}
	}
	return train, held
}

// encode is the tunes as one row of numbers.
func (c *corpus) encode(tunes []string) []int64 {
	var ids []int64
	for _, r := range strings.Join(tunes, between) + between {
		ids = append(ids, c.number[r])
	}
	return ids
}

// windows are pieces of a text at random places, each with the characters that
// follow its own. Piece i is always the same one.
type windows struct {
	ids    []int64
	length int
	n      int
	seed   uint64
}

// Len is the number of pieces.
func (w *windows) Len() int { return w.n }

// Size is that of a piece.
func (w *windows) Size(int) int { return w.length }

// Batch makes ids and labels, [length, rows].
func (w *windows) Batch(rows []int) (map[string]tensor.Value, error) {
	ids, labels := make([]int64, w.length*len(rows)), make([]int64, w.length*len(rows))
	for k, r := range rows {
		at := rand.New(rand.NewPCG(w.seed, uint64(r))).IntN(len(w.ids) - w.length)
		for t := range w.length {
			ids[t*len(rows)+k], labels[t*len(rows)+k] = w.ids[at+t], w.ids[at+t+1]
		}
	}
	x, err := tensor.FromSlice(ids, w.length, len(rows))
	if err != nil {
		return nil, err
	}
	y, err := tensor.FromSlice(labels, w.length, len(rows))
	return map[string]tensor.Value{idsInput: x, labelsInput: y}, err
}
