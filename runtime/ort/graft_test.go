package ort

import (
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func parse(t *testing.T, src string) *onnx.Model {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func graftOf(t *testing.T, m *onnx.Model, keep ...string) *graft {
	t.Helper()
	specs := make([]onnx.ValueInfo, len(m.Graph.Outputs))
	for i, out := range m.Graph.Outputs {
		specs[i] = onnx.ValueInfo{Name: out.Name, Type: out.Type}
	}
	g, err := newGraft(m, keep, specs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestGraft(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{
			"plain values are left alone",
			`<ir_version: 8, opset_import: ["": 13]> g (float[2] x) => (float[2] y) { y = Relu(x) }`,
			`g (float[2] x) => (float[2] y) { y = Relu(x) }`,
		},
		{
			"a scalar output gets a dimension",
			`<ir_version: 8, opset_import: ["": 13]> g (float[2] x) => (float y) { y = ReduceMax<keepdims = 0>(x) }`,
			`g (float[2] x) => (float[1] "ort/y") <int64[1] "ort/axes" = {0}> { y = ReduceMax<keepdims = 0>(x) "ort/y" = Unsqueeze(y, "ort/axes") }`,
		},
		{
			"up to opset 12 axes are an attribute",
			`<ir_version: 8, opset_import: ["": 11]> g (float[2] x) => (float y) { y = ReduceMax<keepdims = 0>(x) }`,
			`g (float[2] x) => (float[1] "ort/y") { y = ReduceMax<keepdims = 0>(x) "ort/y" = Unsqueeze<axes = [0]>(y) }`,
		},
		{
			"half precision crosses as float32",
			`<ir_version: 8, opset_import: ["": 13]> g (float16[2] x) => (float16[2] y) { y = Relu(x) }`,
			`g (float16[2] x) => (float[2] "ort/y") { y = Relu(x) "ort/y" = Cast<to = 1>(y) }`,
		},
		{
			"a scalar input that is no plain number is squeezed inside",
			`<ir_version: 8, opset_import: ["": 13]> g (float16 x) => (float[1] y) <int64[1] s = {1}> { z = Cast<to = 1>(x) y = Reshape(z, s) }`,
			`g (float16[1] "ort/x") => (float[1] y) <int64[1] s = {1}, int64[1] "ort/axes" = {0}> { x = Squeeze("ort/x", "ort/axes") z = Cast<to = 1>(x) y = Reshape(z, s) }`,
		},
		{
			"a model without inputs gets one",
			`<ir_version: 8, opset_import: ["": 13]> g () => (float[1] y) <float[1] c = {1.0}> { y = Neg(c) }`,
			`g (float[1] "ort/idle") => (float[1] y) <float[1] c = {1.0}> { y = Neg(c) }`,
		},
		{
			"an input that is an initializer is a constant",
			`<ir_version: 3, opset_import: ["": 9]> g (float[1] x, float[1] w = {2}) => (float[1] y) { y = Mul(x, w) }`,
			`g (float[1] x) => (float[1] y) <float[1] w = {2.0}> { y = Mul(x, w) }`,
		},
		{
			"what goes straight out is copied",
			`<ir_version: 8, opset_import: ["": 13]> g (float[1] x) => (float[1] x) { y = Neg(x) }`,
			`g (float[1] x) => (float[1] "ort/x") { y = Neg(x) "ort/x" = Identity(x) }`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := parse(t, tt.src)
			before := onnxtext.Format(m)
			got := squash(onnxtext.FormatGraph(graftOf(t, m).model.Graph))
			if got != squash(tt.want) {
				t.Errorf("got  %s\nwant %s", got, squash(tt.want))
			}
			if after := onnxtext.Format(m); after != before {
				t.Errorf("the model itself was changed:\n%s\nwas\n%s", after, before)
			}
		})
	}
}

// squash makes texts comparable that differ in spaces, quotes and commas only.
func squash(s string) string {
	return strings.NewReplacer(" ", "", "\n", "", "\t", "", `"`, "", ",", "").Replace(s)
}

func TestGraftKeepsWhatIsGiven(t *testing.T) {
	m := parse(t, `<ir_version: 3, opset_import: ["": 9]> g (float[1] x, float[1] w = {2}) => (float[1] y) { y = Mul(x, w) }`)
	g := graftOf(t, m, "w")
	if len(g.inputs) != 2 || len(g.model.Graph.Initializers) != 0 {
		t.Errorf("%d inputs and %d initializers, want two inputs and no initializer", len(g.inputs), len(g.model.Graph.Initializers))
	}
	if g.model.IRVersion < 4 {
		t.Errorf("IR version %d, want one in which initializers need not be inputs", g.model.IRVersion)
	}
}

func TestFreshNamesAvoidTaken(t *testing.T) {
	m := parse(t, `<ir_version: 8, opset_import: ["": 13]> g (float16[1] y) => (float16[1] z) { "ort/z" = Neg(y) z = Neg("ort/z") }`)
	if got := graftOf(t, m).outputs[0]; got.inside == "ort/z" || got.carried != tensor.Float32 {
		t.Errorf("the output crosses as %+v, want another name than the one that is taken", got)
	}
}
