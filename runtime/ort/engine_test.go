package ort

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
)

func TestPlaces(t *testing.T) {
	t.Setenv(LibraryEnv, "")
	if got := New(WithLibrary("/a/lib.so")).places(); len(got) != 1 || got[0].path != "/a/lib.so" {
		t.Errorf("places = %v, want the one that the option names", got)
	}
	if got := New().places(); len(got) < 3 {
		t.Errorf("places = %v, want the usual ones of the system", got)
	}
	t.Setenv(LibraryEnv, "/b/lib.so")
	if got := New().places(); len(got) != 1 || got[0].path != "/b/lib.so" {
		t.Errorf("places = %v, want the one that %s names", got, LibraryEnv)
	}
}

func TestNotFoundNamesEveryPlace(t *testing.T) {
	dir := t.TempDir()
	places := []place{{filepath.Join(dir, "absent.so"), LibraryEnv}, {dir, ""}}
	reasons := make([]error, len(places))
	for i, p := range places {
		if reasons[i] = p.exists(); reasons[i] == nil {
			t.Errorf("exists(%q) = nil, want a reason", p.path)
		}
	}
	err := notFound(places, reasons)
	for _, part := range []string{"absent.so", dir, LibraryEnv, "make ort", minimumVersion, "not there", "folder"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error %q does not mention %q", err, part)
		}
	}
}

func TestExistsLeavesBareNamesToTheLinker(t *testing.T) {
	file := filepath.Join(t.TempDir(), "lib.so")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, "libonnxruntime.so"} {
		if err := (place{path: path}).exists(); err != nil {
			t.Errorf("exists(%q) = %v, want nil", path, err)
		}
	}
}

func TestDiagnose(t *testing.T) {
	m := parse(t, `<ir_version: 8, opset_import: ["": 13, "com.example": 1]>
g (float[2] x) => (float[2] z) { [first] y = com.example.Foo(x) [second] z = com.example.Foo(y) }`)
	tests := []struct{ message, says string }{
		{"Error creating C session: Fatal error: com.example:Foo(-1) is not a registered function/op", `com.example.Foo (opset 1) at "first", "second"`},
		{"Could not find an implementation for Foo(1) node with name 'second'", `at "second"`},
		{"No Op registered for Foo with domain_version of 1", "com.example.Foo"},
		{"Load failed: Unsupported model IR version: 99, max supported IR version: 13", "IR version 99"},
		{"ONNX Runtime only *guarantees* support for models stamped with official released onnx opset versions. Opset 99 is under development and support for this is limited. The operator schemas and or other functionality may change before next ONNX release and in this case ONNX Runtime will not guarantee backward compatibility. Current official support for domain ai.onnx is till opset 26.", "opset 99"},
	}
	for _, tt := range tests {
		err := diagnose(m, errors.New(tt.message))
		if unsupported := new(runtime.UnsupportedError); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("diagnose(%.40q…) = %v, want an UnsupportedError that says %q", tt.message, err, tt.says)
		}
	}
	if err := diagnose(m, errors.New("something\nelse")); err.Error() != "ort: something else" {
		t.Errorf("diagnose of another message = %q, want it on one line", err)
	}
}
