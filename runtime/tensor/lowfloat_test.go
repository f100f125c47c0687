package tensor_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// format describes a small float type by its published layout; value computes
// from it, in float64, what the bits stand for.
type format struct {
	name      string
	exp, mant int
	bias      int
	inf       bool // the largest exponent holds infinity and NaN
	lastNaN   bool // only all ones is NaN
	uz        bool // only the sign bit alone is NaN
	decode    func(bits uint32) float32
	encode    func(f float32, saturate bool) uint32
}

var formats = []format{
	{
		"float16", 5, 10, 15, true, false, false,
		func(b uint32) float32 { return tensor.F16(b).Float32() },
		func(f float32, _ bool) uint32 { return uint32(tensor.F16From(f)) },
	},
	{
		"bfloat16", 8, 7, 127, true, false, false,
		func(b uint32) float32 { return tensor.BF16(b).Float32() },
		func(f float32, _ bool) uint32 { return uint32(tensor.BF16From(f)) },
	},
	{
		"float8e4m3fn", 4, 3, 7, false, true, false,
		func(b uint32) float32 { return tensor.F8E4M3FN(b).Float32() },
		func(f float32, s bool) uint32 { return uint32(tensor.F8E4M3FNFrom(f, s)) },
	},
	{
		"float8e4m3fnuz", 4, 3, 8, false, false, true,
		func(b uint32) float32 { return tensor.F8E4M3FNUZ(b).Float32() },
		func(f float32, s bool) uint32 { return uint32(tensor.F8E4M3FNUZFrom(f, s)) },
	},
	{
		"float8e5m2", 5, 2, 15, true, false, false,
		func(b uint32) float32 { return tensor.F8E5M2(b).Float32() },
		func(f float32, s bool) uint32 { return uint32(tensor.F8E5M2From(f, s)) },
	},
	{
		"float8e5m2fnuz", 5, 2, 16, false, false, true,
		func(b uint32) float32 { return tensor.F8E5M2FNUZ(b).Float32() },
		func(f float32, s bool) uint32 { return uint32(tensor.F8E5M2FNUZFrom(f, s)) },
	},
	{
		"float4e2m1", 2, 1, 1, false, false, false,
		func(b uint32) float32 { return tensor.F4E2M1ToFloat32(uint8(b)) },
		func(f float32, _ bool) uint32 { return uint32(tensor.F4E2M1From(f)) },
	},
}

func (f format) sign() uint32 { return 1 << (f.exp + f.mant) }

// value is (-1)^s · 2^(e-bias) · 1.m, or 2^(1-bias) · 0.m where e is 0.
func (f format) value(bits uint32) float64 {
	e := int(bits >> f.mant & (1<<f.exp - 1))
	m := float64(bits&(1<<f.mant-1)) / float64(int(1)<<f.mant)
	s := 1.0
	if bits&f.sign() != 0 {
		s = -1
	}
	top := e == 1<<f.exp-1
	switch {
	case f.uz && bits == f.sign(),
		f.lastNaN && bits&(f.sign()-1) == f.sign()-1,
		f.inf && top && m != 0:
		return math.NaN()
	case f.inf && top:
		return math.Inf(int(s))
	case e == 0:
		return s * math.Pow(2, float64(1-f.bias)) * m
	}
	return s * math.Pow(2, float64(e-f.bias)) * (1 + m)
}

func same(a, b float64) bool {
	return a == b && math.Signbit(a) == math.Signbit(b) || math.IsNaN(a) && math.IsNaN(b)
}

func TestEveryPatternDecodes(t *testing.T) {
	for _, f := range formats {
		for bits := range 2 * f.sign() {
			if got, want := float64(f.decode(bits)), f.value(bits); !same(got, want) {
				t.Errorf("%s: %#x is %v, wanted %v", f.name, bits, got, want)
			}
		}
	}
	for bits := range 256 {
		want := math.Pow(2, float64(bits)-127)
		if bits == 255 {
			want = math.NaN()
		}
		if got := float64(tensor.F8E8M0(bits).Float32()); !same(got, want) {
			t.Errorf("float8e8m0: %#x is %v, wanted %v", bits, got, want)
		}
	}
}

// TestEveryPatternEncodes gives each value, and what lies between it and its
// upper neighbour: below, at and above the middle.
func TestEveryPatternEncodes(t *testing.T) {
	for _, f := range formats {
		check := func(v float32, want uint32) {
			t.Helper()
			for _, sign := range []uint32{0, f.sign()} {
				in, want := v, want|sign
				if sign != 0 {
					in = -v
				}
				if f.uz && want == f.sign() {
					want = 0 // there is no negative zero
				}
				if got := f.encode(in, false); got != want {
					t.Errorf("%s: %v encodes as %#x, wanted %#x", f.name, in, got, want)
				}
			}
		}
		for bits := range f.sign() {
			lo := f.value(bits)
			if math.IsNaN(lo) {
				if got := f.value(f.encode(float32(lo), false)); !math.IsNaN(got) {
					t.Errorf("%s: NaN encodes as %v", f.name, got)
				}
				continue
			}
			check(float32(lo), bits)
			hi := f.value(bits + 1)
			if math.IsInf(lo, 0) || math.IsInf(hi, 0) || math.IsNaN(hi) || bits+1 == f.sign() {
				continue
			}
			// float32 holds the middle of two values of any of these formats, but
			// for bfloat16 next to zero, where it is exact too
			mid := float32((lo + hi) / 2)
			check(mid, bits+bits&1)
			check(math.Nextafter32(mid, 0), bits)
			check(math.Nextafter32(mid, float32(math.Inf(1))), bits+1)
		}
	}
}

// TestBeyondTheLargest follows the table of the standard's Cast operator.
func TestBeyondTheLargest(t *testing.T) {
	inf := float32(math.Inf(1))
	nan := math.NaN()
	tests := []struct {
		format           string
		largest, nearest float32 // the largest value, and what still rounds to it
		beyond           float64 // without saturation
	}{
		{"float8e4m3fn", 448, 464, nan},
		{"float8e4m3fnuz", 240, 247.9, nan},
		{"float8e5m2", 57344, 61439, math.Inf(1)},
		{"float8e5m2fnuz", 57344, 61439, nan},
	}
	for _, tt := range tests {
		for _, f := range formats {
			if f.name != tt.format {
				continue
			}
			for _, s := range []float32{1, -1} {
				for _, saturate := range []bool{true, false} {
					if got := f.value(f.encode(s*tt.nearest, saturate)); got != float64(s*tt.largest) {
						t.Errorf("%s: %v becomes %v, wanted %v", f.name, s*tt.nearest, got, s*tt.largest)
					}
				}
				for _, v := range []float32{tt.largest * 1.2, 1e30, inf} {
					if got := f.value(f.encode(s*v, true)); got != float64(s*tt.largest) {
						t.Errorf("%s: %v saturates to %v", f.name, s*v, got)
					}
					if got := f.value(f.encode(s*v, false)); !same(got, float64(s)*tt.beyond) {
						t.Errorf("%s: %v becomes %v without saturation, wanted %v", f.name, s*v, got, float64(s)*tt.beyond)
					}
				}
			}
		}
	}
	if got := tensor.F16From(65520); got != 0x7c00 {
		t.Errorf("float16: 65520 is %#x, wanted infinity", got)
	}
	if got := tensor.F16From(65519.996); got != 0x7bff {
		t.Errorf("float16: 65519.996 is %#x, wanted the largest", got)
	}
	if got := tensor.BF16From(math.MaxFloat32); got != 0x7f80 {
		t.Errorf("bfloat16: the largest float32 is %#x, wanted infinity", got)
	}
	for in, want := range map[float32]uint8{7: 7, -7: 15, inf: 7, -inf: 15, 0.25: 0, 0.75: 2, 5: 6, 5.1: 7} {
		if got := tensor.F4E2M1From(in); got != want {
			t.Errorf("float4e2m1: %v is %#x, wanted %#x", in, got, want)
		}
	}
}
