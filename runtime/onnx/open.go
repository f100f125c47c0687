package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"unicode/utf8"
)

// Option changes how a model or tensor is read.
type Option func(*source)

// ExternalDir names the folder of the machine's file system in which external
// data is looked for. [Open] needs it only where that is not the model's own.
func ExternalDir(dir string) Option {
	return func(s *source) { s.dir, s.fsys, s.none = dir, nil, false }
}

// ExternalFS is [ExternalDir] for a folder of fsys.
func ExternalFS(fsys fs.FS, dir string) Option {
	return func(s *source) { s.dir, s.fsys, s.none = dir, fsys, false }
}

// Open reads the model at path. Tensors that lie in other files are found
// there when [Tensor.Value] asks for them.
//
// Files of 1 MiB and more are mapped, not read, where the system can: raw data
// of tensors and the values made of it share the mapping's memory. The garbage
// collector does not see such memory, so that a mapping ends only where
// [Model.Close] is called; without it, it lasts as long as the process. That
// costs address space and no memory that the system could not take back. Mapped
// memory is read-only: to write to it, like cutting the file short while it is
// mapped, ends the process.
func Open(path string, opts ...Option) (*Model, error) {
	s := newSource(path, opts)
	if s.none {
		s.dir, s.none = filepath.Dir(path), false
	}
	data, unmap, err := loadPath(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	if unmap != nil {
		s.unmaps = append(s.unmaps, unmap)
	}
	m, err := parse(data, s)
	if err != nil {
		_ = s.close() // nothing of the mapping is in use, and err is what counts
		return nil, fmt.Errorf("onnx: %s: %w", path, err)
	}
	return m, nil
}

// ReadFS reads the model called name from fsys, and its external data from the
// same folder of it. Nothing is mapped; symbolic links to external data are
// refused.
func ReadFS(fsys fs.FS, name string, opts ...Option) (*Model, error) {
	s := newSource(name, opts)
	if s.none {
		s.dir, s.fsys, s.none = path.Dir(name), fsys, false
	}
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", name, bare(err))
	}
	m, err := parse(data, s)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", name, err)
	}
	return m, nil
}

// Parse reads a model from memory. The raw data of its tensors shares memory
// with data, which must not change from then on. External data needs the
// option [ExternalDir] or [ExternalFS].
func Parse(data []byte, opts ...Option) (*Model, error) {
	m, err := parse(data, newSource("", opts))
	if err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return m, nil
}

// Close releases the files that the model is mapped from. Nothing that was got
// from the model may be used after it, or from a clone of it: raw data and
// values of tensors may point into memory that is gone. [Tensor.Value] reports
// an error from then on.
func (m *Model) Close() error { return m.source.close() }

// ReadTensor reads a tensor (a TensorProto) from memory, which its raw data
// shares.
func ReadTensor(data []byte, opts ...Option) (*Tensor, error) {
	t, err := parseTensor(data, newSource("", opts))
	if err != nil {
		return nil, fmt.Errorf("onnx: tensor: %w", err)
	}
	return t, nil
}

// OpenTensor reads the tensor (a TensorProto, commonly *.pb) in the file at
// path. The file is read, not mapped.
func OpenTensor(path string, opts ...Option) (*Tensor, error) {
	s := newSource(path, opts)
	if s.none {
		s.dir, s.none = filepath.Dir(path), false
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: %w", path, bare(err))
	}
	t, err := parseTensor(data, s)
	if err != nil {
		return nil, fmt.Errorf("onnx: %s: tensor: %w", path, err)
	}
	return t, nil
}

func newSource(name string, opts []Option) *source {
	s := &source{name: name, none: true}
	for _, opt := range opts {
		opt(s)
	}
	return s
}

func loadPath(path string) ([]byte, func() error, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, notRegular(info.Mode())
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, bare(err)
	}
	defer f.Close()
	return load(f)
}

func parse(data []byte, s *source) (*Model, error) {
	if len(data) == 0 {
		return nil, errors.New("empty, wanted an ONNX model")
	}
	data = slices.Clip(data) // offsets in errors are told by capacity
	m := &Model{source: s}
	err := newSchema().model.read(&decoder{data: data, source: s}, data, m)
	if err == nil && m.Graph == nil {
		err = errors.New("has no graph")
	}
	if err != nil {
		if other := looksLike(data); other != "" {
			return nil, fmt.Errorf("not an ONNX model: %s", other)
		}
		return nil, fmt.Errorf("not an ONNX model: %w", err)
	}
	return m, nil
}

func parseTensor(data []byte, s *source) (*Tensor, error) {
	data = slices.Clip(data)
	t := new(Tensor)
	if err := newSchema().tensor.read(&decoder{data: data, source: s}, data, t); err != nil {
		if other := looksLike(data); other != "" {
			return nil, fmt.Errorf("not a tensor: %s", other)
		}
		return nil, err
	}
	return t, nil
}

// looksLike guesses what a file is that could not be read, for the message.
func looksLike(data []byte) string {
	head := data[:min(len(data), 64)]
	for len(head) > 0 && !utf8.RuneStart(head[len(head)-1]) {
		head = head[:len(head)-1]
	}
	switch {
	case bytes.HasPrefix(head, []byte("version https://git-lfs")):
		return "the file is a Git LFS pointer: what it points to was not fetched"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "the file is a zip archive"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "the file is compressed with gzip"
	case len(head) > 1 && bytes.IndexFunc(head[:len(head)-1], func(r rune) bool {
		return r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t'
	}) < 0:
		return fmt.Sprintf("the file looks like text: %q", head[:min(len(head), 24)])
	}
	return ""
}
