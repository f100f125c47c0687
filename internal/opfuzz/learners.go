package opfuzz

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

const mlDomain = "ai.onnx.ml"

// learnerSpecs are of ai.onnx.ml: classifiers, regressors and trees.
func learnerSpecs() []spec {
	return []spec{
		{"ai.onnx.ml.LinearClassifier", linearClassifierNode},
		{"ai.onnx.ml.LinearRegressor", linearRegressorNode},
		{"ai.onnx.ml.SVMClassifier", svmClassifierNode},
		{"ai.onnx.ml.SVMRegressor", svmRegressorNode},
		{"ai.onnx.ml.TreeEnsembleClassifier", treeClassifierNode},
		{"ai.onnx.ml.TreeEnsembleRegressor", treeRegressorNode},
		{"ai.onnx.ml.TreeEnsemble", treeEnsembleNode},
	}
}

func attrFloats(name string, v ...float64) *onnx.Attribute {
	a := &onnx.Attribute{Name: name, Type: onnx.AttrFloats, Floats: make([]float32, len(v))}
	for i, x := range v {
		a.Floats[i] = float32(x)
	}
	return a
}

func attrStrs(name string, v ...string) *onnx.Attribute {
	a := &onnx.Attribute{Name: name, Type: onnx.AttrStrings}
	for _, s := range v {
		a.Strings = append(a.Strings, []byte(s))
	}
	return a
}

func attrTensor(name string, t *tensor.Tensor) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrTensor, Tensor: onnx.NewTensor("", t)}
}

// list are n numbers of a kind.
func (g *gen) list(k kind, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = g.value(k)
	}
	return v
}

// intsBelow are n integers from 0 to below most.
func (g *gen) intsBelow(most, n int) []int64 {
	v := make([]int64, n)
	for i := range v {
		v[i] = int64(g.IntN(max(1, most)))
	}
	return v
}

// labels are names, or numbers, of n classes.
func (g *gen) labels(n int, words, numbers string) *onnx.Attribute {
	if g.chance(2) {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("class%d", i*7%10)
		}
		return attrStrs(words, list...)
	}
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(3*i - 2)
	}
	return attrInts(numbers, list...)
}

func (g *gen) transform() *onnx.Attribute {
	return attrStr("post_transform", oneOf(g, "NONE", "NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"))
}

// rows are samples of features, of a type that ai.onnx.ml takes.
func (g *gen) rows(features int, types ...tensor.DType) *tensor.Tensor {
	if len(types) == 0 {
		types = []tensor.DType{tensor.Float32, tensor.Float32, tensor.Float64, tensor.Int64, tensor.Int32}
	}
	return g.tensor(oneOf(g, types...), normal, g.size(), features)
}

func learner(op string, version, outputs int, in *tensor.Tensor, attrs ...*onnx.Attribute) *node {
	return &node{op: op, domain: mlDomain, opset: version, out: outputs, in: []*tensor.Tensor{in}, attrs: attrs}
}

func linearClassifierNode(g *gen) *node {
	features, classes := 1+g.IntN(5), 2+g.IntN(3)
	n := learner("LinearClassifier", 1, 2, g.rows(features), g.labels(classes, "classlabels_strings", "classlabels_ints"), g.transform(),
		attrFloats("coefficients", g.list(normal, classes*features)...), attrFloats("intercepts", g.list(normal, classes)...))
	return n
}

func linearRegressorNode(g *gen) *node {
	features, targets := 1+g.IntN(5), 1+g.IntN(3)
	n := learner("LinearRegressor", 1, 1, g.rows(features, tensor.Float32), g.transform(),
		attrFloats("coefficients", g.list(normal, targets*features)...), attrInt("targets", int64(targets)))
	n.attrs = g.maybe(n.attrs, attrFloats("intercepts", g.list(normal, targets)...))
	return n
}

// kernel are the attributes of a support vector machine's kernel.
func (g *gen) kernel() []*onnx.Attribute {
	return []*onnx.Attribute{
		attrStr("kernel_type", oneOf(g, "LINEAR", "POLY", "RBF", "SIGMOID")),
		attrFloats("kernel_params", 0.1+g.Float64(), g.value(unit), float64(1+g.IntN(3))),
	}
}

func svmClassifierNode(g *gen) *node {
	features, classes := 1+g.IntN(4), 2+g.IntN(3)
	n := learner("SVMClassifier", 1, 2, g.rows(features), g.labels(classes, "classlabels_strings", "classlabels_ints"), attrStr("post_transform", "NONE"))
	n.attrs = append(n.attrs, g.kernel()...)
	pairs, vectors := classes*(classes-1)/2, 0
	var counts []int64
	for range classes {
		c := 1 + g.IntN(3)
		counts = append(counts, int64(c))
		vectors += c
	}
	n.attrs = append(n.attrs, attrInts("vectors_per_class", counts...), attrFloats("support_vectors", g.list(normal, vectors*features)...),
		attrFloats("coefficients", g.list(normal, vectors*(classes-1))...), attrFloats("rho", g.list(normal, pairs)...))
	if g.chance(2) {
		n.attrs = append(n.attrs, attrFloats("prob_a", g.list(unit, pairs)...), attrFloats("prob_b", g.list(unit, pairs)...))
	}
	return n
}

func svmRegressorNode(g *gen) *node {
	features, vectors := 1+g.IntN(4), 1+g.IntN(5)
	n := learner("SVMRegressor", 1, 1, g.rows(features, tensor.Float32), attrInt("n_supports", int64(vectors)), attrFloats("support_vectors", g.list(normal, vectors*features)...),
		attrFloats("coefficients", g.list(normal, vectors)...), attrFloats("rho", g.value(normal)))
	n.attrs = g.maybe(append(n.attrs, g.kernel()...), g.bit("one_class"))
	return n
}

// forest is a random ensemble of trees, by the columns of the attributes.
type forest struct {
	trees, nodes, features, yes, no, missing []int64
	modes                                    []string
	values                                   []float64
	leafTrees, leaves                        []int64
}

func (g *gen) forest(features int) *forest {
	f := &forest{}
	for tree := range 1 + g.IntN(4) {
		var grow func(depth int) int64
		next := int64(0)
		modes := []string{oneOf(g, "BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ")}
		if g.chance(3) {
			modes = []string{"BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"}
		}
		grow = func(depth int) int64 {
			at, id := len(f.nodes), next
			next++
			f.trees, f.nodes, f.features = append(f.trees, int64(tree)), append(f.nodes, id), append(f.features, int64(g.IntN(features)))
			f.yes, f.no, f.missing = append(f.yes, 0), append(f.no, 0), append(f.missing, int64(g.IntN(2)))
			f.values = append(f.values, float64(g.IntN(9)-4)/2)
			if depth == 0 || id > 0 && g.chance(3) {
				f.modes = append(f.modes, "LEAF")
				f.leafTrees, f.leaves = append(f.leafTrees, int64(tree)), append(f.leaves, id)
				return id
			}
			f.modes = append(f.modes, oneOf(g, modes...))
			f.yes[at] = grow(depth - 1)
			f.no[at] = grow(depth - 1)
			return id
		}
		grow(1 + g.IntN(3))
	}
	return f
}

func (f *forest) attrs() []*onnx.Attribute {
	return []*onnx.Attribute{
		attrInts("nodes_treeids", f.trees...), attrInts("nodes_nodeids", f.nodes...), attrInts("nodes_featureids", f.features...),
		attrStrs("nodes_modes", f.modes...), attrFloats("nodes_values", f.values...), attrInts("nodes_truenodeids", f.yes...),
		attrInts("nodes_falsenodeids", f.no...), attrInts("nodes_missing_value_tracks_true", f.missing...),
	}
}

// measured are samples that meet the thresholds of a forest exactly now and then, and
// lack values.
func (g *gen) measured(features int) *tensor.Tensor {
	shape := []int{g.size(), features}
	values := make([]float64, count(shape))
	for i := range values {
		values[i] = float64(g.IntN(17)-8) / 4
		if g.chance(12) {
			values[i] = g.value(special)
		}
	}
	return fromFloats(oneOf(g, tensor.Float32, tensor.Float32, tensor.Float64, tensor.Int64, tensor.Int32), values, shape)
}

func treeClassifierNode(g *gen) *node {
	features, classes := 1+g.IntN(4), 2+g.IntN(3)
	f := g.forest(features)
	n := learner("TreeEnsembleClassifier", oneOf(g, 1, 3), 2, g.measured(features), g.labels(classes, "classlabels_strings", "classlabels_int64s"), g.transform())
	n.attrs = append(n.attrs, f.attrs()...)
	only := int64(-1)
	if classes == 2 && g.chance(2) {
		only = int64(g.IntN(2)) // weights of one class of the two
	}
	var trees, leaves, ids []int64
	for i := range f.leaves {
		for c := range int64(classes) {
			if only >= 0 && c == only || only < 0 && (c == int64(i%classes) || g.chance(3)) {
				trees, leaves, ids = append(trees, f.leafTrees[i]), append(leaves, f.leaves[i]), append(ids, c)
			}
		}
	}
	n.attrs = append(n.attrs, attrInts("class_treeids", trees...), attrInts("class_nodeids", leaves...), attrInts("class_ids", ids...),
		attrFloats("class_weights", g.list(normal, len(ids))...))
	if only < 0 && g.chance(3) {
		n.attrs = append(n.attrs, attrFloats("base_values", g.list(normal, classes)...))
	}
	return n
}

func treeRegressorNode(g *gen) *node {
	features, targets := 1+g.IntN(4), 1+g.IntN(3)
	f := g.forest(features)
	n := learner("TreeEnsembleRegressor", oneOf(g, 1, 3), 1, g.measured(features), attrInt("n_targets", int64(targets)), attrStr("aggregate_function", oneOf(g, "SUM", "AVERAGE", "MIN", "MAX")))
	n.attrs = append(n.attrs, f.attrs()...)
	if g.chance(3) {
		n.attrs = append(n.attrs, g.transform())
	}
	var trees, leaves, ids []int64
	for i := range f.leaves {
		for c := range int64(targets) {
			if c == 0 || g.chance(2) {
				trees, leaves, ids = append(trees, f.leafTrees[i]), append(leaves, f.leaves[i]), append(ids, c)
			}
		}
	}
	n.attrs = append(n.attrs, attrInts("target_treeids", trees...), attrInts("target_nodeids", leaves...), attrInts("target_ids", ids...),
		attrFloats("target_weights", g.list(normal, len(ids))...))
	if g.chance(3) {
		n.attrs = append(n.attrs, attrFloats("base_values", g.list(normal, targets)...))
	}
	return n
}

// treeEnsembleNode makes one complete tree of two levels.
func treeEnsembleNode(g *gen) *node {
	features, targets := 1+g.IntN(4), 1+g.IntN(3)
	d := oneOf(g, tensor.Float32, tensor.Float64)
	modes := make([]float64, 3)
	for i := range modes {
		modes[i] = float64(g.IntN(6))
	}
	n := learner("TreeEnsemble", 5, 1, g.tensor(d, normal, g.size(), features))
	n.attrs = []*onnx.Attribute{
		attrInts("tree_roots", 0), attrInt("n_targets", int64(targets)), attrInt("aggregate_function", int64(g.IntN(4))), attrInt("post_transform", int64(g.IntN(4))),
		attrInts("nodes_featureids", g.intsBelow(features, 3)...), attrTensor("nodes_modes", fromFloats(tensor.Uint8, modes, []int{3})),
		attrTensor("nodes_splits", g.tensor(d, normal, 3)),
		attrInts("nodes_truenodeids", 1, 0, 2), attrInts("nodes_trueleafs", 0, 1, 1),
		attrInts("nodes_falsenodeids", 2, 1, 3), attrInts("nodes_falseleafs", 0, 1, 1),
		attrInts("leaf_targetids", g.intsBelow(targets, 4)...), attrTensor("leaf_weights", g.tensor(d, normal, 4)),
	}
	return n
}
