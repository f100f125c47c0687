// Package folder finds the files of a model: the graph, and beside it or above it
// the tokenizer, the configuration and whatever else a published model comes with.
//
// Published models keep their graph in the folder itself (model.onnx), or one or two
// folders down (onnx/model.onnx, genai/int4/model.onnx), with everything else at the
// top. So a file is looked for beside the graph, then in the two folders above; the
// nearest one counts. The folder of a fine-tuning run is such a folder too.
package folder

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// levels is how many folders are searched for a file: the graph's own, and those above.
const levels = 3

// mostJSON bounds in bytes what a configuration may be.
const mostJSON = 64 << 20

// Folder is where the files of a model are.
type Folder struct {
	// Model is the path of the graph, an .onnx file.
	Model string
	dirs  []string // to search, the nearest first
}

// Open finds the model that path means: a file, or in a folder model.onnx,
// onnx/model.onnx, best.onnx, or else the only .onnx file.
func Open(path string) (*Folder, error) {
	file, err := graph(path)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	f := &Folder{Model: file}
	for dir := filepath.Dir(abs); len(f.dirs) < levels; dir = filepath.Dir(dir) {
		f.dirs = append(f.dirs, dir)
	}
	return f, nil
}

func graph(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return path, nil
	}
	for _, name := range []string{"model.onnx", filepath.Join("onnx", "model.onnx"), "best.onnx"} {
		file := filepath.Join(path, name)
		if info, err := os.Stat(file); err == nil && !info.IsDir() {
			return file, nil
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	var found []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".onnx" && !e.IsDir() {
			found = append(found, filepath.Join(path, e.Name()))
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("folder %s has no model.onnx, no onnx/model.onnx and %d other .onnx files, expected one", path, len(found))
	}
	return found[0], nil
}

// Dirs lists the folders in which files are looked for, the nearest to the graph first.
func (f *Folder) Dirs() []string { return f.dirs }

// Find returns the path of the file name, which may be below a folder; "" where there
// is none.
func (f *Folder) Find(name string) string {
	for _, dir := range f.dirs {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			return path
		}
	}
	return ""
}

// Read returns the content of the file name; nil where there is none.
func (f *Folder) Read(name string) ([]byte, error) {
	path := f.Find(name)
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > mostJSON {
		return nil, fmt.Errorf("%s: %d bytes, expected at most %d", path, info.Size(), mostJSON)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) { // taken away in between
		return nil, nil
	}
	return data, err
}

// JSON reads the file name into v, and says whether it is there.
func (f *Folder) JSON(name string, v any) (bool, error) {
	data, err := f.Read(name)
	if data == nil || err != nil {
		return false, err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return false, fmt.Errorf("%s: %w", f.Find(name), err)
	}
	return true, nil
}
