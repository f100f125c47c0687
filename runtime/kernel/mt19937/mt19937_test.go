package mt19937_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/mt19937"
)

// TestFloat64 compares with numpy.random.RandomState(seed).random_sample().
func TestFloat64(t *testing.T) {
	s := mt19937.New(0)
	for i, want := range []float64{0.5488135039273248, 0.7151893663724195, 0.6027633760716439} {
		if got := s.Float64(); got != want {
			t.Errorf("seed 0, number %d is %v, want %v", i, got, want)
		}
	}
	s = mt19937.New(42)
	var last float64
	for range 1000 { // past the first refill of the state
		last = s.Float64()
	}
	if want := 0.44600577295795574; last != want {
		t.Errorf("seed 42, number 999 is %v, want %v", last, want)
	}
}
