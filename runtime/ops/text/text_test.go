package text_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/text"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, text.Ops, "StringNormalizer", "RegexFullMatch", "StringSplit", "StringConcat", "TfIdfVectorizer")
}

// dataOf is the elements of an output.
func dataOf[T tensor.Element](t *testing.T, v tensor.Value) []T {
	t.Helper()
	x, ok := v.(*tensor.Tensor)
	if !ok {
		t.Fatalf("output is %T", v)
	}
	data, err := tensor.Data[T](x)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The parts and counts that ONNX Runtime 1.32 gives.
func TestStringSplit(t *testing.T) {
	tests := []struct {
		attrs  []*onnx.Attribute
		in     string
		want   []string
		number int64
	}{
		{nil, "  a b  c ", []string{"a", "b", "c"}, 3},
		{nil, "", []string{}, 0},
		{[]*onnx.Attribute{opstest.Int("maxsplit", 1)}, "  a b  c ", []string{"a", "b  c"}, 2},
		{[]*onnx.Attribute{opstest.Int("maxsplit", 0)}, " a b ", []string{"a b"}, 1},
		{[]*onnx.Attribute{opstest.Str("delimiter", ",")}, "a,,b", []string{"a", "", "b"}, 3},
		{[]*onnx.Attribute{opstest.Str("delimiter", ","), opstest.Int("maxsplit", 1)}, "a,,b", []string{"a", ",b"}, 2},
		{[]*onnx.Attribute{opstest.Str("delimiter", ","), opstest.Int("maxsplit", 0)}, "a,,b", []string{"a,,b"}, 1},
	}
	for _, tt := range tests {
		node := opstest.NewNode("StringSplit", "", 1, 2, tt.attrs...)
		out := opstest.Node(t, text.Ops, node, 20, tensor.Vector(tt.in))
		if got := dataOf[string](t, out[0]); !slices.Equal(got, tt.want) {
			t.Errorf("%q %v: parts %q, want %q", tt.in, tt.attrs, got, tt.want)
		}
		if got := dataOf[int64](t, out[1]); got[0] != tt.number {
			t.Errorf("%q %v: %d parts, want %d", tt.in, tt.attrs, got[0], tt.number)
		}
	}
}

// The matches that ONNX Runtime 1.32 finds.
func TestRegexFullMatch(t *testing.T) {
	in := tensor.Vector("ab", "a\nb", "b")
	tests := []struct {
		pattern string
		want    []bool
	}{
		{"a|ab", []bool{true, false, false}},
		{"(?i)AB", []bool{true, false, false}},
		{"^a.b$", []bool{false, false, false}},
		{"a\nb", []bool{false, true, false}},
	}
	for _, tt := range tests {
		node := opstest.NewNode("RegexFullMatch", "", 1, 1, opstest.Str("pattern", tt.pattern))
		if got := dataOf[bool](t, opstest.Node(t, text.Ops, node, 20, in)[0]); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %v, want %v", tt.pattern, got, tt.want)
		}
	}
}

// The outputs of ONNX Runtime 1.32: weights belong to n-grams, not to places in
// the output.
func TestTfIdfVectorizerWeights(t *testing.T) {
	tests := []struct {
		mode string
		want []float32
	}{
		{"TF", []float32{3, 1, 3}},
		{"IDF", []float32{20, 30, 10}},
		{"TFIDF", []float32{60, 30, 30}},
	}
	for _, tt := range tests {
		node := opstest.NewNode("TfIdfVectorizer", "", 1, 1, opstest.Str("mode", tt.mode), opstest.Ints("ngram_indexes", 2, 0, 1),
			opstest.Floats("weights", 10, 20, 30), opstest.Ints("ngram_counts", 0, 1), opstest.Ints("pool_int64s", 5, 5, 6, 6, 7),
			opstest.Int("max_skip_count", 1), opstest.Int("min_gram_length", 1), opstest.Int("max_gram_length", 2))
		got := dataOf[float32](t, opstest.Node(t, text.Ops, node, 20, tensor.Vector[int64](5, 6, 7, 5, 5, 6))[0])
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.mode, got, tt.want)
		}
	}
}

func TestStringNormalizer(t *testing.T) {
	in, err := tensor.FromSlice([]string{"monday", "äé", "x"}, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	node := opstest.NewNode("StringNormalizer", "", 1, 1, opstest.Str("case_change_action", "UPPER"), strs("stopwords", "Monday"))
	out := opstest.Node(t, text.Ops, node, 10, in)[0]
	if got := dataOf[string](t, out); !slices.Equal(got, []string{"ÄÉ", "X"}) {
		t.Errorf("got %q", got)
	}
	if got := out.(*tensor.Tensor).Shape(); !slices.Equal(got, []int{1, 2}) {
		t.Errorf("shape is %v, want [1 2]", got)
	}
}

func strs(name string, values ...string) *onnx.Attribute {
	a := &onnx.Attribute{Name: name, Type: onnx.AttrStrings}
	for _, v := range values {
		a.Strings = append(a.Strings, []byte(v))
	}
	return a
}

func TestRefuses(t *testing.T) {
	word := tensor.Vector("a")
	square, err := tensor.FromSlice([]string{"a", "b", "c", "d"}, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		node *onnx.Node
		in   []tensor.Value
	}{
		{"pattern", opstest.NewNode("RegexFullMatch", "", 1, 1, opstest.Str("pattern", "a)(b")), []tensor.Value{word}},
		{"numbers", opstest.NewNode("RegexFullMatch", "", 1, 1), []tensor.Value{tensor.Vector[int64](1)}},
		{"maxsplit", opstest.NewNode("StringSplit", "", 1, 2, opstest.Int("maxsplit", -1)), []tensor.Value{word}},
		{"two rows", opstest.NewNode("StringNormalizer", "", 1, 1), []tensor.Value{square}},
		{"shapes", opstest.NewNode("StringConcat", "", 2, 1), []tensor.Value{tensor.Vector("a", "b"), tensor.Vector("a", "b", "c")}},
		{"no pool", opstest.NewNode("TfIdfVectorizer", "", 1, 1, opstest.Str("mode", "TF")), []tensor.Value{word}},
	}
	for _, tt := range tests {
		if _, err := opstest.Try(text.Ops, tt.node, 20, tt.in...); err == nil {
			t.Errorf("%s: no error", tt.name)
		}
	}
}
