package stats

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// closed is the relative error that statistics with a closed form, or a convex optimum,
// may have against the reference.
const closed = 1e-9

// reference reads the cases of a statistic from testdata/reference.json, which
// testdata/gen/stats.py writes.
func reference[T any](t *testing.T, name string) []T {
	t.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	var cases []T
	if err := json.Unmarshal(all[name], &cases); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(cases) == 0 {
		t.Fatalf("%s: no cases", name)
	}
	return cases
}

// near fails the test where got is further than closed from want, relative to it, and to
// one near zero.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if d := math.Abs(got - want); !(d <= closed*math.Max(math.Abs(want), 1e-3)) {
		t.Errorf("%s is %.15g, want %.15g (off by %.2g)", what, got, want, d)
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestShares(t *testing.T) {
	for _, c := range reference[struct {
		K, N          int
		Level         float64
		Wilson, Exact [2]float64
	}](t, "shares") {
		w := must(Wilson(c.K, c.N, c.Level))(t)
		near(t, "Wilson's lower end", w.Lower, c.Wilson[0])
		near(t, "Wilson's upper end", w.Upper, c.Wilson[1])
		e := must(ClopperPearson(c.K, c.N, c.Level))(t)
		near(t, "Clopper and Pearson's lower end", e.Lower, c.Exact[0])
		near(t, "Clopper and Pearson's upper end", e.Upper, c.Exact[1])
	}
}

func TestCohen(t *testing.T) {
	for _, c := range reference[struct {
		K       int
		X, Y    []int
		Weights [3]float64
	}](t, "cohen") {
		table := must(Table(c.X, c.Y, c.K))(t)
		for i, w := range []Weighting{Unweighted, Linear, Quadratic} {
			near(t, "Cohen's κ", must(Cohen(table, w))(t), c.Weights[i])
		}
	}
}

func TestFleiss(t *testing.T) {
	for _, c := range reference[struct {
		Counts [][]float64
		Kappa  float64
	}](t, "fleiss") {
		near(t, "Fleiss' κ", must(Fleiss(c.Counts))(t), c.Kappa)
	}
}

func TestKrippendorff(t *testing.T) {
	for _, c := range reference[struct {
		Ratings [][]*float64
		Alpha   [4]float64
	}](t, "alpha") {
		ratings := make([][]float64, len(c.Ratings))
		for r, row := range c.Ratings {
			for _, v := range row {
				if v == nil {
					ratings[r] = append(ratings[r], math.NaN())
				} else {
					ratings[r] = append(ratings[r], *v)
				}
			}
		}
		for i, s := range []Scale{Nominal, Ordinal, Metric, Ratio} {
			near(t, "α", must(Krippendorff(ratings, s))(t), c.Alpha[i])
		}
	}
}

func TestCorrelation(t *testing.T) {
	for _, c := range reference[struct {
		X, Y                       []float64
		Pearson, Spearman, Kendall float64
	}](t, "correlation") {
		near(t, "Pearson's r", must(Pearson(c.X, c.Y))(t), c.Pearson)
		near(t, "Spearman's ρ", must(Spearman(c.X, c.Y))(t), c.Spearman)
		near(t, "Kendall's τ", must(Kendall(c.X, c.Y))(t), c.Kendall)
	}
}

func TestLengthControl(t *testing.T) {
	for _, c := range reference[struct {
		Outcomes, Delta, Difficulty, Beta []float64
		WinRate                           float64 `json:"win_rate"`
	}](t, "length_control") {
		lc := must(LengthControl(c.Outcomes, c.Delta, c.Difficulty, 0))(t)
		near(t, "the win rate", lc.WinRate, c.WinRate)
		near(t, "the quality", lc.Quality, c.Beta[0])
		near(t, "the effect of length", lc.Length, c.Beta[1])
		near(t, "the raw rate", lc.Raw, Mean(c.Outcomes))
	}
}

func TestBradleyTerry(t *testing.T) {
	for _, c := range reference[struct {
		Wins              [][]float64
		Strengths, Errors []float64
	}](t, "bradley_terry") {
		got := must(BradleyTerry(c.Wins, 0.95))(t)
		for i, g := range got {
			near(t, "the strength", g.Value, c.Strengths[i])
			near(t, "the lower end", g.Lower, c.Strengths[i]-1.959963984540054*c.Errors[i])
			near(t, "the upper end", g.Upper, c.Strengths[i]+1.959963984540054*c.Errors[i])
		}
	}
}

func TestTests(t *testing.T) {
	for _, c := range reference[struct {
		B, C             int
		Exact, Sign      float64
		Plain, Corrected [2]float64
	}](t, "tests") {
		near(t, "McNemar's exact p", McNemarExact(c.B, c.C).P, c.Exact)
		for i, want := range [][2]float64{c.Plain, c.Corrected} {
			got := McNemarChiSquared(c.B, c.C, i == 1)
			near(t, "McNemar's χ²", got.Statistic, want[0])
			near(t, "McNemar's p", got.P, want[1])
		}
		differences := []float64{0, 0}
		for range c.B {
			differences = append(differences, 2)
		}
		for range c.C {
			differences = append(differences, -1)
		}
		near(t, "the sign test's p", SignTest(differences).P, c.Sign)
	}
}

func TestIsotonic(t *testing.T) {
	for _, c := range reference[struct{ X, Y, At, Fit []float64 }](t, "isotonic") {
		f := must(FitIsotonic(c.X, c.Y))(t)
		for i, at := range c.At {
			near(t, "the isotonic fit", f.At(at), c.Fit[i])
		}
	}
}

func TestSampleSizes(t *testing.T) {
	for _, c := range reference[struct{ Alpha, Power, Delta, Mean, Proportions, Pairs float64 }](t, "sizes") {
		d := Design{c.Alpha, c.Power}
		near(t, "the size for a mean", must(d.ForMean(c.Delta, 0.4))(t), c.Mean)
		near(t, "the size for proportions", must(d.ForProportions(0.6+c.Delta, 0.6))(t), c.Proportions)
		near(t, "the size for pairs", must(d.ForPairs(c.Delta, 0.3))(t), c.Pairs)
	}
}

// TestBootstrap: the ends lie within the noise of the reference, which is known from
// repeating it: 5 standard deviations of one bootstrap of 9,999.
func TestBootstrap(t *testing.T) {
	for _, c := range reference[struct {
		X, Y            []float64
		Percentile, Bca [2]float64
		PercentileSd    [2]float64 `json:"percentile_sd"`
		BcaSd           [2]float64 `json:"bca_sd"`
	}](t, "bootstrap") {
		for _, bca := range []bool{false, true} {
			want, sd := c.Percentile, c.PercentileSd
			if bca {
				want, sd = c.Bca, c.BcaSd
			}
			b := Bootstrap{Resamples: 9999, Seed: 1, BCa: bca}
			got := must(WinRate(c.X, b))(t)
			if got.Value != Mean(c.X) {
				t.Errorf("the mean is %v, want %v", got.Value, Mean(c.X))
			}
			for i, end := range []float64{got.Lower, got.Upper} {
				if math.Abs(end-want[i]) > 5*sd[i] {
					t.Errorf("BCa %v: end %d is %.4f, want %.4f within %.4f", bca, i, end, want[i], 5*sd[i])
				}
			}
			if again := must(WinRate(c.X, b))(t); again != got {
				t.Errorf("the same seed gives %v and %v", got, again)
			}
		}
	}
}
