package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ort"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"infer": main})
}

// TestScripts runs the command line as a user does: testdata/script has a
// script for each theme. Beside the usual commands there are those of commands,
// and the conditions of condition.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Cmds:                commands(),
		Condition:           condition,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			shared, err := sharedFolder()
			env.Setenv("SHARED", shared)
			env.Setenv(ort.LibraryEnv, os.Getenv(ort.LibraryEnv))
			return err
		},
	})
}

// sharedFolder is $INFER_SHARED, else the folder shared beside the module.
func sharedFolder() (string, error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	switch base := os.Getenv("INFER_SHARED"); {
	case base == "":
		return filepath.Join(filepath.Dir(root), "shared"), nil
	case filepath.IsAbs(base):
		return base, nil
	default:
		return filepath.Join(root, base), nil
	}
}

// condition knows [ort], where ONNX Runtime can be used, and [shared], where the
// shared folder is.
func condition(name string) (bool, error) {
	switch name {
	case "ort":
		return ort.New().Available() == nil, nil
	case "shared":
		dir, err := sharedFolder()
		if err != nil {
			return false, err
		}
		_, err = os.Stat(filepath.Join(dir, "models"))
		return err == nil, nil
	}
	return false, errors.New("unknown condition " + name)
}

func commands() map[string]func(ts *testscript.TestScript, neg bool, args []string) {
	return map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"fails":    fails,
		"model":    model,
		"external": external,
		"cut":      cut,
		"value":    value,
		"picture":  picture,
	}
}

// fails: "fails CODE ARG..." runs infer with the arguments, which must end with
// that code, print nothing, and say why in one line.
func fails(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: fails CODE ARG...")
	}
	err := ts.Exec("infer", args[1:]...)
	exit := new(exec.ExitError)
	if !errors.As(err, &exit) {
		ts.Fatalf("infer ended with %v, want code %s", err, args[0])
	}
	if got := strconv.Itoa(exit.ExitCode()); got != args[0] {
		ts.Fatalf("infer ended with code %s, want %s", got, args[0])
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("infer printed %q", out)
	}
	message := ts.ReadFile("stderr")
	if !strings.HasPrefix(message, "infer: ") || strings.Count(message, "\n") != 1 || !strings.HasSuffix(message, "\n") {
		ts.Fatalf("infer said %q, want one line that starts with infer:", message)
	}
}

// model: "model TEXT FILE" writes the graph of a text file as a model.
func model(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: model TEXT FILE")
	}
	m, err := onnxtext.Parse(ts.ReadFile(args[0]))
	ts.Check(err)
	data, err := m.Marshal()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// external: "external FILE LOCATION" says that the model's first initializer is
// in another file.
func external(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: external FILE LOCATION")
	}
	m, err := onnx.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	t := m.Graph.Initializers[0]
	m.Graph.Initializers[0] = &onnx.Tensor{
		Name: t.Name, DType: t.DType, Dims: t.Dims, Location: 1,
		External: []onnx.StringPair{{Key: "location", Value: args[1]}},
	}
	data, err := m.Marshal()
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}

// cut: "cut FILE BYTES" keeps the first bytes of a file, or all but the last
// where BYTES is negative.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE BYTES")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	data := ts.ReadFile(args[0])
	if n < 0 {
		n += len(data)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(data[:n]), 0o600))
}

// value: "value FILE NUMBER..." writes a float32 vector as a TensorProto.
func value(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: value FILE NUMBER...")
	}
	var list []float32
	for _, arg := range args[1:] {
		v, err := strconv.ParseFloat(arg, 32)
		ts.Check(err)
		list = append(list, float32(v))
	}
	data, err := onnx.MarshalValue(tensor.Vector(list...))
	ts.Check(err)
	path := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
	ts.Check(os.WriteFile(path, data, 0o600))
}

// cmyk is a JPEG file of 8×8 pixels in four inks.
const cmyk = "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB" +
	"AQEBAQEBAQEBAQEBAQEBAQEBAQEB/8AAFAgACAAIBAERAAIRAAMRAAQRAP/EADEAAAAADAAAAAAAAAAAAAAAAAAB" +
	"AgMEBQYHCAkKCxABAAAAAAAAAAAAAAAAAAAAAP/aAA4EAQACAAMABAAAPwCpAQPqY9X8P//Z"

// picture: "picture FILE KIND" writes a picture: grey16, of 16 bits; wide, of
// 30,000 pixels in a row; endless, which claims to have 30,000 such rows; cmyk, of
// four inks.
func picture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: picture FILE KIND")
	}
	var img image.Image
	switch args[1] {
	case "grey16":
		img = image.NewGray16(image.Rect(0, 0, 40, 30))
	case "wide", "endless":
		img = image.NewGray(image.Rect(0, 0, 30000, 2))
	}
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	if args[1] == "cmyk" {
		data, err := base64.StdEncoding.DecodeString(cmyk)
		ts.Check(err)
		_, err = f.Write(data)
		ts.Check(err)
		return
	}
	ts.Check(png.Encode(f, img))
	if args[1] == "endless" { // the height is in bytes 20 to 23, the header's checksum in 29 to 32
		header := binary.BigEndian.AppendUint32([]byte("IHDR\x00\x00\x75\x30"), 30000)
		header = append(header, 8, 0, 0, 0, 0)
		_, err = f.WriteAt(binary.BigEndian.AppendUint32(header, crc32.ChecksumIEEE(header)), 12)
		ts.Check(err)
	}
}
