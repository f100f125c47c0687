package npy

import (
	"bytes"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// FuzzNPY reads anything; what can be read is written and read again.
func FuzzNPY(f *testing.F) {
	for _, v := range everyType(f) {
		var buf bytes.Buffer
		if err := Write(&buf, v); err != nil {
			f.Fatal(err)
		}
		f.Add(buf.Bytes(), uint8(v.DType()))
	}
	f.Add(array(dict(">U2", "True", "(2, 1)"), make([]byte, 16)...), uint8(0))
	f.Fuzz(func(t *testing.T, data []byte, as uint8) {
		v, err := ReadAs(bytes.NewReader(data), tensor.DType(as))
		if err != nil {
			return
		}
		var buf bytes.Buffer
		if err := Write(&buf, v); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := ReadAs(&buf, v.DType())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !tensor.Equal(v, again) {
			t.Errorf("%v came back as %v", v, again)
		}
	})
}

// FuzzNPZ is [FuzzNPY] for archives.
func FuzzNPZ(f *testing.F) {
	for _, compress := range []bool{false, true} {
		var buf bytes.Buffer
		err := WriteArchive(&buf, []Entry{{"x", tensor.Vector[float32](1, 2)}, {"y", tensor.Vector("a")}}, compress)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(buf.Bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := ReadArchive(bytes.NewReader(data), int64(len(data)), 1<<26)
		if err != nil {
			return
		}
		for i := range entries { // names in an archive may repeat, and be empty
			entries[i].Name = string(rune('a' + i))
		}
		var buf bytes.Buffer
		if err := WriteArchive(&buf, entries, true); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := ReadArchive(bytes.NewReader(buf.Bytes()), int64(buf.Len()), 0)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		for i, e := range entries {
			if e.Name != again[i].Name || !tensor.Equal(e.Tensor, again[i].Tensor) {
				t.Errorf("array %q changed", e.Name)
			}
		}
	})
}
