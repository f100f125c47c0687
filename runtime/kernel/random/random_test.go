package random_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/random"
)

const draws = 100_000

func source() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// moments are the mean and the variance of a sample.
func moments(sample []float64) (mean, variance float64) {
	for _, v := range sample {
		mean += v / float64(len(sample))
	}
	for _, v := range sample {
		variance += (v - mean) * (v - mean) / float64(len(sample))
	}
	return mean, variance
}

// near fails where got is more than five standard errors from want.
func near(t *testing.T, what string, got, want, deviation float64) {
	t.Helper()
	if limit := 5 * deviation / math.Sqrt(draws); math.Abs(got-want) > limit {
		t.Errorf("%s is %v, expected %v ± %v", what, got, want, limit)
	}
}

func TestUniform(t *testing.T) {
	x := make([]float64, draws)
	random.Uniform(x, source(), -2, 4)
	mean, variance := moments(x)
	near(t, "mean", mean, 1, math.Sqrt(3)) // variance of a width of 6: 36/12
	near(t, "variance", variance, 3, 3)
	for _, v := range x {
		if v < -2 || v >= 4 {
			t.Fatalf("%v is out of range", v)
		}
	}
}

func TestNormal(t *testing.T) {
	x := make([]float64, draws)
	random.Normal(x, source(), 3, 0.5)
	mean, variance := moments(x)
	near(t, "mean", mean, 3, 0.5)
	near(t, "variance", variance, 0.25, 0.25*math.Sqrt2)
}

func TestBernoulli(t *testing.T) {
	x := make([]float64, draws)
	for i := range x {
		x[i] = 0.3
	}
	random.Bernoulli(x, x, source())
	mean, _ := moments(x)
	near(t, "mean", mean, 0.3, math.Sqrt(0.3*0.7))
	sure := []float64{0, 1}
	random.Bernoulli(sure, sure, source())
	if sure[0] != 0 || sure[1] != 1 {
		t.Errorf("probabilities 0 and 1 gave %v", sure)
	}
}

func TestMultinomial(t *testing.T) {
	x := make([]float64, draws)
	p := []float64{0.1, 0, 0.6, 0.3}
	logits := make([]float64, len(p))
	for i, v := range p {
		logits[i] = math.Log(v) + 7 // a common summand does not count
	}
	if !random.Multinomial(x, logits, source()) {
		t.Fatal("refused")
	}
	counts := make([]float64, len(p))
	for _, v := range x {
		counts[int(v)]++
	}
	for i, v := range p {
		near(t, "frequency", counts[i]/draws, v, math.Sqrt(v*(1-v)))
	}
	for _, bad := range [][]float64{{}, {math.Inf(-1)}, {math.NaN(), 0}, {math.Inf(1), 0}} {
		if random.Multinomial(x, bad, source()) {
			t.Errorf("logits %v passed", bad)
		}
	}
}
