package grad_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/finetune/grad/gradcheck"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// gradCase is a graph in float64 whose floating-point inputs are differentiated.
type gradCase struct {
	name  string
	opset int    // 0 is 21
	graph string // the inputs, "=>", the outputs and "{ … }"
	// values gives inputs that are not random numbers from −2 to 2.
	values map[string]any
}

// newest is the opset of cases that do not say.
const newest = 21

func (c gradCase) model(t *testing.T) *onnx.Model {
	t.Helper()
	opset := c.opset
	if opset == 0 {
		opset = newest
	}
	m, err := onnxtext.Parse(fmt.Sprintf(`<ir_version: 10, opset_import: ["": %d]> g %s`, opset, strings.ReplaceAll(c.graph, "f[", "double[")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inputs fills what the case does not give: numbers that keep away from each
// other, so that no difference steps over a kink.
func (c gradCase) inputs(t *testing.T, m *onnx.Model) (map[string]tensor.Value, []string) {
	t.Helper()
	h := fnv.New64a()
	h.Write([]byte(c.name))
	random := rand.New(rand.NewPCG(h.Sum64(), 7))
	values := map[string]tensor.Value{}
	var wrt []string
	for _, in := range m.Graph.Inputs {
		if m.Graph.Initializer(in.Name) != nil {
			continue // a constant
		}
		shape := make([]int, len(in.Type.Shape.Dims))
		for i, d := range in.Type.Shape.Dims {
			shape[i] = int(d.Value)
			if !d.IsKnown() {
				shape[i] = 3
			}
		}
		v, err := tensor.New(in.Type.DType, shape...)
		if err != nil {
			t.Fatal(err)
		}
		switch given := c.values[in.Name].(type) {
		case []float64:
			v, err = tensor.FromSlice(given, shape...)
		case []float32:
			v, err = tensor.FromSlice(given, shape...)
		case []int64:
			v, err = tensor.FromSlice(given, shape...)
		case []bool:
			v, err = tensor.FromSlice(given, shape...)
		case [2]float64: // a range
			spread(t, v, random, given[0], given[1])
		case nil:
			spread(t, v, random, -2, 2)
		default:
			t.Fatalf("values of type %T", given)
		}
		if err != nil {
			t.Fatal(err)
		}
		values[in.Name] = v
		if in.Type.DType == tensor.Float64 {
			wrt = append(wrt, in.Name)
		}
	}
	return values, wrt
}

// spread fills v with numbers from low to high in random order, evenly spaced
// and moved a little.
func spread(t *testing.T, v *tensor.Tensor, random *rand.Rand, low, high float64) {
	t.Helper()
	data, err := tensor.Data[float64](v)
	if err != nil {
		t.Fatalf("give values: %v", err)
	}
	for i, at := range random.Perm(len(data)) {
		data[i] = low + (high-low)*(float64(at)+0.25+0.5*random.Float64())/float64(len(data))
	}
}

// TestGradients compares every rule with central differences.
func TestGradients(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range gradCases() {
		t.Run(c.name, func(t *testing.T) {
			m := c.model(t)
			inputs, wrt := c.inputs(t, m)
			results, err := gradcheck.Run(t.Context(), e, m, inputs, wrt, gradcheck.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if !(r.Error < 1e-6) || r.Checked == 0 {
					t.Errorf("%s: element %d: %v, and by differences %v (error %.2g)", r.Name, r.Worst, r.Analytic, r.Difference, r.Error)
				}
			}
		})
	}
}
