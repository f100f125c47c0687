package gemm_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/gemm"
	"github.com/seed6700ada1/infer/runtime/kernel/guard"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// naive is the definition: alpha·A·B + beta·C + bias in float64.
func naive(g gemm.Args[float32]) []float64 {
	out := make([]float64, g.M*g.N)
	for i := range g.M {
		for j := range g.N {
			var sum float64
			for k := range g.K {
				x, y := i*g.LDA+k, k*g.LDB+j
				if g.TransA {
					x = k*g.LDA + i
				}
				if g.TransB {
					y = j*g.LDB + k
				}
				sum += float64(g.A[x]) * float64(g.B[y])
			}
			v := float64(g.Alpha) * sum
			if g.Beta != 0 {
				v += float64(g.Beta) * float64(g.C[i*g.LDC+j])
			}
			if g.Bias != nil {
				v += float64(g.Bias[j])
			}
			out[i*g.N+j] = v
		}
	}
	return out
}

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = r.Float32()*2 - 1
	}
	return v
}

// untouched is what lies between the rows of C, and must stay there.
const untouched = 12345

func TestMul(t *testing.T) {
	workers := pool.New(3)
	defer workers.Close()
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{
		{1, 1, 1}, {1, 5, 3}, {2, 4, 1}, {3, 17, 9}, {5, 16, 33}, {7, 31, 400}, {100, 130, 50}, {1, 700, 800}, {4, 3, 0}, {0, 3, 2}, {3, 0, 2},
	} {
		m, n, k := size[0], size[1], size[2]
		for variant := range 16 {
			transA, transB, beta, bias := variant&1 != 0, variant&2 != 0, variant&4 != 0, variant&8 != 0
			t.Run(fmt.Sprintf("%dx%dx%d/%v,%v,%v,%v", m, n, k, transA, transB, beta, bias), func(t *testing.T) {
				g := gemm.Args[float32]{M: m, N: n, K: k, TransA: transA, TransB: transB, Alpha: 0.5}
				g.LDA, g.LDB, g.LDC = k+3, n+2, n+1
				rowsA, rowsB := m, k
				if transA {
					g.LDA, rowsA = m+3, k
				}
				if transB {
					g.LDB, rowsB = k+2, n
				}
				g.A, g.B, g.C = random(r, rowsA*g.LDA), random(r, rowsB*g.LDB), random(r, m*g.LDC)
				for i := range m {
					g.C[i*g.LDC+n] = untouched
				}
				if beta {
					g.Beta = 2
				} else if len(g.C) > 0 && n > 0 {
					g.C[0] = float32(math.NaN()) // must not be read
				}
				if bias {
					g.Bias = random(r, n)
				}
				checkProduct(t, workers, g)
			})
		}
	}
}

// checkProduct compares a product on one thread with its definition, and on
// three threads and with a packed B with itself, bit for bit.
func checkProduct(t *testing.T, workers *pool.Pool, g gemm.Args[float32]) {
	t.Helper()
	want, before := naive(g), slices.Clone(g.C)
	gemm.Mul(nil, g)
	for i := range g.M {
		for j := range g.N {
			got := float64(g.C[i*g.LDC+j])
			if !(math.Abs(got-want[i*g.N+j]) <= 1e-4) {
				t.Fatalf("C[%d,%d] is %v, expected %v", i, j, got, want[i*g.N+j])
			}
		}
		if g.C[i*g.LDC+g.N] != untouched {
			t.Fatalf("row %d was written past its end", i)
		}
	}
	one := slices.Clone(g.C)
	for _, form := range []string{"threads", "packed"} {
		copy(g.C, before)
		if form == "packed" {
			g.Packed = gemm.Pack(g.K, g.N, g.B, g.LDB, g.TransB)
		}
		gemm.Mul(workers, g)
		if !slices.Equal(one, g.C) {
			t.Fatalf("%s: the product differs from that of one thread", form)
		}
	}
}

// TestRowsAlone holds a row of a product against that row multiplied alone, as
// decoding does: the bits must agree.
func TestRowsAlone(t *testing.T) {
	const m, n, k = 7, 37, 900
	r := rand.New(rand.NewPCG(3, 4))
	a, b := random(r, m*k), random(r, k*n)
	whole, alone := make([]float32, m*n), make([]float32, n)
	packed := gemm.Pack(k, n, b, n, false)
	gemm.Mul(nil, gemm.Args[float32]{M: m, N: n, K: k, A: a, LDA: k, Packed: packed, C: whole, LDC: n, Alpha: 1})
	for i := range m {
		gemm.Mul(nil, gemm.Args[float32]{M: 1, N: n, K: k, A: a[i*k:], LDA: k, B: b, LDB: n, C: alone, LDC: n, Alpha: 1})
		if !slices.Equal(alone, whole[i*n:(i+1)*n]) {
			t.Fatalf("row %d alone differs from the row of the whole product", i)
		}
	}
}

func TestBatch(t *testing.T) {
	workers := pool.New(2)
	defer workers.Close()
	const count, m, n, k = 9, 3, 5, 4
	a, b := make([]int32, count*m*k), make([]int32, k*n)
	for i := range a {
		a[i] = int32(i)
	}
	for i := range b {
		b[i] = int32(i % 7)
	}
	got, want := make([]int32, count*m*n), make([]int32, count*m*n)
	g := gemm.Args[int32]{M: m, N: n, K: k, A: a, LDA: k, B: b, LDB: n, C: got, LDC: n, Alpha: 1}
	gemm.Batch(workers, g, count, func(i int) (int, int, int) { return i * m * k, 0, i * m * n })
	for i := range count * m {
		for j := range n {
			for x := range k {
				want[i*n+j] += a[i*k+x] * b[x*n+j]
			}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, expected %v", got, want)
	}
}

func ExampleMul() {
	c := make([]float32, 4)
	gemm.Mul(nil, gemm.Args[float32]{
		M: 2, N: 2, K: 3, Alpha: 1,
		A: []float32{1, 2, 3, 4, 5, 6}, LDA: 3,
		B: []float32{1, 0, 0, 1, 1, 1}, LDB: 2,
		C: c, LDC: 2,
	})
	fmt.Println(c)
	// Output: [4 5 10 11]
}

// TestPackTransposed holds panels made of the rows of a transposed matrix, whose
// last row ends where memory does, against those of the matrix itself.
func TestPackTransposed(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, size := range [][2]int{{1, 1}, {7, 15}, {8, 8}, {9, 17}, {16, 16}, {400, 40}} {
		k, n := size[0], size[1]
		b, straight := guard.Slice[float32](t, k*n), make([]float32, k*n)
		for j := range n {
			for i := range k {
				b[j*k+i] = r.Float32()
				straight[i*n+j] = b[j*k+i]
			}
		}
		a, c, want := random(r, 2*k), guard.Slice[float32](t, 2*n), make([]float32, 2*n)
		g := gemm.Args[float32]{M: 2, N: n, K: k, A: a, LDA: k, LDC: n, Alpha: 1}
		g.C, g.Packed = want, gemm.Pack(k, n, straight, n, false)
		gemm.Mul(nil, g)
		g.C, g.Packed = c, gemm.Pack(k, n, b, k, true)
		gemm.Mul(nil, g)
		if !slices.Equal(c, want) {
			t.Errorf("%dx%d packed from its rows gives another product", k, n)
		}
		clear(c)
		g.Packed, g.B, g.LDB, g.TransB = nil, b, k, true
		gemm.Mul(nil, g)
		if !slices.Equal(c, want) {
			t.Errorf("%dx%d read from its rows gives another product", k, n)
		}
	}
}
