package nbits_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/nbits"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// TestMul holds the product against weights that are taken apart one by one.
func TestMul(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	r := rand.New(rand.NewPCG(11, 12))
	for _, bits := range []int{2, 4, 8} {
		for _, variant := range []string{"plain", "zeros", "groups"} {
			const m, n, k, block = 3, 37, 43, 16
			w := &nbits.Weights{N: n, K: k, Bits: bits, Block: block}
			blocks := w.Blocks()
			w.Data = make([]byte, n*blocks*block*bits/8)
			w.Scales = make([]float32, n*blocks)
			for i := range w.Data {
				w.Data[i] = byte(r.IntN(256))
			}
			for i := range w.Scales {
				w.Scales[i] = r.Float32()
			}
			if variant != "plain" {
				w.Zeros = make([]float32, n*blocks)
				for i := range w.Zeros {
					w.Zeros[i] = float32(r.IntN(1 << bits))
				}
			}
			if variant == "groups" {
				w.Groups = make([]int32, k)
				for i := range w.Groups {
					w.Groups[i] = int32(r.IntN(blocks))
				}
			}
			a, bias := make([]float32, m*k), make([]float32, n)
			for i := range a {
				a[i] = r.Float32() - 0.5
			}
			for i := range bias {
				bias[i] = r.Float32()
			}
			y := make([]float32, m*n)
			nbits.Mul(nil, m, a, k, w, bias, y, n)
			check(t, variant, w, m, a, bias, y)
			three := make([]float32, m*n)
			nbits.Mul(p, m, a, k, w, bias, three, n)
			if !slices.Equal(y, three) {
				t.Errorf("%d bits, %s: three threads give another result than one", bits, variant)
			}
		}
	}
}

func check(t *testing.T, variant string, w *nbits.Weights, m int, a, bias, y []float32) {
	t.Helper()
	for i := range m {
		for j := range w.N {
			want := float64(bias[j])
			for k := range w.K {
				b := k / w.Block
				if w.Groups != nil {
					b = int(w.Groups[k])
				}
				bit := (j*w.Blocks()*w.Block + k) * w.Bits
				q := float64(w.Data[bit/8] >> (bit % 8) & (1<<w.Bits - 1))
				zero := math.Exp2(float64(w.Bits - 1))
				if w.Zeros != nil {
					zero = float64(w.Zeros[j*w.Blocks()+b])
				}
				want += (q - zero) * float64(w.Scales[j*w.Blocks()+b]) * float64(a[i*w.K+k])
			}
			if got := float64(y[i*w.N+j]); math.Abs(got-want) > 1e-3 {
				t.Fatalf("%d bits, %s: y[%d,%d] is %v, expected %v", w.Bits, variant, i, j, got, want)
			}
		}
	}
}
