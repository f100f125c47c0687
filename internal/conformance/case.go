package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// modelFile is the name of the model in the folder of a case.
const modelFile = "model.onnx"

// lightPrefix starts the names of cases that are a model file.
const lightPrefix = "light_"

// suites are the folders of the whole suite that hold cases.
var suites = []string{"node", "simple", "light"}

// Case is one test of the suite.
type Case struct {
	Name  string
	Model string // path of the model
	Sets  []Set
}

// Set is one evaluation of a case's model: files of TensorProto, SequenceProto
// or OptionalProto messages.
type Set struct {
	Inputs  []string // nil where inputs are ramps
	Outputs []string
}

// Find lists the cases below dir in the order of their names. dir is the folder
// of the whole suite, one of its folders, or the folder of one case.
func Find(dir string) ([]Case, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	dirs := []string{dir}
	for _, name := range suites {
		dirs = append(dirs, filepath.Join(dir, name))
	}
	var cases []Case
	for _, d := range dirs {
		found, err := findIn(d)
		if err != nil {
			return nil, fmt.Errorf("conformance: %w", err)
		}
		cases = append(cases, found...)
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("conformance: %s holds no test cases: expected folders with a %s each, or folders named %s", dir, modelFile, strings.Join(suites, ", "))
	}
	slices.SortFunc(cases, func(a, b Case) int { return cmp.Compare(a.Name, b.Name) })
	return cases, nil
}

// findIn lists the cases that are entries of dir, or dir itself.
func findIn(dir string) ([]Case, error) {
	if c, ok, err := folderCase(dir); ok || err != nil {
		return []Case{c}, err
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var cases []Case
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir():
			c, ok, err := folderCase(path)
			if err != nil {
				return nil, err
			}
			if ok {
				cases = append(cases, c)
			}
		case strings.HasPrefix(e.Name(), lightPrefix) && filepath.Ext(path) == ".onnx":
			stem := strings.TrimSuffix(path, ".onnx")
			cases = append(cases, Case{
				Name: filepath.Base(stem), Model: path,
				Sets: []Set{{Outputs: numbered(stem + "_output_")}},
			})
		}
	}
	return cases, nil
}

// folderCase reads the folder of one case; ok is false where it is none.
func folderCase(dir string) (c Case, ok bool, err error) {
	model := filepath.Join(dir, modelFile)
	if _, err := os.Stat(model); err != nil {
		return c, false, nil //nolint:nilerr // a folder without a model is no case
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return c, false, err
	}
	c = Case{Name: filepath.Base(abs), Model: model}
	sets, err := filepath.Glob(filepath.Join(globEscape(dir), "test_data_set_*"))
	if err != nil {
		return c, false, err
	}
	slices.Sort(sets)
	for _, set := range sets {
		inputs := numbered(filepath.Join(set, "input_"))
		if inputs == nil {
			inputs = []string{}
		}
		c.Sets = append(c.Sets, Set{Inputs: inputs, Outputs: numbered(filepath.Join(set, "output_"))})
	}
	return c, true, nil
}

// globEscape quotes what filepath.Glob would read as a pattern.
func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// numbered lists the files PREFIX0.pb, PREFIX1.pb and so on, up to the first gap.
func numbered(prefix string) []string {
	var list []string
	for i := 0; ; i++ {
		path := fmt.Sprintf("%s%d.pb", prefix, i)
		if _, err := os.Stat(path); err != nil {
			return list
		}
		list = append(list, path)
	}
}

// load reads the values of a set: the inputs by name, the outputs in order.
func (s *Set) load(g *onnx.Graph) (inputs map[string]tensor.Value, outputs []tensor.Value, err error) {
	takes := slices.DeleteFunc(slices.Clone(g.Inputs), func(in *onnx.ValueInfo) bool { return g.Initializer(in.Name) != nil })
	if len(s.Inputs) > len(takes) {
		takes = g.Inputs
	}
	if len(s.Inputs) > len(takes) {
		return nil, nil, fmt.Errorf("%d inputs for a model that takes %d", len(s.Inputs), len(takes))
	}
	inputs = map[string]tensor.Value{}
	for i, in := range takes {
		switch {
		case s.Inputs == nil:
			inputs[in.Name], err = ramp(in.Type)
		case i < len(s.Inputs):
			inputs[in.Name], err = read(s.Inputs[i], in.Type)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
	}
	if len(s.Outputs) != len(g.Outputs) {
		return nil, nil, fmt.Errorf("%d expected outputs for a model that returns %d", len(s.Outputs), len(g.Outputs))
	}
	for i, path := range s.Outputs {
		v, err := read(path, g.Outputs[i].Type)
		if err != nil {
			return nil, nil, fmt.Errorf("expected output %q: %w", g.Outputs[i].Name, err)
		}
		outputs = append(outputs, v)
	}
	return inputs, outputs, nil
}

func read(path string, typ *onnx.Type) (tensor.Value, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return onnx.ParseValue(data, typ)
}

// ramp is the input that the suite's runner makes for a light model: 0, 1/n, …
// (n-1)/n, with 1 for every dimension that the model leaves open.
func ramp(typ *onnx.Type) (tensor.Value, error) {
	if typ == nil || typ.Kind != onnx.TypeTensor || typ.DType != tensor.Float32 || typ.Shape == nil {
		return nil, fmt.Errorf("no ramp can be made for %v", typ)
	}
	var shape []int
	for _, d := range typ.Shape.Dims {
		if d.IsKnown() {
			shape = append(shape, int(d.Value))
		} else {
			shape = append(shape, 1)
		}
	}
	t, err := tensor.New(tensor.Float32, shape...)
	if err != nil {
		return nil, err
	}
	data, err := tensor.Data[float32](t)
	for i := range data {
		data[i] = float32(float64(i) / float64(len(data)))
	}
	return t, err
}
