package embedded

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// TestFolders keeps the list and the folders in step.
func TestFolders(t *testing.T) {
	entries, err := fs.ReadDir(files, "files")
	if err != nil {
		t.Fatal(err)
	}
	var folders, names []string
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	for _, m := range All() {
		names = append(names, m.Name)
		if m.Task == "" || m.Card == "" {
			t.Errorf("%s: has no task or no card", m.Name)
		}
		if _, err := os.Stat(filepath.Join("..", "recipes", m.Name, "README.md")); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
	if !slices.Equal(names, folders) {
		t.Errorf("the list has %q, the folders are %q", names, folders)
	}
}

// TestGraphs reads and checks each graph, after it was unpacked.
func TestGraphs(t *testing.T) {
	for _, m := range All() {
		t.Run(m.Name, func(t *testing.T) {
			parent := t.TempDir()
			dir, err := m.Unpack(parent)
			if err != nil {
				t.Fatal(err)
			}
			model, err := onnx.Open(filepath.Join(dir, GraphFile))
			if err != nil {
				t.Fatal(err)
			}
			defer model.Close()
			if err := onnx.Check(model); err != nil {
				t.Error(err)
			}
			bytes, err := m.Graph()
			if err != nil {
				t.Fatal(err)
			}
			const most = 2 << 20
			if len(bytes) > most {
				t.Errorf("the graph has %d bytes, expected at most %d", len(bytes), most)
			}
			if again, err := m.Unpack(parent); err != nil || again != dir {
				t.Errorf("unpacked again: %q, %v", again, err)
			}
		})
	}
}

func TestUnknown(t *testing.T) {
	if _, ok := Named("no-such-model"); ok {
		t.Error("a model that is not there was found")
	}
	if _, err := (Model{Name: "../embedded"}).Unpack(t.TempDir()); err == nil {
		t.Error("a folder outside was unpacked")
	}
}
