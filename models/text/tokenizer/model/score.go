package model

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// parseScore reads a JSON number as the reference does: its digits as one whole
// number of 64 bits, and those that have no place in it not at all, times or over a
// power of ten. That is within a few units of the last place, but not always the
// nearest float64; and sums of scores decide between paths that are as good, so the
// same bits are needed for the same tokens.
func parseScore(s string) (float64, error) {
	s, negative := strings.CutPrefix(s, "-")
	digits, power, _ := strings.Cut(strings.ToLower(s), "e")
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent := 0
	if power != "" {
		var err error
		if exponent, err = strconv.Atoi(power); err != nil || exponent > 1<<20 || exponent < -1<<20 {
			return 0, errors.New("exponent out of range")
		}
	}
	var significand uint64
	full := false
	for i, c := range []byte(whole + fraction) {
		if d := uint64(c - '0'); !full && (significand < math.MaxUint64/10 || significand == math.MaxUint64/10 && d <= math.MaxUint64%10) {
			significand = significand*10 + d
			if i >= len(whole) {
				exponent--
			}
			continue
		}
		full = true
		if i < len(whole) {
			exponent++
		}
	}
	f := float64(significand)
	for f != 0 && exponent < -308 {
		f /= 1e308
		exponent += 308
	}
	switch {
	case f == 0:
	case exponent > 308:
		return 0, errors.New("too large")
	case exponent >= 0:
		f *= math.Pow10(exponent)
	default:
		f /= math.Pow10(-exponent)
	}
	if math.IsInf(f, 0) {
		return 0, errors.New("too large")
	}
	if negative {
		f = -f
	}
	return f, nil
}
