package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
)

// damaged is a model with most of what a file can have.
const damaged = `<ir_version: 8, opset_import: ["": 13]>
net (float[n,4] x, float[4,3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}) => (float[n,3] y, int64[2] s)
<int64[2] shape = {-1, 3}, float[3] b = {1, 2, 3}>
{
   m = Gemm<alpha = 2.0>(x, w, b)
   r = Reshape(m, shape)
   go = Constant<value = bool {1}>()
   y = If<then_branch = t () => (float[n,3] a) { a = Relu(r) }, else_branch = e () => (float[n,3] a) { a = Neg(r) }>(go)
   s = Shape(y)
}`

// TestDamagedModels flips each bit of a model, and cuts it at each byte: every
// command must end, with code 0 or 1, and say at most one line why.
func TestDamagedModels(t *testing.T) {
	m, err := onnxtext.Parse(damaged)
	if err != nil {
		t.Fatal(err)
	}
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	input := filepath.Join(dir, "x.json")
	if err := os.WriteFile(input, []byte("[[1, 2, 3, 4]]"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "model.onnx")
	try := func(what string, data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"inspect", path, "--json"},
			{"run", path, "--input", "x=" + input, "--json"},
		} {
			var out, errs bytes.Buffer
			code := Run(t.Context(), args, Streams{Out: &out, Err: &errs})
			said := errs.String()
			switch {
			case code != exitFine && code != exitFailed:
				t.Errorf("%s, %s: code %d: %s", what, args[0], code, said)
			case code == exitFailed && (strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "infer: ") || strings.Contains(said, "panic")):
				t.Errorf("%s, %s: said %q, want one line", what, args[0], said)
			case code == exitFine && said != "":
				t.Errorf("%s, %s: said %q, want nothing", what, args[0], said)
			}
		}
	}
	try("whole", data)
	step := 1
	if testing.Short() {
		step = 17
	}
	for i := 0; i < 8*len(data); i += step {
		flipped := bytes.Clone(data)
		flipped[i/8] ^= 1 << (i % 8)
		try(fmt.Sprintf("bit %d of byte %d flipped", i%8, i/8), flipped)
	}
	for i := range len(data) {
		try(fmt.Sprintf("cut to %d bytes", i), data[:i])
	}
}
