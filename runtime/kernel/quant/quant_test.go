package quant_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/guard"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/quant"
)

func TestQuantizeRounds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	x := []float32{0.5, 1.5, 2.5, -0.5, -1.5, 0.49999997, 300, -300, inf, -inf, nan, 126.5}
	want := []float32{0, 2, 2, 0, -2, 0, 127, -128, 127, -128, -128, 126}
	got := make([]float32, len(x))
	quant.Quantize(nil, got, x, quant.Layout{Outer: 1, N: 1, Inner: len(x)}, []float32{1}, nil, quant.Range{Min: -128, Max: 127}, nil)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, expected %v", got, want)
	}
	bytes := make([]uint8, 5)
	quant.Uint8(nil, bytes, []float32{-3, 0.25, 0.75, 1000, nan}, 0.5, 3)
	if want := []uint8{0, 3, 5, 255, 0}; !slices.Equal(bytes, want) { // 0.5 and 1.5 go to 0 and 2
		t.Errorf("got %v, expected %v", bytes, want)
	}
}

// TestLayouts holds every layout, on one thread and on three, against a loop
// over elements.
func TestLayouts(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	for _, l := range []quant.Layout{
		{Outer: 2, N: 3, Inner: 2000},
		{Outer: 2, N: 3, Inner: 4, Kind: quant.PerAxis},
		{Outer: 5, N: 3, Inner: 1, Kind: quant.PerAxis},
		{Outer: 2, N: 5, Inner: 3, Kind: quant.Blocked, Block: 2},
		{Outer: 3, N: 5, Inner: 1, Kind: quant.Blocked, Block: 2},
		{Outer: 0, N: 5, Inner: 1, Kind: quant.Blocked, Block: 2},
	} {
		n := l.Outer * l.N * l.Inner
		scale, zero := make([]float32, l.Scales()), make([]float32, l.Scales())
		for i := range scale {
			scale[i], zero[i] = float32(i+1), float32(i%7)
		}
		x, want := make([]float32, n), make([]float32, n)
		for i := range x {
			x[i] = float32(i % 100)
			o, a, c := i/(l.N*l.Inner), i/l.Inner%l.N, i%l.Inner
			s := 0
			switch l.Kind {
			case quant.PerTensor:
			case quant.PerAxis:
				s = a
			case quant.Blocked:
				s = (o*((l.N+l.Block-1)/l.Block)+a/l.Block)*l.Inner + c
			}
			want[i] = (x[i] - zero[s]) * scale[s]
		}
		one, three := slices.Clone(x), slices.Clone(x)
		quant.Dequantize(nil, one, l, scale, zero)
		quant.Dequantize(p, three, l, scale, zero)
		if !slices.Equal(one, want) || !slices.Equal(three, want) {
			t.Errorf("%+v: got %v, expected %v", l, one, want)
		}
		// and back: x is whole and in range
		quant.Quantize(p, one, one, l, scale, zero, quant.Range{Max: 255}, nil)
		if !slices.Equal(one, x) {
			t.Errorf("%+v: back again, got %v, expected %v", l, one, x)
		}
	}
}

func TestDynamic(t *testing.T) {
	for _, tt := range []struct {
		x     []float32
		scale float32
		zero  uint8
	}{
		{nil, 1, 0},
		{[]float32{0, 0}, 1, 0},
		{[]float32{51, 102}, 0.4, 0},
		{[]float32{-51, 204}, 1, 51},
		{[]float32{-255, -51}, 1, 255},
	} {
		scale, zero := quant.Dynamic(nil, tt.x)
		if scale != tt.scale || zero != tt.zero {
			t.Errorf("%v: got %v and %d, expected %v and %d", tt.x, scale, zero, tt.scale, tt.zero)
		}
	}
}

// TestDynamicWays holds the quantisation of lengths around those that assembly
// takes, with special values at each place, against a loop over elements.
func TestDynamicWays(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 63, 64, 65, 200, 1<<17 + 70} {
		x := guard.Slice[float32](t, n)
		for i := range x {
			x[i] = (r.Float32() - 0.3) * 10
		}
		for _, special := range []float32{0, 1000, -1000, nan, inf, -inf} {
			if n > 0 {
				x[r.IntN(n)] = special
			}
			lo, hi := float32(0), float32(0)
			for _, v := range x {
				if v == v {
					lo, hi = min(lo, v), max(hi, v)
				}
			}
			scale, zero := quant.Dynamic(p, x)
			if want := (hi - lo) / 255; scale != want && want != 0 {
				t.Fatalf("%d values: the scale is %v, expected %v", n, scale, want)
			}
			if special == inf || special == -inf {
				scale, zero = 0.01, 100
			}
			got, want := guard.Slice[uint8](t, n), make([]uint8, n)
			for i, v := range x {
				q := math.RoundToEven(float64(v/scale)) + float64(zero)
				want[i] = uint8(max(0, min(255, q)))
				if q != q {
					want[i] = 0
				}
			}
			quant.Uint8(p, got, x, scale, zero)
			if !slices.Equal(got, want) {
				t.Fatalf("%d values, %v among them: got %v, expected %v", n, special, got[:min(n, 99)], want[:min(n, 99)])
			}
		}
	}
}

func BenchmarkDynamic(b *testing.B) {
	x := make([]float32, 128*384)
	for i := range x {
		x[i] = float32(i%97) - 40
	}
	y := make([]uint8, len(x))
	b.SetBytes(int64(4 * len(x)))
	for b.Loop() {
		scale, zero := quant.Dynamic(nil, x)
		quant.Uint8(nil, y, x, scale, zero)
	}
}
