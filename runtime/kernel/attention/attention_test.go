package attention_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

func random(r *rand.Rand, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = r.Float64()*2 - 1
	}
	return v
}

// naive is the definition, with hidden told by a function.
func naive(a *attention.Args[float64], hidden func(b, i, j int) bool) []float64 {
	at := func(v attention.View[float64], b, h, i, d int) float64 {
		return v.Data[b*v.Batch+h*v.Head+i*v.Row+d]
	}
	var out []float64
	for b := range a.Batch {
		for h := range a.Heads {
			for i := range a.Queries {
				g := h / (a.Heads / a.KVHeads)
				weights, sum := make([]float64, a.Keys), 0.0
				for j := range a.Keys {
					s := 0.0
					for d := range a.Size {
						s += at(a.Q, b, h, i, d) * at(a.K, b, g, j, d)
					}
					s *= a.Scale
					if a.Softcap > 0 {
						s = a.Softcap * math.Tanh(s/a.Softcap)
					}
					if a.Bias.Data != nil {
						s += at(a.Bias, b, h, i, j)
					}
					if !hidden(b, i, j) {
						weights[j] = math.Exp(s)
						sum += weights[j]
					}
				}
				if a.Sinks != nil {
					sum += math.Exp(a.Sinks[h])
				}
				for d := range a.VSize {
					y := 0.0
					for j, w := range weights {
						if w > 0 {
							y += w / sum * at(a.V, b, g, j, d)
						}
					}
					out = append(out, y)
				}
			}
		}
	}
	return out
}

func TestRun(t *testing.T) {
	workers := pool.New(3)
	defer workers.Close()
	r := rand.New(rand.NewPCG(9, 10))
	base := func() *attention.Args[float64] {
		const batch, heads, kv, queries, keys, size, vsize = 2, 4, 2, 5, 11, 6, 7
		a := &attention.Args[float64]{
			Batch: batch, Heads: heads, KVHeads: kv, Queries: queries, Keys: keys, Size: size, VSize: vsize,
			Scale: 0.7, Left: -1, Right: -1,
			Q: attention.HeadsLast(random(r, batch*queries*heads*size), heads, queries, size),
			K: attention.HeadsFirst(random(r, batch*kv*keys*size), kv, keys, size),
			V: attention.HeadsLast(random(r, batch*kv*keys*vsize), kv, keys, vsize),
		}
		a.Y = attention.HeadsFirst(make([]float64, batch*heads*queries*vsize), heads, queries, vsize)
		return a
	}
	never := func(int, int, int) bool { return false }
	tests := []struct {
		name   string
		change func(a *attention.Args[float64])
		hidden func(b, i, j int) bool
	}{
		{"plain", func(*attention.Args[float64]) {}, never},
		{"softcap and sinks", func(a *attention.Args[float64]) { a.Softcap, a.Sinks = 0.5, []float64{0, 1, -1, 2} }, never},
		{"causal with offsets", func(a *attention.Args[float64]) { a.Causal, a.Offset = true, []int{6, -2} }, func(b, i, j int) bool {
			return j > i+[]int{6, -2}[b]
		}},
		{"valid", func(a *attention.Args[float64]) { a.Valid = []int{3, 0} }, func(b, _, j int) bool { return j >= []int{3, 0}[b] }},
		{"window", func(a *attention.Args[float64]) { a.Left, a.Right, a.Offset = 2, 1, []int{4, 9} }, func(b, i, j int) bool {
			p := i + []int{4, 9}[b]
			return j < p-2 || j > p+1
		}},
		{"bias", func(a *attention.Args[float64]) {
			a.Bias = attention.View[float64]{Data: random(r, 5*11), Row: 11}
			a.Bias.Data[12] = math.Inf(-1)
			a.BiasKeys, a.BiasKey = 9, 1
		}, func(_, _, j int) bool { return j >= 9 }},
	}
	for _, tt := range tests {
		a := base()
		tt.change(a)
		want := naive(a, tt.hidden)
		attention.Run(nil, a)
		one := slices.Clone(a.Y.Data)
		for i := range want {
			if math.Abs(one[i]-want[i]) > 1e-12 {
				t.Errorf("%s: element %d is %v, expected %v", tt.name, i, one[i], want[i])
				break
			}
		}
		attention.Run(workers, a)
		if !slices.Equal(one, a.Y.Data) {
			t.Errorf("%s: three threads give another result than one", tt.name)
		}
		for _, queries := range []int{a.Queries, 1} {
			checkNarrow(t, tt.name, workers, a, queries, want)
		}
		// capturing must not change the result
		a.Captured = make([]float64, a.Batch*a.Heads*a.Queries*a.Keys)
		for a.Stage = attention.CaptureScores; a.Stage <= attention.CaptureWeights; a.Stage++ {
			attention.Run(nil, a)
			if !slices.Equal(one, a.Y.Data) {
				t.Errorf("%s: capturing stage %d changes the result", tt.name, a.Stage)
			}
		}
		for i := 0; i < len(a.Captured); i += a.Keys { // the last were the weights
			sum := 0.0
			for _, w := range a.Captured[i : i+a.Keys] {
				sum += w
			}
			if a.Sinks == nil && sum != 0 && math.Abs(sum-1) > 1e-12 {
				t.Errorf("%s: weights add up to %v", tt.name, sum)
			}
		}
	}
}

// checkNarrow runs the first queries in float32.
func checkNarrow(t *testing.T, name string, workers *pool.Pool, a *attention.Args[float64], queries int, want []float64) {
	t.Helper()
	view := func(v attention.View[float64]) attention.View[float32] {
		n := attention.View[float32]{Batch: v.Batch, Head: v.Head, Row: v.Row}
		if v.Data != nil {
			n.Data = narrow(v.Data)
		}
		return n
	}
	n := &attention.Args[float32]{
		Batch: a.Batch, Heads: a.Heads, KVHeads: a.KVHeads, Queries: queries, Keys: a.Keys, Size: a.Size, VSize: a.VSize,
		Q: view(a.Q), K: view(a.K), V: view(a.V), Y: view(a.Y), Scale: float32(a.Scale), Softcap: float32(a.Softcap),
		Bias: view(a.Bias), BiasKeys: a.BiasKeys, BiasKey: a.BiasKey, Valid: a.Valid, Offset: a.Offset, Causal: a.Causal,
		Left: a.Left, Right: a.Right,
	}
	if a.Sinks != nil {
		n.Sinks = narrow(a.Sinks)
	}
	attention.Run(workers, n)
	for i, w := range want {
		if i/a.VSize%a.Queries < queries && math.Abs(float64(n.Y.Data[i])-w) > 1e-5 {
			t.Errorf("%s in float32, %d queries: element %d is %v, expected %v", name, queries, i, n.Y.Data[i], w)
			return
		}
	}
}

func narrow(v []float64) []float32 {
	n := make([]float32, len(v))
	for i, x := range v {
		n[i] = float32(x)
	}
	return n
}

func TestFill(t *testing.T) {
	c := attention.Cache{Batch: 2, Heads: 1, Rows: 3, Size: 2}
	dst := make([]byte, 12)
	fresh := attention.HeadsFirst([]byte{1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 2)
	attention.Fill(nil, c, dst, fresh, func(b int) (int, int) { return []int{1, 2}[b], 2 })
	if want := []byte{0, 0, 1, 2, 3, 4, 0, 0, 0, 0, 5, 6}; !slices.Equal(dst, want) {
		t.Errorf("got %v, expected %v", dst, want)
	}
}
