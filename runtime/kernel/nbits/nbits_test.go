package nbits

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/guard"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// weights makes a random matrix.
func weights(r *rand.Rand, n, k, bits, block int, variant string) *Weights {
	w := &Weights{N: n, K: k, Bits: bits, Block: block}
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
			if variant == "fractions" {
				w.Zeros[i] += 0.5
			}
		}
	}
	if variant == "groups" {
		w.Groups = make([]int32, k)
		for i := range w.Groups {
			w.Groups[i] = int32(r.IntN(blocks))
		}
	}
	return w
}

// TestMul holds the product against weights that are taken apart one by one, as
// they come and laid out for vector instructions, on one thread and three.
func TestMul(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	r := rand.New(rand.NewPCG(11, 12))
	for _, bits := range []int{2, 4, 8} {
		for _, variant := range []string{"plain", "zeros", "fractions", "groups"} {
			for _, size := range [][4]int{{3, 37, 43, 16}, {1, 16, 64, 32}, {2, 300, 96, 32}, {1, 5, 7, 16}, {7, 33, 800, 32}, {5, 48, 1030, 512}, {20, 31, 391, 16}} {
				m, n, k := size[0], size[1], size[2]
				w := weights(r, n, k, bits, size[3], variant)
				a, bias := guard.Slice[float32](t, m*k), guard.Slice[float32](t, n)
				for i := range a {
					a[i] = r.Float32() - 0.5
				}
				for i := range bias {
					bias[i] = r.Float32()
				}
				raw := *w
				for _, packed := range []bool{false, true} {
					if packed {
						w.pack()
						if laid := bits != 2 && (variant == "plain" || variant == "zeros"); laid != (w.packed != nil) {
							t.Fatalf("%d bits, %s: laid out: %v", bits, variant, !laid)
						}
					}
					y := guard.Slice[float32](t, m*n)
					Mul(nil, m, a, k, w, bias, y, n)
					check(t, variant, &raw, m, a, bias, y)
					three := make([]float32, m*n)
					Mul(p, m, a, k, w, bias, three, n)
					if !slices.Equal(y, three) {
						t.Errorf("%d bits, %s: three threads give another result than one", bits, variant)
					}
				}
			}
		}
	}
}

// TestKernels holds assembly against its plain twins.
func TestKernels(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for _, bits := range []int{4, 8} {
		for _, variant := range []string{"plain", "zeros"} {
			w := weights(r, columns, 96, bits, 32, variant)
			w.pack()
			l := w.packed
			l.data = guard.Copy(t, l.data)
			a, sums := guard.Slice[float32](t, 96), guard.Slice[float32](t, 3)
			for i := range a {
				a[i] = r.Float32() - 0.5
			}
			sums[0], sums[1], sums[2] = 1, 2, 3
			var got, want [columns]float32
			l.row(3, 4, a, sums, l.data, &got)
			l.plainRow(3, 4, a, sums, l.data, &want)
			for j := range want {
				if d := got[j] - want[j]; d*d > 1e-9*(1+want[j]*want[j]) {
					t.Errorf("%d bits, %s: column %d is %v, expected %v", bits, variant, j, got[j], want[j])
				}
			}
			full, plain := guard.Slice[float32](t, 32*columns), make([]float32, 32*columns)
			zeros := [columns]byte{1, 2, 3, 4, 250}
			l.unpackSteps(4, l.data[:line], l.data[line:], &zeros, full)
			l.plainUnpack(4, l.data[:line], l.data[line:], &zeros, plain)
			if !slices.Equal(full, plain) {
				t.Errorf("%d bits, %s: unpacked %v, expected %v", bits, variant, full, plain)
			}
		}
	}
}

func check(t *testing.T, variant string, w *Weights, m int, a, bias, y []float32) {
	t.Helper()
	for i := range m {
		for j := range w.N {
			want, size := float64(bias[j]), 1.0
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
				size += math.Abs(zero * float64(w.Scales[j*w.Blocks()+b]) * float64(a[i*w.K+k]))
				want += (q - zero) * float64(w.Scales[j*w.Blocks()+b]) * float64(a[i*w.K+k])
			}
			if got := float64(y[i*w.N+j]); math.Abs(got-want) > 2e-5*size {
				t.Fatalf("%d bits, %s: y[%d,%d] is %v, expected %v", w.Bits, variant, i, j, got, want)
			}
		}
	}
}

// BenchmarkMul reports the weights that go through in GB/s, of 4 and 8 bits.
func BenchmarkMul(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][3]int{{1, 768, 768}, {1, 2048, 768}, {1, 32000, 768}, {4, 2048, 768}, {128, 2048, 768}} {
		for _, bits := range []int{4, 8} {
			for _, variant := range []string{"plain", "zeros"} {
				m, n, k := size[0], size[1], size[2]
				b.Run(fmt.Sprintf("%dx%dx%d/%d/%s", m, n, k, bits, variant), func(b *testing.B) {
					w := weights(r, n, k, bits, 32, variant)
					w.Pack()
					a, y := make([]float32, m*k), make([]float32, m*n)
					for b.Loop() {
						Mul(nil, m, a, k, w, nil, y, n)
					}
					b.ReportMetric(float64(n*k*bits/8)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GB/s")
					b.ReportMetric(2*float64(m*n*k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	}
}
