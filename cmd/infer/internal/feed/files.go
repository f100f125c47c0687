package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/internal/atomicfile"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
	"github.com/seed6700ada1/infer/runtime/tensor/npy"
)

// Formats lists the formats that [Write] knows, by the ending of their files.
func Formats() []string { return []string{"npy", "npz", "pb", "json"} }

// archiveName is the file that the format npz puts all outputs into.
const archiveName = "outputs.npz"

// Read reads a value from a file, whose format its ending tells: .npy, a .npz
// of one array, .pb (a TensorProto, SequenceProto or OptionalProto, as typ
// says), or .json (nested arrays).
func Read(path string, typ *onnx.Type) (tensor.Value, error) {
	ext := strings.ToLower(filepath.Ext(path))
	if ext == ".npz" {
		entries, err := openArchive(path)
		if err != nil {
			return nil, err
		}
		if len(entries) != 1 {
			return nil, fmt.Errorf("%s has %d arrays: give the file without NAME= to take them by their names", path, len(entries))
		}
		return entries[0].Tensor, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var v tensor.Value
	switch ext {
	case ".npy":
		d := tensor.Undefined
		if typ != nil && typ.Kind == onnx.TypeTensor {
			d = typ.DType
		}
		v, err = readNPY(data, d)
	case ".pb":
		v, err = onnx.ParseValue(data, typ)
	case ".json":
		v, err = readJSON(data, typ)
	default:
		return nil, fmt.Errorf("%s: expected a file that ends in .npy, .npz, .pb or .json, or the word %s", path, random)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// readNPY reads one array. What the model wants is needed only for raw bytes,
// and must not hide that the array is of another type.
func readNPY(data []byte, d tensor.DType) (tensor.Value, error) {
	t, err := npy.Read(bytes.NewReader(data))
	if err == nil && (t.DType() == d || d == tensor.Undefined) {
		return t, nil
	}
	if as, asErr := npy.ReadAs(bytes.NewReader(data), d); asErr == nil {
		return as, nil
	}
	return t, err
}

// readArchive adds the arrays of a .npz file by their names.
func readArchive(values map[string]tensor.Value, path string, specs []runtime.ValueSpec) error {
	if strings.ToLower(filepath.Ext(path)) != ".npz" {
		return fmt.Errorf("input %q: expected NAME=FILE, NAME=%s, or a FILE.npz", path, random)
	}
	entries, err := openArchive(path)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if _, err := find(specs, e.Name); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if values[e.Name] != nil {
			return fmt.Errorf("input %q is given twice", e.Name)
		}
		values[e.Name] = e.Tensor
	}
	return nil
}

func openArchive(path string) ([]npy.Entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	entries, err := npy.ReadArchive(f, info.Size(), 0)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return entries, nil
}

// Write writes values to the folder dir, a file each that is called by the
// value's name, and returns the files by the names. All values are encoded
// before the first file is written, so that one that cannot be leaves nothing
// behind.
func Write(dir, format string, names []string, values map[string]tensor.Value) (map[string]string, error) {
	files := map[string]string{}
	if format == "npz" {
		data, err := archive(names, values)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(dir, archiveName)
		for _, name := range names {
			files[name] = path
		}
		return files, atomicfile.WriteBytes(path, data)
	}
	encoded := make([][]byte, len(names))
	for i, name := range names {
		var err error
		if encoded[i], err = encode(format, values[name]); err != nil {
			return nil, fmt.Errorf("output %q: %w", name, err)
		}
	}
	taken := map[string]bool{}
	for i, name := range names {
		path := filepath.Join(dir, fileName(name, taken)+"."+format)
		if err := atomicfile.WriteBytes(path, encoded[i]); err != nil {
			return nil, err
		}
		files[name] = path
	}
	return files, nil
}

func encode(format string, v tensor.Value) ([]byte, error) {
	switch format {
	case "npy":
		t, ok := v.(*tensor.Tensor)
		if !ok {
			return nil, fmt.Errorf("a %v cannot be written as npy: choose the format pb or json", v.Kind())
		}
		var b bytes.Buffer
		err := npy.Write(&b, t)
		return b.Bytes(), err
	case "pb":
		return onnx.MarshalValue(v)
	case "json":
		tree, err := toJSON(v)
		if err != nil {
			return nil, err
		}
		data, err := json.Marshal(tree)
		return append(data, '\n'), err
	}
	return nil, fmt.Errorf("there is no format %q", format)
}

func archive(names []string, values map[string]tensor.Value) ([]byte, error) {
	var entries []npy.Entry
	for _, name := range names {
		t, ok := values[name].(*tensor.Tensor)
		if !ok {
			return nil, fmt.Errorf("output %q: a %v cannot be written as npz: choose the format pb or json", name, values[name].Kind())
		}
		entries = append(entries, npy.Entry{Name: name, Tensor: t})
	}
	var b bytes.Buffer
	err := npy.WriteArchive(&b, entries, false)
	return b.Bytes(), err
}

// fileName makes a file's name, without ending, of a value's, which comes from
// the model and may be any text: nothing in it can leave the folder or hide the
// file. taken are the names that are used already, to which it is added.
func fileName(name string, taken map[string]bool) string {
	const longest = 100 // of the 255 bytes that file systems allow
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		}
		return '_'
	}, name)
	safe = safe[:min(len(safe), longest)]
	if safe == "" || safe[0] == '.' || safe[0] == '-' {
		safe = "_" + safe
	}
	unique := safe
	// file systems may take upper and lower case for the same
	for i := 2; taken[strings.ToLower(unique)]; i++ {
		unique = safe + "-" + strconv.Itoa(i)
	}
	taken[strings.ToLower(unique)] = true
	return unique
}

// Describe is the type of a value for people, such as "float32[1,3]".
func Describe(v tensor.Value) string {
	switch v := v.(type) {
	case *tensor.Tensor:
		return v.String()
	case *tensor.Sequence:
		list := make([]string, len(v.Items))
		for i, item := range v.Items {
			list[i] = Describe(item)
		}
		return "seq(" + strings.Join(list, ", ") + ")"
	case *tensor.Optional:
		if v.Value == nil {
			return "optional()"
		}
		return "optional(" + Describe(v.Value) + ")"
	case *tensor.Map:
		return "map(" + v.Keys.String() + ", " + Describe(v.Values) + ")"
	}
	return "nothing"
}
