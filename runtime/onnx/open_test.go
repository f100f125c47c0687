package onnx

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// reluModel is y = Relu(x + w) with the weights w.
func reluModel(w *Tensor) *Model {
	shape := TensorOf(tensor.Float32, Symbol("N"))
	return &Model{
		IRVersion: 8,
		Opsets:    []OpsetID{{Version: 17}},
		Graph: &Graph{
			Name: "g",
			Nodes: []*Node{
				{Name: "add", OpType: "Add", Inputs: []string{"x", w.Name}, Outputs: []string{"s"}},
				{Name: "relu", OpType: "Relu", Inputs: []string{"s"}, Outputs: []string{"y"}},
			},
			Initializers: []*Tensor{w},
			Inputs:       []*ValueInfo{{Name: "x", Type: shape}},
			Outputs:      []*ValueInfo{{Name: "y", Type: shape}},
		},
	}
}

func mustMarshal(t *testing.T, m *Model) []byte {
	t.Helper()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wantError checks that err is one line with every part in it.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, wanted one with %q", parts)
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error is more than a line: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

func nested(num protowire.Number, inner []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), inner)
}

func TestParseErrors(t *testing.T) {
	whole := mustMarshal(t, reluModel(NewTensor("w", tensor.Vector[float32](1, 2, 3))))
	deep := []byte{}
	for range 100 { // node → attribute → graph
		deep = nested(1, nested(5, nested(6, deep)))
	}
	deep = nested(7, deep)
	tests := []struct {
		name string
		data []byte
		want []string
	}{
		{"empty", nil, []string{"empty"}},
		{"text", []byte("# Read me\n\nThis is a text."), []string{"not an ONNX model", "looks like text", "Read me"}},
		{"lfs", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), []string{"Git LFS pointer"}},
		{"zip", []byte("PK\x03\x04\x14\x00\x00\x00"), []string{"zip archive"}},
		{"gzip", []byte("\x1f\x8b\x08\x00"), []string{"gzip"}},
		{"truncated", whole[:len(whole)-10], []string{"byte ", "claims", "are left"}},
		{"no graph", []byte{0x08, 0x08}, []string{"no graph"}},
		{"path", nested(7, nested(1, nested(5, []byte{0x50, 1}))), []string{"graph.node[0].attribute[0].tensors at byte 6: wanted a length-delimited field, found a varint"}},
		{"packed", nested(7, nested(5, nested(4, []byte{1, 2, 3}))), []string{"graph.initializer[0].float_data at byte 6", "3 bytes", "multiple of 4"}},
		{"varint", nested(7, nested(5, nested(7, []byte{0xff}))), []string{"int64_data at byte 6", "end of the data"}},
		{"field zero", []byte{0x00, 0x00}, []string{"byte 0", "field tag"}},
		{"deep", deep, []string{"nest deeper than 200"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse(tt.data)
			wantError(t, err, append(tt.want, "onnx: ")...)
			path := filepath.Join(t.TempDir(), "m.onnx")
			if err := os.WriteFile(path, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err = Open(path)
			wantError(t, err, append(tt.want, path)...)
			_, err = ReadFS(fstest.MapFS{"d/m.onnx": {Data: tt.data}}, "d/m.onnx")
			wantError(t, err, append(tt.want, "d/m.onnx")...)
		})
	}
}

func TestOpenNoFile(t *testing.T) {
	dir := t.TempDir()
	_, err := Open(filepath.Join(dir, "absent.onnx"))
	wantError(t, err, "absent.onnx", "no such file")
	_, err = Open(dir)
	wantError(t, err, dir, "is a folder, wanted a file")
	_, err = ReadFS(fstest.MapFS{}, "absent.onnx")
	wantError(t, err, "absent.onnx", "not exist")
	_, err = OpenTensor(filepath.Join(dir, "absent.pb"))
	wantError(t, err, "absent.pb", "no such file")
}

// TestDamagedAnywhere cuts a model at every byte: an error or, where a field
// ends there, a shorter model; and flips every bit: no panic.
func TestDamagedAnywhere(t *testing.T) {
	whole := mustMarshal(t, filledModel())
	step := max(len(whole)/500, 1)
	failed := 0
	for i := 0; i < len(whole); i += step {
		if _, err := Parse(whole[:i]); err != nil {
			failed++
		}
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1 << (i % 8)
		if m, err := Parse(flipped); err == nil {
			_ = Check(m) // may well fail: it must only not panic
		}
	}
	if failed < len(whole)/step*9/10 {
		t.Errorf("only %d of %d cuts were noticed", failed, len(whole)/step)
	}
}

// TestRepeatedMessageMerges: a message field that occurs twice is one message,
// whose lists are joined and whose last scalars count.
func TestRepeatedMessageMerges(t *testing.T) {
	a := nested(7, append(nested(2, []byte("old")), nested(1, nested(4, []byte("Relu")))...))
	b := nested(7, append(nested(2, []byte("new")), nested(1, nested(4, []byte("Tanh")))...))
	m, err := Parse(append(a, b...))
	if err != nil {
		t.Fatal(err)
	}
	if m.Graph.Name != "new" || len(m.Graph.Nodes) != 2 || m.Graph.Nodes[1].OpType != "Tanh" {
		t.Errorf("merged graph is %q with %d nodes", m.Graph.Name, len(m.Graph.Nodes))
	}
}

func TestPackedAndUnpackedLists(t *testing.T) {
	unpacked := protowire.AppendFixed32(protowire.AppendTag(nil, 4, protowire.Fixed32Type), 0x3f800000)
	packed := nested(4, protowire.AppendFixed32(nil, 0x40000000))
	dims := append(nested(1, []byte{2, 1}), 0x08, 1) // packed 2, 1, then 1
	tt, err := ReadTensor(append(append(append([]byte{0x10, 1}, dims...), unpacked...), packed...))
	if err != nil {
		t.Fatal(err)
	}
	v, err := tt.Value()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensor.Data[float32](v)
	if err != nil {
		t.Fatal(err)
	}
	if v.String() != "float32[2,1,1]" || got[0] != 1 || got[1] != 2 {
		t.Errorf("read %v %v", v, got)
	}
}

func TestOpenMapsLargeFiles(t *testing.T) {
	w := make([]float32, mapFrom/4)
	w[5] = 42
	path := filepath.Join(t.TempDir(), "large.onnx")
	if err := Save(path, reluModel(NewTensor("w", tensor.Vector(w...))), SaveOptions{}); err != nil {
		t.Fatal(err)
	}
	m, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	v, err := m.Graph.Initializers[0].Value()
	if err != nil {
		t.Fatal(err)
	}
	got, err := tensor.Data[float32](v)
	if err != nil {
		t.Fatal(err)
	}
	if got[5] != 42 {
		t.Errorf("w[5] = %v, wanted 42", got[5])
	}
	clone := m.Clone()
	for range 2 { // closing again is harmless
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err = m.Graph.Initializers[0].Value()
	wantError(t, err, `tensor "w"`, "closed")
	_, err = clone.Marshal()
	wantError(t, err, "closed")
}

func TestOpenTensor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.pb")
	data := mustTensor(t, NewTensor("t", tensor.Vector[int64](3, -4)))
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	tt, err := OpenTensor(path)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := tt.Value(); err != nil || !tensor.Equal(v, tensor.Vector[int64](3, -4)) {
		t.Errorf("value is %v (%v)", v, err)
	}
	if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = OpenTensor(path)
	wantError(t, err, path, "tensor: byte ", "claims 16 bytes, 15 are left")
	_, err = ReadTensor([]byte("no tensor at all"))
	wantError(t, err, "onnx: tensor: ", "looks like text")
}

func TestOpsets(t *testing.T) {
	m := &Model{Opsets: []OpsetID{{Domain: "ai.onnx", Version: 21}, {Domain: "ai.onnx.ml", Version: 3}}}
	f := &Function{Opsets: []OpsetID{{Version: 18}}}
	for domain, want := range map[string]int{"": 21, "ai.onnx": 21, "ai.onnx.ml": 3, "other": 0} {
		if got := m.Opset(domain); got != want {
			t.Errorf("opset of %q is %d, wanted %d", domain, got, want)
		}
	}
	if f.Opset("ai.onnx") != 18 {
		t.Errorf("opset of the function is %d", f.Opset("ai.onnx"))
	}
}

func TestTypesAsText(t *testing.T) {
	tests := map[string]*Type{
		"unknown":                    nil,
		"float32[N,3,?]":             TensorOf(tensor.Float32, Symbol("N"), Known(3), UnknownDim()),
		"int64[]":                    TensorOf(tensor.Int64),
		"int64[…]":                   {Kind: TypeTensor, DType: tensor.Int64},
		"sparse(int8[2])":            {Kind: TypeSparseTensor, DType: tensor.Int8, Shape: &Shape{Dims: []Dim{Known(2)}}},
		"optional(seq(bool[]))":      {Kind: TypeOptional, Elem: &Type{Kind: TypeSequence, Elem: TensorOf(tensor.Bool)}},
		"map(string,float32[])":      {Kind: TypeMap, DType: tensor.String, Elem: TensorOf(tensor.Float32)},
		"seq(map(int64,float32[…]))": {Kind: TypeSequence, Elem: &Type{Kind: TypeMap, DType: tensor.Int64, Elem: &Type{Kind: TypeTensor, DType: tensor.Float32}}},
		"opaque":                     {Kind: TypeOpaque},
	}
	for want, typ := range tests {
		if got := typ.String(); got != want {
			t.Errorf("type is written %q, wanted %q", got, want)
		}
	}
}

// TestEmptyFieldsAreKept: what a file says though it is zero or empty comes out
// again, what it does not say does not.
func TestEmptyFieldsAreKept(t *testing.T) {
	attr := nested(5, append(nested(1, []byte("a")), 0x18, 0, 0xa0, 1, 2))                                  // i: 0, type: INT
	bare := nested(5, append(nested(1, []byte("b")), 0xa0, 1, 2))                                           // type: INT
	node := nested(1, append(append(nested(4, []byte("Op")), attr...), append(bare, nested(7, nil)...)...)) // domain: ""
	in := append([]byte{8, 0, 0x32, 0}, nested(7, append(node, nested(5, nested(8, nil))...))...)
	in = append(in, nested(8, []byte{16, 7})...) // no domain
	m, err := Parse(in)
	if err != nil {
		t.Fatal(err)
	}
	if out := mustMarshal(t, m); !bytes.Equal(in, out) {
		t.Errorf("% x came out as\n% x", in, out)
	}
	m.Graph.Nodes[0].Domain = "my"
	again, err := Parse(mustMarshal(t, m))
	if err != nil {
		t.Fatal(err)
	}
	if again.Graph.Nodes[0].Domain != "my" {
		t.Errorf("the new domain came out as %q", again.Graph.Nodes[0].Domain)
	}
}
