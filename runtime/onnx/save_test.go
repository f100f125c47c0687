package onnx

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// savedModel has weights of several sizes and forms, one of them in a subgraph.
func savedModel() *Model {
	m := goodModel()
	big := make([]float32, 2000)
	big[1999] = 3
	inner := NewTensor("inner", tensor.Vector(big...))
	sub := &Graph{Initializers: []*Tensor{inner}, Nodes: []*Node{node("n", "Neg", names("inner"), names("b"))}, Outputs: []*ValueInfo{{Name: "b"}}}
	m.Graph.Nodes[1] = node("if", "If", names("s"), names("y"), &Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub})
	m.Graph.Initializers = append(m.Graph.Initializers,
		&Tensor{Name: "list", DType: tensor.Uint8, Dims: dims(100), Int32s: make([]int32, 100)},
		NewTensor("big", tensor.Vector(big...)),
		NewTensor("text", tensor.Vector(make([]string, 100)...)))
	return m
}

// constants lists the values of all constants.
func constants(t *testing.T, m *Model) map[string]tensor.Value {
	t.Helper()
	all := make(map[string]tensor.Value)
	tensors(m, func(tt *Tensor, _ bool) {
		v, err := tt.Value()
		if err != nil {
			t.Fatal(err)
		}
		all[tt.Name] = v
	})
	return all
}

func sameValues(t *testing.T, got, want map[string]tensor.Value) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d constants, wanted %d", len(got), len(want))
	}
	for name, v := range want {
		if !tensor.Equal(got[name], v) {
			t.Errorf("constant %q changed", name)
		}
	}
}

func TestSaveInOneFile(t *testing.T) {
	m := savedModel()
	path := filepath.Join(t.TempDir(), "m.onnx")
	if err := Save(path, m, SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, mustMarshal(t, m)) {
		t.Error("the file is not what Marshal gives")
	}
	onlyFiles(t, filepath.Dir(path), "m.onnx")
}

// onlyFiles checks that nothing but those files is left in dir.
func onlyFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if len(got) != len(want) {
		t.Errorf("folder holds %q, wanted %q", got, want)
	}
}

func TestSaveExternal(t *testing.T) {
	m := savedModel()
	want := constants(t, m)
	before := mustMarshal(t, m)
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	if err := Save(path, m, SaveOptions{ExternalAbove: 100}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, mustMarshal(t, m)) {
		t.Error("saving changed the model")
	}
	onlyFiles(t, dir, "m.onnx", "m.onnx.data")
	got, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(got); err != nil {
		t.Error(err)
	}
	sameValues(t, constants(t, got), want)
	external := 0
	tensors(got, func(tt *Tensor, _ bool) {
		if tt.Location == 1 {
			external++
		}
	})
	if external != 3 { // list, big, inner; w is small and text cannot be
		t.Errorf("%d tensors are external, wanted 3", external)
	}
	// and back into one file, elsewhere
	alone := filepath.Join(t.TempDir(), "alone.onnx")
	if err := Save(alone, got, SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	again, err := Open(alone)
	if err != nil {
		t.Fatal(err)
	}
	sameValues(t, constants(t, again), want)
	onlyFiles(t, filepath.Dir(alone), "alone.onnx")
	// over itself: what is open stays readable
	if err := Save(path, got, SaveOptions{ExternalAbove: 1}); err != nil {
		t.Fatal(err)
	}
	if got, err = Open(path); err != nil {
		t.Fatal(err)
	}
	sameValues(t, constants(t, got), want)
}

func TestPlaceAligns(t *testing.T) {
	large := []placed{
		{t: new(Tensor), data: make([]byte, 100)},
		{t: new(Tensor), data: make([]byte, 10)},
		{t: new(Tensor), data: make([]byte, 5000)},
		{t: new(Tensor), data: make([]byte, 4096)},
	}
	place(large, "f")
	for i, want := range []int64{0, 128, 4096, 12288} {
		if large[i].at != want {
			t.Errorf("tensor %d lies at %d, wanted %d", i, large[i].at, want)
		}
	}
	var buf bytes.Buffer
	if err := writeData(&buf, large); err != nil {
		t.Fatal(err)
	}
	if buf.Len() != 12288+4096 {
		t.Errorf("file has %d bytes", buf.Len())
	}
}

func TestSaveFailsWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.onnx")
	wantError(t, Save(path, &Model{}, SaveOptions{}), path, "no graph")
	wantError(t, Save(filepath.Join(dir, "absent", "m.onnx"), savedModel(), SaveOptions{}), "absent", "no such file")
	m := reluModel(externalTensor(4, "location", "gone"))
	wantError(t, Save(path, m, SaveOptions{}), path, `tensor "w"`, `"gone"`)
	onlyFiles(t, dir)
}

func TestWriteAtomicLeavesNothingHalf(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := writeAtomic(path, func(w io.Writer) error {
		if _, err := w.Write(make([]byte, 1<<17)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error is %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
		t.Errorf("file holds %q (%v)", got, err)
	}
	onlyFiles(t, dir, "f")
	err = writeAtomic(dir, func(io.Writer) error { return nil }) // a folder cannot be replaced
	if err == nil {
		t.Error("a folder was replaced by a file")
	}
	onlyFiles(t, dir, "f")
}
