package linear

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// label is an index of an equation: a letter, or ellipsis and above for the
// dimensions that an ellipsis stands for, counted from the last.
type label int

const ellipsis label = 1 << 8

// equation is a parsed equation of [einsumDefs].
type equation struct {
	terms  [][]label // ellipsis stands for all its dimensions here
	result []label
	given  bool // the result is written out
}

// parseEquation reads an equation; spaces mean nothing.
func parseEquation(text string) (*equation, error) {
	text = strings.ReplaceAll(text, " ", "")
	left, right, given := strings.Cut(text, "->")
	eq := &equation{given: given}
	for term := range strings.SplitSeq(left, ",") {
		labels, err := parseTerm(term)
		if err != nil {
			return nil, err
		}
		eq.terms = append(eq.terms, labels)
	}
	if !given {
		eq.result = eq.implicit()
		return eq, nil
	}
	labels, err := parseTerm(right)
	if err != nil {
		return nil, err
	}
	for i, l := range labels {
		if slices.Contains(labels[:i], l) {
			return nil, fmt.Errorf("the result has %q twice", rune(l))
		}
		if l != ellipsis && !slices.ContainsFunc(eq.terms, func(t []label) bool { return slices.Contains(t, l) }) {
			return nil, fmt.Errorf("the result has %q, which no term has", rune(l))
		}
	}
	eq.result = labels
	return eq, nil
}

func parseTerm(term string) ([]label, error) {
	var labels []label
	for i := 0; i < len(term); i++ {
		switch ch := term[i]; {
		case strings.HasPrefix(term[i:], "..."):
			if slices.Contains(labels, ellipsis) {
				return nil, errors.New("a term has two ellipses")
			}
			labels = append(labels, ellipsis)
			i += 2
		case 'a' <= ch && ch <= 'z', 'A' <= ch && ch <= 'Z':
			labels = append(labels, label(ch))
		default:
			return nil, fmt.Errorf("%q is neither a letter nor part of an ellipsis", rune(ch))
		}
	}
	return labels, nil
}

// implicit is the result of an equation that does not write it out.
func (eq *equation) implicit() []label {
	count := map[label]int{}
	for _, t := range eq.terms {
		for _, l := range t {
			count[l]++
		}
	}
	result := []label{}
	for l, n := range count {
		if n == 1 && l != ellipsis {
			result = append(result, l)
		}
	}
	slices.Sort(result)
	if count[ellipsis] > 0 {
		result = slices.Insert(result, 0, ellipsis)
	}
	return result
}

// binding is an equation with shapes put in.
type binding struct {
	shapes    [][]onnx.Dim
	terms     [][]label // with the ellipsis written out
	keep, sum []label
	size      map[label]onnx.Dim
}

func (eq *equation) bind(shapes [][]onnx.Dim) (*binding, error) {
	b := &binding{shapes: shapes, size: map[label]onnx.Dim{}}
	widest := 0 // the most dimensions that an ellipsis stands for
	for i, term := range eq.terms {
		hidden := len(shapes[i]) - len(term)
		if slices.Contains(term, ellipsis) {
			hidden++
			widest = max(widest, hidden)
		} else if hidden != 0 {
			hidden = -1
		}
		if hidden < 0 {
			return nil, fmt.Errorf("input %d has rank %d, which does not fit its term of %d indices", i, len(shapes[i]), len(term))
		}
		labels := writeOut(term, hidden)
		b.terms = append(b.terms, labels)
		for k, l := range labels {
			if err := b.meet(l, shapes[i][k]); err != nil {
				return nil, fmt.Errorf("input %d: dimension %d is %w", i, k, err)
			}
		}
	}
	b.keep = writeOut(eq.result, widest)
	for _, labels := range b.terms {
		for _, l := range labels {
			if !slices.Contains(b.keep, l) && !slices.Contains(b.sum, l) {
				b.sum = append(b.sum, l)
			}
		}
	}
	return b, nil
}

// writeOut replaces the ellipsis of a term by labels for n dimensions.
func writeOut(term []label, n int) []label {
	out := make([]label, 0, len(term)+n)
	for _, l := range term {
		if l != ellipsis {
			out = append(out, l)
			continue
		}
		for k := range n {
			out = append(out, ellipsis+label(n-1-k))
		}
	}
	return out
}

// meet holds a dimension against what is known of its index: they are equal, or
// one is 1 and broadcasts.
func (b *binding) meet(l label, d onnx.Dim) error {
	known, ok := b.size[l]
	if !ok {
		b.size[l] = d
		return nil
	}
	both, err := dims.Broadcast([]onnx.Dim{known}, []onnx.Dim{d})
	if err != nil {
		return fmt.Errorf("%d, the same index has %d elsewhere", d.Value, known.Value)
	}
	b.size[l] = both[0]
	return nil
}

// sizes are the sizes of labels, which are all numbers.
func (b *binding) sizes(labels []label) []int {
	out := make([]int, len(labels))
	for i, l := range labels {
		out[i] = int(b.size[l].Value)
	}
	return out
}

// strides are how far operand i moves along each of labels.
func (b *binding) strides(i int, labels []label) []int {
	out := make([]int, len(labels))
	step := 1
	for k, l := range slices.Backward(b.terms[i]) {
		d := int(b.shapes[i][k].Value)
		if at := slices.Index(labels, l); at >= 0 && d != 1 {
			out[at] += step
		}
		step *= d
	}
	return out
}
