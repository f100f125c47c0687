package shapeinfer_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/all"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
)

// inferOutputs infers the outputs of a model that says nothing of its values but of
// its inputs, and gives what the model had said of the outputs.
func inferOutputs(t *testing.T, m *onnx.Model) (inferred, declared map[string]*onnx.Type) {
	t.Helper()
	r, err := all.Registry()
	if err != nil {
		t.Fatal(err)
	}
	m = m.Clone()
	m.Graph.ValueInfo = nil
	declared, inferred = map[string]*onnx.Type{}, map[string]*onnx.Type{}
	for _, o := range m.Graph.Outputs {
		declared[o.Name] = o.Type
		o.Type = nil
	}
	m, err = onnx.Inline(m, func(domain, name string) bool { return r.Find(domain, name, m.Opset(domain)) != nil })
	if err != nil {
		t.Fatal(err)
	}
	s, err := shapeinfer.New(m, r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Graph(m.Graph); err != nil {
		t.Fatal(err)
	}
	for name := range declared {
		inferred[name] = s.Get(name).Type
	}
	return inferred, declared
}

// dimsOf is the shape of a tensor type whose rank is known.
func dimsOf(t *onnx.Type) ([]onnx.Dim, bool) {
	if t == nil || t.Kind != onnx.TypeTensor || t.Shape == nil {
		return nil, false
	}
	return t.Shape.Dims, true
}

// weaker are the cases in which less is known than the reference knows, and why.
var weaker = map[string]string{
	"test_logsoftmax_example_1_expanded":       negative,
	"test_logsoftmax_example_1_expanded_ver18": negative,
	"test_softmax_example_expanded":            negative,
	"test_softmax_example_expanded_ver18":      negative,
	"test_loop11":                              "a Loop may not run at all, and what its body gives is then of any shape",
}

const negative = "axes of -1 from a Constant node, which the pass fold-constants makes known"

// TestSuite infers the outputs of every node test. What is inferred must agree with
// what the model declares, which is what its data have, and know at least as much as the
// standard's own inference, as testdata/reference.txt has it.
func TestSuite(t *testing.T) {
	reference := readReference(t)
	paths, err := filepath.Glob(filepath.Join(fixture.Shared(t, "onnx-conformance/node"), "*", "model.onnx"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no models: %v", err)
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path))
		t.Run(name, func(t *testing.T) {
			m, err := onnx.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer m.Close()
			inferred, declared := inferOutputs(t, m)
			for output, want := range declared {
				agree(t, output, inferred[output], want)
				if ref, ok := reference[name+" "+output]; ok && weaker[name] == "" {
					asMuch(t, output, inferred[output], ref)
				}
			}
		})
	}
}

// agree compares what both types know.
func agree(t *testing.T, output string, got, want *onnx.Type) {
	t.Helper()
	if got == nil || want == nil {
		return
	}
	if got.Kind != want.Kind || got.Kind == onnx.TypeTensor && got.DType != want.DType {
		t.Errorf("output %q is inferred to be %v, the model says %v", output, got, want)
		return
	}
	have, ok := dimsOf(got)
	said, ok2 := dimsOf(want)
	if !ok || !ok2 {
		return
	}
	if len(have) != len(said) {
		t.Errorf("output %q is inferred to be %v, the model says %v", output, got, want)
		return
	}
	for i, d := range have {
		if d.IsKnown() && said[i].IsKnown() && d.Value != said[i].Value {
			t.Errorf("output %q is inferred to be %v, the model says %v", output, got, want)
		}
	}
}

// asMuch sees that all that the reference knows is known.
func asMuch(t *testing.T, output string, got *onnx.Type, ref string) {
	t.Helper()
	dtype, shape, ranked := strings.Cut(strings.TrimSuffix(ref, "]"), "[")
	if got == nil || got.DType.String() != dtype {
		t.Errorf("output %q is inferred to be %v, the reference knows %s", output, got, ref)
		return
	}
	if !ranked {
		return
	}
	have, ok := dimsOf(got)
	var want []string
	if shape != "" {
		want = strings.Split(shape, ",")
	}
	if !ok || len(have) != len(want) {
		t.Errorf("output %q is inferred to be %v, the reference knows %s", output, got, ref)
		return
	}
	for i, d := range have {
		if want[i] != "?" && strconv.FormatInt(d.Value, 10) != want[i] {
			t.Errorf("output %q is inferred to be %v, the reference knows %s", output, got, ref)
			return
		}
	}
}

// readReference reads what the standard's inference knows, by case and output.
func readReference(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := map[string]string{}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] != "#" {
			list[fields[0]+" "+fields[1]] = fields[2]
		}
	}
	return list
}
