package npy

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestArchiveRoundTrip(t *testing.T) {
	entries := []Entry{
		{"x", tensor.Vector[float32](1, 2)},
		{"a/b.npy", tensor.Vector("s")},
		{"zeros", tensor.Vector(make([]int64, 10_000)...)},
	}
	for _, compress := range []bool{false, true} {
		var buf bytes.Buffer
		if err := WriteArchive(&buf, entries, compress); err != nil {
			t.Fatal(err)
		}
		if small := buf.Len() < 10_000; small != compress {
			t.Errorf("compress %t: archive has %d bytes", compress, buf.Len())
		}
		got, err := ReadArchive(bytes.NewReader(buf.Bytes()), int64(buf.Len()), 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(entries) {
			t.Fatalf("read %d arrays", len(got))
		}
		for i, e := range entries {
			if got[i].Name != e.Name || !tensor.Equal(got[i].Tensor, e.Tensor) {
				t.Errorf("array %q came back as %q, %v", e.Name, got[i].Name, got[i].Tensor)
			}
		}
	}
}

func TestWriteArchiveErrors(t *testing.T) {
	one := tensor.Scalar(int8(1))
	for _, entries := range [][]Entry{{{"", one}}, {{"a", one}, {"a", one}}, {{"a", nil}}} {
		if err := WriteArchive(new(bytes.Buffer), entries, false); err == nil {
			t.Errorf("%v: no error", entries)
		}
	}
}

// zipped is an archive of deflated files of the same content.
func zipped(t *testing.T, count int, content []byte) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := range count {
		w, err := z.Create(fmt.Sprintf("a%d.npy", i))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestReadArchiveErrors(t *testing.T) {
	zeros := array(dict("|u1", "False", "(1000000,)"), make([]byte, 1_000_000)...)
	strs := array(dict("|S1", "False", "(100000,)"), make([]byte, 100_000)...)
	flipped := zipped(t, 1, array(dict("|u1", "False", "(4,)"), 1, 2, 3, 4))
	flipped[bytes.Index(flipped, []byte{0x50, 0x4b, 1, 2})+16] ^= 1 // the checksum
	tests := []struct {
		name  string
		data  []byte
		limit int64
		want  string
	}{
		{"no zip", []byte("not a zip"), 0, "zip"},
		{"no array", zipped(t, 1, []byte("text of some length")), 0, `"a0.npy": not a .npy array`},
		{"bomb", zipped(t, 3, zeros), 2_500_000, `"a2.npy": array of shape [1000000] needs 1000000 bytes, more than the 500000 that are left`},
		{"string bomb", zipped(t, 1, strs), 1_000_000, "array of 100000 strings needs 1600000 bytes"},
		{"rest", zipped(t, 1, append(array(dict("|u1", "False", "(1,)"), 1), 2)), 0, "more data follows"},
		{"checksum", flipped, 0, "checksum"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadArchive(bytes.NewReader(tt.data), int64(len(tt.data)), tt.limit)
			if err == nil || !strings.HasPrefix(err.Error(), "npy: archive: ") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, wanted %q", err, tt.want)
			}
		})
	}
	if _, err := ReadArchive(bytes.NewReader(zipped(t, 300, zeros)), 1000, 0); err == nil {
		t.Error("a size that is wrong was taken")
	}
	bomb := zipped(t, 300, zeros) // 300 MB in some 300 kB
	_, err := ReadArchive(bytes.NewReader(bomb), int64(len(bomb)), 0)
	if err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("bomb without a limit of the caller's: %v", err)
	}
}
