package cpu

import "testing"

func TestChoose(t *testing.T) {
	tests := []struct {
		asked string
		has   Rung
		want  Rung
	}{
		{"", AVX512, AVX512},
		{"", Generic, Generic},
		{"avx2", AVX512, AVX2},
		{"generic", AVX512, Generic},
		{"avx512", AVX2, AVX2},
		{"avx512", AVX512, AVX512},
		{"nonsense", AVX2, AVX2},
	}
	for _, tt := range tests {
		if got := choose(tt.asked, tt.has); got != tt.want {
			t.Errorf("choose(%q, %v) is %v, want %v", tt.asked, tt.has, got, tt.want)
		}
	}
}
