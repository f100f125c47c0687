package npy

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// array is a file of version 1 with that dictionary and those elements.
func array(dict string, data ...byte) []byte {
	b := append([]byte(magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	return append(append(b, dict...), data...)
}

func dict(descr, order, shape string) string {
	return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n"
}

func read1(t *testing.T, data []byte) *tensor.Tensor {
	t.Helper()
	v, err := Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// everyType is one small tensor of each element type; bytes count up, which
// for the types made of bits gives all kinds of values.
func everyType(tb testing.TB) []*tensor.Tensor {
	tb.Helper()
	var list []*tensor.Tensor
	for d := tensor.Float32; d.Valid(); d++ {
		if d == tensor.String {
			list = append(list, tensor.Vector("a", "", "grün", "日本語"), tensor.Vector("\xff", "b"))
			continue
		}
		for _, shape := range [][]int{{2, 3}, {5}, {}, {0, 4}} {
			v, err := tensor.New(d, shape...)
			if err != nil {
				tb.Fatal(err)
			}
			for i := range v.Bytes() {
				v.Bytes()[i] = byte(3 * i)
				if d == tensor.Bool {
					v.Bytes()[i] = byte(i % 2)
				}
			}
			list = append(list, v)
		}
	}
	return list
}

func TestRoundTripOfEveryType(t *testing.T) {
	for _, v := range everyType(t) {
		var buf bytes.Buffer
		if err := Write(&buf, v); err != nil {
			t.Errorf("%v: %v", v, err)
			continue
		}
		if n := bytes.IndexByte(buf.Bytes(), '\n') + 1; n%64 != 0 {
			t.Errorf("%v: elements begin at byte %d, wanted a multiple of 64", v, n)
		}
		got, err := ReadAs(&buf, v.DType())
		if err != nil {
			t.Errorf("%v: %v", v, err)
			continue
		}
		if !tensor.Equal(v, got) {
			t.Errorf("%v came back as %v: %x, was %x", v, got, got.Bytes(), v.Bytes())
		}
		if buf.Len() != 0 {
			t.Errorf("%v: %d bytes were left", v, buf.Len())
		}
	}
}

func TestRead(t *testing.T) {
	one := []byte{0, 0, 0x80, 0x3f}
	tests := []struct {
		name string
		data []byte
		want *tensor.Tensor
	}{
		{"scalar", array(dict("<f4", "False", "()"), one...), tensor.Scalar[float32](1)},
		{"double quotes", array(`{"shape":(1,),"descr":"<f4","fortran_order":False}`, one...), tensor.Vector[float32](1)},
		{"long", array(dict("|u1", "False", "(2L,)"), 1, 2), tensor.Vector[uint8](1, 2)},
		{"big-endian", array(dict(">i4", "False", "(1,)"), 0, 0, 1, 2), tensor.Vector[int32](258)},
		{"big-endian complex", array(dict(">c8", "False", "(1,)"), 0x3f, 0x80, 0, 0, 0x40, 0, 0, 0), tensor.Vector[complex64](1 + 2i)},
		{"bool of other bits", array(dict("|b1", "False", "(3,)"), 0, 1, 7), tensor.Vector(false, true, true)},
		{"bytes", array(dict("|S3", "False", "(2,)"), 'a', 0, 0, 'a', 'b', 'c'), tensor.Vector("a", "abc")},
		{"unicode", array(dict("<U2", "False", "(1,)"), 0xfc, 0, 0, 0, 0, 0, 0, 0), tensor.Vector("ü")},
		{"big-endian unicode", array(dict(">U1", "False", "(1,)"), 0, 0, 0, 0xfc), tensor.Vector("ü")},
		{"bfloat16", array(dict("<V2", "False", "(1,)"), 0x80, 0x3f), tensor.Vector(tensor.BF16(0x3f80))},
		{"float8e5m2", array(dict("<f1", "False", "(1,)"), 0x3c), tensor.Vector(tensor.F8E5M2(0x3c))},
		{"empty strings", array(dict("<U0", "False", "(2,)")), tensor.Vector("", "")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read1(t, tt.data); !tensor.Equal(got, tt.want) {
				t.Errorf("read %v %x, wanted %v", got, got.Bytes(), tt.want)
			}
		})
	}
}

func TestReadVersions(t *testing.T) {
	text := dict("|u1", "False", "(1,)")
	for _, major := range []byte{2, 3} {
		b := append([]byte(magic), major, 0)
		b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
		b = append(append(b, text...), 9)
		if got := read1(t, b); !tensor.Equal(got, tensor.Vector[uint8](9)) {
			t.Errorf("version %d: read %v", major, got)
		}
	}
}

// TestReadFortranOrder: column-major data of shape [2,3,2] whose elements are
// their own positions, so that element [i,j,k] is i + 2j + 6k.
func TestReadFortranOrder(t *testing.T) {
	data := make([]byte, 12)
	for i := range data {
		data[i] = byte(i)
	}
	v, err := tensor.Data[uint8](read1(t, array(dict("|u1", "True", "(2, 3, 2)"), data...)))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		for j := range 3 {
			for k := range 2 {
				if got, want := v[(i*3+j)*2+k], byte(i+2*j+6*k); got != want {
					t.Errorf("element [%d,%d,%d] is %d, wanted %d", i, j, k, got, want)
				}
			}
		}
	}
	s, err := tensor.Data[string](read1(t, array(dict("|S1", "True", "(2, 2)"), []byte("acbd")...)))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s, []string{"a", "b", "c", "d"}) {
		t.Errorf("strings are %q", s)
	}
	if got := read1(t, array(dict("|u1", "True", "(0, 2)"))); got.String() != "uint8[0,2]" {
		t.Errorf("empty array is %v", got)
	}
}

func TestReadErrors(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "the end of the data"},
		{"text", []byte("1, 2, 3, 4\n"), `not a .npy array: begins with "1, 2, "`},
		{"version", append([]byte(magic), 4, 0), "format version 4.0"},
		{"cut header", append([]byte(magic), 1, 0, 9, 0, '{'), "header: the end of the data"},
		{"huge header", append([]byte(magic), 2, 0, 0xff, 0xff, 0xff, 0xff), "header of more than"},
		{"no dictionary", array("x"), `wanted "{", found "x"`},
		{"missing", array("{'descr': '<f4'}"), `lacks "fortran_order"`},
		{"unknown", array("{'desc': '<f4'}"), `unknown entry "desc"`},
		{"twice", array("{'descr': '<f4', 'descr': '<f4'}"), "given twice"},
		{"rest", array(dict("<f4", "False", "()") + "x"), `wanted the end, found "x"`},
		{"not closed", array("{'descr': '<f4"), "closing quote"},
		{"no bool", array(dict("<f4", "false", "()")), "wanted True or False"},
		{"negative", array(dict("<f4", "False", "(-1,)")), "wanted a dimension"},
		{"dimension", array(dict("<f4", "False", "(99999999999999999999,)")), "wanted a dimension"},
		{"rank", array(dict("|u1", "False", "("+strings.Repeat("1,", 65)+")")), "more than 64 dimensions"},
		{"product", array(dict("<f4", "False", "(4611686018427387904, 4)")), "more elements than fit"},
		{"bytes", array(dict("<f8", "False", "(4611686018427387904,)")), "more elements than fit"},
		{"bomb", array(dict("<f4", "False", "(1152921504606846975,)"), 1), "needs 4611686018427387900 bytes, found 1"},
		{"string bomb", array(dict("<U0", "False", "(1152921504606846975,)")), "strings of width 0"},
		{"wide", array(dict("<U999999999", "False", "(1,)")), "wider than"},
		{"short", array(dict("<f4", "False", "(2,)"), 1, 2, 3, 4, 5), "shape [2]: needs 8 bytes, found 5"},
		{"objects", array(dict("|O", "False", "(1,)")), "pickled"},
		{"fields", array("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"), "structured"},
		{"date", array(dict("<M8[ns]", "False", "(1,)")), `dtype "<M8[ns]" are not supported`},
		{"long double", array(dict("<f16", "False", "(1,)")), `kind 'f' and 16 bytes`},
		{"order", array(dict("?f4", "False", "(1,)")), "not supported"},
		{"raw bytes", array(dict("|V1", "False", "(1,)"), 1), "the file does not say the type"},
		{"no character", array(dict("<U1", "False", "(1,)"), 0, 0, 0x11, 0), "no Unicode character"},
		{"surrogate", array(dict("<U1", "False", "(1,)"), 0, 0xd8, 0, 0), "no Unicode character"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(tt.data))
			if err == nil || !strings.HasPrefix(err.Error(), "npy: ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error is %v, wanted one line with %q", err, tt.want)
			}
		})
	}
}

func TestReadAs(t *testing.T) {
	raw := array(dict("|V1", "False", "(3,)"), 0x71, 0xf2, 0x03)
	for d, want := range map[tensor.DType][]byte{
		tensor.Float8E4M3FN: {0x71, 0xf2, 0x03},
		tensor.Int4:         {0x21, 0x03}, // the low bits of each byte
		tensor.Uint2:        {0x39},
	} {
		v, err := ReadAs(bytes.NewReader(raw), d)
		if err != nil {
			t.Errorf("%v: %v", d, err)
		} else if !bytes.Equal(v.Bytes(), want) || v.DType() != d {
			t.Errorf("%v: read %v %x, wanted %x", d, v, v.Bytes(), want)
		}
	}
	for _, tt := range []struct {
		descr string
		as    tensor.DType
		want  string
	}{
		{"<f4", tensor.Int32, "elements are float32, wanted int32"},
		{"|V1", tensor.BFloat16, "cannot be bfloat16"},
		{"|V2", tensor.Float16, "elements are bfloat16, wanted float16"},
		{"|V1", tensor.Int8, "cannot be int8"},
		{"|V4", tensor.Float32, "cannot be float32"},
	} {
		_, err := ReadAs(bytes.NewReader(array(dict(tt.descr, "False", "(0,)"))), tt.as)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s as %v: error is %v, wanted %q", tt.descr, tt.as, err, tt.want)
		}
	}
}

func TestReadArraysThatFollow(t *testing.T) {
	var buf bytes.Buffer
	for i := range 3 {
		if err := Write(&buf, tensor.Vector(int64(i))); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		v, err := Read(&buf)
		if err != nil {
			t.Fatal(err)
		}
		if !tensor.Equal(v, tensor.Vector(int64(i))) {
			t.Errorf("array %d is %v", i, v)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	long := make([]string, 100_000)
	long[0] = strings.Repeat("x", 10_000)
	for want, v := range map[string]*tensor.Tensor{
		"no tensor":         nil,
		"ends with NUL":     tensor.Vector("a\x00"),
		"too large":         tensor.Vector(long...),
		"undefined cannot ": new(tensor.Tensor),
	} {
		err := Write(new(bytes.Buffer), v)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, wanted %q", err, want)
		}
	}
}

func TestReadLargeInChunks(t *testing.T) {
	want := make([]float64, firstChunk) // eight chunks' worth of bytes
	for i := range want {
		want[i] = math.Sqrt(float64(i))
	}
	var buf bytes.Buffer
	if err := Write(&buf, tensor.Vector(want...)); err != nil {
		t.Fatal(err)
	}
	if got := read1(t, buf.Bytes()); !tensor.Equal(got, tensor.Vector(want...)) {
		t.Error("a large array changed")
	}
}
