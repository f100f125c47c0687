package qgemm

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/guard"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

func random[T Int8](r *rand.Rand, n int) []T {
	v := make([]T, n)
	for i := range v {
		v[i] = T(r.IntN(256))
	}
	return v
}

// naive is the definition.
func naive[A, B Int8](m, n, k int, a []A, za []A, b []B, zb []B) []int32 {
	c := make([]int32, m*n)
	for i := range m {
		for x := range k {
			v := int32(a[i*k+x]) - zeroOf(za, i)
			for j := range n {
				c[i*n+j] += v * (int32(b[x*n+j]) - zeroOf(zb, j))
			}
		}
	}
	return c
}

// ways are the implementations that this machine can run.
func ways() []tiles {
	var list []tiles
	for w := plain; w <= best(); w++ {
		list = append(list, w)
	}
	return list
}

func check[A, B Int8](t *testing.T, p *pool.Pool, r *rand.Rand, m, n, k, zerosA, zerosB int) {
	t.Helper()
	a, b, za, zb := random[A](r, m*k), random[B](r, k*n), random[A](r, zerosA), random[B](r, zerosB)
	if len(a) > 0 && len(b) > 0 {
		low := 128 // -128 as int8
		b[0], a[0] = B(low), A(low)
	}
	want := naive(m, n, k, a, za, b, zb)
	for _, way := range ways() {
		got := guard.Slice[int32](t, m*n)
		Mul(p, m, guard.Copy(t, a), k, za, pack(k, n, b, n, 1, zb, way), got, n)
		if !slices.Equal(got, want) {
			t.Errorf("%dx%dx%d with %d and %d zero points, way %d: got %v, expected %v", m, n, k, zerosA, zerosB, way, got, want)
		}
	}
}

func TestMul(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][3]int{
		{1, 1, 1},
		{1, 8, 5},
		{3, 9, 17},
		{40, 33, 64},
		{5, 18, 700},
		{130, 9, 256},
		{2, 7, 0},
		{0, 3, 4},
		{3, 0, 4},
		{1, 100, 64},
		{2, 48, 13},
		{4, 64, 31},
		{7, 32, 1024},
		{11, 47, 16},
		{12, 16, 20},
		{13, 80, 3},
		{150, 40, 33},
	} {
		m, n, k := size[0], size[1], size[2]
		check[uint8, int8](t, p, r, m, n, k, 1, n)
		check[uint8, uint8](t, p, r, m, n, k, m, 1)
		check[int8, int8](t, nil, r, m, n, k, 0, 0)
		check[int8, uint8](t, nil, r, m, n, k, 1, 1)
	}
}

// TestEveryTile runs each number of rows with each kind of panel.
func TestEveryTile(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for m := 1; m <= 13; m++ {
		for _, n := range []int{5, 16, 29, 32} {
			check[uint8, int8](t, nil, r, m, n, 27, 1, 0)
		}
	}
}

// TestExtremes adds up the largest products that there are: what saturates a
// 16-bit sum of two.
func TestExtremes(t *testing.T) {
	const k, n = 1000, 40
	for _, values := range [][2]int{{255, -128}, {255, 127}, {0, -128}, {128, 127}} {
		a, b := make([]uint8, k), make([]int8, k*n)
		for i := range a {
			a[i] = uint8(values[0])
		}
		for i := range b {
			b[i] = int8(values[1])
		}
		for _, way := range ways() {
			c := make([]int32, n)
			Mul(nil, 1, a, k, nil, pack(k, n, b, n, 1, nil, way), c, n)
			for j, got := range c {
				if want := int32(k * values[0] * values[1]); got != want {
					t.Errorf("way %d, column %d: got %d, expected %d", way, j, got, want)
				}
			}
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
	for _, way := range ways() {
		c := make([]int32, 2)
		Mul(nil, 1, a, k, nil, pack(k, 2, b, 2, 1, nil, way), c, 2)
		if want := []int32{-1 << 31, -128 * k}; !slices.Equal(c, want) {
			t.Errorf("way %d: got %v, expected %v", way, c, want)
		}
	}
}

// TestStrides multiplies into a part of a wider C, by a B given by columns.
func TestStrides(t *testing.T) {
	const m, n, k, lda, ldc = 3, 21, 10, 13, 24
	r := rand.New(rand.NewPCG(9, 10))
	a, b := random[uint8](r, m*lda), random[int8](r, n*k)
	for _, way := range ways() {
		c := make([]int32, m*ldc)
		for i := range c {
			c[i] = -7
		}
		Mul(nil, m, a, lda, nil, pack(k, n, b, 1, k, nil, way), c, ldc)
		for i := range m {
			for j := range ldc {
				want := int32(-7)
				if j < n {
					want = 0
					for x := range k {
						want += int32(a[i*lda+x]) * int32(b[j*k+x])
					}
				}
				if got := c[i*ldc+j]; got != want {
					t.Fatalf("way %d, C[%d,%d]: got %d, expected %d", way, i, j, got, want)
				}
			}
		}
	}
}

// TestMulFloat holds every way against the sums, scaled one by one.
func TestMulFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	p := pool.New(3)
	defer p.Close()
	for _, size := range [][3]int{{1, 1, 1}, {1, 70, 33}, {5, 16, 8}, {14, 45, 64}, {150, 99, 12}, {2, 5, 0}} {
		m, n, k := size[0], size[1], size[2]
		a, b := random[uint8](r, m*k), random[int8](r, k*n)
		sums := naive(m, n, k, a, []uint8{7}, b, nil)
		scales, bias, old := make([]float32, n), make([]float32, n), make([]float32, m*n)
		for _, s := range [][]float32{scales, bias, old} {
			for i := range s {
				s[i] = r.Float32() - 0.5
			}
		}
		for variant := range 8 {
			f := Floats{Scale: 0.75, Scales: scales, Add: variant&2 != 0}
			if variant&1 != 0 {
				f.Bias = bias
			} else {
				f.Scales = scales[:1]
			}
			if variant&4 != 0 {
				f.After = func(row []float32) {
					for i := range row {
						row[i] = max(0, row[i])
					}
				}
			}
			want := slices.Clone(old)
			for i := range m {
				f.finish(want[i*n:][:n], sums[i*n:])
			}
			for _, way := range ways() {
				got := guard.Copy(t, old)
				MulFloat(p, m, a, k, []uint8{7}, pack(k, n, b, n, 1, nil, way), f, got, n)
				if !slices.Equal(got, want) {
					t.Fatalf("%v, variant %d, way %d: got %v, expected %v", size, variant, way, got, want)
				}
			}
		}
	}
}

// BenchmarkMul reports products of uint8 and int8 in GOP/s on one thread, each
// way.
func BenchmarkMul(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{128, 384, 384}, {128, 1536, 384}, {128, 384, 1536}, {1, 768, 768}, {1, 2048, 768}, {1, 32000, 768}} {
		m, n, k := size[0], size[1], size[2]
		a, w, c := random[uint8](r, m*k), random[int8](r, k*n), make([]float32, m*n)
		for _, way := range ways() {
			b.Run(fmt.Sprintf("%dx%dx%d/way%d", m, n, k, way), func(b *testing.B) {
				packed := pack(k, n, w, n, 1, nil, way)
				f := Floats{Scale: 1, Scales: []float32{1}}
				for b.Loop() {
					MulFloat(nil, m, a, k, []uint8{3}, packed, f, c, n)
				}
				b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
			})
		}
	}
}

// BenchmarkPack reports the layout of a matrix in GB/s.
func BenchmarkPack(b *testing.B) {
	const k, n = 768, 2048
	w := random[int8](rand.New(rand.NewPCG(1, 2)), k*n)
	b.SetBytes(k * n)
	for b.Loop() {
		Pack(k, n, w, n, 1, nil)
	}
}
