package latency

import (
	"testing"
	"time"
)

func TestPercentile(t *testing.T) {
	tests := []struct {
		times []time.Duration
		p     float64
		want  time.Duration
	}{
		{nil, 50, 0},
		{[]time.Duration{7}, 99, 7},
		{[]time.Duration{4, 1, 3, 2}, 50, 2},           // two of four do not exceed 2
		{[]time.Duration{4, 1, 3, 2}, 51, 3},           // more than two
		{[]time.Duration{5, 4, 3, 2, 1}, 100, 5},       // all
		{[]time.Duration{5, 4, 3, 2, 1}, 0, 1},         // the least
		{[]time.Duration{10, 20, 30, 40, 50}, 90, 50},  // 4.5 of five
		{[]time.Duration{30, 10, 20}, 200.0 / 3.0, 20}, // two of three
	}
	for _, tt := range tests {
		if got := Percentile(tt.times, tt.p); got != tt.want {
			t.Errorf("Percentile(%v, %v) = %d, want %d", tt.times, tt.p, got, tt.want)
		}
	}
}

func TestMilliseconds(t *testing.T) {
	if got := Milliseconds(1500 * time.Microsecond); got != 1.5 {
		t.Errorf("Milliseconds(1500µs) = %v, want 1.5", got)
	}
}
