package stats

import (
	"fmt"
	"math"
	"testing"
)

func ExampleWilson() {
	accuracy, _ := Wilson(86, 100, 0.95)
	fmt.Println(accuracy)
	// Output: 0.860 [0.779, 0.915]
}

func ExampleBootstrap_Interval() {
	// A paired comparison of two systems on the same five items, of which the first
	// three are about one text.
	x := []float64{1, 1, 0, 1, 1}
	y := []float64{0, 1, 0, 0, 1}
	d, _ := Difference(x, y, Bootstrap{Clusters: []int{0, 0, 0, 1, 2}, Seed: 1})
	fmt.Printf("%.1f\n", d.Value)
	// Output: 0.4
}

// TestElo: equal players, the first wins with a step of 32: it gains 32·(1-½) = 16. Then
// the second, now 32 points below, wins: it was expected to score 1/(1+10^(32/400)) =
// 0.454078…, and gains 32 times what was missing.
func TestElo(t *testing.T) {
	got := must(Elo([]Game{{0, 1, 1}, {1, 0, 1}}, 3, 1000, 32))(t)
	gain := 32 * (1 - 1/(1+math.Pow(10, 0.08)))
	for i, want := range []float64{1016 - gain, 984 + gain, 1000} {
		near(t, "the rating", got[i], want)
	}
	for _, bad := range []Game{{0, 0, 1}, {0, 3, 1}, {0, 1, 2}, {-1, 0, 1}, {0, 1, math.NaN()}} {
		if r, err := Elo([]Game{bad}, 3, 1000, 32); err == nil {
			t.Errorf("%+v rates %v", bad, r)
		}
	}
}

func TestEloScale(t *testing.T) {
	got := EloScale(Interval{Value: math.Log(10), Lower: 0, Upper: math.Log(100)})
	near(t, "odds of ten to one", got.Value, 1400)
	near(t, "even odds", got.Lower, 1000)
	near(t, "odds of a hundred to one", got.Upper, 1800)
}

// TestPosition: of four pairs one stays, two go to whom is shown first, one to the second.
func TestPosition(t *testing.T) {
	b := must(Position([]float64{1, 1, 0.5, 0}, []float64{1, 0, 0, 1}, 0.95))(t)
	if b.FirstLed != 2 || b.SecondLed != 1 || b.Flips.Value != 0.75 || b.Lean.P != 1 {
		t.Errorf("position bias %+v", b)
	}
}

// TestVerbosity: five pairs, a tie and one of equal length left out; the longer won two
// of the other three.
func TestVerbosity(t *testing.T) {
	b := must(Verbosity([]float64{1, 0, 1, 0.5, 1}, []float64{10, -5, -3, 20, 0}, 0.95))(t)
	if b.Pairs != 3 || math.Abs(b.Longer.Value-2.0/3) > 1e-12 {
		t.Errorf("verbosity bias %+v", b)
	}
	if _, err := Verbosity([]float64{0.5}, []float64{1}, 0.95); err == nil {
		t.Error("ties alone have a verbosity bias")
	}
}

// TestSelfPreference: the judge gives its own 1, 1, 1 where people give 1, 0, ½; the
// fourth item is missing.
func TestSelfPreference(t *testing.T) {
	i := must(SelfPreference([]float64{1, 1, 1, math.NaN()}, []float64{1, 0, 0.5, 1}, Bootstrap{Clusters: []int{0, 1, 2, 3}}))(t)
	near(t, "self-preference", i.Value, 0.5)
	if i.Lower < 0 || i.Upper > 1 {
		t.Errorf("interval %v", i)
	}
}

// TestCalibrationError: ten bins. 0.95 and 0.91 lie in the last: mean 0.93, half came
// true, off by 0.43; 0.1 lies in the first: off by 0.1. (2·0.43 + 0.1)/3.
func TestCalibrationError(t *testing.T) {
	ece, bins, err := CalibrationError([]float64{0.95, 0.91, 0.1}, []float64{1, 0, 0}, 10)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "the calibration error", ece, (2*0.43+0.1)/3)
	if bins[9].N != 2 || bins[0].N != 1 {
		t.Errorf("bins %+v", bins)
	}
	if ece, _, err := CalibrationError([]float64{0, 1}, []float64{0, 1}, 1); err != nil || ece != 0 {
		t.Errorf("the ends of the scale: %v, %v", ece, err)
	}
}

// TestClusters: with every item in one cluster, each resample is the sample itself.
func TestClusters(t *testing.T) {
	x := []float64{1, 2, 3, 4}
	i := must(WinRate(x, Bootstrap{Clusters: []int{7, 7, 7, 7}}))(t)
	if i.Lower != 2.5 || i.Upper != 2.5 {
		t.Errorf("one cluster gives %v", i)
	}
	wide := must(WinRate([]float64{0, 0, 1, 1, 0, 0, 1, 1}, Bootstrap{Clusters: []int{0, 0, 1, 1, 2, 2, 3, 3}}))(t)
	narrow := must(WinRate([]float64{0, 0, 1, 1, 0, 0, 1, 1}, Bootstrap{}))(t)
	if wide.Upper-wide.Lower <= narrow.Upper-narrow.Lower {
		t.Errorf("clusters make the interval %v, and independent items %v", wide, narrow)
	}
}

// TestRefusals: what is not defined is an error, and no number.
func TestRefusals(t *testing.T) {
	nan := math.NaN()
	for name, f := range map[string]func() (any, error){
		"no trials":      func() (any, error) { return Wilson(0, 0, 0.95) },
		"too many":       func() (any, error) { return ClopperPearson(3, 2, 0.95) },
		"level":          func() (any, error) { return Wilson(1, 2, 1) },
		"level NaN":      func() (any, error) { return ClopperPearson(1, 2, nan) },
		"no items":       func() (any, error) { return WinRate(nil, Bootstrap{}) },
		"clusters":       func() (any, error) { return WinRate([]float64{1, 0}, Bootstrap{Clusters: []int{1}}) },
		"undefined":      func() (any, error) { return Bootstrap{}.Interval(3, func([]int) float64 { return nan }) },
		"one category":   func() (any, error) { return Cohen([][]float64{{3, 0}, {0, 0}}, Linear) },
		"no square":      func() (any, error) { return Cohen([][]float64{{3}, {0, 0}}, Linear) },
		"empty table":    func() (any, error) { return Cohen([][]float64{{0}}, Linear) },
		"categories":     func() (any, error) { return Table([]int{0, 2}, []int{0, 1}, 2) },
		"uneven raters":  func() (any, error) { return Fleiss([][]float64{{1, 1}, {2, 1}}) },
		"one rater":      func() (any, error) { return Fleiss([][]float64{{1, 0}}) },
		"no pairs":       func() (any, error) { return Krippendorff([][]float64{{1, nan}, {nan, 1}}, Nominal) },
		"all the same":   func() (any, error) { return Krippendorff([][]float64{{1, 1}, {1, 1}}, Metric) },
		"ragged":         func() (any, error) { return Krippendorff([][]float64{{1, 1}, {1}}, Metric) },
		"constant":       func() (any, error) { return Pearson([]float64{1, 1}, []float64{1, 2}) },
		"constant ranks": func() (any, error) { return Spearman([]float64{1, 1}, []float64{1, 2}) },
		"all tied":       func() (any, error) { return Kendall([]float64{1, 1}, []float64{1, 2}) },
		"lengths":        func() (any, error) { return Pearson([]float64{1}, []float64{1, 2}) },
		"separated":      func() (any, error) { return Logistic([][]float64{{1, -1}, {1, 1}}, []float64{0, 1}, 0) },
		"all won":        func() (any, error) { return LengthControl([]float64{1, 1}, []float64{1, 2}, nil, 0) },
		"one player":     func() (any, error) { return BradleyTerry([][]float64{{0}}, 0.95) },
		"never won":      func() (any, error) { return BradleyTerry([][]float64{{0, 2}, {0, 0}}, 0.95) },
		"two groups": func() (any, error) {
			return BradleyTerry([][]float64{{0, 1, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}}, 0.95)
		},
		"against itself":    func() (any, error) { return BradleyTerry([][]float64{{1, 1}, {1, 0}}, 0.95) },
		"no scores":         func() (any, error) { return FitIsotonic(nil, nil) },
		"no difference":     func() (any, error) { return Design{0.05, 0.8}.ForMean(0, 1) },
		"certain":           func() (any, error) { return Design{0.05, 1}.ForMean(1, 1) },
		"same shares":       func() (any, error) { return Design{0.05, 0.8}.ForProportions(0.5, 0.5) },
		"too small a share": func() (any, error) { return Design{0.05, 0.8}.ForPairs(0.2, 0.1) },
	} {
		if v, err := f(); err == nil {
			t.Errorf("%s: %v, want an error", name, v)
		}
	}
	if _, _, err := CalibrationError([]float64{1.5}, []float64{1}, 10); err == nil {
		t.Error("a probability of 1.5 is calibrated")
	}
}

// TestPenalty: a penalty makes separated observations have a best fit.
func TestPenalty(t *testing.T) {
	beta := must(Logistic([][]float64{{1, -1}, {1, 1}}, []float64{0, 1}, 0.5))(t)
	if !(beta[1] > 0) || math.Abs(beta[0]) > 1e-9 {
		t.Errorf("coefficients %v", beta)
	}
}
