// Package embedded holds the models that come with the program: small ones, trained by
// this project on openly licensed data. A program that imports it carries their bytes;
// nothing else of the project imports it but the command line.
//
//	m, ok := embedded.Named("folk-music")
//	if !ok { … }
//	dir, err := m.Unpack(cacheDir) // a model folder, as every command and package takes it
//
// A model is a folder: its graph, model.onnx, and its tokenizer and configuration where it
// has them. To add one, put the folder below files/ and a line into the list of [All];
// models/recipes/NAME has its card: the data, how it was trained, and what it reaches.
package embedded

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/seed6700ada1/infer/internal/atomicfile"
)

// GraphFile is the graph in the folder of a model.
const GraphFile = "model.onnx"

//go:embed all:files
var files embed.FS

// Model is a model that comes with the program.
type Model struct {
	Name string // of its folder, and for --model
	Task string // the command that it is for, such as "generate"
	Card string // what it is, on what it was trained and what it reaches, in a few lines
}

// All lists the models, in the order of their names.
func All() []Model {
	return []Model{
		{
			Name: "face-nano", Task: "detect",
			Card: "face detector of 222,204 parameters, trained on openly licensed pictures of scenes and FairFace; AP@0.5 of 0.48 for faces of 16 pixels and more",
		},
		{
			Name: "folk-music", Task: "generate",
			Card: "character LSTM of 568,915 parameters that writes Irish folk tunes in ABC notation, trained on 726 tunes; give it a prompt such as X:1",
		},
		{
			Name: "intent-mini", Task: "classify",
			Card: "77 intents of questions to a bank, 1.2 million parameters, trained on Banking77 (CC BY 4.0); accuracy 0.921 on its test set",
		},
		{
			Name: "sentence-mini", Task: "embed",
			Card: "sentence encoder of 1.2 million parameters, 384 numbers a text, distilled from all-MiniLM-L6-v2 on 68,325 openly licensed texts",
		},
	}
}

// Named finds a model.
func Named(name string) (Model, bool) {
	for _, m := range All() {
		if m.Name == name {
			return m, true
		}
	}
	return Model{}, false
}

// FS is the model's folder.
func (m Model) FS() (fs.FS, error) {
	if _, ok := Named(m.Name); !ok {
		return nil, fmt.Errorf("embedded: there is no model %q", m.Name)
	}
	return fs.Sub(files, path.Join("files", m.Name))
}

// Graph is the model's graph, as bytes of the ONNX format.
func (m Model) Graph() ([]byte, error) {
	dir, err := m.FS()
	if err != nil {
		return nil, err
	}
	return fs.ReadFile(dir, GraphFile)
}

// Unpack writes the model's folder into the folder parent, and returns its path. Files that
// are there already and hold the same bytes are left as they are; any other is replaced.
func (m Model) Unpack(parent string) (string, error) {
	dir, err := m.FS()
	if err != nil {
		return "", err
	}
	to := filepath.Join(parent, m.Name)
	err = fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		at := filepath.Join(to, filepath.FromSlash(name))
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return os.MkdirAll(at, 0o755)
		}
		want, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		have, err := os.ReadFile(at)
		if err == nil && bytes.Equal(have, want) {
			return nil
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return atomicfile.WriteBytes(at, want)
	})
	if err != nil {
		return "", fmt.Errorf("embedded: %w", err)
	}
	return to, nil
}
