package strided_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// plain is the copy by its definition.
func plain[T any](dst, src []T, shape, ds, ss []int, d, s int) {
	if len(shape) == 0 {
		dst[d] = src[s]
		return
	}
	for range shape[0] {
		plain(dst, src, shape[1:], ds[1:], ss[1:], d, s)
		d += ds[0]
		s += ss[0]
	}
}

// layout is a block in a buffer of n elements.
type layout struct{ shape, dst, src []int }

// layouts gives a block of each kind that operators make.
func layouts(r *rand.Rand) map[string]layout {
	shape := make([]int, 1+r.IntN(5))
	for i := range shape {
		shape[i] = 1 + r.IntN(7)
	}
	if r.IntN(3) == 0 {
		shape[0] = 40 + r.IntN(40) // more than a strip
	}
	own := strided.Strides(shape)
	perm := r.Perm(len(shape))
	moved, from := make([]int, len(shape)), make([]int, len(shape))
	for i, p := range perm {
		moved[i], from[i] = shape[p], own[p]
	}
	repeated, wide := slices.Clone(own), slices.Clone(own)
	for i := range shape {
		if r.IntN(2) == 0 {
			repeated[i] = 0
		}
		wide[i] *= 2
	}
	return map[string]layout{
		"as it is":  {shape, own, own},
		"permuted":  {moved, strided.Strides(moved), from},
		"inverse":   {moved, from, strided.Strides(moved)},
		"repeated":  {shape, own, repeated},
		"every 2nd": {shape, own, wide},
		"spread":    {shape, wide, own},
	}
}

func check[T cells.Cell](t *testing.T, workers *pool.Pool, x layout, value func(i int) T) {
	t.Helper()
	const size = 1 << 15
	src, want, got := make([]T, size), make([]T, size), make([]T, size)
	for i := range src {
		src[i] = value(i)
	}
	plain(want, src, x.shape, x.dst, x.src, 3, 5)
	strided.New(x.shape, x.dst, x.src, 3, 5).Run(workers, sliceOf(t, got), sliceOf(t, src))
	if !slices.Equal(got, want) {
		t.Fatalf("%T: shape %v, strides %v from %v: wrong", got, x.shape, x.dst, x.src)
	}
}

// sliceOf views a Go slice as cells, through a tensor of a type of that size.
func sliceOf[T cells.Cell](t *testing.T, s []T) cells.Slice {
	t.Helper()
	var x *tensor.Tensor
	var err error
	switch s := any(s).(type) {
	case []uint8:
		x, err = tensor.FromSlice(s, len(s))
	case []uint16:
		x, err = tensor.FromSlice(s, len(s))
	case []uint32:
		x, err = tensor.FromSlice(s, len(s))
	case []uint64:
		x, err = tensor.FromSlice(s, len(s))
	case []string:
		x, err = tensor.FromSlice(s, len(s))
	}
	if err != nil {
		t.Fatal(err)
	}
	return cells.Dest(x)
}

func TestRun(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	workers := pool.New(3)
	defer workers.Close()
	for range 25 {
		for name, x := range layouts(r) {
			t.Run(name, func(t *testing.T) {
				check(t, nil, x, func(i int) uint8 { return uint8(i) })
				check(t, workers, x, func(i int) uint16 { return uint16(i) })
				check(t, workers, x, func(i int) uint32 { return uint32(i) })
				check(t, nil, x, func(i int) uint64 { return uint64(i) })
				check(t, workers, x, func(i int) string { return fmt.Sprint(i) })
			})
		}
	}
}

func TestNegativeStrides(t *testing.T) {
	x, err := tensor.FromSlice([]complex128{1, 2, 3, 4, 5, 6}, 6)
	if err != nil {
		t.Fatal(err)
	}
	out, err := tensor.New(tensor.Complex128, 6)
	if err != nil {
		t.Fatal(err)
	}
	// rows of [2,3] backwards, columns too
	strided.New([]int{2, 3}, []int{3, 1}, []int{-3, -1}, 0, 5).Run(nil, cells.Dest(out), cells.Load(x))
	got, err := tensor.Data[complex128](out)
	if err != nil {
		t.Fatal(err)
	}
	if want := []complex128{6, 5, 4, 3, 2, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEmptyBlockTouchesNothing(t *testing.T) {
	strided.New([]int{3, 0, 2}, []int{0, 2, 1}, []int{0, 2, 1}, 0, 0).Run(nil, cells.Slice{Size: 4}, cells.Slice{Size: 4})
}

func TestCopyRows(t *testing.T) {
	workers := pool.New(3)
	defer workers.Close()
	for _, shape := range [][2]int{{3, 4}, {1, 7}, {5, 0}, {0, 5}, {300, 100}, {1, 200_000}} {
		n, width := shape[0], shape[1]
		src := make([]uint16, 5+n*(width+2))
		for i := range src {
			src[i] = uint16(i)
		}
		got := make([]uint16, 3+n*(width+1))
		want := make([]uint16, len(got))
		plain(want, src, []int{n, width}, []int{width + 1, 1}, []int{width + 2, 1}, 3, 5)
		strided.CopyRows(workers, sliceOf(t, got), sliceOf(t, src), strided.Rows{Offset: 3, Stride: width + 1}, strided.Rows{Offset: 5, Stride: width + 2}, n, width)
		if !slices.Equal(got, want) {
			t.Errorf("%d rows of %d: wrong", n, width)
		}
	}
}

func TestSteadyRunAllocatesNothing(t *testing.T) {
	x := make([]uint32, 6000)
	src, dst := sliceOf(t, x), sliceOf(t, make([]uint32, 6000))
	p := strided.New([]int{60, 100}, []int{100, 1}, []int{1, 60}, 0, 0)
	if n := testing.AllocsPerRun(20, func() { p.Run(nil, dst, src) }); n != 0 {
		t.Errorf("a run allocates %v times", n)
	}
}

func BenchmarkTranspose(b *testing.B) {
	for _, shape := range [][]int{{1024, 1024}, {64, 80, 80}, {12, 128, 64}} {
		b.Run(fmt.Sprint(shape), func(b *testing.B) {
			in, out := make([]float32, product(shape)), make([]float32, product(shape))
			src, _ := tensor.FromSlice(in, len(in))
			dst, _ := tensor.FromSlice(out, len(out))
			own := strided.Strides(shape)
			k := len(shape)
			// the last dimension to the front
			moved := append([]int{shape[k-1]}, shape[:k-1]...)
			from := append([]int{1}, own[:k-1]...)
			b.SetBytes(int64(8 * len(in)))
			for b.Loop() {
				strided.New(moved, strided.Strides(moved), from, 0, 0).Run(nil, cells.Dest(dst), cells.Load(src))
			}
		})
	}
}

func product(list []int) int {
	n := 1
	for _, d := range list {
		n *= d
	}
	return n
}
