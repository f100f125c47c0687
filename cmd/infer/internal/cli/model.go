package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// modelPath finds the model file that path means: itself, or in a folder the
// file model.onnx, or else the only .onnx file.
func modelPath(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("model: %w", err)
	}
	if !info.IsDir() {
		return path, nil
	}
	if file := filepath.Join(path, "model.onnx"); exists(file) {
		return file, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", fmt.Errorf("model: %w", err)
	}
	var found []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".onnx" && !e.IsDir() {
			found = append(found, filepath.Join(path, e.Name()))
		}
	}
	if len(found) != 1 {
		return "", fmt.Errorf("model: folder %s has no model.onnx and %d other .onnx files, expected one", path, len(found))
	}
	return found[0], nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// openModel reads a model file.
func openModel(path string) (*onnx.Model, error) {
	path, err := modelPath(path)
	if err != nil {
		return nil, err
	}
	return onnx.Open(path)
}

// opened is a model with a session on it.
type opened struct {
	runtime.Session
	model *onnx.Model
}

// openSession reads a model file and makes it ready to run.
func (a *app) openSession(ctx context.Context, path, engine string, opts runtime.Options) (*opened, error) {
	e, err := a.engine(engine)
	if err != nil {
		return nil, err
	}
	if err := checkThreads(opts.Threads); err != nil {
		return nil, err
	}
	m, err := openModel(path)
	if err != nil {
		return nil, err
	}
	s, err := e.Open(ctx, m, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &opened{Session: s, model: m}, nil
}

// Close ends the session, then lets go of the model's file.
func (o *opened) Close() error {
	err := o.Session.Close()
	if e := o.model.Close(); err == nil {
		err = e
	}
	return err
}
