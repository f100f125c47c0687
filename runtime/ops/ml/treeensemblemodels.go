package ml

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/score"
	"github.com/seed6700ada1/infer/runtime/kernel/tree"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TreeEnsembleRegressor is a TreeEnsemble in the older form, in which a leaf may
// vote for several targets and base values are added in the end (ONNX operator
// spec, ai.onnx.ml.TreeEnsembleRegressor-5; the attributes …_as_tensor since
// version 3).
var treeEnsembleRegressorDefs = []ops.Def{
	def("TreeEnsembleRegressor", 1, 1, inferTreeRegressor, compileTreeRegressor),
}

// TreeEnsembleClassifier adds up votes for classes (ONNX operator spec,
// ai.onnx.ml.TreeEnsembleClassifier-5; the attributes …_as_tensor since version
// 3). With two labels and votes for class 0 alone, these are the score of the
// second label: a probability, taken for it above one half, if no vote is
// negative, else a number, taken for it above zero.
var treeEnsembleClassifierDefs = []ops.Def{
	def("TreeEnsembleClassifier", 1, 2, inferTreeClassifier, compileTreeClassifier),
}

// nodeID names a node as the older form does.
type nodeID struct{ tree, node int }

// floatList reads a list that is either floats or a tensor; nil where it is
// neither.
func floatList(a *ops.Attrs, name string) []float64 {
	if list := a.Floats(name); list != nil {
		return widen(list)
	}
	return tensorNumbers(a, name+"_as_tensor")
}

// readOldEnsemble reads the nodes of the older form. Leaves have no votes yet.
func readOldEnsemble(a *ops.Attrs, count int) (e *tree.Ensemble, leaves map[nodeID]int, err error) {
	f := fields{a, len(a.Ints("nodes_nodeids"))}
	trees, ids := f.ints("nodes_treeids"), f.ints("nodes_nodeids")
	features, missing := f.ints("nodes_featureids"), f.optional("nodes_missing_value_tracks_true")
	yes, no := f.ints("nodes_truenodeids"), f.ints("nodes_falsenodeids")
	values, modes := floatList(a, "nodes_values"), a.Strings("nodes_modes")
	if len(values) != f.n || len(modes) != f.n {
		a.Fail(fmt.Errorf("there are %d nodes, %d values and %d modes", f.n, len(values), len(modes)))
	}
	if err := a.Err(); err != nil {
		return nil, nil, err
	}
	e = &tree.Ensemble{Targets: count, Aggregate: tree.Sum}
	places, leaves, err := number(trees, ids, modes)
	if err != nil {
		return nil, nil, err
	}
	e.Leaves = make([][]tree.Vote, len(leaves))
	names := []string{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"}
	children := map[nodeID]bool{}
	for i, mode := range modes {
		if mode == "LEAF" {
			continue
		}
		kind := slices.Index(names, mode)
		if kind < 0 {
			return nil, nil, fmt.Errorf("attribute \"nodes_modes\" has entry %q, expected one of %q or \"LEAF\"", mode, names)
		}
		n := tree.Node{Feature: features[i], Mode: tree.Mode(kind), MissingTrue: missing[i] != 0, Value: values[i]}
		for k, child := range []int{yes[i], no[i]} {
			id := nodeID{trees[i], child}
			at, ok := places[id]
			if !ok {
				return nil, nil, fmt.Errorf("tree %d has no node %d, to which node %d leads", id.tree, child, ids[i])
			}
			children[id] = true
			if k == 0 {
				n.True = at
			} else {
				n.False = at
			}
		}
		e.Nodes = append(e.Nodes, n)
	}
	for i := range modes {
		if id := (nodeID{trees[i], ids[i]}); !children[id] {
			e.Roots = append(e.Roots, places[id])
		}
	}
	return e, leaves, nil
}

// number gives inner nodes and leaves numbers of their own, in the order in
// which they are listed.
func number(trees, ids []int, modes []string) (places map[nodeID]tree.Place, leaves map[nodeID]int, err error) {
	places, leaves = make(map[nodeID]tree.Place, len(ids)), map[nodeID]int{}
	nodes := 0
	for i, mode := range modes {
		id := nodeID{trees[i], ids[i]}
		if _, twice := places[id]; twice {
			return nil, nil, fmt.Errorf("tree %d has two nodes %d", id.tree, id.node)
		}
		if mode == "LEAF" {
			places[id], leaves[id] = tree.AtLeaf(len(leaves)), len(leaves)
			continue
		}
		places[id] = tree.Place(nodes)
		nodes++
	}
	return places, leaves, nil
}

// readVotes reads the votes of the leaves from the attributes that begin with
// prefix.
func readVotes(a *ops.Attrs, e *tree.Ensemble, leaves map[nodeID]int, prefix string) error {
	f := fields{a, len(a.Ints(prefix + "_ids"))}
	ids, trees, nodes := f.ints(prefix+"_ids"), f.ints(prefix+"_treeids"), f.ints(prefix+"_nodeids")
	weights := floatList(a, prefix+"_weights")
	if len(weights) != f.n {
		a.Fail(fmt.Errorf("there are %d %s_ids and %d weights", f.n, prefix, len(weights)))
	}
	if err := a.Err(); err != nil {
		return err
	}
	for i, id := range ids {
		leaf, ok := leaves[nodeID{trees[i], nodes[i]}]
		if !ok {
			return fmt.Errorf("tree %d has no leaf %d, which votes", trees[i], nodes[i])
		}
		e.Leaves[leaf] = append(e.Leaves[leaf], tree.Vote{Target: id, Weight: weights[i]})
	}
	return nil
}

func inferTreeRegressor(n *ops.Inference) error {
	k, err := targets(n.Attrs, "n_targets")
	if err != nil {
		return err
	}
	rows, err := rowsOf(n)
	n.Set(0, tensor.Float32, rows, onnx.Known(k))
	return err
}

func compileTreeRegressor(n *ops.Node) (ops.Compiled, error) {
	k, err := targets(n.Attrs, "n_targets")
	if err != nil {
		return nil, err
	}
	e, leaves, err := readOldEnsemble(n.Attrs, k)
	if err != nil {
		return nil, err
	}
	names := []string{"AVERAGE", "SUM", "MIN", "MAX"}
	allowed := append([]string{"SUM"}, names...) // the first is the default
	e.Aggregate = tree.Aggregate(slices.Index(names, n.OneOf("aggregate_function", allowed...)))
	e.Base = floatList(n.Attrs, "base_values")
	transform := postTransform(n.Attrs)
	if err := readVotes(n.Attrs, e, leaves, "target"); err != nil {
		return nil, err
	}
	return newForest(e, func(c *ops.Call, r results) error {
		for i := range r.rows {
			transform.Apply(r.row(i))
		}
		return write(c, 0, tensor.Float32, r.scores, r.rows, k)
	})
}

// treeClasses reads the labels.
func treeClasses(a *ops.Attrs) (classes, error) {
	l := readClasses(a, "classlabels_strings", "classlabels_int64s")
	if err := a.Err(); err != nil {
		return l, err
	}
	if l.len() == 0 {
		return l, errors.New("expected one of the attributes \"classlabels_strings\" and \"classlabels_int64s\"")
	}
	return l, nil
}

func inferTreeClassifier(n *ops.Inference) error {
	l, err := treeClasses(n.Attrs)
	if err != nil {
		return err
	}
	return inferClassifier(n, l, onnx.Known(l.len()))
}

func compileTreeClassifier(n *ops.Node) (ops.Compiled, error) {
	labels, err := treeClasses(n.Attrs)
	if err != nil {
		return nil, err
	}
	k := labels.len()
	e, leaves, err := readOldEnsemble(n.Attrs, k)
	if err != nil {
		return nil, err
	}
	transform := postTransform(n.Attrs)
	if err := readVotes(n.Attrs, e, leaves, "class"); err != nil {
		return nil, err
	}
	e.Base = floatList(n.Attrs, "base_values")
	only, limit := votes(e)
	if k == 2 && only == 0 && len(e.Base) < 2 {
		return compileBinaryTrees(e, labels, limit, transform)
	}
	if k == 2 && len(e.Base) == 1 { // of the first class
		e.Base = append(e.Base, 0)
	}
	return newForest(e, func(c *ops.Call, r results) error {
		best := make([]int, r.rows)
		for i := range best {
			row := r.row(i)
			if best[i] = r.best(i, e.Base != nil); k == 2 && only == 1 {
				best[i] = above(row[1], limit)
			}
			transform.Apply(row)
		}
		if err := labels.write(c, best); err != nil {
			return err
		}
		return write(c, 1, tensor.Float32, r.scores, r.rows, k)
	})
}

// above is 1 where s is above the limit, else 0.
func above(s, limit float64) int {
	if s > limit {
		return 1
	}
	return 0
}

// votes tells for which class all votes are, or -1 where they are for several,
// and above which score that class is taken: one half where no weight is
// negative, as the score then is a probability, else zero.
func votes(e *tree.Ensemble) (only int, limit float64) {
	only, limit = -1, 0.5
	first := true
	for _, list := range e.Leaves {
		for _, v := range list {
			if first {
				only, first = v.Target, false
			}
			if v.Target != only {
				only = -1
			}
			if v.Weight < 0 {
				limit = 0
			}
		}
	}
	return only, limit
}

// compileBinaryTrees is the classifier of two classes whose votes are all for
// class 0, which then stands for the second label.
func compileBinaryTrees(e *tree.Ensemble, labels classes, limit float64, t score.Transform) (ops.Compiled, error) {
	e.Targets = 1
	return newForest(e, func(c *ops.Call, r results) error {
		best, both := make([]int, r.rows), make([]float64, 2*r.rows)
		for i, s := range r.scores {
			best[i] = above(s, limit)
			twoScores(both[2*i:2*i+2], s, limit > 0, t)
		}
		if err := labels.write(c, best); err != nil {
			return err
		}
		return write(c, 1, tensor.Float32, both, r.rows, 2)
	})
}
