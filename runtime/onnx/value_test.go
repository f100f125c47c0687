package onnx

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

func dims(d ...int64) []int64 { return d }

// TestValueOfEveryForm stores the same bytes in each form that the standard
// allows for a type; expected bytes are little-endian, written by hand.
func TestValueOfEveryForm(t *testing.T) {
	tests := []struct {
		name string
		in   Tensor
		want []byte
	}{
		{"float32 raw", Tensor{DType: tensor.Float32, Dims: dims(1), Raw: []byte{0, 0, 0x80, 0x3f}, HasRaw: true}, []byte{0, 0, 0x80, 0x3f}},
		{"float32 list", Tensor{DType: tensor.Float32, Dims: dims(1), Floats: []float32{1}}, []byte{0, 0, 0x80, 0x3f}},
		{"float32 scalar", Tensor{DType: tensor.Float32, Floats: []float32{1}}, []byte{0, 0, 0x80, 0x3f}},
		{"float64 list", Tensor{DType: tensor.Float64, Dims: dims(1), Doubles: []float64{1}}, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
		{"complex64 list", Tensor{DType: tensor.Complex64, Dims: dims(1), Floats: []float32{1, 0}}, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0}},
		{"complex128 list", Tensor{DType: tensor.Complex128, Dims: dims(1), Doubles: []float64{0, 1}}, []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f}},
		{"int8 list", Tensor{DType: tensor.Int8, Dims: dims(2), Int32s: []int32{-1, 127}}, []byte{0xff, 0x7f}},
		{"uint8 list", Tensor{DType: tensor.Uint8, Dims: dims(2), Int32s: []int32{255, 1}}, []byte{0xff, 1}},
		{"int16 list", Tensor{DType: tensor.Int16, Dims: dims(1), Int32s: []int32{-2}}, []byte{0xfe, 0xff}},
		{"uint16 list", Tensor{DType: tensor.Uint16, Dims: dims(1), Int32s: []int32{0xfffe}}, []byte{0xfe, 0xff}},
		{"int32 list", Tensor{DType: tensor.Int32, Dims: dims(1), Int32s: []int32{-2}}, []byte{0xfe, 0xff, 0xff, 0xff}},
		{"uint32 list", Tensor{DType: tensor.Uint32, Dims: dims(1), Uint64s: []uint64{0xfffffffe}}, []byte{0xfe, 0xff, 0xff, 0xff}},
		{"int64 list", Tensor{DType: tensor.Int64, Dims: dims(1), Int64s: []int64{-2}}, []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{"uint64 list", Tensor{DType: tensor.Uint64, Dims: dims(1), Uint64s: []uint64{2}}, []byte{2, 0, 0, 0, 0, 0, 0, 0}},
		{"float16 list", Tensor{DType: tensor.Float16, Dims: dims(1), Int32s: []int32{0x3c00}}, []byte{0, 0x3c}},
		{"bfloat16 list", Tensor{DType: tensor.BFloat16, Dims: dims(1), Int32s: []int32{0xbf80}}, []byte{0x80, 0xbf}},
		{"float8 list", Tensor{DType: tensor.Float8E5M2, Dims: dims(2), Int32s: []int32{0xfc, 1}}, []byte{0xfc, 1}},
		{"float8e8m0 list", Tensor{DType: tensor.Float8E8M0, Dims: dims(1), Int32s: []int32{0x7f}}, []byte{0x7f}},
		{"bool list", Tensor{DType: tensor.Bool, Dims: dims(3), Int32s: []int32{0, 1, 7}}, []byte{0, 1, 1}},
		{"bool raw", Tensor{DType: tensor.Bool, Dims: dims(3), Raw: []byte{0, 1, 7}, HasRaw: true}, []byte{0, 1, 1}},
		{"int4 list", Tensor{DType: tensor.Int4, Dims: dims(3), Int32s: []int32{0xf1, 0x02}}, []byte{0xf1, 2}},
		{"uint4 raw", Tensor{DType: tensor.Uint4, Dims: dims(3), Raw: []byte{0x21, 3}, HasRaw: true}, []byte{0x21, 3}},
		{"float4 list", Tensor{DType: tensor.Float4E2M1, Dims: dims(2), Int32s: []int32{0x72}}, []byte{0x72}},
		{"int2 list", Tensor{DType: tensor.Int2, Dims: dims(5), Int32s: []int32{0xe4, 1}}, []byte{0xe4, 1}},
		{"empty raw", Tensor{DType: tensor.Float32, Dims: dims(0, 3), HasRaw: true}, nil},
		{"empty", Tensor{DType: tensor.Int64, Dims: dims(0)}, nil},
		{"empty and huge", Tensor{DType: tensor.Int8, Dims: dims(1<<62, 0)}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// through the wire too
			read, err := ReadTensor(mustTensor(t, &tt.in))
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range []*Tensor{&tt.in, read} {
				if err := in.check(); err != nil {
					t.Errorf("check: %v", err)
				}
				v, err := in.Value()
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(v.Bytes(), tt.want) || v.DType() != tt.in.DType || v.Rank() != len(tt.in.Dims) {
					t.Errorf("value is %v %x, wanted %x", v, v.Bytes(), tt.want)
				}
			}
		})
	}
}

func TestValueErrors(t *testing.T) {
	one := []byte{1}
	tests := []struct {
		name string
		in   Tensor
		want string
	}{
		{"no type", Tensor{}, "element type 0"},
		{"unknown type", Tensor{DType: 99}, "element type 99"},
		{"negative type", Tensor{DType: -1}, "element type -1"},
		{"negative dimension", Tensor{DType: tensor.Int8, Dims: dims(-1)}, "dimension 0 is -1"},
		{"huge product", Tensor{DType: tensor.Int8, Dims: dims(1<<62, 4)}, "more elements than fit"},
		{"huge bytes", Tensor{DType: tensor.Float32, Dims: dims(1 << 62)}, "do not fit"},
		{"rank", Tensor{DType: tensor.Int8, Dims: make([]int64, 65)}, "65 dimensions"},
		{"short raw", Tensor{DType: tensor.Int16, Dims: dims(1), Raw: one, HasRaw: true}, "int16[1] needs 2 bytes, found 1"},
		{"long raw", Tensor{DType: tensor.Int8, Raw: []byte{1, 2}, HasRaw: true}, "int8[] needs 1 bytes, found 2"},
		{"packed", Tensor{DType: tensor.Int4, Dims: dims(3), Raw: one, HasRaw: true}, "needs 2 bytes, found 1"},
		{"no data", Tensor{DType: tensor.Float32, Dims: dims(2)}, "needs 2 entries in float_data, found 0"},
		{"wrong list", Tensor{DType: tensor.Float32, Dims: dims(1), Doubles: []float64{1}}, "float_data"},
		{"half a complex", Tensor{DType: tensor.Complex64, Dims: dims(1), Floats: []float32{1}}, "needs 2 entries in float_data, found 1"},
		{"packed list", Tensor{DType: tensor.Uint4, Dims: dims(3), Int32s: []int32{1, 2, 3}}, "needs 2 entries in int32_data, found 3"},
		{"wide uint8", Tensor{DType: tensor.Uint8, Dims: dims(1), Int32s: []int32{256}}, "int32_data[0] is 256, which does not fit uint8"},
		{"wide int16", Tensor{DType: tensor.Int16, Dims: dims(1), Int32s: []int32{math.MinInt32}}, "does not fit int16"},
		{"wide uint32", Tensor{DType: tensor.Uint32, Dims: dims(1), Uint64s: []uint64{1 << 32}}, "uint64_data[0] is 4294967296"},
		{"strings", Tensor{DType: tensor.String, Dims: dims(2), Strings: [][]byte{one}}, "needs 2 entries in string_data, found 1"},
		{"raw strings", Tensor{DType: tensor.String, Dims: dims(1), Raw: one, HasRaw: true}, "strings cannot be raw"},
		{"external strings", Tensor{DType: tensor.String, Dims: dims(1), Location: 1}, "strings cannot be external"},
		{"location", Tensor{DType: tensor.Int8, Dims: dims(1), Location: 2}, "data_location is 2"},
		{"segment", Tensor{DType: tensor.Int8, Dims: dims(1), Segment: one}, "segments"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Name = "w"
			_, err := tt.in.Value()
			wantError(t, err, `onnx: tensor "w": `, tt.want)
		})
	}
}

func TestValueSharesAlignedMemory(t *testing.T) {
	buf := tensor.Alloc(20)
	aligned := &Tensor{DType: tensor.Float32, Dims: dims(4), Raw: buf[:16], HasRaw: true}
	v, err := aligned.Value()
	if err != nil {
		t.Fatal(err)
	}
	if &v.Bytes()[0] != &buf[0] {
		t.Error("aligned data was copied")
	}
	crooked := &Tensor{DType: tensor.Float32, Dims: dims(4), Raw: buf[1:17], HasRaw: true}
	if v, err = crooked.Value(); err != nil {
		t.Fatal(err)
	}
	if &v.Bytes()[0] == &buf[1] {
		t.Error("data that is not aligned was shared")
	}
}

func TestNewTensorRoundTrip(t *testing.T) {
	strs := tensor.Vector("a", "", "ü")
	for _, v := range []*tensor.Tensor{strs, tensor.Scalar(int8(3)), tensor.Vector[float64](1, 2)} {
		read, err := ReadTensor(mustTensor(t, NewTensor("n", v)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := read.Value()
		if err != nil {
			t.Fatal(err)
		}
		if read.Name != "n" || !tensor.Equal(v, got) {
			t.Errorf("%v came back as %v", v, got)
		}
	}
}

func TestSparseValue(t *testing.T) {
	vals := NewTensor("s", tensor.Vector[float32](5, 6))
	index := func(d []int64, v ...int64) *Tensor { return &Tensor{DType: tensor.Int64, Dims: d, Int64s: v} }
	tests := []struct {
		name string
		in   SparseTensor
		want []float32
		err  string
	}{
		{"linear", SparseTensor{Values: vals, Indices: index(dims(2), 1, 5), Dims: dims(2, 3)}, []float32{0, 5, 0, 0, 0, 6}, ""},
		{"coordinates", SparseTensor{Values: vals, Indices: index(dims(2, 2), 0, 1, 1, 2), Dims: dims(2, 3)}, []float32{0, 5, 0, 0, 0, 6}, ""},
		{"outside", SparseTensor{Values: vals, Indices: index(dims(2), 1, 6), Dims: dims(2, 3)}, nil, "index 1 is 6"},
		{"outside axis", SparseTensor{Values: vals, Indices: index(dims(2, 2), 0, 1, 0, 3), Dims: dims(2, 3)}, nil, "index 1 is 3 on axis 1"},
		{"negative", SparseTensor{Values: vals, Indices: index(dims(2), -1, 6), Dims: dims(2, 3)}, nil, "index 0 is -1"},
		{"count", SparseTensor{Values: vals, Indices: index(dims(1), 1), Dims: dims(2, 3)}, nil, "wanted [2] or [2 2]"},
		{"no indices", SparseTensor{Values: vals, Dims: dims(2, 3)}, nil, "needs values and indices"},
		{"bomb", SparseTensor{Values: vals, Indices: index(dims(2), 1, 5), Dims: dims(1 << 40)}, nil, "more than the"},
		{"overflow", SparseTensor{Values: vals, Indices: index(dims(2), 1, 5), Dims: dims(1<<40, 1<<40)}, nil, "more elements than fit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := tt.in.Value()
			if tt.err != "" {
				wantError(t, err, "onnx: sparse tensor", tt.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := tensor.Data[float32](v)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("dense value is %v, wanted %v", got, tt.want)
			}
		})
	}
	if _, err := (&SparseTensor{Values: vals, Indices: index(dims(2), 1, 5), Dims: dims(1 << 16)}).Dense(1 << 18); err != nil {
		t.Errorf("with a limit that is large enough: %v", err)
	}
}

func TestSparsePackedAndStrings(t *testing.T) {
	packed, err := tensor.Pack(tensor.Int4, []int8{-3, 7}, 2)
	if err != nil {
		t.Fatal(err)
	}
	at := &Tensor{DType: tensor.Int64, Dims: dims(2), Int64s: []int64{1, 2}}
	v, err := (&SparseTensor{Values: NewTensor("p", packed), Indices: at, Dims: dims(3)}).Value()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tensor.Unpack(v); err != nil || !slices.Equal(got, []int8{0, -3, 7}) {
		t.Errorf("int4: %v %v", got, err)
	}
	v, err = (&SparseTensor{Values: NewTensor("s", tensor.Vector("a", "b")), Indices: at, Dims: dims(3)}).Value()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tensor.Data[string](v); err != nil || !slices.Equal(got, []string{"", "a", "b"}) {
		t.Errorf("strings: %v %v", got, err)
	}
}

func TestValuesOfEveryKindRoundTrip(t *testing.T) {
	f := TensorOf(tensor.Float32, Symbol("N"))
	seqOf := func(e *Type) *Type { return &Type{Kind: TypeSequence, Elem: e} }
	optOf := func(e *Type) *Type { return &Type{Kind: TypeOptional, Elem: e} }
	one, two := tensor.Vector[float32](1), tensor.Vector[float32](2, 3)
	seq := &tensor.Sequence{DType: tensor.Float32, Items: []tensor.Value{one, two}}
	dict := &tensor.Map{Keys: tensor.Vector("a", "b"), Values: seq}
	numbers := &tensor.Map{Keys: tensor.Vector("a", "b"), Values: tensor.Vector[float32](2, 3)}
	words := &tensor.Map{Keys: tensor.Vector[int64](7, 8), Values: tensor.Vector("p", "q")}
	ints := &tensor.Map{Keys: tensor.Vector[int64](-1, 4), Values: seq}
	opt := &tensor.Optional{DType: tensor.Float32, Value: one}
	tests := []struct {
		typ *Type
		v   tensor.Value
	}{
		{f, two},
		{seqOf(f), seq},
		{seqOf(f), &tensor.Sequence{DType: tensor.Float32}},
		{seqOf(seqOf(f)), &tensor.Sequence{DType: tensor.Float32, Items: []tensor.Value{seq, seq}}},
		{optOf(f), opt},
		{optOf(f), &tensor.Optional{DType: tensor.Float32}},
		{optOf(seqOf(f)), &tensor.Optional{DType: tensor.Float32, Value: seq}},
		{seqOf(optOf(f)), &tensor.Sequence{DType: tensor.Float32, Items: []tensor.Value{opt}}},
		{optOf(optOf(f)), &tensor.Optional{DType: tensor.Float32, Value: opt}},
		{&Type{Kind: TypeMap, DType: tensor.String, Elem: f}, dict},
		{&Type{Kind: TypeMap, DType: tensor.Int64, Elem: f}, ints},
		{&Type{Kind: TypeMap, DType: tensor.String, Elem: TensorOf(tensor.Float32)}, numbers},
		{&Type{Kind: TypeMap, DType: tensor.Int64, Elem: TensorOf(tensor.String)}, words},
		{&Type{Kind: TypeMap, DType: tensor.Int64, Elem: f}, &tensor.Map{Keys: tensor.Vector[int64](), Values: &tensor.Sequence{}}},
		{seqOf(&Type{Kind: TypeMap, DType: tensor.String, Elem: f}), &tensor.Sequence{DType: tensor.Float32, Items: []tensor.Value{dict}}},
		{optOf(&Type{Kind: TypeMap, DType: tensor.Int64, Elem: f}), &tensor.Optional{DType: tensor.Float32, Value: ints}},
	}
	for _, tt := range tests {
		t.Run(tt.typ.String(), func(t *testing.T) {
			data, err := MarshalValue(tt.v)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ParseValue(data, tt.typ)
			if err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(tt.v, got) {
				t.Errorf("got %#v, wanted %#v", got, tt.v)
			}
		})
	}
}

func TestValueKindsThatDoNotGoTogether(t *testing.T) {
	one := tensor.Scalar(int8(1))
	for name, v := range map[string]tensor.Value{
		"item 1 is a sequence": &tensor.Sequence{Items: []tensor.Value{one, &tensor.Sequence{}}},
		"cannot be encoded":    nil,
		"one value for each":   &tensor.Map{Keys: tensor.Vector("a"), Values: &tensor.Sequence{}},
		"wanted int64 or":      &tensor.Map{Keys: tensor.Vector(true), Values: &tensor.Sequence{Items: []tensor.Value{one}}},
	} {
		_, err := MarshalValue(v)
		wantError(t, err, "onnx: ", name)
	}
	_, err := ParseValue(nil, &Type{Kind: TypeOpaque})
	wantError(t, err, "opaque cannot be read")
	_, err = ParseValue([]byte{0xff}, &Type{Kind: TypeSequence})
	wantError(t, err, "byte 0")
}
