package lm

import (
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The inputs and outputs of decoders, beside the cache.
const (
	inputIDs       = "input_ids"
	inputMask      = "attention_mask"
	inputPositions = "position_ids"
	inputBranch    = "use_cache_branch" // of files that hold a graph for each of both cases
	outputLogits   = "logits"
)

// layout is how a model is run, told from its inputs and outputs.
type layout struct {
	ids, mask, positions tensor.DType // of the inputs; Undefined where there is none
	branch               bool         // it has inputBranch
	pairs                []pair       // the cache; none where the model has no cache
	// right says that the rows of a batch begin at the first column of the cache, and
	// that the mask tells their lengths only (GroupQueryAttention). Else they end at
	// the last column, and the mask leaves out those before they begin.
	right bool
	// recurrent says that a part of the cache is a state of fixed size, which cannot be
	// cut, and into which padding must not run.
	recurrent bool
}

// pair is a part of the cache: the output that is the input of the next run. Keys and
// values grow by a column with each token; the state of a recurrent network, told by a
// third dimension that is known, stays as it is, and is 0 before the first token.
type pair struct {
	past, present string
	dtype         tensor.DType
	heads, size   int // of [batch, heads, length, size]
	state         int // the length, where it is fixed; else 0
}

// columns is the length of the pair's tensors in a cache of that width.
func (p *pair) columns(width int) int {
	if p.state > 0 {
		return p.state
	}
	return width
}

// newLayout tells how a model is run.
func newLayout(s runtime.Session, c *Config) (*layout, error) {
	l := &layout{}
	outputs := map[string]bool{}
	for _, o := range s.Outputs() {
		outputs[o.Name] = true
	}
	if !outputs[outputLogits] {
		return nil, fmt.Errorf("lm: the model has no output %q: it gives %s", outputLogits, runtime.Describe(s.Outputs()))
	}
	for _, in := range s.Inputs() {
		dtype := tensor.Int64
		if in.Type != nil && in.Type.DType != tensor.Undefined {
			dtype = in.Type.DType
		}
		switch {
		case in.Name == inputIDs:
			l.ids = dtype
		case in.Name == inputMask:
			l.mask = dtype
		case in.Name == inputPositions:
			l.positions = dtype
		case in.Name == inputBranch:
			l.branch = true
		case strings.HasPrefix(in.Name, "past"):
			p, err := newPair(in, outputs, c)
			if err != nil {
				return nil, err
			}
			l.pairs = append(l.pairs, p)
			l.recurrent = l.recurrent || p.state > 0
		case !in.Optional:
			return nil, fmt.Errorf("lm: the model has an input %q, expected %s, %s, %s and past_*: what it is for is not known", in.Name, inputIDs, inputMask, inputPositions)
		}
	}
	if l.ids == tensor.Undefined {
		return nil, fmt.Errorf("lm: the model has no input %q: it wants %s", inputIDs, runtime.Describe(s.Inputs()))
	}
	l.right = len(l.pairs) == 0 || l.recurrent
	return l, nil
}

// newPair finds the output that goes with an input of the cache: past_key_values.0.key
// and present.0.key, or past_0 and present_0.
func newPair(in runtime.ValueSpec, outputs map[string]bool, c *Config) (pair, error) {
	p := pair{past: in.Name, dtype: tensor.Float32}
	for _, prefix := range []string{"past_key_values", "past"} {
		rest, ok := strings.CutPrefix(in.Name, prefix)
		if ok && outputs["present"+rest] {
			p.present = "present" + rest
			break
		}
	}
	if p.present == "" {
		return p, fmt.Errorf("lm: the model has an input %q and no output present… that goes with it", in.Name)
	}
	p.heads, p.size = c.kvHeads(), c.headSize()
	if in.Type == nil {
		return p, p.check()
	}
	if in.Type.DType != tensor.Undefined {
		p.dtype = in.Type.DType
	}
	if shape := in.Type.Shape; shape != nil {
		if len(shape.Dims) != 4 {
			return p, fmt.Errorf("lm: input %q is %s, expected [batch, heads, length, size]", in.Name, in.Type)
		}
		if d := shape.Dims[1]; d.IsKnown() {
			p.heads = int(d.Value)
		}
		if d := shape.Dims[2]; d.IsKnown() {
			p.state = int(d.Value)
		}
		if d := shape.Dims[3]; d.IsKnown() {
			p.size = int(d.Value)
		}
	}
	return p, p.check()
}

func (p *pair) check() error {
	const most = 1 << 20
	if p.state > most {
		return fmt.Errorf("lm: input %q has a state of length %d, expected at most %d", p.past, p.state, most)
	}
	if p.heads < 1 || p.size < 1 || p.heads > most || p.size > most {
		return fmt.Errorf("lm: input %q: neither the model nor config.json says how many heads it has, and of what size", p.past)
	}
	return nil
}

// UsesGroupQuery says whether a model's attention keeps its cache by itself, with a
// length for each row: see [Model.SetRightAligned].
func UsesGroupQuery(m *onnx.Model) bool {
	found := false
	onnx.Walk(m.Graph, func(n *onnx.Node) { found = found || n.OpType == "GroupQueryAttention" })
	return found
}
