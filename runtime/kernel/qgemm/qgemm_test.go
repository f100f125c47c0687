package qgemm

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

func random[T Int8](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(r.IntN(256))
	}
	return v
}

// at is zero point i of none, one, or one each.
func at[T Int8](zeros []T, i int) int32 {
	switch len(zeros) {
	case 0:
		return 0
	case 1:
		return int32(zeros[0])
	}
	return int32(zeros[i])
}

func check[A, B Int8](t *testing.T, p *pool.Pool, r *rand.Rand, m, n, k, zerosA, zerosB int) {
	t.Helper()
	a, b, za, zb := random[A](r, m*k), random[B](r, k*n), random[A](r, zerosA), random[B](r, zerosB)
	if len(a) > 0 && len(b) > 0 {
		low := 128 // -128 as int8
		b[0], a[0] = B(low), A(low)
	}
	got, want := make([]int32, m*n), make([]int32, m*n)
	for i := range m {
		for j := range n {
			for x := range k {
				want[i*n+j] += (int32(a[i*k+x]) - at(za, i)) * (int32(b[x*n+j]) - at(zb, j))
			}
		}
	}
	for _, float := range []bool{false, true} {
		clear(got)
		Mul(p, m, a, k, za, pack(k, n, b, n, 1, zb, float), got, n)
		if !slices.Equal(got, want) {
			t.Errorf("%dx%dx%d with %d and %d zero points, floats %v: got %v, expected %v", m, n, k, zerosA, zerosB, float, got, want)
		}
	}
}

func TestMul(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][3]int{{1, 1, 1}, {1, 8, 5}, {3, 9, 17}, {40, 33, 64}, {5, 18, 700}, {130, 9, 256}, {2, 7, 0}, {0, 3, 4}, {3, 0, 4}} {
		m, n, k := size[0], size[1], size[2]
		check[uint8, int8](t, p, r, m, n, k, 1, n)
		check[uint8, uint8](t, p, r, m, n, k, m, 1)
		check[int8, int8](t, nil, r, m, n, k, 0, 0)
		check[int8, uint8](t, nil, r, m, n, k, 1, 1)
	}
}

// TestExtremes adds up the largest products that there are, over more terms than
// float32 holds at once.
func TestExtremes(t *testing.T) {
	const k = 1000
	a, b := make([]uint8, k), make([]uint8, k)
	for i := range a {
		a[i] = 255 - uint8(i&1) // a pattern, so that sums of blocks are odd too
	}
	want := int32(0)
	for _, v := range a {
		want += int32(v) * -255
	}
	for _, float := range []bool{false, true} {
		c := make([]int32, 1)
		Mul(nil, 1, a, k, nil, pack(k, 1, b, 1, 1, []uint8{255}, float), c, 1)
		if c[0] != want {
			t.Errorf("floats %v: got %d, expected %d", float, c[0], want)
		}
	}
}

// TestWrapsAround adds up more than an int32 holds: -128·-128·2¹⁷ = 2³¹.
func TestWrapsAround(t *testing.T) {
	const k = 1 << 17
	a, b := make([]int8, k), make([]int8, 2*k)
	for i := range a {
		a[i], b[2*i], b[2*i+1] = -128, -128, 1
	}
	for _, float := range []bool{false, true} {
		c := make([]int32, 2)
		Mul(nil, 1, a, k, nil, pack(k, 2, b, 2, 1, nil, float), c, 2)
		if want := []int32{-1 << 31, -128 * k}; !slices.Equal(c, want) {
			t.Errorf("floats %v: got %v, expected %v", float, c, want)
		}
	}
}
