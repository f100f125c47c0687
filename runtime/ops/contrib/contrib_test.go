package contrib_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/contrib"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// reference is a case that testdata/gen/contrib.py wrote.
type reference struct {
	Name, Op, Domain string
	Opset            int
	Attrs            map[string]any
	Inputs, Outputs  []*array
}

// array is a tensor in a reference.
type array struct {
	DType string
	Shape []int
	Data  []any // numbers; "nan", "inf" and "-inf"
}

// The differences between float32 sums in two orders.
const (
	rtol = 1e-4
	atol = 1e-5
)

// TestReferences compares every operator with ONNX Runtime.
func TestReferences(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no references: %v", err)
	}
	covered := map[string]bool{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []reference
		if err := json.Unmarshal(data, &cases); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, c := range cases {
			covered[c.Op] = true
			t.Run(c.Op+"/"+c.Name, func(t *testing.T) { c.check(t) })
		}
	}
	for _, d := range contrib.Ops {
		if !covered[d.Name] {
			t.Errorf("%s has no reference; add cases to testdata/gen/contrib.py", d.Name)
		}
	}
}

func (c *reference) check(t *testing.T) {
	t.Helper()
	node := opstest.NewNode(c.Op, c.Domain, len(c.Inputs), len(c.Outputs))
	for name, v := range c.Attrs {
		node.Attributes = append(node.Attributes, attribute(t, name, v))
	}
	inputs := make([]tensor.Value, len(c.Inputs))
	for i, a := range c.Inputs {
		if a != nil {
			inputs[i] = a.tensor(t)
		}
	}
	for i, a := range c.Outputs {
		if a == nil {
			node.Outputs[i] = ""
		}
	}
	got := opstest.Node(t, contrib.Ops, node, c.Opset, inputs...)
	for _, a := range c.Outputs {
		if a == nil {
			continue
		}
		if err := tensor.AllClose(got[0], a.tensor(t), rtol, atol); err != nil {
			t.Errorf("%v", err)
		}
		got = got[1:]
	}
}

// attribute makes an attribute of a JSON value; a number with a fraction, or of
// a name that is known to be one, is a float.
func attribute(t *testing.T, name string, v any) *onnx.Attribute {
	t.Helper()
	floats := map[string]bool{"epsilon": true, "scale": true, "softcap": true, "alpha": true, "mask_filter_value": true}
	switch v := v.(type) {
	case float64:
		if floats[name] {
			return opstest.Float(name, float32(v))
		}
		return opstest.Int(name, int64(v))
	case string:
		return opstest.Str(name, v)
	case []any:
		list := make([]int64, len(v))
		for i := range v {
			n, ok := v[i].(float64)
			if !ok {
				t.Fatalf("attribute %s: element %v is no number", name, v[i])
			}
			list[i] = int64(n)
		}
		return opstest.Ints(name, list...)
	}
	t.Fatalf("attribute %s has the value %v", name, v)
	return nil
}

func (a *array) tensor(t *testing.T) *tensor.Tensor {
	t.Helper()
	values := make([]float64, len(a.Data))
	for i, v := range a.Data {
		switch v := v.(type) {
		case float64:
			values[i] = v
		case string:
			f, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatal(err)
			}
			values[i] = f
		}
	}
	out, err := a.make(values)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (a *array) make(values []float64) (*tensor.Tensor, error) {
	switch a.DType {
	case "float32":
		return convert(values, a.Shape, func(v float64) float32 { return float32(v) })
	case "float16":
		return convert(values, a.Shape, func(v float64) tensor.F16 { return tensor.F16From(float32(v)) })
	case "int64":
		return convert(values, a.Shape, func(v float64) int64 { return int64(v) })
	case "int32":
		return convert(values, a.Shape, func(v float64) int32 { return int32(v) })
	case "uint8":
		return convert(values, a.Shape, func(v float64) uint8 { return uint8(v) })
	case "int8":
		return convert(values, a.Shape, func(v float64) int8 { return int8(v) })
	case "bool":
		return convert(values, a.Shape, func(v float64) bool { return v != 0 })
	}
	return nil, fmt.Errorf("arrays of %s are not read", a.DType)
}

func convert[T tensor.Element](values []float64, shape []int, f func(float64) T) (*tensor.Tensor, error) {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return tensor.FromSlice(out, shape...)
}

// of makes a tensor of zeros.
func of(t *testing.T, d tensor.DType, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.New(d, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
