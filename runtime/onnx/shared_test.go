package onnx

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// filesBelow lists the files below a shared folder whose name ends in ext.
func filesBelow(t *testing.T, rel, ext string) []string {
	t.Helper()
	root := fixture.Shared(t, rel)
	var files []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ext) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no %s files below %s", ext, root)
	}
	return files
}

func TestSharedModelsRoundTrip(t *testing.T) {
	for _, dir := range []string{"models", "onnx-conformance"} {
		total := 0
		for _, path := range filesBelow(t, dir, ".onnx") {
			m, err := Open(path)
			if err != nil {
				t.Error(err)
				continue
			}
			roundTrip(t, path, m)
			total++
			if err := m.Close(); err != nil {
				t.Errorf("%s: close: %v", path, err)
			}
		}
		if total == 0 {
			t.Errorf("%s: no model was read", dir)
		}
	}
}

// roundTrip checks that writing and reading m gives an equal model, and that
// the bytes are those of the file: all of these were written with their fields
// in order.
func roundTrip(t *testing.T, path string, m *Model) {
	t.Helper()
	out, err := m.Marshal()
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return
	}
	again, err := parse(out, m.source)
	if err != nil {
		t.Errorf("%s: written and read: %v", path, err)
		return
	}
	if where, ok := difference(reflect.ValueOf(*m), reflect.ValueOf(*again), "model"); !ok {
		t.Errorf("%s: read, written and read differs at %s", path, where)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out, want) {
		t.Errorf("%s: %d bytes come out as %d others", path, len(want), len(out))
	}
}

func TestSharedModelsAreWellFormed(t *testing.T) {
	for _, dir := range []string{"models", "onnx-conformance"} {
		for _, path := range filesBelow(t, dir, ".onnx") {
			m, err := Open(path)
			if err != nil {
				t.Error(err)
				continue
			}
			if err := Check(m); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			tensors(m, func(tt *Tensor, _ bool) {
				if _, err := tt.Value(); err != nil {
					t.Errorf("%s: %v", path, err)
				}
			})
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestSharedValuesRoundTrip reads the conformance suite's inputs and outputs by
// the types that the models declare, and writes and reads them again.
func TestSharedValuesRoundTrip(t *testing.T) {
	kinds := make(map[tensor.Kind]int)
	for _, path := range filesBelow(t, "onnx-conformance", ".onnx") {
		m, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for prefix, infos := range map[string][]*ValueInfo{"input": m.Graph.Inputs, "output": m.Graph.Outputs} {
			for i, info := range infos {
				files, err := filepath.Glob(filepath.Join(filepath.Dir(path), "test_data_set_*", fmt.Sprintf("%s_%d.pb", prefix, i)))
				if err != nil {
					t.Fatal(err)
				}
				for _, file := range files {
					kinds[valueRoundTrip(t, file, info.Type)]++
				}
			}
		}
	}
	if kinds[tensor.KindTensor] == 0 || kinds[tensor.KindSequence] == 0 || kinds[tensor.KindOptional] == 0 {
		t.Errorf("read %v", kinds)
	}
}

func valueRoundTrip(t *testing.T, file string, typ *Type) tensor.Kind {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v, err := ParseValue(data, typ)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return tensor.KindMap
	}
	out, err := MarshalValue(v)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return v.Kind()
	}
	if again, err := ParseValue(out, typ); err != nil || !tensor.Equal(v, again) {
		t.Errorf("%s: written and read is another value (%v)", file, err)
	}
	if v.Kind() != tensor.KindTensor {
		return v.Kind()
	}
	// and a tensor as it is stored
	stored, err := ReadTensor(data)
	if err != nil {
		t.Errorf("%s: %v", file, err)
		return v.Kind()
	}
	if out, err = stored.Marshal(); err != nil {
		t.Errorf("%s: %v", file, err)
	}
	again, err := parseTensor(out, stored.source)
	if err != nil {
		t.Errorf("%s: %v", file, err)
	} else if where, ok := difference(reflect.ValueOf(*stored), reflect.ValueOf(*again), "tensor"); !ok {
		t.Errorf("%s: read, written and read differs at %s", file, where)
	}
	return v.Kind()
}
