package onnx

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// mapFrom is the size in bytes from which a file is mapped rather than read.
// Below it reading is as fast, and the garbage collector looks after the bytes.
const mapFrom = 1 << 20

// source is where a model was read from: it opens the files that hold its
// external data, each once, and owns the mappings. One source is shared by a
// model, its clones and all of their tensors.
type source struct {
	name string // path of the model, for messages
	dir  string // folder that external data lies in
	fsys fs.FS  // file system that dir is in; nil for that of the machine
	none bool   // the model came as bytes: there is no folder

	mu     sync.Mutex
	closed bool
	files  map[string][]byte // by cleaned location
	unmaps []func() error
}

// close releases the mappings.
func (s *source) close() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, unmap := range s.unmaps {
		errs = append(errs, unmap())
	}
	s.closed, s.unmaps, s.files = true, nil, nil
	return errors.Join(errs...)
}

// open reports an error where the source was closed.
func (s *source) open() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errors.New("the model was closed")
	}
	return nil
}

// external is the content of the file at location, relative to the model's
// folder. It refuses what is not a plain file inside of that folder.
func (s *source) external(location string) ([]byte, error) {
	if s == nil || s.none {
		return nil, fmt.Errorf("data is in file %q, but the model was not read from a folder (see ExternalDir)", location)
	}
	clean, err := cleanLocation(location)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errors.New("the model was closed")
	}
	if data, ok := s.files[clean]; ok {
		return data, nil
	}
	var data []byte
	if s.fsys != nil {
		data, err = readInside(s.fsys, s.dir, clean)
	} else {
		data, err = s.mapInside(clean)
	}
	if err != nil {
		return nil, fmt.Errorf("external data %q: %w", location, err)
	}
	if s.files == nil {
		s.files = make(map[string][]byte)
	}
	s.files[clean] = data
	return data, nil
}

// cleanLocation checks the form of a location, which the standard wants
// relative, with forward slashes, and without "..".
func cleanLocation(location string) (string, error) {
	switch {
	case location == "":
		return "", errors.New("external data has no location")
	case strings.ContainsAny(location, "\\\x00"):
		return "", fmt.Errorf("external data %q: wanted a path with forward slashes", location)
	case path.IsAbs(location), filepath.IsAbs(filepath.FromSlash(location)):
		return "", fmt.Errorf("external data %q: absolute paths are refused, wanted one inside the model's folder", location)
	}
	for part := range strings.SplitSeq(location, "/") {
		if part == ".." {
			return "", fmt.Errorf("external data %q: %q is refused, wanted a path inside the model's folder", location, part)
		}
	}
	clean := path.Clean(location)
	if !filepath.IsLocal(filepath.FromSlash(clean)) {
		return "", fmt.Errorf("external data %q: wanted a path inside the model's folder", location)
	}
	return clean, nil
}

// mapInside maps a file below s.dir. [os.Root] refuses every symbolic link
// that leads out, whoever puts it there and when.
func (s *source) mapInside(clean string) ([]byte, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.FromSlash(clean)
	// look before opening: to open a pipe or device would block or worse
	info, err := root.Stat(name)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, notRegular(info.Mode())
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	data, unmap, err := load(f)
	if err != nil {
		return nil, err
	}
	if unmap != nil {
		s.unmaps = append(s.unmaps, unmap)
	}
	return data, nil
}

// readInside reads a file of fsys below dir. What a symbolic link in there
// leads to cannot be known, so that links are refused.
func readInside(fsys fs.FS, dir, clean string) ([]byte, error) {
	name := dir
	for part := range strings.SplitSeq(clean, "/") {
		name = path.Join(name, part)
		info, err := fs.Lstat(fsys, name)
		if err != nil {
			return nil, bare(err)
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil, fmt.Errorf("%s is a symbolic link, wanted a file", name)
		}
		if name == path.Join(dir, clean) && !info.Mode().IsRegular() {
			return nil, notRegular(info.Mode())
		}
	}
	data, err := fs.ReadFile(fsys, name)
	return data, bare(err)
}

// load gives the content of f, mapped where it is large, and how to unmap it.
func load(f *os.File) (data []byte, unmap func() error, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, nil, notRegular(info.Mode())
	}
	if info.Size() != int64(int(info.Size())) {
		return nil, nil, fmt.Errorf("%d bytes do not fit in memory", info.Size())
	}
	if info.Size() >= mapFrom {
		if data, err = mapFile(f, int(info.Size())); err == nil {
			return data, func() error { return unmapFile(data) }, nil
		}
		// not every file system can be mapped: read instead
	}
	data = make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, fmt.Errorf("file of %d bytes: %w", len(data), bare(err))
	}
	return data, nil, nil
}

func notRegular(m fs.FileMode) error {
	what := "a " + m.Type().String()
	switch {
	case m.IsDir():
		what = "a folder"
	case m&fs.ModeNamedPipe != 0:
		what = "a pipe"
	case m&fs.ModeDevice != 0:
		what = "a device"
	case m&fs.ModeSocket != 0:
		what = "a socket"
	}
	return fmt.Errorf("is %s, wanted a file", what)
}

// bare takes operation and path off an error, for messages that name them.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
