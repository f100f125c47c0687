package ort

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"strings"
)

// LibraryEnv is the environment variable that names the ONNX Runtime library.
const LibraryEnv = "INFER_ORT_LIB"

// minimumVersion is the oldest ONNX Runtime whose interface the binding speaks.
const minimumVersion = "1.29"

// place is somewhere the library may be, and why it is looked for there.
type place struct {
	path string
	why  string
}

// places lists where to look. A path that was asked for is the only one: to
// load another library than the one that was named would be worse than to fail.
func (e *Engine) places() []place {
	if e.library != "" {
		return []place{{e.library, "the library option"}}
	}
	if path := os.Getenv(LibraryEnv); path != "" {
		return []place{{path, LibraryEnv}}
	}
	var list []place
	for _, name := range libraryNames() {
		for _, dir := range libraryDirs() {
			list = append(list, place{filepath.Join(dir, name), ""})
		}
		// without a folder the dynamic linker looks, in LD_LIBRARY_PATH too
		list = append(list, place{name, "the dynamic linker"})
	}
	return list
}

func libraryNames() []string {
	switch goruntime.GOOS {
	case "windows":
		return []string{"onnxruntime.dll"}
	case "darwin":
		return []string{"libonnxruntime.dylib"}
	default:
		return []string{"libonnxruntime.so", "libonnxruntime.so.1"}
	}
}

func libraryDirs() []string {
	var dirs []string
	if exe, err := os.Executable(); err == nil {
		dirs = append(dirs, filepath.Dir(exe))
	}
	switch goruntime.GOOS {
	case "windows":
		return dirs
	case "darwin":
		return append(dirs, "/opt/homebrew/lib", "/usr/local/lib")
	}
	multiarch := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[goruntime.GOARCH]
	dirs = append(dirs, "/usr/local/lib", "/usr/lib", "/usr/lib64", "/opt/onnxruntime/lib")
	if multiarch != "" {
		dirs = append(dirs, filepath.Join("/usr/lib", multiarch))
	}
	return dirs
}

// exists tells places that are worth loading from those that are not there. A
// bare name is the dynamic linker's to find.
func (p place) exists() error {
	if !strings.ContainsRune(p.path, filepath.Separator) {
		return nil
	}
	info, err := os.Stat(p.path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("not there")
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("is a folder, wanted the library itself")
	}
	return nil
}

// notFound is the error that names every place that was tried.
func notFound(tried []place, reasons []error) error {
	list := make([]string, len(tried))
	for i, p := range tried {
		list[i] = p.path
		if p.why != "" {
			list[i] += " (" + p.why + ")"
		}
		if reasons[i] != nil {
			list[i] += ": " + oneLine(reasons[i].Error())
		}
	}
	return fmt.Errorf("ort: no ONNX Runtime library (%s or newer) could be loaded; tried %s; `make ort` fetches one into .ort/, and %s names it",
		minimumVersion, strings.Join(list, ", "), LibraryEnv)
}
