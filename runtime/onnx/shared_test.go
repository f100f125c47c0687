package onnx

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/testdata"
)

// filesBelow lists the files below a shared folder whose name ends in ext.
func filesBelow(t *testing.T, rel, ext string) []string {
	t.Helper()
	root := testdata.Shared(t, rel)
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
		identical, total := 0, 0
		for _, path := range filesBelow(t, dir, ".onnx") {
			m, err := Open(path)
			if err != nil {
				t.Error(err)
				continue
			}
			if roundTrip(t, path, m) {
				identical++
			}
			total++
			if err := m.Close(); err != nil {
				t.Errorf("%s: close: %v", path, err)
			}
		}
		t.Logf("%s: %d of %d models come out byte for byte", dir, identical, total)
		if total == 0 {
			t.Errorf("%s: no model was read", dir)
		}
	}
}

// roundTrip checks that writing and reading m gives an equal model, and
// reports whether the bytes are those of the file.
func roundTrip(t *testing.T, path string, m *Model) bool {
	t.Helper()
	out, err := m.Marshal()
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return false
	}
	again, err := parse(out, m.source)
	if err != nil {
		t.Errorf("%s: written and read: %v", path, err)
		return false
	}
	if where, ok := difference(reflect.ValueOf(*m), reflect.ValueOf(*again), "model"); !ok {
		t.Errorf("%s: read, written and read differs at %s", path, where)
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(out, want)
}
