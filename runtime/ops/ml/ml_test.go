package ml_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/ml"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, ml.Ops, "ArrayFeatureExtractor", "Binarizer", "LabelEncoder", "TreeEnsemble")
}

// testCase is one node and what ONNX Runtime 1.32 gives for it, or what follows
// from the standard's text where a comment says so; nil want is an error.
type testCase struct {
	name    string
	op      string
	version int
	attrs   []*onnx.Attribute
	in      []tensor.Value
	want    []tensor.Value
}

func runCases(t *testing.T, cases []testCase) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.op+" "+tt.name, func(t *testing.T) {
			node := opstest.NewNode(tt.op, "ai.onnx.ml", len(tt.in), max(len(tt.want), 1), tt.attrs...)
			got, err := opstest.Try(ml.Ops, node, tt.version, tt.in...)
			if tt.want == nil {
				if err == nil {
					t.Fatalf("no error, but %v", got)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range tt.want {
				if err := tensor.AllClose(got[i], w, 1e-5, 1e-6); err != nil {
					t.Errorf("output %d: %v", i, err)
				}
			}
		})
	}
}

// of makes a tensor of that shape.
func of[T tensor.Element](shape []int, values ...T) *tensor.Tensor {
	x, err := tensor.FromSlice(values, shape...)
	if err != nil {
		panic(err) // a fault of the table itself
	}
	return x
}

// floats makes a float32 matrix of two rows.
func floats(v ...float32) *tensor.Tensor { return of([]int{2, len(v) / 2}, v...) }

func ints(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func list(v ...tensor.Value) []tensor.Value { return v }

func attrs(lists ...any) []*onnx.Attribute {
	var out []*onnx.Attribute
	for _, l := range lists {
		switch l := l.(type) {
		case *onnx.Attribute:
			out = append(out, l)
		case []*onnx.Attribute:
			out = append(out, l...)
		}
	}
	return out
}

func strs(name string, values ...string) *onnx.Attribute {
	a := &onnx.Attribute{Name: name, Type: onnx.AttrStrings}
	for _, v := range values {
		a.Strings = append(a.Strings, []byte(v))
	}
	return a
}

func transform(name string) *onnx.Attribute { return opstest.Str("post_transform", name) }

func TestLinearModels(t *testing.T) {
	x := floats(1, -2, 0.5, 3)
	three := attrs(opstest.Floats("coefficients", 0.5, -1, 0.25, 2, -0.5, 1), opstest.Floats("intercepts", 0.1, 0, -0.1), strs("classlabels_strings", "a", "b", "c"))
	two := attrs(opstest.Floats("coefficients", 0.5, -1), opstest.Floats("intercepts", 0.1), opstest.Ints("classlabels_ints", 7, 9))
	ab := tensor.Vector("a", "b")
	runCases(t, []testCase{
		{"scores", "LinearClassifier", 1, three, list(x), list(ab, floats(2.6, -3.75, -2.6, -2.65, 6.125, 2.65))},
		{"softmax", "LinearClassifier", 1, attrs(three, transform("SOFTMAX")), list(x), list(ab, floats(0.992789089, 0.001734151, 0.005476786, 0.000149885, 0.969822645, 0.030027492))},
		{"logistic", "LinearClassifier", 1, attrs(three, transform("LOGISTIC")), list(x), list(ab, floats(0.9308616, 0.0229774, 0.0691384, 0.065989, 0.9978173, 0.934011))},
		{"one sum", "LinearClassifier", 1, two, list(x), list(ints(9, 7), floats(-1.6, 2.6, 3.65, -2.65))},
		{"one sum, logistic", "LinearClassifier", 1, attrs(two, transform("LOGISTIC")), list(x), list(ints(9, 7), floats(0.0691384, 0.9308616, 0.934011, 0.065989))},
		{"one sum, softmax", "LinearClassifier", 1, attrs(two, transform("SOFTMAX")), list(x), list(ints(9, 7), floats(-1.6, 2.6, 3.65, -2.65))},
		{"features", "LinearClassifier", 1, three, list(floats(1, 2, 3, 4, 5, 6)), nil},
		{"labels", "LinearClassifier", 1, attrs(two, opstest.Ints("classlabels_strings")), list(x), nil},
		{"rank", "LinearClassifier", 1, three, list(tensor.Scalar[float32](1)), nil},

		{
			"targets", "LinearRegressor", 1, attrs(opstest.Int("targets", 2), opstest.Floats("coefficients", 0.5, -1, 0.25, 2), opstest.Floats("intercepts", 1, 2)),
			list(x), list(floats(3.5, -1.75, -1.75, 8.125)),
		},
		{"coefficients", "LinearRegressor", 1, attrs(opstest.Int("targets", 2), opstest.Floats("coefficients", 0.5, -1, 0.25)), list(x), nil},
		{"no targets", "LinearRegressor", 1, attrs(opstest.Int("targets", 0)), list(x), nil},
	})
}

// forest is two trees of one node each: feature 0 <= 0.75, and feature 1 > 0.
func forest() []*onnx.Attribute {
	return attrs(opstest.Ints("nodes_treeids", 0, 0, 0, 1, 1, 1), opstest.Ints("nodes_nodeids", 0, 1, 2, 0, 1, 2),
		opstest.Ints("nodes_featureids", 0, 0, 0, 1, 0, 0), opstest.Floats("nodes_values", 0.75, 0, 0, 0, 0, 0),
		strs("nodes_modes", "BRANCH_LEQ", "LEAF", "LEAF", "BRANCH_GT", "LEAF", "LEAF"),
		opstest.Ints("nodes_truenodeids", 1, 0, 0, 1, 0, 0), opstest.Ints("nodes_falsenodeids", 2, 0, 0, 2, 0, 0))
}

// votes are those of the forest's leaves.
func votes(prefix string, ids []int64, weights ...float32) []*onnx.Attribute {
	return attrs(opstest.Ints(prefix+"_treeids", 0, 0, 1, 1), opstest.Ints(prefix+"_nodeids", 1, 2, 1, 2),
		opstest.Ints(prefix+"_ids", ids...), opstest.Floats(prefix+"_weights", weights...))
}

func TestTrees(t *testing.T) {
	x := floats(1, -2, 0.5, 3)
	column := func(a, b float32) []tensor.Value { return list(of([]int{2, 1}, a, b)) }
	two := attrs(forest(), opstest.Ints("classlabels_int64s", 7, 9))
	mixed := attrs(two, votes("class", []int64{0, 0, 0, 0}, 0.5, -1, 0.25, 2))
	positive := attrs(two, votes("class", []int64{0, 0, 0, 0}, 0.5, 0.1, 0.25, 0.2))
	three := attrs(forest(), strs("classlabels_strings", "a", "b", "c"), votes("class", []int64{0, 1, 2, 1}, -0.5, -1, -0.25, -2))
	sums := attrs(forest(), opstest.Int("n_targets", 1), votes("target", []int64{0, 0, 0, 0}, 0.5, -1, 0.25, 2), opstest.Floats("base_values", 10))
	aggregate := func(name string) []*onnx.Attribute { return attrs(sums, opstest.Str("aggregate_function", name)) }
	runCases(t, []testCase{
		{"scores", "TreeEnsembleClassifier", 1, mixed, list(x), list(ints(9, 9), floats(-1, 1, -0.75, 0.75))},
		{"logistic", "TreeEnsembleClassifier", 3, attrs(mixed, transform("LOGISTIC")), list(x), list(ints(9, 9), floats(0.2689414, 0.7310586, 0.3208213, 0.6791787))},
		{"probability", "TreeEnsembleClassifier", 3, positive, list(x), list(ints(7, 9), floats(0.7, 0.3, 0.25, 0.75))},
		{"no vote is no score", "TreeEnsembleClassifier", 3, three, list(x), list(tensor.Vector("b", "c"), floats(0, -3, 0, -0.5, 0, -0.25))},
		{"softmax", "TreeEnsembleClassifier", 5, attrs(three, transform("SOFTMAX")), list(x), list(tensor.Vector("b", "c"), floats(0.4878556, 0.0242889, 0.4878556, 0.2542752, 0.419229, 0.3264959))},
		{"no labels", "TreeEnsembleClassifier", 3, attrs(forest(), votes("class", []int64{0, 0, 0, 0}, 1, 1, 1, 1)), list(x), nil},
		{"class beyond", "TreeEnsembleClassifier", 3, attrs(two, votes("class", []int64{0, 0, 2, 0}, 1, 1, 1, 1)), list(x), nil},
		{"too few features", "TreeEnsembleClassifier", 3, mixed, list(floats(1, 2)), nil},

		{"sum", "TreeEnsembleRegressor", 1, sums, list(x), column(11, 10.75)},
		{"average", "TreeEnsembleRegressor", 3, aggregate("AVERAGE"), list(x), column(10.5, 10.375)},
		{"min", "TreeEnsembleRegressor", 3, aggregate("MIN"), list(x), column(9, 10.25)},
		{"max", "TreeEnsembleRegressor", 3, aggregate("MAX"), list(x), column(12, 10.5)},
		{"median", "TreeEnsembleRegressor", 3, aggregate("MEDIAN"), list(x), nil},
		{"base values", "TreeEnsembleRegressor", 3, attrs(forest(), votes("target", []int64{0, 0, 0, 0}, 1, 1, 1, 1), opstest.Floats("base_values", 1, 2)), list(x), nil},
		{"votes of inner nodes", "TreeEnsembleRegressor", 3, attrs(forest(), opstest.Ints("target_treeids", 0), opstest.Ints("target_nodeids", 0), opstest.Ints("target_ids", 0), opstest.Floats("target_weights", 1)), list(x), nil},
	})
}

// TestHostileTrees builds trees that would loop or leave their lists.
func TestHostileTrees(t *testing.T) {
	x := floats(1, -2, 0.5, 3)
	build := func(yes, no, yesLeaf, noLeaf, root int64, feature int64) []*onnx.Attribute {
		return attrs(opstest.Ints("nodes_featureids", feature, 0), opstest.Ints("nodes_truenodeids", yes, 0), opstest.Ints("nodes_falsenodeids", no, 0),
			opstest.Ints("nodes_trueleafs", yesLeaf, 1), opstest.Ints("nodes_falseleafs", noLeaf, 1), opstest.Ints("tree_roots", root),
			opstest.Tensor("nodes_modes", tensor.Vector[uint8](0, 0)), opstest.Tensor("nodes_splits", tensor.Vector[float32](0, 0)),
			opstest.Ints("leaf_targetids", 0), opstest.Tensor("leaf_weights", tensor.Vector[float32](5)), opstest.Int("n_targets", 1))
	}
	runCases(t, []testCase{
		{"sound", "TreeEnsemble", 5, build(1, 0, 0, 1, 0, 0), list(x), list(of([]int{2, 1}, float32(5), 5))},
		{"loop", "TreeEnsemble", 5, build(0, 0, 0, 1, 0, 0), list(x), nil},
		{"node beyond", "TreeEnsemble", 5, build(2, 0, 0, 1, 0, 0), list(x), nil},
		{"leaf beyond", "TreeEnsemble", 5, build(1, 1, 0, 1, 0, 0), list(x), nil},
		{"negative", "TreeEnsemble", 5, build(-1, 0, 0, 1, 0, 0), list(x), nil},
		{"root beyond", "TreeEnsemble", 5, build(1, 0, 0, 1, 2, 0), list(x), nil},
		{"feature beyond", "TreeEnsemble", 5, build(1, 0, 0, 1, 0, 2), list(x), nil},
		{"negative feature", "TreeEnsemble", 5, build(1, 0, 0, 1, 0, -1), list(x), nil},
		{"empty", "TreeEnsemble", 5, nil, list(x), nil},
	})
}

func TestSupportVectors(t *testing.T) {
	x := floats(1, -2, 0.5, 3)
	vectors := attrs(opstest.Floats("support_vectors", 1, 0, 0, 1, -1, -1, 2, 1), opstest.Floats("kernel_params", 0.5, 1, 2))
	kernel := func(name string) *onnx.Attribute { return opstest.Str("kernel_type", name) }
	regressor := attrs(vectors, opstest.Int("n_supports", 4), opstest.Floats("coefficients", 1, -0.5, 0.25, 2), opstest.Floats("rho", 0.1))
	column := func(a, b float32) []tensor.Value { return list(of([]int{2, 1}, a, b)) }
	three := attrs(vectors, opstest.Ints("vectors_per_class", 2, 1, 1), opstest.Floats("coefficients", 1, -0.5, 0.25, 2, -1, 0.5, 0.75, 1),
		opstest.Floats("rho", 0.1, 0.2, -0.3), kernel("RBF"))
	likely := attrs(three, opstest.Floats("prob_a", -1, -0.5, -2), opstest.Floats("prob_b", 0.1, 0, 0.2))
	two := attrs(vectors, opstest.Ints("vectors_per_class", 2, 2), opstest.Floats("coefficients", 1, -0.5, 0.25, 2), opstest.Floats("rho", 0.1), kernel("RBF"))
	runCases(t, []testCase{
		{"linear", "SVMRegressor", 1, attrs(regressor, kernel("LINEAR")), list(x), column(2.35, 6.225)},
		{"poly", "SVMRegressor", 1, attrs(regressor, kernel("POLY")), list(x), column(4.9125, 16.678125)},
		{"rbf", "SVMRegressor", 1, attrs(regressor, kernel("RBF")), list(x), column(0.2659635, 0.1379883)},
		{"sigmoid", "SVMRegressor", 1, attrs(regressor, kernel("SIGMOID")), list(x), column(2.7546234, 2.2862985)},
		{"one class", "SVMRegressor", 1, attrs(regressor, kernel("RBF"), opstest.Int("one_class", 1)), list(x), column(1, 1)},
		{"vectors", "SVMRegressor", 1, attrs(opstest.Int("n_supports", 3), regressor), list(x), nil},
		{"features", "SVMRegressor", 1, regressor, list(floats(1, 2)), nil},

		{"pairs", "SVMClassifier", 1, attrs(three, strs("classlabels_strings", "a", "b", "c")), list(x), list(tensor.Vector("a", "a"), floats(0.2524876, 0.0815096, -0.2316983, 0.0501144, 0.3377867, -0.2559814))},
		{"probabilities", "SVMClassifier", 1, attrs(likely, opstest.Ints("classlabels_ints", 1, 2, 3)), list(x), list(ints(1, 1), floats(0.3587203, 0.2479521, 0.3933275, 0.3541507, 0.2638462, 0.3820033))},
		{"two classes", "SVMClassifier", 1, attrs(two, opstest.Ints("classlabels_ints", 1, 2)), list(x), list(ints(1, 1), floats(-0.2659635, 0.2659635, -0.1379883, 0.1379883))},
		{"labels", "SVMClassifier", 1, attrs(three, opstest.Ints("classlabels_ints", 1, 2)), list(x), nil},
		{"one class", "SVMClassifier", 1, attrs(vectors, opstest.Ints("vectors_per_class", 4), opstest.Floats("coefficients", 1), opstest.Floats("rho", 1)), list(x), nil},
		{"negative count", "SVMClassifier", 1, attrs(opstest.Ints("vectors_per_class", 5, -1), two), list(x), nil},
	})
}

func TestFeatures(t *testing.T) {
	x := floats(1, -2, 0.5, 3)
	nan := float32(math.NaN())
	runCases(t, []testCase{
		{"max", "Normalizer", 1, nil, list(x), list(floats(1, -2, 0.1666667, 1))},
		{"l1", "Normalizer", 1, attrs(opstest.Str("norm", "L1")), list(x), list(floats(0.3333333, -0.6666667, 0.1428571, 0.8571429))},
		{"l2", "Normalizer", 1, attrs(opstest.Str("norm", "L2")), list(x), list(floats(0.4472136, -0.8944272, 0.164399, 0.9863939))},
		{"zero row", "Normalizer", 1, attrs(opstest.Str("norm", "L2")), list(floats(0, 0, 3, 4)), list(floats(0, 0, 0.6, 0.8))},
		{"each feature", "Scaler", 1, attrs(opstest.Floats("offset", 1, 2), opstest.Floats("scale", 2, 3)), list(x), list(floats(0, -12, -1, 3))},
		{"too few", "Scaler", 1, attrs(opstest.Floats("offset", 1, 2, 3)), list(x), nil},
		{"nan", "Imputer", 1, attrs(opstest.Floats("imputed_value_floats", 7, 8), opstest.Float("replaced_value_float", nan)), list(floats(nan, 1, 2, nan)), list(floats(7, 1, 2, 8))},
		{"integers", "Imputer", 1, attrs(opstest.Ints("imputed_value_int64s", 5, 6), opstest.Int("replaced_value_int64", 1)), list(of([]int{2, 2}, int64(1), 2, 3, 1)), list(of([]int{2, 2}, int64(5), 2, 3, 6))},
		{"neither", "Imputer", 1, nil, list(x), nil},
		{"cut and filled", "FeatureVectorizer", 1, attrs(opstest.Ints("inputdimensions", 1, 3)), list(x, x), list(floats(1, 1, -2, 0, 0.5, 0.5, 3, 0))},
		{"rows", "FeatureVectorizer", 1, attrs(opstest.Ints("inputdimensions", 2, 2)), list(x, tensor.Vector[float32](1, 2)), nil},
		{"categories", "OneHotEncoder", 1, attrs(opstest.Ints("cats_int64s", 3, 1)), list(tensor.Vector[float32](1.5, 9)), list(floats(0, 1, 0, 0))},
		{"unknown category", "OneHotEncoder", 1, attrs(strs("cats_strings", "a"), opstest.Int("zeros", 0)), list(tensor.Vector("b")), nil},
		{"vector", "ArrayFeatureExtractor", 1, nil, list(tensor.Vector("a", "b"), ints(1, 1, 0)), list(of([]int{1, 3}, "b", "b", "a"))},
		{"index", "ArrayFeatureExtractor", 1, nil, list(x, ints(2)), nil},
		{"threshold", "Binarizer", 1, attrs(opstest.Float("threshold", 1)), list(ints(0, 1, 2)), list(ints(0, 0, 1))},
	})
}

func TestLabels(t *testing.T) {
	words := tensor.Vector("a", "z", "b")
	runCases(t, []testCase{
		{"places", "LabelEncoder", 1, attrs(strs("classes_strings", "a", "b")), list(words), list(ints(0, -1, 1))},
		{"words", "LabelEncoder", 1, attrs(strs("classes_strings", "a", "b")), list(ints(1, 5)), list(tensor.Vector("b", "_Unused"))},
		{"floats", "LabelEncoder", 2, attrs(strs("keys_strings", "a", "b"), opstest.Floats("values_floats", 1, 2), opstest.Float("default_float", 9)), list(words), list(tensor.Vector[float32](1, 9, 2))},
		// by the standard's text: any NaN is the key NaN, and the last of equal keys counts
		{"nan", "LabelEncoder", 4, attrs(opstest.Floats("keys_floats", float32(math.NaN()), 1), strs("values_strings", "x", "y")), list(tensor.Vector(float32(math.NaN()), 2)), list(tensor.Vector("x", "_Unused"))},
		{"twice", "LabelEncoder", 4, attrs(opstest.Ints("keys_int64s", 1, 1), opstest.Ints("values_int64s", 7, 8)), list(ints(1, 2)), list(ints(8, -1))},
		{
			"tensors", "LabelEncoder", 4,
			attrs(opstest.Tensor("keys_tensor", tensor.Vector(2.0, 1.0)), opstest.Tensor("values_tensor", tensor.Vector[int16](5, 6)), opstest.Tensor("default_tensor", tensor.Vector[int16](9))),
			list(tensor.Vector(1.0, 3.0)), list(tensor.Vector[int16](6, 9)),
		},
		{"lengths", "LabelEncoder", 2, attrs(opstest.Ints("keys_int64s", 1, 2), opstest.Ints("values_int64s", 7)), list(ints(1)), nil},
		{"type", "LabelEncoder", 2, attrs(opstest.Ints("keys_int64s", 1), opstest.Ints("values_int64s", 7)), list(words), nil},
		{"to integers", "CategoryMapper", 1, attrs(strs("cats_strings", "a", "b"), opstest.Ints("cats_int64s", 4, 5)), list(words), list(ints(4, -1, 5))},
		{"to strings", "CategoryMapper", 1, attrs(strs("cats_strings", "a", "b"), opstest.Ints("cats_int64s", 4, 5)), list(ints(5, 6)), list(tensor.Vector("b", "_Unused"))},
	})
}

func TestDictionaries(t *testing.T) {
	words := &tensor.Map{Keys: tensor.Vector("b", "a"), Values: tensor.Vector[float32](2, 3)}
	numbers := &tensor.Map{Keys: ints(4, 1), Values: tensor.Vector("2.5", "3")}
	sparse := attrs(opstest.Str("map_form", "SPARSE"), opstest.Int("max_map", 5))
	// expected values by hand from the standard's text
	runCases(t, []testCase{
		{"vocabulary", "DictVectorizer", 1, attrs(strs("string_vocabulary", "a", "c", "b")), list(words), list(of([]int{1, 3}, float32(3), 0, 2))},
		{"unknown key", "DictVectorizer", 1, attrs(strs("string_vocabulary", "a")), list(words), nil},
		{"dense", "CastMap", 1, nil, list(numbers), list(of([]int{1, 2}, float32(3), 2.5))},
		{"sparse", "CastMap", 1, attrs(sparse, opstest.Str("cast_to", "TO_INT64")), list(numbers), list(of([]int{1, 5}, int64(0), 3, 0, 0, 2))},
		{"key beyond", "CastMap", 1, attrs(opstest.Str("map_form", "SPARSE"), opstest.Int("max_map", 4)), list(numbers), nil},
		{"no map", "CastMap", 1, nil, list(ints(1)), nil},
		{"columns", "ZipMap", 1, attrs(strs("classlabels_strings", "a")), list(floats(1, 2, 3, 4)), nil},
	})
	node := opstest.NewNode("ZipMap", "ai.onnx.ml", 1, 1, opstest.Ints("classlabels_int64s", 7, 9))
	got := opstest.Node(t, ml.Ops, node, 1, floats(1, 2, 3, 4))[0]
	want := &tensor.Sequence{Items: []tensor.Value{
		&tensor.Map{Keys: ints(7, 9), Values: tensor.Vector[float32](1, 2)},
		&tensor.Map{Keys: ints(7, 9), Values: tensor.Vector[float32](3, 4)},
	}}
	if !tensor.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
