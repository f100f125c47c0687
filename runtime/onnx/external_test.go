package onnx

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"testing/fstest"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// externalTensor is a float32 vector of n elements in another file.
func externalTensor(n int64, pairs ...string) *Tensor {
	t := &Tensor{Name: "w", DType: tensor.Float32, Dims: []int64{n}, Location: 1}
	for i := 0; i < len(pairs); i += 2 {
		t.External = append(t.External, StringPair{Key: pairs[i], Value: pairs[i+1]})
	}
	return t
}

// weights is a file of the float32 numbers 0, 1, 2, 3.
var weights = tensor.Vector[float32](0, 1, 2, 3).Bytes()

func TestExternalData(t *testing.T) {
	outside := t.TempDir()
	dir := filepath.Join(outside, "model")
	write := func(rel string) {
		path := filepath.Join(outside, rel)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, weights, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("secret")
	write("model/w.data")
	write("model/sub/w.data")
	link := func(to, from string) {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	link("../secret", "escape")
	link("..", "up")
	link("w.data", "inside")
	link(filepath.Join(outside, "secret"), "absolute")

	tests := []struct {
		name  string
		n     int64
		pairs []string
		first float32
		want  []string // parts of the error; none where it must work
	}{
		{"whole", 4, []string{"location", "w.data"}, 0, nil},
		{"dotted", 4, []string{"location", "./sub//w.data"}, 0, nil},
		{"part", 2, []string{"location", "w.data", "offset", "8", "length", "8"}, 2, nil},
		{"no length", 2, []string{"location", "w.data", "offset", "4", "checksum", "x"}, 1, nil},
		{"unaligned", 1, []string{"location", "w.data", "offset", "3"}, 0, nil},
		{"link inside", 4, []string{"location", "inside"}, 0, nil},
		{"link out", 4, []string{"location", "escape"}, 0, []string{`"escape"`, "escapes"}},
		{"linked folder out", 4, []string{"location", "up/secret"}, 0, []string{"escapes"}},
		{"absolute link out", 4, []string{"location", "absolute"}, 0, []string{"escapes"}},
		{"dots", 4, []string{"location", "../secret"}, 0, []string{`"../secret"`, "inside the model's folder"}},
		{"dots inside", 4, []string{"location", "sub/../w.data"}, 0, []string{`".." is refused`}},
		{"absolute", 4, []string{"location", filepath.ToSlash(filepath.Join(outside, "secret"))}, 0, []string{"absolute"}},
		{"backslash", 4, []string{"location", `..\secret`}, 0, []string{"forward slashes"}},
		{"nul", 4, []string{"location", "w\x00"}, 0, []string{"forward slashes"}},
		{"none", 4, nil, 0, []string{"no location"}},
		{"absent", 4, []string{"location", "other"}, 0, []string{`"other"`, "no such file"}},
		{"folder", 4, []string{"location", "sub"}, 0, []string{"is a folder"}},
		{"the folder", 4, []string{"location", "."}, 0, []string{"is a folder"}},
		{"offset beyond", 1, []string{"location", "w.data", "offset", "17"}, 0, []string{"bytes 17", "the file has 16"}},
		{"length beyond", 4, []string{"location", "w.data", "offset", "4", "length", "16"}, 0, []string{"4+16", "the file has 16"}},
		{"overflow", 4, []string{"location", "w.data", "offset", "9223372036854775807", "length", "9223372036854775807"}, 0, []string{"the file has 16"}},
		{"negative offset", 1, []string{"location", "w.data", "offset", "-4"}, 0, []string{"-4"}},
		{"negative length", 1, []string{"location", "w.data", "length", "-4"}, 0, []string{`length is "-4"`}},
		{"no number", 1, []string{"location", "w.data", "offset", "0x4"}, 0, []string{`offset is "0x4"`}},
		{"wrong length", 4, []string{"location", "w.data", "length", "8"}, 0, []string{"needs 16 bytes, found 8"}},
		{"huge", 1 << 58, []string{"location", "w.data"}, 0, []string{"do not fit in memory"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, "m.onnx")
			if err := os.WriteFile(path, mustMarshal(t, reluModel(externalTensor(tt.n, tt.pairs...))), 0o600); err != nil {
				t.Fatal(err)
			}
			m, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			v, err := m.Graph.Initializers[0].Value()
			if tt.want != nil {
				wantError(t, err, append(tt.want, `onnx: tensor "w"`)...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := tensor.Data[float32](v)
			if err != nil {
				t.Fatal(err)
			}
			if tt.name != "unaligned" && got[0] != tt.first {
				t.Errorf("first weight is %v, wanted %v", got[0], tt.first)
			}
		})
	}
}

func TestExternalPipeIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no device files here")
	}
	// the folder is one of devices: to open some of them would block
	tt, err := ReadTensor(mustTensor(t, externalTensor(1, "location", "null")), ExternalDir("/dev"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = tt.Value()
	wantError(t, err, "is a device, wanted a file")
}

func mustTensor(t *testing.T, tt *Tensor) []byte {
	t.Helper()
	data, err := tt.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestExternalNeedsFolder(t *testing.T) {
	data := mustMarshal(t, reluModel(externalTensor(4, "location", "w.data")))
	m, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = m.Graph.Initializers[0].Value()
	wantError(t, err, `"w.data"`, "not read from a folder", "ExternalDir")

	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.data"), weights, 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err = Parse(data, ExternalDir(dir)); err != nil {
		t.Fatal(err)
	}
	if _, err = m.Graph.Initializers[0].Value(); err != nil {
		t.Error(err)
	}
}

func TestExternalInFS(t *testing.T) {
	data := mustMarshal(t, reluModel(externalTensor(4, "location", "w.data")))
	fsys := fstest.MapFS{
		"a/m.onnx": {Data: data}, "a/w.data": {Data: weights},
		"b/m.onnx": {Data: data}, "b/w.data": {Data: []byte("../a/w.data"), Mode: os.ModeSymlink},
		"c/m.onnx": {Data: data}, "c/w.data/x": {},
		"m.onnx": {Data: data}, "w.data": {Data: weights},
	}
	for name, want := range map[string]string{
		"a/m.onnx": "", "m.onnx": "", "b/m.onnx": "b/w.data is a symbolic link", "c/m.onnx": "is a folder",
	} {
		m, err := ReadFS(fsys, name)
		if err != nil {
			t.Fatal(err)
		}
		_, err = m.Graph.Initializers[0].Value()
		switch {
		case want != "":
			wantError(t, err, want)
		case err != nil:
			t.Errorf("%s: %v", name, err)
		}
	}
	m, err := Parse(data, ExternalFS(fsys, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Graph.Initializers[0].Value(); err != nil {
		t.Error(err)
	}
}

func TestExternalFilesAreShared(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.data"), weights, 0o600); err != nil {
		t.Fatal(err)
	}
	m := reluModel(externalTensor(4, "location", "w.data"))
	m.Graph.Initializers = append(m.Graph.Initializers, externalTensor(4, "location", "./w.data"))
	m, err := Parse(mustMarshal(t, m), ExternalDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	a, err := m.Graph.Initializers[0].Value()
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.Graph.Initializers[1].Value()
	if err != nil {
		t.Fatal(err)
	}
	if &a.Bytes()[0] != &b.Bytes()[0] {
		t.Error("two tensors of one file do not share its memory")
	}
}

func TestExternalFromSeveralGoroutines(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.data"), weights, 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Parse(mustMarshal(t, reluModel(externalTensor(4, "location", "w.data"))), ExternalDir(dir))
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error)
	for range 16 {
		go func() {
			v, err := m.Graph.Initializers[0].Value()
			if err == nil && !tensor.Equal(v, tensor.Vector[float32](0, 1, 2, 3)) {
				err = fmt.Errorf("read %v", v)
			}
			errs <- err
		}()
	}
	for range 16 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}
