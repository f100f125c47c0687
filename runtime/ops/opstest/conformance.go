package opstest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The tolerances of the standard's own test runner.
const (
	rtol = 1e-3
	atol = 1e-7
)

// faulty lists node tests that cannot pass, most because their expected outputs
// contradict the standard's text, and why.
var faulty = map[string]string{
	"test_image_decoder_decode_jpeg2k_rgb": "JPEG 2000 is not supported",

	"test_adam_multiple": "the data was made with an epsilon of 0.01 that the node does not have; the standard's own runner of its reference allows 0.01 here",

	"test_qlinearmatmul_2D_int8_float32": wraps,
	"test_qlinearmatmul_2D_int8_float16": wraps,
	"test_qlinearmatmul_3D_int8_float32": wraps,
	"test_qlinearmatmul_3D_int8_float16": wraps,
}

const wraps = "the data wraps around where QLinearMatMul saturates; later releases of the standard correct it"

// Conformance runs the standard's node tests in whose graphs one of the named
// operators stands and that need no definitions but the given ones. It fails
// where there is not one.
func Conformance(t *testing.T, defs []ops.Def, names ...string) {
	t.Helper()
	registry, err := ops.NewRegistry(defs)
	if err != nil {
		t.Fatal(err)
	}
	models, err := filepath.Glob(filepath.Join(fixture.Shared(t, "onnx-conformance/node"), "*", "model.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	ran := map[string]int{}
	for _, path := range models {
		m, err := onnx.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		found := ""
		if whole := covers(registry, m, m.Graph, names, &found); !whole || found == "" {
			continue
		}
		ran[found]++
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			if why := faulty[name]; why != "" {
				t.Skip(why)
			}
			sets, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "test_data_set_*"))
			for _, dir := range sets {
				caseOf(t, defs, m, dir)
			}
		})
	}
	for _, name := range names {
		if ran[name] == 0 {
			t.Errorf("no node test of %s could be run with these definitions", name)
		}
	}
}

// covers reports whether the registry has every operator of a graph, and which
// of the names it met.
func covers(r *ops.Registry, m *onnx.Model, g *onnx.Graph, names []string, found *string) bool {
	for _, n := range g.Nodes {
		if r.Find(n.Domain, n.OpType, m.Opset(n.Domain)) == nil {
			return false
		}
		if slices.Contains(names, n.OpType) {
			*found = n.OpType
		}
		for _, a := range n.Attributes {
			if a.Graph != nil && !covers(r, m, a.Graph, names, found) {
				return false
			}
		}
	}
	return true
}

func caseOf(t *testing.T, defs []ops.Def, m *onnx.Model, dir string) {
	t.Helper()
	var inputs []tensor.Value
	for i, in := range m.Graph.Inputs {
		v, err := readValue(filepath.Join(dir, fmt.Sprintf("input_%d.pb", i)), in.Type)
		if os.IsNotExist(err) {
			return // an optional input without data: not for this runner
		}
		if err != nil {
			t.Fatal(err)
		}
		inputs = append(inputs, v)
	}
	got, err := Run(defs, m, inputs)
	if err != nil {
		t.Fatal(err)
	}
	for i, out := range m.Graph.Outputs {
		want, err := readValue(filepath.Join(dir, fmt.Sprintf("output_%d.pb", i)), out.Type)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(dir, "bernoulli") {
			continue // random: only type and shape, which Run checked
		}
		if err := tensor.AllClose(got[i], want, rtol, atol); err != nil {
			t.Errorf("output %q: %v", out.Name, err)
		}
	}
}

func readValue(path string, typ *onnx.Type) (tensor.Value, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return onnx.ParseValue(data, typ)
}
