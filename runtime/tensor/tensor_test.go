package tensor_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

func wantError(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "tensor: ") || !strings.Contains(err.Error(), part) {
		t.Errorf("error is %v, wanted one with %q", err, part)
	}
}

func TestDTypes(t *testing.T) {
	for d := tensor.Float32; d.Valid(); d++ {
		got, err := tensor.ParseDType(d.String())
		if err != nil || got != d {
			t.Errorf("%v parses as %v (%v)", d, got, err)
		}
		kinds := 0
		for _, is := range []bool{d.IsFloat(), d.IsSigned(), d.IsUnsigned(), d == tensor.String, d == tensor.Bool, strings.HasPrefix(d.String(), "complex")} {
			if is {
				kinds++
			}
		}
		if kinds != 1 {
			t.Errorf("%v is of %d kinds", d, kinds)
		}
		if (d.Bits() == 0) != (d == tensor.String) || d.Packed() != (d.Bits() == 2 || d.Bits() == 4) {
			t.Errorf("%v has %d bits", d, d.Bits())
		}
	}
	for name, want := range map[string]tensor.DType{"float": tensor.Float32, "double": tensor.Float64} {
		if got, err := tensor.ParseDType(name); err != nil || got != want {
			t.Errorf("%s parses as %v (%v)", name, got, err)
		}
	}
	for _, name := range []string{"", "undefined", "float31"} {
		_, err := tensor.ParseDType(name)
		wantError(t, err, "no element type is named")
	}
	for _, d := range []tensor.DType{-1, 0, 27} {
		if d.Valid() || d.Bits() != 0 {
			t.Errorf("%v is valid", d)
		}
	}
}

func TestNumElements(t *testing.T) {
	tests := []struct {
		shape []int
		want  int
		err   string
	}{
		{nil, 1, ""},
		{[]int{2, 3}, 6, ""},
		{[]int{0, math.MaxInt, math.MaxInt}, 0, "more elements than fit"},
		{[]int{math.MaxInt, 0}, 0, ""},
		{[]int{math.MaxInt}, math.MaxInt, ""},
		{[]int{math.MaxInt, 2}, 0, "more elements than fit"},
		{[]int{1 << 32, 1 << 32}, 0, "more elements than fit"},
		{[]int{2, -1}, 0, "negative dimension"},
		{make([]int, tensor.MaxRank), 0, ""},
		{make([]int, tensor.MaxRank+1), 0, "at most 64"},
	}
	for _, tt := range tests {
		got, err := tensor.NumElements(tt.shape)
		if tt.err != "" {
			wantError(t, err, tt.err)
		} else if err != nil || got != tt.want {
			t.Errorf("%v has %d elements (%v), wanted %d", tt.shape, got, err, tt.want)
		}
	}
}

func TestByteSize(t *testing.T) {
	for _, tt := range []struct {
		d       tensor.DType
		n, want int
	}{{tensor.Int4, 3, 2}, {tensor.Uint2, 5, 2}, {tensor.Uint2, 0, 0}, {tensor.Complex128, 2, 32}, {tensor.String, 9, 0}} {
		if got, err := tensor.ByteSize(tt.d, tt.n); err != nil || got != tt.want {
			t.Errorf("%d of %v take %d bytes (%v), wanted %d", tt.n, tt.d, got, err, tt.want)
		}
	}
	_, err := tensor.ByteSize(tensor.Float32, math.MaxInt)
	wantError(t, err, "do not fit")
	_, err = tensor.ByteSize(tensor.Float32, -1)
	wantError(t, err, "negative")
	_, err = tensor.ByteSize(0, 1)
	wantError(t, err, "not an element type")
}

func TestNewIsZeroAndAligned(t *testing.T) {
	for d := tensor.Float32; d.Valid(); d++ {
		v, err := tensor.New(d, 3, 5)
		if err != nil {
			t.Fatal(err)
		}
		if v.Len() != 15 || v.DType() != d || len(v.Bytes()) != (15*d.Bits()+7)/8 {
			t.Errorf("%v: %d elements in %d bytes", v, v.Len(), len(v.Bytes()))
		}
		if slices.ContainsFunc(v.Bytes(), func(b byte) bool { return b != 0 }) {
			t.Errorf("%v is not zero", v)
		}
		if !tensor.Aligned(tensor.Float64, v.Bytes()) {
			t.Errorf("%v is not aligned", v)
		}
	}
	_, err := tensor.New(tensor.Float32, -1)
	wantError(t, err, "negative dimension")
	_, err = tensor.New(99, 1)
	wantError(t, err, "not an element type")
}

// checkViews makes a vector of T and looks at it as T and as another type.
func checkViews[T tensor.Element](t *testing.T, a, b T) {
	t.Helper()
	v := tensor.Vector(a, b)
	if v.DType() != tensor.TypeOf[T]() {
		t.Errorf("vector of %T is %v", a, v)
	}
	got, err := tensor.Data[T](v)
	if err != nil || len(got) != 2 || got[0] != a || got[1] != b {
		t.Errorf("%v holds %v (%v)", v, got, err)
	}
	if one := tensor.Scalar(a); one.Rank() != 0 || one.Len() != 1 {
		t.Errorf("scalar is %v", one)
	}
	if v.DType() != tensor.Int32 {
		_, err = tensor.Data[int32](v)
		wantError(t, err, "elements are "+v.DType().String()+", not int32")
	}
	if len(v.Bytes()) > 0 {
		wrapped, err := tensor.Wrap(v.DType(), v.Bytes(), 2)
		if err != nil || !tensor.Equal(v, wrapped) {
			t.Errorf("wrapped %v is %v (%v)", v, wrapped, err)
		}
	}
	_, err = tensor.FromSlice([]T{a}, 2)
	wantError(t, err, "shape [2] needs 2 values, got 1")
}

func TestViewsOfEveryType(t *testing.T) {
	checkViews[float32](t, 1, -2)
	checkViews(t, 1.5, -2)
	checkViews[int8](t, 1, -2)
	checkViews[int16](t, 1, -2)
	checkViews[int32](t, 1, -2)
	checkViews[int64](t, 1, -2)
	checkViews[uint8](t, 1, 200)
	checkViews[uint16](t, 1, 2)
	checkViews[uint32](t, 1, 2)
	checkViews[uint64](t, 1, 2)
	checkViews(t, true, false)
	checkViews(t, "a", "")
	checkViews[complex64](t, 1, 2i)
	checkViews[complex128](t, 1, 2i)
	checkViews[tensor.F16](t, 1, 2)
	checkViews[tensor.BF16](t, 1, 2)
	checkViews[tensor.F8E4M3FN](t, 1, 2)
	checkViews[tensor.F8E4M3FNUZ](t, 1, 2)
	checkViews[tensor.F8E5M2](t, 1, 2)
	checkViews[tensor.F8E5M2FNUZ](t, 1, 2)
	checkViews[tensor.F8E8M0](t, 1, 2)
	_, err := tensor.Data[int8](nil)
	wantError(t, err, "no tensor where int8")
}

func TestDataSharesMemory(t *testing.T) {
	values := []float32{1, 2}
	v, err := tensor.FromSlice(values, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	view, err := tensor.Data[float32](v)
	if err != nil {
		t.Fatal(err)
	}
	view[0] = 7
	if values[0] != 7 {
		t.Error("the view is a copy")
	}
	c := v.Clone()
	view[0] = 8
	if got, err := tensor.Data[float32](c); err != nil || got[0] != 7 {
		t.Errorf("the clone changed to %v (%v)", got, err)
	}
}

func TestRebind(t *testing.T) {
	v := tensor.Vector[int64](1, 2, 3)
	buf := tensor.Alloc(64)
	if err := v.Rebind(tensor.Float32, buf[:24], []int{2, 3}); err != nil {
		t.Fatal(err)
	}
	if v.String() != "float32[2,3]" || v.Dim(-1) != 3 || v.Dim(0) != 2 || v.Dim(2) != 0 || v.Dim(-3) != 0 {
		t.Errorf("rebound to %v", v)
	}
	wantError(t, v.Rebind(tensor.Float32, buf[:23], []int{2, 3}), "float32[2 3] needs 24 bytes, got 23")
	wantError(t, v.Rebind(tensor.Float32, buf[1:25], []int{2, 3}), "not aligned")
	wantError(t, v.Rebind(tensor.String, nil, nil), "no byte buffer")
	wantError(t, v.Rebind(tensor.Int8, nil, []int{-1}), "negative")
	if v.String() != "float32[2,3]" {
		t.Errorf("a failed Rebind changed the tensor to %v", v)
	}
	deep := []int{1, 1, 1, 1, 1, 1, 1, 1, 2, 3}
	if err := v.Rebind(tensor.Int8, buf[:6], deep); err != nil {
		t.Fatal(err)
	}
	deep[0] = 9
	if v.Rank() != 10 || v.Dim(0) != 1 || v.Dim(9) != 3 {
		t.Errorf("of rank 10: %v", v)
	}
	shape := []int{2, 2}
	if n := testing.AllocsPerRun(100, func() { _ = v.Rebind(tensor.Float32, buf[:16], shape) }); n != 0 {
		t.Errorf("Rebind allocates %v times", n)
	}
}

func TestReshape(t *testing.T) {
	v := tensor.Vector("a", "b", "c", "d")
	r, err := v.Reshape(2, 2)
	if err != nil || r.String() != "string[2,2]" {
		t.Errorf("reshaped to %v (%v)", r, err)
	}
	_, err = v.Reshape(3)
	wantError(t, err, "cannot reshape [4] to [3]")
}

func TestPackEveryValue(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Int2, tensor.Uint2, tensor.Int4, tensor.Uint4, tensor.Float4E2M1} {
		lo, n := 0, 1<<d.Bits()
		if d.IsSigned() {
			lo = -n / 2
		}
		for count := range n + 1 { // all counts, so that bytes are full and not
			values := make([]int8, count)
			for i := range values {
				values[i] = int8(lo + i)
			}
			v, err := tensor.Pack(d, values, count)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tensor.Unpack(v)
			if err != nil || !slices.Equal(got, values) {
				t.Errorf("%v: %v came back as %v (%v)", d, values, got, err)
			}
			if raw, err := v.Packed(); err != nil || len(raw) != (count*d.Bits()+7)/8 {
				t.Errorf("%v: %d values in %d bytes (%v)", d, count, len(raw), err)
			}
		}
	}
	v, err := tensor.Pack(tensor.Int4, []int8{1, -2, 3}, 3)
	if err != nil || !slices.Equal(v.Bytes(), []byte{0xe1, 0x03}) {
		t.Errorf("first element is not in the low bits: %x (%v)", v.Bytes(), err)
	}
	_, err = tensor.Pack(tensor.Int4, nil, 1)
	wantError(t, err, "needs 1 values, got 0")
	_, err = tensor.Pack(tensor.Int8, nil)
	wantError(t, err, "int8 elements are not packed")
	_, err = tensor.Pack(tensor.Int4, nil, -1)
	wantError(t, err, "negative")
	_, err = tensor.Unpack(tensor.Scalar(int8(1)))
	wantError(t, err, "not packed")
	_, err = tensor.Scalar(int8(1)).Packed()
	wantError(t, err, "not packed")
}

func TestFloat64s(t *testing.T) {
	packed := func(d tensor.DType, b byte) *tensor.Tensor {
		v, err := tensor.Wrap(d, []byte{b}, 2)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tt := range []struct {
		in   *tensor.Tensor
		want []float64
	}{
		{tensor.Vector[float32](1.5, -2), []float64{1.5, -2}},
		{tensor.Vector(1e300), []float64{1e300}},
		{tensor.Vector[int8](-1), []float64{-1}},
		{tensor.Vector[int16](-1), []float64{-1}},
		{tensor.Vector[int32](-1), []float64{-1}},
		{tensor.Vector[int64](-1), []float64{-1}},
		{tensor.Vector[uint8](255), []float64{255}},
		{tensor.Vector[uint16](65535), []float64{65535}},
		{tensor.Vector[uint32](1 << 31), []float64{1 << 31}},
		{tensor.Vector[uint64](1 << 63), []float64{1 << 63}},
		{tensor.Vector(true, false), []float64{1, 0}},
		{tensor.Vector[tensor.F16](0x3e00), []float64{1.5}},
		{tensor.Vector[tensor.BF16](0x3fc0), []float64{1.5}},
		{tensor.Vector[tensor.F8E4M3FN](0x3c), []float64{1.5}},
		{tensor.Vector[tensor.F8E4M3FNUZ](0x44), []float64{1.5}},
		{tensor.Vector[tensor.F8E5M2](0x3e), []float64{1.5}},
		{tensor.Vector[tensor.F8E5M2FNUZ](0x42), []float64{1.5}},
		{tensor.Vector[tensor.F8E8M0](128), []float64{2}},
		{packed(tensor.Int4, 0xf2), []float64{2, -1}},
		{packed(tensor.Uint4, 0xf2), []float64{2, 15}},
		{packed(tensor.Int2, 0x0e), []float64{-2, -1}},
		{packed(tensor.Uint2, 0x0e), []float64{2, 3}},
		{packed(tensor.Float4E2M1, 0xf3), []float64{1.5, -6}},
	} {
		if got, err := tensor.Float64s(tt.in); err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("%v holds %v (%v), wanted %v", tt.in, got, err, tt.want)
		}
	}
	for _, v := range []*tensor.Tensor{nil, tensor.Scalar("a"), tensor.Scalar[complex64](1)} {
		if _, err := tensor.Float64s(v); err == nil {
			t.Errorf("%v has real numbers", v)
		}
	}
}

func TestKinds(t *testing.T) {
	for want, v := range map[string]tensor.Value{
		"tensor": new(tensor.Tensor), "sequence": new(tensor.Sequence), "optional": new(tensor.Optional), "map": new(tensor.Map),
	} {
		if got := v.Kind().String(); got != want {
			t.Errorf("kind of %T is %s", v, got)
		}
	}
}
