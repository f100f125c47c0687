package cast_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func convert[D, S tensor.Element](t *testing.T, src []S, opt cast.Options) []D {
	t.Helper()
	in, err := tensor.FromSlice(src, len(src))
	if err != nil {
		t.Fatal(err)
	}
	out, err := tensor.New(tensor.TypeOf[D](), len(src))
	if err != nil {
		t.Fatal(err)
	}
	if err := cast.Convert(nil, out, in, opt); err != nil {
		t.Fatal(err)
	}
	got, err := tensor.Data[D](out)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func expect[D, S tensor.Element](t *testing.T, src []S, want []D) {
	t.Helper()
	if got := convert[D](t, src, cast.Options{}); !slices.Equal(got, want) {
		t.Errorf("%v of %v to %v: got %v, want %v", src, tensor.TypeOf[S](), tensor.TypeOf[D](), got, want)
	}
}

// Integers that do not fit lose their high bits, fractions are cut off, and
// what no integer can hold gives what x86 gives.
func TestConvertNumbers(t *testing.T) {
	expect(t, []int16{200, -1, 300}, []int8{-56, -1, 44})
	expect(t, []int64{-1}, []uint64{math.MaxUint64})
	expect(t, []uint64{math.MaxUint64}, []float32{1 << 64})
	expect(t, []uint64{math.MaxUint64}, []float64{1 << 64})
	expect(t, []float32{2.9, -2.9, -0.5}, []int32{2, -2, 0})
	expect(t, []float64{1 << 63, -1}, []uint64{1 << 63, math.MaxUint64})
	expect(t, []float64{math.NaN(), math.Inf(1), 1e300}, []int64{math.MinInt64, math.MinInt64, math.MinInt64})
	expect(t, []float64{math.NaN(), math.Inf(1), 3e9}, []int32{math.MinInt32, math.MinInt32, math.MinInt32})
	expect(t, []float32{0, float32(math.Copysign(0, -1)), 0.1, float32(math.NaN())}, []bool{false, false, true, true})
	expect(t, []bool{true, false}, []float64{1, 0})
	expect(t, []int32{0, 256}, []bool{false, true})
	expect(t, []complex64{1 + 2i}, []complex128{1 + 2i})
}

// One rounding, not two. 2049 + 2⁻³⁰ is above the tie between the float16
// neighbours 2048 and 2050, but float32 would round it onto the tie, and the
// tie to 2048. 2⁵⁴ + 2³⁰ + 1 is above the tie between two float32 neighbours,
// but float64 would lose the 1.
func TestConvertRoundsOnce(t *testing.T) {
	expect(t, []float64{2049 + 0x1p-30, 2049, 65520, 65519.99}, []tensor.F16{0x6801, 0x6800, 0x7c00, 0x7bff})
	expect(t, []int64{1<<24 + 1, 1<<54 + 1<<30 + 1}, []float32{1 << 24, 1<<54 + 1<<31})
}

// The table of the standard for float8e8m0, with its cases between powers.
func TestE8M0(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		v        float64
		saturate bool
		round    cast.Round
		want     tensor.F8E8M0
	}{
		{1, true, cast.RoundUp, 127},
		{1.1, true, cast.RoundUp, 128},
		{1.1, true, cast.RoundDown, 127},
		{1.1, true, cast.RoundNearest, 127},
		{1.5, true, cast.RoundNearest, 128},
		{0, true, cast.RoundUp, 0},
		{0, false, cast.RoundNearest, 0xff},
		{nan, true, cast.RoundUp, 0xff},
		{inf, true, cast.RoundUp, 0xfe},
		{inf, false, cast.RoundNearest, 0xff},
		{0x1.8p127, true, cast.RoundUp, 0xfe},
		{0x1.8p127, false, cast.RoundUp, 0xff},
		{0x1p-130, true, cast.RoundUp, 0},
		{0x1p-130, false, cast.RoundNearest, 0xff},
	} {
		if got := cast.E8M0From(c.v, c.saturate, c.round); got != c.want {
			t.Errorf("E8M0From(%g, %t, %d) = %#x, want %#x", c.v, c.saturate, c.round, got, c.want)
		}
	}
}

// Every type holds what was read from it: all bit patterns of the 8- and 16-bit
// floats go to float32 and back.
func TestConvertThereAndBack(t *testing.T) {
	for _, d := range []tensor.DType{
		tensor.Float16, tensor.BFloat16, tensor.Float8E4M3FN, tensor.Float8E4M3FNUZ, tensor.Float8E5M2,
		tensor.Float8E5M2FNUZ, tensor.Float8E8M0, tensor.Float4E2M1, tensor.Int4, tensor.Uint4, tensor.Int2, tensor.Uint2,
	} {
		src, err := tensor.New(d, 1<<16)
		if err != nil {
			t.Fatal(err)
		}
		for i := range src.Bytes() {
			src.Bytes()[i] = byte(i)
			if d.Bits() == 16 && i%2 == 1 {
				src.Bytes()[i] = byte(i >> 9)
			}
		}
		wide := make([]float32, src.Len())
		p := pool.New(3)
		if err := cast.ToFloat32(p, wide, src); err != nil {
			t.Fatal(err)
		}
		part := make([]float32, 1000)
		if err := cast.LoadFloat32(part, src, 512); err != nil {
			t.Fatal(err)
		}
		back := src.Clone()
		clear(back.Bytes())
		if err := cast.FromFloat32(p, back, wide); err != nil {
			t.Fatal(err)
		}
		p.Close()
		again := make([]float32, src.Len())
		if err := cast.ToFloat32(nil, again, back); err != nil {
			t.Fatal(err)
		}
		for i, v := range wide {
			same := math.Float32bits(v) == math.Float32bits(again[i])
			if v != v {
				same = again[i] != again[i]
			} else if math.IsInf(float64(v), 0) && d.Bits() == 8 {
				same = true // infinity saturates
			}
			if !same {
				t.Fatalf("%v: element %d is %g, then %g", d, i, v, again[i])
			}
			if j := i - 512; j >= 0 && j < len(part) && math.Float32bits(part[j]) != math.Float32bits(v) {
				t.Fatalf("%v: LoadFloat32 gives %g for element %d, Convert %g", d, part[j], i, v)
			}
		}
	}
}

func TestConvertStrings(t *testing.T) {
	inf := float32(math.Inf(1))
	expect(t, []string{"3.14", " 1000 ", "1e-5", "1E8", "INF", "+inf", "-Inf", "1e99"}, []float32{3.14, 1000, 1e-5, 1e8, inf, inf, -inf, inf})
	expect(t, []string{"100", "100.5", "-7"}, []int64{100, 100, -7})
	expect(t, []string{"18446744073709551615"}, []uint64{math.MaxUint64})
	expect(t, []string{"true", "0", "2"}, []bool{true, false, true})
	expect(t, []float32{314.15926, 1, 0.1, 1e-7, inf, -inf, float32(math.NaN())},
		[]string{"314.15927", "1.0", "0.1", "1e-07", "INF", "-INF", "NaN"})
	expect(t, []uint64{math.MaxUint64}, []string{"18446744073709551615"})
	expect(t, []bool{true, false}, []string{"True", "False"})

	for _, s := range []string{"", "Hello World!", "1.2.3"} {
		out, err := tensor.New(tensor.Int32, 1)
		if err != nil {
			t.Fatal(err)
		}
		if err := cast.Convert(nil, out, tensor.Vector(s), cast.Options{}); err == nil {
			t.Errorf("string %q converts to int32", s)
		}
	}
}

func TestConvertRefuses(t *testing.T) {
	c64, f32 := tensor.Vector[complex64](1), tensor.Vector[float32](1)
	for _, pair := range [][2]*tensor.Tensor{{f32, c64}, {c64, f32}, {tensor.Vector(""), c64}, {c64, tensor.Vector("1")}, {f32, tensor.Vector[float32](1, 2)}} {
		if err := cast.Convert(nil, pair[0], pair[1], cast.Options{}); err == nil {
			t.Errorf("%v converts to %v", pair[1], pair[0])
		}
	}
}

func ExampleConvert() {
	src := tensor.Vector[float32](0.1, 1000, float32(math.Inf(1)))
	dst, err := tensor.New(tensor.Float8E4M3FN, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := cast.Convert(nil, dst, src, cast.Options{}); err != nil {
		fmt.Println(err)
		return
	}
	back := make([]float32, 3)
	if err := cast.ToFloat32(nil, back, dst); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back)
	// Output: [0.1015625 448 448]
}
