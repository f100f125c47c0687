package native_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// TestPublishedModelsOpen opens every model of the shared folder unmodified.
func TestPublishedModelsOpen(t *testing.T) {
	root := fixture.Shared(t, "models")
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".onnx") {
			return err
		}
		found++
		name, _ := filepath.Rel(root, path)
		t.Run(name, func(t *testing.T) {
			m, err := onnx.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			s, err := e.Open(t.Context(), m, runtime.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Errorf("no model under %s", root)
	}
}
