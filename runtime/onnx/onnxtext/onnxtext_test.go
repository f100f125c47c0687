package onnxtext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
)

const sample = `<ir_version: 8, opset_import: ["": 18, "com.microsoft": 1]>
net (float[N,3] x, bool c, seq(int64[2,?]) s) => (float[N,2] y, float[] z)
<float[3,2] w = {1.0, 2.0, 3.5, -4.0, 5.0, 1e-05},
 int64[0] none = {},
 string[2] words = {"a b", "c"}>
{
   [first] t = MatMul(x, w)
   u, "" = com.microsoft.Op<alpha = 0.1, axes = [0, -1], f = [0.5, 1.0], k = 3, mode = "a\"b", names = ["p", "q"], v = int64[1] {7}>(t, "")
   y = If<else_branch = e () => (float[N,2] q)
   {
      q = Identity(u)
   }, then_branch = t () => (float[N,2] r)
   {
      r = Neg(u)
   }>(c)
   z = Relu("odd name")
}
`

func TestFormatOfParseIsTheSame(t *testing.T) {
	m, err := onnxtext.Parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	if got := onnxtext.Format(m); got != sample {
		t.Errorf("got:\n%s\nwant:\n%s", got, sample)
	}
}

func TestParseSaysWhere(t *testing.T) {
	tests := []struct{ src, says string }{
		{"g (float x) => (float y) {\n y = Relu x) }", `line 2: found "x", expected "("`},
		{"g (flt[2] x) => () {}", `line 1: "flt" is no element type`},
		{"g () => () <float[] w = {1}> {}", "a constant needs a shape"},
		{"<nonsense: 3> g () => () {}", `unknown header field "nonsense"`},
		{"g () => () {} more", `found "more" after the graph`},
		{"g () => () { y = Op(\"", "line 1"},
	}
	for _, tt := range tests {
		_, err := onnxtext.Parse(tt.src)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%q: got %v, want %q", tt.src, err, tt.says)
		}
	}
}

func ExampleParse() {
	m, err := onnxtext.Parse(`net (float[2] x) => (float[2] y) { y = Relu(x) }`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Graph.Nodes[0].OpType, m.Graph.Inputs[0].Type)
	// Output: Relu float32[2]
}
