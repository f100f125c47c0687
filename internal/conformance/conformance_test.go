package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fake is an engine that does what a test wants.
type fake struct {
	open error
	run  func(ctx context.Context, in map[string]tensor.Value) (map[string]tensor.Value, error)
}

func (f *fake) Name() string { return "fake" }

func (f *fake) Open(context.Context, *onnx.Model, runtime.Options) (runtime.Session, error) {
	return f, f.open
}
func (f *fake) Inputs() []runtime.ValueSpec  { return nil }
func (f *fake) Outputs() []runtime.ValueSpec { return nil }
func (f *fake) Close() error                 { return nil }

func (f *fake) Run(ctx context.Context, in map[string]tensor.Value) (map[string]tensor.Value, error) {
	return f.run(ctx, in)
}

// negate is a right implementation of the cases that [writeCase] writes.
func negate(_ context.Context, in map[string]tensor.Value) (map[string]tensor.Value, error) {
	x, err := tensor.Data[float32](in["x"].(*tensor.Tensor))
	y := make([]float32, len(x))
	for i, v := range x {
		y[i] = -v
	}
	return map[string]tensor.Value{"y": tensor.Vector(y...)}, err
}

// writeCase writes a case y = op(x) for x = [1 2] that expects [-1 -2].
func writeCase(t *testing.T, dir, op string) {
	t.Helper()
	m, err := onnxtext.Parse(`<ir_version: 8, opset_import: ["": 13]> g (float[2] x) => (float[2] y) { y = ` + op + `(x) }`)
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, modelFile), data)
	write(t, filepath.Join(dir, "test_data_set_0", "input_0.pb"), marshal(t, tensor.Vector[float32](1, 2)))
	write(t, filepath.Join(dir, "test_data_set_0", "output_0.pb"), marshal(t, tensor.Vector[float32](-1, -2)))
}

func marshal(t *testing.T, v tensor.Value) []byte {
	t.Helper()
	data, err := onnx.MarshalValue(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func names(cases []Case) []string {
	list := make([]string, len(cases))
	for i, c := range cases {
		list[i] = c.Name
	}
	return list
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	writeCase(t, filepath.Join(dir, "node", "test_b"), "Neg")
	writeCase(t, filepath.Join(dir, "simple", "test_a"), "Neg")
	write(t, filepath.Join(dir, "light", "light_net.onnx"), nil)
	write(t, filepath.Join(dir, "light", "README.md"), nil)
	for _, tt := range []struct {
		dir  string
		want []string
	}{
		{dir, []string{"light_net", "test_a", "test_b"}},
		{filepath.Join(dir, "node"), []string{"test_b"}},
		{filepath.Join(dir, "node", "test_b"), []string{"test_b"}},
		{filepath.Join(dir, "light"), []string{"light_net"}},
	} {
		cases, err := Find(tt.dir)
		if err != nil || !slices.Equal(names(cases), tt.want) {
			t.Errorf("Find(%s) = %v, %v; want %v", tt.dir, names(cases), err, tt.want)
		}
	}
	for _, empty := range []string{t.TempDir(), filepath.Join(dir, "absent")} {
		if _, err := Find(empty); err == nil {
			t.Errorf("Find(%s) finds cases where there are none", empty)
		}
	}
}

func TestStatuses(t *testing.T) {
	dir := t.TempDir()
	writeCase(t, filepath.Join(dir, "test_neg"), "Neg")
	cases, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	wrong := func(context.Context, map[string]tensor.Value) (map[string]tensor.Value, error) {
		return map[string]tensor.Value{"y": tensor.Vector[float32](-1, -2.1)}, nil
	}
	tests := []struct {
		name   string
		engine *fake
		want   Status
		says   string
	}{
		{"right", &fake{run: negate}, Passed, ""},
		{"wrong", &fake{run: wrong}, Failed, "-2.09"},
		{"nothing", &fake{run: func(context.Context, map[string]tensor.Value) (map[string]tensor.Value, error) { return nil, nil }}, Failed, "y"},
		{"fails", &fake{run: func(context.Context, map[string]tensor.Value) (map[string]tensor.Value, error) {
			return nil, errors.New("out of order")
		}}, Failed, "out of order"},
		{"panics", &fake{run: func(context.Context, map[string]tensor.Value) (map[string]tensor.Value, error) { panic("ouch") }}, Failed, "panic: ouch at conformance.TestStatuses"},
		{"does not open", &fake{open: errors.New("corrupt")}, Failed, "corrupt"},
		{"lacks an operator", &fake{open: &runtime.UnsupportedError{Engine: "fake"}}, Unsupported, "fake"},
		{"is slow", &fake{run: func(ctx context.Context, _ map[string]tensor.Value) (map[string]tensor.Value, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}, Failed, "deadline"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Run(t.Context(), tt.engine, cases, Options{Timeout: 100 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			got := r.Cases[0]
			if got.Status != tt.want || !strings.Contains(got.Detail, tt.says) || got.Op != "Neg" || got.Opset != 13 {
				t.Errorf("got %+v, want %s with a detail that says %q", got, tt.want, tt.says)
			}
		})
	}
}

func TestReport(t *testing.T) {
	dir := t.TempDir()
	writeCase(t, filepath.Join(dir, "test_neg"), "Neg")
	writeCase(t, filepath.Join(dir, "test_abs"), "Abs")
	writeCase(t, filepath.Join(dir, "test_neg_expanded"), "Abs")
	cases, err := Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	progress := 0
	r, err := Run(t.Context(), &fake{run: negate}, cases, Options{Progress: func(done, total int) { progress = 10*done + total }})
	if err != nil {
		t.Fatal(err)
	}
	if progress != 33 {
		t.Errorf("progress ended at %d of %d, want 3 of 3", progress/10, progress%10)
	}
	var got struct {
		Passed, Failed, Unsupported, Total int
		Cases                              []map[string]any
	}
	var b bytes.Buffer
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Passed != 3 || got.Total != 3 || len(got.Cases) != 3 {
		t.Errorf("JSON %s (%v), want three passed of three", b.Bytes(), err)
	}
	for _, key := range []string{"name", "op", "opset", "status", "detail"} {
		if _, ok := got.Cases[0][key]; !ok {
			t.Errorf("a case has no %q: %v", key, got.Cases[0])
		}
	}
	rows := r.Rows()
	if len(rows) != 2 || rows[1].Op != "Neg" || rows[1].All.Passed != 2 {
		t.Errorf("rows are %v; the expanded case must count as its operator", rows)
	}
	if only, err := Run(t.Context(), &fake{run: negate}, cases, Options{Op: "abs"}); err != nil || only.Total != 1 {
		t.Errorf("with the option Op, %v %v; want one case", only, err)
	}
	b.Reset()
	r.Cases[0].Detail, r.Cases[0].Status = "<script>", Failed
	if err := r.WriteHTML(&b); err != nil || !strings.Contains(b.String(), "&lt;script&gt;") || !strings.Contains(b.String(), ">2/2<") {
		t.Errorf("the page (%v) lacks the counts, or does not escape: %s", err, b.String())
	}
	b.Reset()
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "failed: test_abs") {
		t.Errorf("the table (%v) lacks what failed: %s", err, b.String())
	}
}

func TestCompare(t *testing.T) {
	nan := float32(math.NaN())
	same := tensor.Vector[float32](1000, nan)
	tests := []struct {
		name      string
		got, want tensor.Value
		random    bool
		equal     bool
	}{
		{"within a thousandth", tensor.Vector[float32](1000.9, nan), same, false, true},
		{"beyond it", tensor.Vector[float32](1001.1, nan), same, false, false},
		{"integers exactly", tensor.Vector[int32](1001), tensor.Vector[int32](1000), false, false},
		{"bfloat16 by two units", tensor.Vector(tensor.BF16From(1.0156)), tensor.Vector(tensor.BF16From(1)), false, true},
		{"random values by shape", tensor.Vector[float32](5, 5), same, true, true},
		{"random values of another shape", tensor.Vector[float32](5), same, true, false},
		{"another type", tensor.Vector[float64](1000, 0), same, false, false},
		{"a value for an optional", same, &tensor.Optional{Value: same}, false, true},
		{"an optional for a value", &tensor.Optional{Value: same}, same, false, true},
		{"an empty optional", &tensor.Optional{}, &tensor.Optional{}, false, true},
		{"no empty optional", same, &tensor.Optional{}, false, false},
		{"nothing", nil, same, false, false},
		{"sequences", &tensor.Sequence{Items: []tensor.Value{same}}, &tensor.Sequence{Items: []tensor.Value{same}}, false, true},
		{"sequences of other lengths", &tensor.Sequence{}, &tensor.Sequence{Items: []tensor.Value{same}}, false, false},
	}
	for _, tt := range tests {
		if err := compare(tt.got, tt.want, tt.random); (err == nil) != tt.equal {
			t.Errorf("%s: compare = %v, want equal: %t", tt.name, err, tt.equal)
		}
	}
}

func TestExpected(t *testing.T) {
	list, err := ReadExpected(strings.NewReader("# comment\n\ntest_a: it is hard\ntest_gone: no longer there\ntest_c: was hard\n"))
	if err != nil {
		t.Fatal(err)
	}
	r := &Report{}
	for name, status := range map[string]Status{"test_a": Failed, "test_b": Unsupported, "test_c": Passed} {
		r.add(Result{Name: name, Status: status, Detail: "some reason"})
	}
	got := strings.Join(list.Check(r), "\n")
	for _, want := range []string{"test_b", "test_c", "test_gone"} {
		if !strings.Contains(got, want) {
			t.Errorf("Check does not complain about %s:\n%s", want, got)
		}
	}
	if strings.Contains(got, "test_a") {
		t.Errorf("Check complains about what is listed:\n%s", got)
	}
	var b strings.Builder
	if err := list.Write(&b, "comment", r); err != nil || !strings.Contains(b.String(), "test_a: it is hard\n") || !strings.Contains(b.String(), "test_b: not there yet: some reason\n") || strings.Contains(b.String(), "test_c") {
		t.Errorf("Write gave %q, %v", b.String(), err)
	}
	for _, bad := range []string{"test_a\n", "test_a:\n", "test_a: x\ntest_a: y\n"} {
		if _, err := ReadExpected(strings.NewReader(bad)); err == nil {
			t.Errorf("ReadExpected(%q) is no error", bad)
		}
	}
}
