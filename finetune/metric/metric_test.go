package metric_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/finetune/metric"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-4 }

// 2 of 3 zeros and 1 of 2 ones are right: F1 is 2·2/(3+3) and 2·1/(2+2).
func TestConfusion(t *testing.T) {
	c, err := metric.NewConfusion(3, []int64{0, 0, 0, 1, 1}, []int64{0, 0, 1, 1, 0})
	if err != nil {
		t.Fatal(err)
	}
	if share, right, n := c.Accuracy(); share != 0.6 || right != 3 || n != 5 {
		t.Errorf("accuracy %v, %d of %d", share, right, n)
	}
	if f := c.MacroF1(); !near(f, (4.0/6+2.0/4)/2) {
		t.Errorf("macro F1 %v: a class that does not occur must not count", f)
	}
	if _, err := metric.NewConfusion(2, []int64{2}, []int64{0}); err == nil {
		t.Error("a class out of range: no error")
	}
}

// 8 of 10: (0.8 + 1.92073)/1.38415 ∓ …, as tables of Wilson's interval have it.
func TestWilson(t *testing.T) {
	if i := metric.Wilson(8, 10); !near(i.Low, 0.4902) || !near(i.High, 0.9433) {
		t.Errorf("8 of 10: %v", i)
	}
	if i := metric.Wilson(0, 0); i.Low != 0 || i.High != 1 {
		t.Errorf("nothing: %v", i)
	}
}

// Two answers at 0.9, one right: the bin is off by 0.4.
func TestECE(t *testing.T) {
	if e, err := metric.ECE([]float64{0.9, 0.9}, []bool{true, false}); err != nil || !near(e, 0.4) {
		t.Errorf("got %v, %v", e, err)
	}
}
