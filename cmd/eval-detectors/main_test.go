package main

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFindModels(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b/x.onnx", "a.onnx", "b/notes.txt"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := findModels(dir)
	want := []string{filepath.Join(dir, "a.onnx"), filepath.Join(dir, "b/x.onnx")}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := findModels(t.TempDir()); err == nil {
		t.Error("a folder without models was taken")
	}
}

func TestRunWritesNothingOnFailure(t *testing.T) {
	out := filepath.Join(t.TempDir(), "page.md")
	err := run(t.Context(), []string{"-shared", t.TempDir(), "-out", out}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "testing.xml") {
		t.Errorf("error %v, want the file that is missing", err)
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("a page was written")
	}
}
