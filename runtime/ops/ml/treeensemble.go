package ml

import (
	"errors"
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/score"
	"github.com/seed6700ada1/infer/runtime/kernel/tree"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TreeEnsemble gives for each target the sum, or another aggregate, of what the
// trees say (ONNX operator spec, ai.onnx.ml.TreeEnsemble-5). The output has the
// input's type.
var treeEnsembleDefs = []ops.Def{def("TreeEnsemble", 5, 1, inferTreeEnsemble, compileTreeEnsemble)}

func inferTreeEnsemble(n *ops.Inference) error {
	k, err := targets(n.Attrs, "n_targets")
	if err != nil {
		return err
	}
	rows, err := rowsOf(n)
	n.Set(0, n.Input(0).DType(), rows, onnx.Known(k))
	return err
}

// fields reads parallel attributes and keeps the first complaint about their
// lengths.
type fields struct {
	*ops.Attrs
	n int // elements that each must have
}

// ints reads a list that must be there.
func (f fields) ints(name string) []int {
	list := f.Ints(name)
	if len(list) != f.n {
		f.Fail(fmt.Errorf("attribute %q has %d elements, expected %d", name, len(list), f.n))
		return make([]int, f.n)
	}
	return list
}

// optional reads a list that may be missing, and then is zeros.
func (f fields) optional(name string) []int {
	if f.Has(name) {
		return f.ints(name)
	}
	return make([]int, f.n)
}

// tensor reads a tensor of numbers that must be there.
func (f fields) tensor(name string) []float64 {
	list := tensorNumbers(f.Attrs, name)
	if len(list) != f.n {
		f.Fail(fmt.Errorf("attribute %q has %d elements, expected %d", name, len(list), f.n))
		return make([]float64, f.n)
	}
	return list
}

// tensorNumbers reads a tensor attribute; nil where the node has none.
func tensorNumbers(a *ops.Attrs, name string) []float64 {
	t := a.Tensor(name)
	if t == nil {
		return nil
	}
	list, err := wideNumbers[float64](t)
	if err != nil {
		a.Fail(fmt.Errorf("attribute %q: %w", name, err))
	}
	return list
}

// readEnsemble reads the attributes of a TreeEnsemble.
func readEnsemble(a *ops.Attrs) (*tree.Ensemble, error) {
	f := fields{a, len(a.Ints("nodes_featureids"))}
	features, missing := f.ints("nodes_featureids"), f.optional("nodes_missing_value_tracks_true")
	yes, no := f.ints("nodes_truenodeids"), f.ints("nodes_falsenodeids")
	yesLeaf, noLeaf := f.ints("nodes_trueleafs"), f.ints("nodes_falseleafs")
	modes, splits := f.tensor("nodes_modes"), f.tensor("nodes_splits")
	leaves := fields{a, len(a.Ints("leaf_targetids"))}
	leafTargets, weights := leaves.ints("leaf_targetids"), leaves.tensor("leaf_weights")
	aggregate := a.Int("aggregate_function", int64(tree.Sum))
	if aggregate < 0 || aggregate > int64(tree.Max) {
		a.Fail(fmt.Errorf("attribute \"aggregate_function\" is %d, expected 0 to 3", aggregate))
	}
	n, err := targets(a, "n_targets")
	if err != nil {
		return nil, err
	}
	e := &tree.Ensemble{Targets: n, Aggregate: tree.Aggregate(aggregate), Nodes: make([]tree.Node, f.n), Leaves: make([][]tree.Vote, leaves.n)}
	for i := range e.Nodes {
		e.Nodes[i] = tree.Node{
			Feature: features[i], Mode: tree.Mode(modes[i]), MissingTrue: missing[i] != 0, Value: splits[i],
			True: place(yes[i], yesLeaf[i]), False: place(no[i], noLeaf[i]),
		}
	}
	for i := range e.Leaves {
		e.Leaves[i] = []tree.Vote{{Target: leafTargets[i], Weight: weights[i]}}
	}
	for _, r := range a.Ints("tree_roots") {
		e.Roots = append(e.Roots, place(r, 0))
	}
	if err := a.Err(); err != nil {
		return nil, err
	}
	return e, readMembers(e.Nodes, tensorNumbers(a, "membership_values"))
}

// place is where a branch leads; a negative number, which leads nowhere, becomes
// one that [tree.Ensemble.Check] refuses.
func place(n, leaf int) tree.Place {
	switch {
	case n < 0:
		return math.MaxInt
	case leaf != 0:
		return tree.AtLeaf(n)
	}
	return tree.Place(n)
}

// readMembers gives the nodes that ask for membership their sets, which stand
// one behind the other with a NaN after each.
func readMembers(nodes []tree.Node, list []float64) error {
	for i := range nodes {
		if nodes[i].Mode != tree.Member {
			continue
		}
		if list == nil {
			return fmt.Errorf("attribute \"membership_values\" has no set for tree node %d", i)
		}
		end := 0
		for end < len(list) && !math.IsNaN(list[end]) {
			end++
		}
		nodes[i].Members = list[:end:end]
		if end == len(list) {
			list = nil
		} else {
			list = list[end+1:]
		}
	}
	return nil
}

func compileTreeEnsemble(n *ops.Node) (ops.Compiled, error) {
	e, err := readEnsemble(n.Attrs)
	if err != nil {
		return nil, err
	}
	transform := n.Int("post_transform", 0)
	if transform < 0 || transform > int64(score.Probit) {
		return nil, fmt.Errorf("attribute \"post_transform\" is %d, expected 0 to 4", transform)
	}
	return newForest(e, func(c *ops.Call, r results) error {
		for i := range r.rows {
			score.Transform(transform).Apply(r.row(i))
		}
		return write(c, 0, c.Input(0).DType(), r.scores, r.rows, r.width)
	})
}

// results are the scores of rows, [rows, width], and how many votes each had.
type results struct {
	scores      []float64
	votes       []int
	rows, width int
}

// row is the scores of one row.
func (r results) row(i int) []float64 { return r.scores[i*r.width : (i+1)*r.width] }

// best is the class with the highest score among those that have votes, the
// first of equal ones; 0 where none has.
func (r results) best(i int, everybody bool) int {
	best := -1
	for k, s := range r.row(i) {
		if (everybody || r.votes[i*r.width+k] > 0) && (best < 0 || s > r.row(i)[best]) {
			best = k
		}
	}
	return max(best, 0)
}

// forest runs an ensemble and hands the results to finish.
type forest struct {
	*tree.Ensemble
	features int // that a row must have at least
	finish   func(*ops.Call, results) error
}

func newForest(e *tree.Ensemble, finish func(*ops.Call, results) error) (ops.Compiled, error) {
	features, err := e.Check()
	if err != nil {
		return nil, err
	}
	if len(e.Roots) == 0 {
		return nil, errors.New("there are no trees")
	}
	return &forest{e, features, finish}, nil
}

// Run scores the rows of input 0.
func (f *forest) Run(c *ops.Call) error {
	x, rows, features, err := matrix(c)
	if err != nil {
		return err
	}
	if features < f.features {
		return fmt.Errorf("input has %d features, the trees look at %d", features, f.features)
	}
	if err := ops.CheckSize(tensor.Float64, []int{rows, f.Targets}, maxBytes); err != nil {
		return err
	}
	r := results{rows: rows, width: f.Targets, scores: make([]float64, rows*f.Targets), votes: make([]int, rows*f.Targets)}
	f.Ensemble.Run(c.Pool, r.scores, r.votes, x, features)
	return f.finish(c, r)
}
