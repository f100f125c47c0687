package vec_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cpu"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// functions are the elementwise functions with their definitions, and how many
// ulp of the larger of result and scale they may be off.
var functions = []struct {
	name  string
	f     func(dst, src []float32)
	want  func(x float64) float64
	ulp   float64
	scale func(x float64) float64 // the largest term; nil is the result
}{
	{"exp", vec.Exp, math.Exp, 1.5, nil},
	{"sigmoid", vec.Sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, 2, nil},
	{"silu", vec.Silu, func(x float64) float64 { return limit(x, x/(1+math.Exp(-x))) }, 3, func(x float64) float64 {
		// sigmoid(x) may be below the normal numbers
		return math.Max(math.Abs(x/(1+math.Exp(-x))), math.Abs(x)*0x1p-126)
	}},
	{"tanh", vec.Tanh, math.Tanh, 2, nil},
	{"erf", vec.Erf, math.Erf, 2.5, nil},
	{"gelu", vec.Gelu, func(x float64) float64 { return limit(x, x*0.5*math.Erfc(-x*math.Sqrt2/2)) }, 3, math.Abs},
	{"geluTanh", vec.GeluTanh, func(x float64) float64 {
		return limit(x, x/(1+math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))))
	}, 3, math.Abs},
	{"sqrt", vec.Sqrt, math.Sqrt, 0.5, nil},
}

// limit is v, or 0 at -∞.
func limit(x, v float64) float64 {
	if math.IsInf(x, -1) {
		return 0
	}
	return v
}

func TestFunctions(t *testing.T) {
	var src []float32
	for _, v := range []float32{0, 1, 1e-30, 0.5, 0.625, 0.875, 4, 10, 20, 87, 88.7, 88.73, 100, 104, 200, 1e30, math.MaxFloat32, inf} {
		src = append(src, v, -v)
	}
	src = append(src, nan)
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		src = append(src, (r.Float32()*2-1)*float32(math.Exp2(r.Float64()*20-13)))
	}
	for _, f := range functions {
		t.Run(f.name, func(t *testing.T) {
			dst := make([]float32, len(src))
			f.f(dst, src)
			for i, x := range src {
				want := f.want(float64(x))
				size := want
				if f.scale != nil && !math.IsInf(want, 0) {
					size = f.scale(float64(x))
				}
				if off := ulps(float64(dst[i]), want, size); !(off <= f.ulp) {
					t.Fatalf("f(%v) is %v, expected %v: off by %.2f ulp", x, dst[i], float32(want), off)
				}
			}
		})
	}
}

// ulps is how far got is from want, in units of the last place of size as a
// float32.
func ulps(got, want, size float64) float64 {
	switch {
	case math.IsNaN(want) || math.IsNaN(got):
		if math.IsNaN(want) && math.IsNaN(got) {
			return 0
		}
		return math.Inf(1)
	case got == want || float64(float32(want)) == got:
		return 0
	case math.IsInf(got, 0):
		return math.Inf(1)
	}
	s := math.Abs(float64(float32(size)))
	_, e := math.Frexp(math.Max(math.Min(s, math.MaxFloat32), 0x1p-126))
	return math.Abs(got-want) / math.Ldexp(1, e-24)
}

// TestLengths runs everything on lengths around those of registers, at odd
// places, and sees that nothing beyond is touched.
func TestLengths(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 70 {
		a, b := random(r, n+1)[1:], random(r, n+1)[1:]
		for _, f := range functions {
			check(t, f.name, n, func(dst []float32) { f.f(dst, a) }, func(i int) float64 { return f.want(float64(a[i])) })
		}
		for _, f := range []struct {
			name string
			vv   func(dst, a, b []float32)
			vs   func(dst, a []float32, b float32)
			sv   func(dst []float32, a float32, b []float32)
			want func(a, b float32) float32
		}{
			{"add", vec.Add, vec.AddVS, vec.AddSV, func(a, b float32) float32 { return a + b }},
			{"sub", vec.Sub, vec.SubVS, vec.SubSV, func(a, b float32) float32 { return a - b }},
			{"mul", vec.Mul, vec.MulVS, vec.MulSV, func(a, b float32) float32 { return a * b }},
			{"div", vec.Div, vec.DivVS, vec.DivSV, func(a, b float32) float32 { return a / b }},
		} {
			check(t, f.name, n, func(dst []float32) { f.vv(dst, a, b) }, func(i int) float64 { return float64(f.want(a[i], b[i])) })
			check(t, f.name+"VS", n, func(dst []float32) { f.vs(dst, a, 3) }, func(i int) float64 { return float64(f.want(a[i], 3)) })
			check(t, f.name+"SV", n, func(dst []float32) { f.sv(dst, 3, a) }, func(i int) float64 { return float64(f.want(3, a[i])) })
		}
		check(t, "blend", n, func(dst []float32) { vec.Blend(dst, a, b, 0.5, -2, 3) },
			func(i int) float64 { return 0.5*float64(a[i]) - 2*float64(b[i]) + 3 })
		check(t, "relu", n, func(dst []float32) { vec.Relu(dst, a) }, func(i int) float64 { return max(float64(a[i]), 0) })
		pairs := random(r, 2*n)
		check(t, "every second", n, func(dst []float32) { vec.EverySecond(dst, pairs[:max(2*n-1, 0)]) }, func(i int) float64 { return float64(pairs[2*i]) })
		check(t, "zip", 2*n, func(dst []float32) { vec.Zip(dst, a, b) }, func(i int) float64 { return float64([2]float32{a[i/2], b[i/2]}[i%2]) })
		check(t, "gate", n, func(dst []float32) { vec.Gate(dst, a, b) }, func(i int) float64 {
			if b[i] > 0 {
				return float64(a[i])
			}
			return 0
		})
		check(t, "normalize", n, func(dst []float32) { vec.Normalize(dst, a, b, b, 0.25, 2) },
			func(i int) float64 { return (float64(a[i])-0.25)*2*float64(b[i]) + float64(b[i]) })
		check(t, "expSum", n, func(dst []float32) { vec.ExpSum(dst, a, 1) }, func(i int) float64 { return math.Exp(float64(a[i]) - 1) })
	}
}

func check(t *testing.T, name string, n int, run func(dst []float32), want func(i int) float64) {
	t.Helper()
	const guard = 12345
	buf := slices.Repeat([]float32{guard}, n+33)
	dst := buf[1 : n+1 : n+1]
	run(dst)
	for i, got := range dst {
		if w := want(i); math.Abs(float64(got)-w) > 1e-6*math.Max(1, math.Abs(w)) && !(math.IsNaN(w) && got != got) {
			t.Fatalf("%s of %d: value %d is %v, expected %v", name, n, i, got, w)
		}
	}
	for i, v := range buf {
		if (i < 1 || i > n) && v != guard {
			t.Fatalf("%s of %d: wrote at %d", name, n, i-1)
		}
	}
}

func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 100 {
		a, b := random(r, n), random(r, n)
		var sum, dot, squares, exps float64
		top := math.Inf(-1)
		for i := range a {
			x := float64(a[i])
			sum, dot, squares, exps, top = sum+x, dot+x*float64(b[i]), squares+(x-0.5)*(x-0.5), exps+math.Exp(x-0.5), math.Max(top, x)
		}
		for name, pair := range map[string][2]float64{
			"sum": {float64(vec.Sum(a)), sum}, "dot": {float64(vec.Dot(a, b)), dot},
			"squares": {float64(vec.Squares(a, 0.5)), squares}, "expSum": {float64(vec.ExpSum(make([]float32, n), a, 0.5)), exps},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-4 {
				t.Errorf("%s of %d values is %v, expected %v", name, n, pair[0], pair[1])
			}
		}
		if n > 0 && math.Abs(float64(vec.Mean(a))-sum/float64(n)) > 1e-7*math.Abs(sum) {
			t.Errorf("mean of %d values is %v, expected %v", n, vec.Mean(a), sum/float64(n))
		}
		if n > 0 && float64(vec.Largest(a)) != top {
			t.Errorf("largest of %d values is %v, expected %v", n, vec.Largest(a), top)
		}
	}
	if got := vec.Largest([]float32{-inf, -inf}); got != -inf {
		t.Errorf("largest of -∞ is %v", got)
	}
}

// TestRungs sees that AVX2 and AVX-512 give the same bits: a dynamic quantisation
// makes steps of them.
func TestRungs(t *testing.T) {
	if cpu.Level < cpu.AVX512 {
		t.Skip("there is one rung with vector instructions, or none")
	}
	defer func(was cpu.Rung) { cpu.Level = was }(cpu.Level)
	r := rand.New(rand.NewPCG(9, 10))
	for n := range 100 {
		src := random(r, n+1)[:n]
		var results [2][]float32
		for i, rung := range []cpu.Rung{cpu.AVX2, cpu.AVX512} {
			cpu.Level = rung
			for _, f := range functions {
				dst := make([]float32, n)
				f.f(dst, src)
				results[i] = append(results[i], dst...)
			}
			dst := make([]float32, n)
			vec.Normalize(dst, src, src, src, 0.1, 3)
			results[i] = append(results[i], dst...)
			results[i] = append(results[i], vec.ExpSum(dst, src, 2), vec.Squares(src, 0.3), vec.Mean(append(src, 1)))
			results[i] = append(results[i], dst...)
		}
		same := func(a, b float32) bool { return a == b || a != a && b != b }
		if !slices.EqualFunc(results[0], results[1], same) {
			t.Fatalf("%d values: with AVX2 results are %v, with AVX-512 %v", n, results[0], results[1])
		}
	}
}

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = r.Float32()*4 - 2
	}
	return v
}

func BenchmarkFunctions(b *testing.B) {
	src := random(rand.New(rand.NewPCG(7, 8)), 4096)
	dst := make([]float32, len(src))
	for _, f := range functions {
		b.Run(f.name, func(b *testing.B) {
			for b.Loop() {
				f.f(dst, src)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(src)), "ns/value")
		})
	}
}

func ExampleSum() {
	fmt.Println(vec.Sum([]float32{1, 2, 3}))
	// Output: 6
}
