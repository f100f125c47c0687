package opfuzz

import (
	"bytes"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// featureSpecs are of ai.onnx.ml: what prepares the features of a learner.
func featureSpecs() []spec {
	return []spec{
		{"ai.onnx.ml.ArrayFeatureExtractor", arrayFeatureNode},
		{"ai.onnx.ml.Binarizer", func(g *gen) *node {
			return learner("Binarizer", 1, 1, g.rows(1+g.IntN(4), tensor.Float32), g.maybe(nil, attrFloat("threshold", g.value(normal)))...)
		}},
		{"ai.onnx.ml.CategoryMapper", categoryNode},
		{"ai.onnx.ml.CastMap", castMapNode},
		{"ai.onnx.ml.DictVectorizer", dictVectorizerNode},
		{"ai.onnx.ml.FeatureVectorizer", featureVectorizerNode},
		{"ai.onnx.ml.Imputer", imputerNode},
		{"ai.onnx.ml.LabelEncoder", labelEncoderNode},
		{"ai.onnx.ml.Normalizer", func(g *gen) *node {
			return learner("Normalizer", 1, 1, g.rows(1+g.IntN(4)), attrStr("norm", oneOf(g, "MAX", "L1", "L2")))
		}},
		{"ai.onnx.ml.OneHotEncoder", oneHotEncoderNode},
		{"ai.onnx.ml.Scaler", scalerNode},
		{"ai.onnx.ml.ZipMap", zipMapNode},
	}
}

func arrayFeatureNode(g *gen) *node {
	s := g.filled(1 + g.IntN(3))
	n := learner("ArrayFeatureExtractor", 1, 1, g.tensor(oneOf(g, numbers...), normal, s...))
	n.in = append(n.in, g.whole(tensor.Int64, s[len(s)-1], 1+g.IntN(4)))
	return n
}

// word is one of a few words.
func (g *gen) word() string {
	return oneOf(g, "", "a", "b", "cat", "dog", "Dog", "the cat", " ", "äöü", "日本", "zzz", "a,b;c")
}

// words is a tensor of strings.
func (g *gen) words(shape ...int) *tensor.Tensor {
	list := make([]string, count(shape))
	for i := range list {
		list[i] = g.word()
	}
	return texts(list, shape...)
}

func texts(list []string, shape ...int) *tensor.Tensor {
	t, err := tensor.FromSlice(list, shape...)
	if err != nil {
		return tensor.Vector(list...)
	}
	return t
}

// vocabulary are different words.
func vocabulary() []string { return []string{"a", "cat", "Dog", "äöü", ""} }

func categoryNode(g *gen) *node {
	n := learner("CategoryMapper", 1, 1, g.words(g.filled(1+g.IntN(2))...), attrStrs("cats_strings", vocabulary()...), attrInts("cats_int64s", 4, 3, 2, 1, 9))
	if g.chance(2) {
		n.in[0] = g.whole(tensor.Int64, 10, g.filled(1+g.IntN(2))...)
	}
	n.attrs = g.maybe(g.maybe(n.attrs, attrInt("default_int64", 77)), attrStr("default_string", "none"))
	return n
}

// table is a map from words or numbers to values of a type.
func (g *gen) table(keys, values tensor.DType) *tensor.Map {
	size := 1 + g.IntN(4)
	m := &tensor.Map{Keys: tensor.Vector([]string{"a", "cat", "", "Dog"}[:size]...), Values: g.tensor(values, normal, size)}
	if keys == tensor.Int64 {
		m.Keys = ints([]int64{0, 1, 4, 6}[:size]...)
	}
	if values == tensor.String {
		m.Values = texts([]string{"1.5", "-3", "0", "1e2"}[:size], size)
	}
	return m
}

func mapType(m *tensor.Map) *onnx.Type {
	elem := onnx.TensorOf(tensor.Float32)
	if t, ok := m.Values.(*tensor.Tensor); ok {
		elem = onnx.TensorOf(t.DType())
	}
	elem.Shape = &onnx.Shape{}
	return &onnx.Type{Kind: onnx.TypeMap, DType: m.Keys.DType(), Elem: elem}
}

// ofMap makes the first input of a node a map.
func (g *gen) ofMap(n *node, m *tensor.Map) *node {
	n.in = []*tensor.Tensor{nil}
	n.given = &given{value: m, typ: mapType(m)}
	return n
}

func castMapNode(g *gen) *node {
	n := learner("CastMap", 1, 1, nil, attrStr("cast_to", oneOf(g, "TO_FLOAT", "TO_INT64", "TO_STRING")))
	if g.chance(2) {
		n.attrs = append(n.attrs, attrStr("map_form", "SPARSE"), attrInt("max_map", int64(7+g.IntN(3))))
	}
	return g.ofMap(n, g.table(tensor.Int64, oneOf(g, tensor.Float32, tensor.String)))
}

func dictVectorizerNode(g *gen) *node {
	keys := oneOf(g, tensor.String, tensor.Int64)
	n := learner("DictVectorizer", 1, 1, nil, attrStrs("string_vocabulary", vocabulary()...))
	if keys == tensor.Int64 {
		n.attrs = []*onnx.Attribute{attrInts("int64_vocabulary", 6, 1, 3, 0, 4)}
	}
	return g.ofMap(n, g.table(keys, oneOf(g, tensor.Float32, tensor.Float64, tensor.Int64)))
}

func featureVectorizerNode(g *gen) *node {
	rows := g.size()
	d := oneOf(g, numbers...)
	n := learner("FeatureVectorizer", 1, 1, nil)
	n.in = nil
	var widths []int64
	for range 1 + g.IntN(3) {
		w := 1 + g.IntN(4)
		n.in = append(n.in, g.tensor(d, normal, rows, w))
		if g.chance(4) {
			w = 1 + g.IntN(4)
		}
		widths = append(widths, int64(w))
	}
	n.attrs = []*onnx.Attribute{attrInts("inputdimensions", widths...)}
	return n
}

func imputerNode(g *gen) *node {
	features := 1 + g.IntN(4)
	n := learner("Imputer", 1, 1, g.tensor(tensor.Float32, special, g.size(), features), attrFloats("imputed_value_floats", g.list(normal, oneOf(g, 1, features))...))
	n.attrs = g.maybe(n.attrs, attrFloat("replaced_value_float", oneOf(g, g.value(special), 0.5)))
	if g.chance(3) {
		n.in[0] = g.whole(tensor.Int64, 4, g.size(), features)
		n.attrs = []*onnx.Attribute{attrInts("imputed_value_int64s", g.intsBelow(9, oneOf(g, 1, features))...), attrInt("replaced_value_int64", int64(g.IntN(4)))}
	}
	return n
}

// labelEncoderNode maps words, integers or numbers to one of these.
func labelEncoderNode(g *gen) *node {
	size := 1 + g.IntN(4)
	keys, values := oneOf(g, 0, 1, 2), oneOf(g, 0, 1, 2)
	list := func(prefix string, kind int) *onnx.Attribute {
		switch kind {
		case 0:
			return attrStrs(prefix+"_strings", vocabulary()[:size]...)
		case 1:
			return attrInts(prefix+"_int64s", []int64{1, 0, 3, 2}[:size]...)
		}
		return attrFloats(prefix+"_floats", []float64{0.5, 1, -2, 0}[:size]...)
	}
	shape := g.filled(1 + g.IntN(2))
	in := []*tensor.Tensor{g.words(shape...), g.whole(tensor.Int64, 5, shape...), g.tensor(tensor.Float32, whole, shape...)}[keys]
	n := learner("LabelEncoder", oneOf(g, 2, 4), 1, in, list("keys", keys), list("values", values))
	if g.chance(2) {
		n.attrs = append(n.attrs, []*onnx.Attribute{attrStr("default_string", "none"), attrInt("default_int64", 9), attrFloat("default_float", 2.5)}[values])
	}
	return n
}

func oneHotEncoderNode(g *gen) *node {
	shape := g.filled(1 + g.IntN(2))
	if g.chance(2) {
		return learner("OneHotEncoder", 1, 1, g.words(shape...), attrStrs("cats_strings", vocabulary()...), attrInt("zeros", 1))
	}
	return learner("OneHotEncoder", 1, 1, g.tensor(oneOf(g, numbers...), whole, shape...), attrInts("cats_int64s", -3, 0, 3, 1, 2), attrInt("zeros", 1))
}

func scalerNode(g *gen) *node {
	features := 1 + g.IntN(4)
	width := oneOf(g, 1, features)
	return learner("Scaler", 1, 1, g.rows(features), attrFloats("offset", g.list(normal, width)...), attrFloats("scale", g.list(normal, width)...))
}

func zipMapNode(g *gen) *node {
	classes := 1 + g.IntN(4)
	n := learner("ZipMap", 1, 1, g.floats(g.size(), classes), g.labels(classes, "classlabels_strings", "classlabels_int64s"))
	if n.attrs[0].Type == onnx.AttrStrings { // in the order in which the other engine gives a map
		slices.SortFunc(n.attrs[0].Strings, bytes.Compare)
	}
	elem := &onnx.Type{Kind: onnx.TypeMap, DType: tensor.Int64, Elem: &onnx.Type{Kind: onnx.TypeTensor, DType: tensor.Float32, Shape: &onnx.Shape{}}}
	if n.attrs[0].Type == onnx.AttrStrings {
		elem.DType = tensor.String
	}
	n.edit = func(m *onnx.Model) { m.Graph.Outputs[0].Type = &onnx.Type{Kind: onnx.TypeSequence, Elem: elem} }
	return n
}

// textSpecs are of strings.
func textSpecs() []spec {
	return []spec{
		{"StringNormalizer", stringNormalizerNode},
		{"RegexFullMatch", regexNode},
		{"StringConcat", func(g *gen) *node {
			s := g.anyShape(3)
			return &node{op: "StringConcat", opset: 20, exact: true, in: []*tensor.Tensor{g.words(s...), g.words(g.broadcast(s)...)}}
		}},
		{"StringSplit", stringSplitNode},
		{"TfIdfVectorizer", tfIdfNode},
	}
}

func stringNormalizerNode(g *gen) *node {
	shape := []int{g.size()}
	if g.chance(3) {
		shape = []int{1, g.size()}
	}
	n := &node{op: "StringNormalizer", opset: g.opset(10), exact: true, in: []*tensor.Tensor{g.words(shape...)}}
	n.attrs = []*onnx.Attribute{attrStr("case_change_action", oneOf(g, "NONE", "LOWER", "UPPER")), g.bit("is_case_sensitive"), attrStr("locale", "C.UTF-8")}
	if g.chance(2) {
		n.attrs = append(n.attrs, attrStrs("stopwords", "a", "Dog", "äöü"))
	}
	return n
}

func regexNode(g *gen) *node {
	pattern := oneOf(g, `[a-z]+`, `.*`, `(cat|dog)`, `\S*`, `a?b?`, `\w+ \w+`, `[^a]*`, `.{3}`, `(?i)DOG`, `\p{L}+`, `^a$`, `a|`)
	return &node{op: "RegexFullMatch", opset: 20, exact: true, attrs: []*onnx.Attribute{attrStr("pattern", pattern)}, in: []*tensor.Tensor{g.words(g.anyShape(3)...)}}
}

func stringSplitNode(g *gen) *node {
	shape := g.filled(1 + g.IntN(2))
	list := make([]string, count(shape))
	for i := range list {
		list[i] = oneOf(g, "a b c", " a  b ", "a,b,,c", "", ",", "one", "a-,-b", "日 本", "a\tb\nc")
	}
	n := &node{op: "StringSplit", opset: 20, exact: true, out: 2, in: []*tensor.Tensor{texts(list, shape...)}}
	n.attrs = g.maybe(g.maybe(nil, attrStr("delimiter", oneOf(g, "", ",", "-,-", " "))), attrInt("maxsplit", int64(g.IntN(4))))
	return n
}

func tfIdfNode(g *gen) *node {
	shape := oneOf(g, []int{1 + g.IntN(8)}, []int{1 + g.IntN(3), 1 + g.IntN(8)})
	n := &node{op: "TfIdfVectorizer", opset: g.opset(9), exact: true, in: []*tensor.Tensor{g.whole(oneOf(g, indexTypes...), 4, shape...)}}
	least := 1 + g.IntN(2)
	n.attrs = []*onnx.Attribute{
		attrStr("mode", oneOf(g, "TF", "IDF", "TFIDF")), attrInt("min_gram_length", int64(least)), attrInt("max_gram_length", int64(least+g.IntN(2))),
		attrInt("max_skip_count", int64(g.IntN(3))), attrInts("ngram_counts", 0, 3, 9), attrInts("ngram_indexes", 0, 2, 1, 6, 4, 5, 3),
		attrInts("pool_int64s", 0, 1, 3, 0, 1, 1, 2, 3, 3, 1, 3, 2),
	}
	if g.chance(2) {
		n.attrs = append(n.attrs, attrFloats("weights", g.list(positive, 7)...))
	}
	if g.chance(3) {
		n.in[0] = g.words(shape...)
		pool := []string{"a", "cat", "Dog", "a", "cat", "cat", "a", "b", "zzz", "Dog", "Dog", "a"}
		n.attrs[6] = attrStrs("pool_strings", pool...)
	}
	return n
}
