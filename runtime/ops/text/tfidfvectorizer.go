package text

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/ngram"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TfIdfVectorizer counts the n-grams of a pool in a sequence, or in each row of
// a matrix (ONNX operator spec, TfIdfVectorizer-9). Mode TF gives the counts, IDF
// the weights of the n-grams that are there, TFIDF counts times weights; n-gram
// i becomes element ngram_indexes[i] of the output.
var tfIdfVectorizerDefs = []ops.Def{{
	Name: "TfIdfVectorizer", Since: 9,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferTfIdfVectorizer,
	Compile: compileTfIdfVectorizer,
}}

// tfIdf is what the attributes of a node say.
type tfIdf struct {
	mode          string
	places        []int // by n-gram, in the output
	width         int   // of the output
	weights       []float32
	lo, hi, skips int
	strings       *ngram.Pool[string] // one of the two
	ints          *ngram.Pool[int64]
}

// maxWidth bounds the length of an output row that attributes may ask for.
const maxWidth = 1 << 28

func readTfIdf(a *ops.Attrs) (*tfIdf, error) {
	v := &tfIdf{
		mode: a.OneOf("mode", "TF", "IDF", "TFIDF"), places: a.Ints("ngram_indexes"), weights: a.Floats("weights"),
		lo: int(a.Int("min_gram_length", 1)), hi: int(a.Int("max_gram_length", 1)), skips: int(a.Int("max_skip_count", 0)),
	}
	starts := a.Ints("ngram_counts")
	items, words := a.Ints("pool_int64s"), a.Strings("pool_strings")
	if err := a.Err(); err != nil {
		return nil, err
	}
	for _, at := range v.places {
		if at < 0 || at >= maxWidth {
			return nil, fmt.Errorf("attribute \"ngram_indexes\" has entry %d", at)
		}
		v.width = max(v.width, at+1)
	}
	if v.lo < 1 || v.hi < v.lo || v.skips < 0 {
		return nil, fmt.Errorf("n-grams of %d to %d items with up to %d skips", v.lo, v.hi, v.skips)
	}
	if (items == nil) == (words == nil) {
		return nil, errors.New("expected one of the attributes \"pool_int64s\" and \"pool_strings\"")
	}
	return v, v.fill(items, words, starts)
}

// fill makes the pool and checks what runs along with it.
func (v *tfIdf) fill(items []int, words []string, starts []int) (err error) {
	var n int
	if words != nil {
		if v.strings, err = ngram.NewPool(words, starts); err != nil {
			return err
		}
		n = v.strings.Len()
	} else {
		wide := make([]int64, len(items))
		for i, x := range items {
			wide[i] = int64(x)
		}
		if v.ints, err = ngram.NewPool(wide, starts); err != nil {
			return err
		}
		n = v.ints.Len()
	}
	if len(v.places) != n {
		return fmt.Errorf("attribute \"ngram_indexes\" has %d entries for %d n-grams", len(v.places), n)
	}
	if v.weights != nil && len(v.weights) != n {
		return fmt.Errorf("attribute \"weights\" has %d entries for %d n-grams", len(v.weights), n)
	}
	return nil
}

func inferTfIdfVectorizer(n *ops.Inference) error {
	v, err := readTfIdf(n.Attrs)
	if err != nil {
		return err
	}
	n.SetDType(0, tensor.Float32)
	shape, ok := n.Input(0).Dims()
	if !ok {
		return nil
	}
	out := []onnx.Dim{onnx.Known(v.width)}
	if len(shape) == 2 {
		out = []onnx.Dim{shape[0], out[0]}
	}
	n.Set(0, tensor.Float32, out...)
	return nil
}

func compileTfIdfVectorizer(n *ops.Node) (ops.Compiled, error) {
	return readTfIdf(n.Attrs)
}

// Run counts n-grams.
func (v *tfIdf) Run(c *ops.Call) error {
	in, err := c.Need(0)
	if err != nil {
		return err
	}
	var count func(counts []int, lo, hi int)
	switch {
	case v.strings != nil:
		_, data, err := needStrings(c, 0)
		if err != nil {
			return err
		}
		count = func(counts []int, lo, hi int) { v.strings.Count(counts, data[lo:hi], v.lo, v.hi, v.skips) }
	default:
		list, err := ops.IntsOf(in)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		data := make([]int64, len(list))
		for i, x := range list {
			data[i] = int64(x)
		}
		count = func(counts []int, lo, hi int) { v.ints.Count(counts, data[lo:hi], v.lo, v.hi, v.skips) }
	}
	if in.Rank() < 1 || in.Rank() > 2 {
		return fmt.Errorf("input has rank %d, expected 1 or 2", in.Rank())
	}
	shape := slices.Clone(in.Shape())
	length := shape[len(shape)-1]
	shape[len(shape)-1] = v.width
	out, err := output[float32](c, 0, shape...)
	if err != nil {
		return err
	}
	clear(out)
	counts := make([]int, len(v.places))
	for row := 0; row*v.width < len(out); row++ {
		clear(counts)
		count(counts, row*length, (row+1)*length)
		v.write(out[row*v.width:(row+1)*v.width], counts)
	}
	return nil
}

// write turns counts into one row of the output.
func (v *tfIdf) write(row []float32, counts []int) {
	for i, n := range counts {
		if n == 0 {
			continue
		}
		w := float32(1)
		if v.weights != nil && v.mode != "TF" {
			w = v.weights[i]
		}
		if v.mode != "IDF" {
			w *= float32(n)
		}
		row[v.places[i]] += w
	}
}
