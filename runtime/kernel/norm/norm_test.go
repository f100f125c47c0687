package norm_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

func random(n int) []float32 {
	r := rand.New(rand.NewPCG(7, 8))
	v := make([]float32, n)
	for i := range v {
		v[i] = r.Float32()*4 - 1
	}
	return v
}

// moments is the definition, in float64.
func moments(x []float32) (mean, variance float64) {
	for _, v := range x {
		mean += float64(v) / float64(len(x))
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(x))
	}
	return mean, variance
}

func near(t *testing.T, what string, got float32, want float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= 1e-5) {
		t.Errorf("%s: got %v, expected %v", what, got, want)
	}
}

func TestLayer(t *testing.T) {
	for _, n := range []int{1, 3, 4, 9, 100} {
		x, scale, bias := random(5*n), random(n), random(n)
		y, mean, inv := make([]float32, 5*n), make([]float32, 5), make([]float32, 5)
		norm.Layer(nil, y, x, n, 1e-3, norm.Affine[float32]{Scale: scale, Bias: bias}, mean, inv)
		for i := range 5 {
			m, v := moments(x[i*n : (i+1)*n])
			near(t, "mean", mean[i], m)
			s := 1 / math.Sqrt(v+1e-3)
			near(t, "inverse deviation", inv[i]/float32(s), 1)
			for j := range n {
				near(t, "y", y[i*n+j], (float64(x[i*n+j])-m)*s*float64(scale[j])+float64(bias[j]))
			}
		}
		norm.Layer(nil, x, x, n, 1e-3, norm.Affine[float32]{Scale: scale, Bias: bias}, nil, nil)
		if !slices.Equal(x, y) {
			t.Errorf("n = %d: in place, the result differs", n)
		}
	}
}

// TestRunning holds rows in groups and left over against the definition, and
// against Welford's method one element at a time, to the last bit.
func TestRunning(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	for _, size := range [][2]int{{1, 1}, {3, 7}, {4, 16}, {8, 16}, {29, 384}, {200, 300}} {
		rows, n := size[0], size[1]
		x, scale, bias := random(rows*n), random(n), random(n)
		y, mean, inv := make([]float32, rows*n), make([]float32, rows), make([]float32, rows)
		norm.Running(p, y, x, n, 1e-3, norm.Affine[float32]{Scale: scale, Bias: bias}, mean, inv)
		for i := range rows {
			row := x[i*n : (i+1)*n]
			m, v := moments(row)
			near(t, "mean", mean[i], m)
			near(t, "inverse deviation", inv[i]*float32(math.Sqrt(v+1e-3)), 1)
			var step, sum float32
			for j, v := range row {
				d := v - step
				step += d / float32(j+1)
				sum += float32(d * (v - step))
			}
			deviation := float32(math.Sqrt(float64(sum/float32(n) + 1e-3)))
			for j, v := range row {
				if want := float32((v-step)/deviation*scale[j]) + bias[j]; y[i*n+j] != want {
					t.Fatalf("%d rows of %d: y[%d,%d] is %v, expected %v", rows, n, i, j, y[i*n+j], want)
				}
			}
		}
		norm.Running(nil, x, x, n, 1e-3, norm.Affine[float32]{Scale: scale, Bias: bias}, nil, nil)
		if !slices.Equal(x, y) {
			t.Errorf("%d rows of %d: in place and on one thread, the result differs", rows, n)
		}
	}
}

func TestRMS(t *testing.T) {
	x := []float64{3, 4, 0, 0}
	y := make([]float64, 4)
	norm.RMS(nil, y, x, 2, 0.5, norm.Affine[float64]{Bias: []float64{1, 2}}, nil)
	r := math.Sqrt(12.5 + 0.5)
	for i, want := range []float64{3/r + 1, 4/r + 2, 1, 2} {
		if math.Abs(y[i]-want) > 1e-12 {
			t.Errorf("y[%d] is %v, expected %v", i, y[i], want)
		}
	}
}

// TestThreads holds the results of three threads against those of one.
func TestThreads(t *testing.T) {
	p := pool.New(3)
	defer p.Close()
	const batch, channels, inner = 3, 8, 5000
	x := random(batch * channels * inner)
	scale := random(channels)
	kernels := map[string]func(p *pool.Pool, y []float32){
		"group": func(p *pool.Pool, y []float32) {
			norm.Group(p, y, x, channels, 4, inner, 1e-5, scale, scale)
		},
		"channels": func(p *pool.Pool, y []float32) { norm.Channels(p, y, x, inner, scale, scale, scale) },
		"moments":  func(p *pool.Pool, y []float32) { norm.Moments(p, x, inner, y[:channels], y[channels:2*channels]) },
		"lp":       func(p *pool.Pool, y []float32) { norm.Lp(p, y, x, channels, inner, 2) },
		"lrn":      func(p *pool.Pool, y []float32) { norm.LRN(p, y, x, channels, inner, 4, 1, 0.75, 1) },
		"rms": func(p *pool.Pool, y []float32) {
			norm.RMS(p, y, x, inner, 1e-5, norm.Affine[float32]{}, nil)
		},
	}
	for name, run := range kernels {
		one, three := make([]float32, len(x)), make([]float32, len(x))
		run(nil, one)
		run(p, three)
		if !slices.Equal(one, three) {
			t.Errorf("%s: three threads give another result than one", name)
		}
	}
}

func TestGroup(t *testing.T) {
	const channels, per, inner = 4, 2, 3
	x, scale, bias := random(2*channels*inner), random(channels), random(channels)
	y := make([]float32, len(x))
	norm.Group(nil, y, x, channels, per, inner, 1e-2, scale, bias)
	for i := range x {
		first := i / (per * inner) * per * inner
		m, v := moments(x[first : first+per*inner])
		c := i / inner % channels
		near(t, "y", y[i], (float64(x[i])-m)/math.Sqrt(v+1e-2)*float64(scale[c])+float64(bias[c]))
	}
}

func TestStandardize(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 9} // [2,2,2], reduced over the first and the last
	y := make([]float32, len(x))
	norm.Standardize(y, x, []int{2, 2, 2}, []bool{true, false, true}, 0)
	for c := range 2 {
		group := []int{2 * c, 2*c + 1, 2*c + 4, 2*c + 5}
		values := make([]float32, 0, 4)
		for _, i := range group {
			values = append(values, x[i])
		}
		m, v := moments(values)
		for _, i := range group {
			near(t, "y", y[i], (float64(x[i])-m)/math.Sqrt(v))
		}
	}
}
