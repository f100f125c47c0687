package elementwise_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// at is the element of an input of shape in that stands at flat place i of the
// output: the definition of broadcasting, one element at a time.
func at(out, in []int, i int) int {
	off, stride := 0, 1
	for k := range out {
		dim := out[len(out)-1-k]
		place := i % dim
		i /= dim
		if k < len(in) {
			if size := in[len(in)-1-k]; size != 1 {
				off += place * stride
				stride *= size
			}
		}
	}
	return off
}

func iota(n int, scale float32) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(i) * scale
	}
	return v
}

var broadcasts = []struct{ a, b, out []int }{
	{[]int{}, []int{}, []int{}},
	{[]int{5}, []int{}, []int{5}},
	{[]int{}, []int{2, 3}, []int{2, 3}},
	{[]int{2, 3}, []int{2, 3}, []int{2, 3}},
	{[]int{4, 3}, []int{3}, []int{4, 3}},                      // trailing vector
	{[]int{2, 3, 4, 5}, []int{1, 3, 1, 1}, []int{2, 3, 4, 5}}, // channel
	{[]int{1, 3, 1, 1}, []int{2, 3, 4, 5}, []int{2, 3, 4, 5}},
	{[]int{2, 1, 4}, []int{2, 3, 4}, []int{2, 3, 4}}, // middle
	{[]int{3, 1}, []int{1, 4}, []int{3, 4}},          // outer product
	{[]int{2, 1, 3, 1, 2}, []int{1, 4, 1, 2, 1}, []int{2, 4, 3, 2, 2}},
	{[]int{2, 0, 3}, []int{1, 3}, []int{2, 0, 3}}, // empty
	{[]int{0}, []int{1}, []int{0}},
	{[]int{7, 300}, []int{7, 1}, []int{7, 300}},
}

func TestBinaryBroadcasts(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	for _, c := range broadcasts {
		t.Run(fmt.Sprint(c.a, c.b), func(t *testing.T) {
			out, err := elementwise.Shape(nil, c.a, c.b)
			if err != nil || !slices.Equal(out, c.out) {
				t.Fatalf("shape %v, %v, want %v", out, err, c.out)
			}
			var l elementwise.Layout
			if err := l.Broadcast(out, c.a, c.b); err != nil {
				t.Fatal(err)
			}
			a, b := iota(product(c.a), 1), iota(product(c.b), 1000)
			want := make([]float32, product(out))
			for i := range want {
				want[i] = a[at(out, c.a, i)] - b[at(out, c.b, i)]
			}
			for _, grain := range []int{1, 7, 1 << 20} {
				got := make([]float32, len(want))
				elementwise.Sub[float32]().Run(p, grain, &l, got, a, b)
				if !slices.Equal(got, want) {
					t.Fatalf("grain %d: got %v, want %v", grain, got, want)
				}
			}
			if len(a) == len(want) { // in place of the first input
				elementwise.Sub[float32]().Run(nil, 1<<20, &l, a, a, b)
				if !slices.Equal(a, want) {
					t.Errorf("in place: got %v, want %v", a, want)
				}
			}
		})
	}
}

func TestShapeRefuses(t *testing.T) {
	for _, c := range [][2][]int{{{2}, {3}}, {{2, 3}, {2}}, {{0}, {2}}} {
		if s, err := elementwise.Shape(nil, c[0], c[1]); err == nil {
			t.Errorf("%v and %v broadcast to %v", c[0], c[1], s)
		}
	}
	var l elementwise.Layout
	if err := l.Broadcast([]int{2}, []int{2, 2}[:1], []int{3}); err == nil {
		t.Error("[3] is laid out over [2]")
	}
	long, one := make([]int, 40), make([]int, 40)
	for i := range long {
		long[i], one[i] = 2, 1+i%2 // alternates: nothing can be joined
	}
	if err := l.Broadcast(long, long, one); err == nil {
		t.Error("40 separate dimensions fit")
	}
}

func TestWhere(t *testing.T) {
	shapes := [][3][]int{
		{{2, 3}, {2, 3}, {2, 3}},
		{{2, 1}, {2, 3}, {}},
		{{3}, {2, 1}, {1, 3}},
		{{}, {4}, {}},
	}
	for _, s := range shapes {
		out, err := elementwise.Shape(nil, s[:]...)
		if err != nil {
			t.Fatal(err)
		}
		var l elementwise.Layout
		if err := l.Broadcast(out, s[:]...); err != nil {
			t.Fatal(err)
		}
		cond := make([]bool, product(s[0]))
		for i := range cond {
			cond[i] = i%2 == 0
		}
		a, b := iota(product(s[1]), 1), iota(product(s[2]), -1)
		got := make([]float32, product(out))
		elementwise.Where(nil, &l, got, cond, a, b)
		for i, v := range got {
			want := b[at(out, s[2], i)]
			if cond[at(out, s[0], i)] {
				want = a[at(out, s[1], i)]
			}
			if v != want {
				t.Errorf("%v: element %d is %g, want %g", s, i, v, want)
			}
		}
	}
}

// ulps is the distance of got from the exact value, in units of its last place.
func ulps(got float32, exact float64) float64 {
	near := float32(exact)
	if math.IsInf(float64(near), 0) || exact == 0 {
		if got == near {
			return 0
		}
		return math.Inf(1)
	}
	unit := float64(math.Nextafter32(float32(math.Abs(float64(near))), math.MaxFloat32)) - math.Abs(float64(near))
	return math.Abs(float64(got)-exact) / unit
}

// single is a loop over slices as a function of one element.
func single(f elementwise.Unary[float32, float32]) func(float32) float32 {
	return func(x float32) float32 {
		v := [1]float32{x}
		f(v[:], v[:])
		return v[0]
	}
}

func TestTranscendentalsAreAccurate(t *testing.T) {
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for _, f := range []struct {
		name  string
		got   func(float32) float32
		exact func(float64) float64
	}{
		{"exp", single(elementwise.Exp[float32]), math.Exp},
		{"sigmoid", single(elementwise.Sigmoid[float32]), sigmoid},
		{"tanh", single(elementwise.Tanh[float32]), math.Tanh},
		{"erf", single(elementwise.Erf[float32]()), math.Erf},
		{"mish", single(elementwise.Mish[float32]()), func(x float64) float64 { return x * math.Tanh(math.Log1p(math.Exp(x))) }},
	} {
		worst, place := 0.0, float32(0)
		for i := range 200_000 {
			x := float32(-110 + 220*float64(i)/200_000)
			if i%2 == 1 { // small ones too
				x = float32(math.Ldexp(float64(x), -i%40))
			}
			if d := ulps(f.got(x), f.exact(float64(x))); d > worst {
				worst, place = d, x
			}
		}
		if worst > 3 {
			t.Errorf("%s(%g) is off by %.3f units of the last place", f.name, place, worst)
		}
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct{ got, want float32 }{
		{single(elementwise.Exp[float32])(inf), inf},
		{single(elementwise.Exp[float32])(-inf), 0},
		{single(elementwise.Exp[float32])(89), inf},
		{single(elementwise.Sigmoid[float32])(inf), 1},
		{single(elementwise.Sigmoid[float32])(-inf), 0},
		{single(elementwise.Tanh[float32])(inf), 1},
		{single(elementwise.Tanh[float32])(-inf), -1},
	} {
		if c.got != c.want {
			t.Errorf("got %g, want %g", c.got, c.want)
		}
	}
	for _, f := range []func(float32) float32{single(elementwise.Exp[float32]), single(elementwise.Sigmoid[float32]), single(elementwise.Tanh[float32])} {
		if v := f(nan); v == v {
			t.Errorf("f(NaN) is %g", v)
		}
	}
}

func TestLimits(t *testing.T) {
	if lo, hi := elementwise.Limits[int8](); lo != -128 || hi != 127 {
		t.Errorf("int8: %d to %d", lo, hi)
	}
	if lo, hi := elementwise.Limits[uint64](); lo != 0 || hi != math.MaxUint64 {
		t.Errorf("uint64: %d to %d", lo, hi)
	}
	if lo, hi := elementwise.Limits[float64](); lo != -math.MaxFloat64 || hi != math.MaxFloat64 {
		t.Errorf("float64: %g to %g", lo, hi)
	}
}

// FuzzBroadcast lays out shapes from anywhere: an error, or every element once.
func FuzzBroadcast(f *testing.F) {
	f.Add([]byte{1, 3, 1}, []byte{2, 1, 4})
	f.Add([]byte{}, []byte{0, 5})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		sa, sb := shapeOf(a), shapeOf(b)
		out, err := elementwise.Shape(nil, sa, sb)
		if err != nil || product(out) > 1<<12 || product(sa) > 1<<12 || product(sb) > 1<<12 {
			return
		}
		var l elementwise.Layout
		if l.Broadcast(out, sa, sb) != nil {
			return
		}
		x, y, got := iota(product(sa), 1), iota(product(sb), 1), make([]float32, product(out))
		elementwise.Add[float32]().Run(nil, 64, &l, got, x, y)
		for i, v := range got {
			if want := x[at(out, sa, i)] + y[at(out, sb, i)]; v != want {
				t.Fatalf("%v + %v: element %d is %g, want %g", sa, sb, i, v, want)
			}
		}
	})
}

func shapeOf(b []byte) []int {
	s := make([]int, 0, 8)
	for _, v := range b[:min(len(b), 8)] {
		s = append(s, int(v%6))
	}
	return s
}

func ExampleLayout_Broadcast() {
	pixels, bias := []float32{1, 2, 3, 4}, []float32{10, 20}
	var l elementwise.Layout
	if err := l.Broadcast([]int{1, 2, 2}, []int{1, 2, 2}, []int{2, 1}); err != nil {
		fmt.Println(err)
		return
	}
	sum := make([]float32, l.Len())
	elementwise.Add[float32]().Run(nil, elementwise.GrainCheap, &l, sum, pixels, bias)
	fmt.Println(sum)
	// Output: [11 12 23 24]
}
