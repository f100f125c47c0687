package cast

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// parseAll converts strings to numbers.
func parseAll(dst, src *tensor.Tensor, opt Options) error {
	if isComplex(dst.DType()) {
		return fmt.Errorf("cast: no conversion from string to %v", dst.DType())
	}
	strs := data[string](src)
	var floats [chunk]float64
	var ints [chunk]int64
	for lo := 0; lo < len(strs); lo += chunk {
		part := strs[lo:min(lo+chunk, len(strs))]
		for i, s := range part {
			var err error
			if dst.DType().IsInteger() {
				ints[i], err = parseInt(s, dst.DType())
			} else {
				floats[i], err = parseFloat(s, dst.DType())
			}
			if err != nil {
				return err
			}
		}
		if dst.DType().IsInteger() {
			storeInts(dst, lo, ints[:len(part)], false, opt)
		} else {
			storeFloats(dst, lo, floats[:len(part)], opt)
		}
	}
	return nil
}

// parseFloat reads a number in plain or scientific notation, INF, +INF, -INF
// or NaN in any case; for bool also "true" and "false".
func parseFloat(s string, d tensor.DType) (float64, error) {
	s = strings.TrimSpace(s)
	if d == tensor.Bool {
		switch strings.ToLower(s) {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
	}
	bits := 64
	if d == tensor.Float32 {
		bits = 32 // one rounding instead of two
	}
	v, err := strconv.ParseFloat(s, bits)
	if err != nil && !math.IsInf(v, 0) { // out of range is infinity, as the standard wants
		return 0, fmt.Errorf("cast: string %q is no number that fits %v", s, d)
	}
	return v, nil
}

// parseInt reads an integer; a number with a fraction is cut off.
func parseInt(s string, d tensor.DType) (int64, error) {
	t := strings.TrimSpace(s)
	if v, err := strconv.ParseInt(t, 10, 64); err == nil {
		return v, nil
	}
	if v, err := strconv.ParseUint(t, 10, 64); err == nil {
		return int64(v), nil
	}
	v, err := parseFloat(t, d)
	if err != nil {
		return 0, err
	}
	return truncate(v, d), nil
}

// formatAll converts numbers to strings.
func formatAll(dst, src *tensor.Tensor) error {
	d := src.DType()
	if isComplex(d) {
		return fmt.Errorf("cast: no conversion from %v to string", d)
	}
	strs := data[string](dst)
	var floats [chunk]float64
	var ints [chunk]int64
	for lo := 0; lo < len(strs); lo += chunk {
		part := strs[lo:min(lo+chunk, len(strs))]
		if d.IsFloat() {
			loadFloats(floats[:len(part)], src, lo)
			for i := range part {
				part[i] = formatFloat(floats[i], d)
			}
			continue
		}
		loadInts(ints[:len(part)], src, lo)
		for i := range part {
			part[i] = formatInt(ints[i], d)
		}
	}
	return nil
}

func formatInt(v int64, d tensor.DType) string {
	switch {
	case d == tensor.Bool && v == 0:
		return "False"
	case d == tensor.Bool:
		return "True"
	case d == tensor.Uint64:
		return strconv.FormatUint(uint64(v), 10)
	}
	return strconv.FormatInt(v, 10)
}

// formatFloat writes the shortest decimal that reads back as the same float64,
// or for the other types float32, in plain notation where that is not long;
// infinity and NaN in the standard's own spelling.
func formatFloat(v float64, d tensor.DType) string {
	switch {
	case v != v:
		return "NaN"
	case math.IsInf(v, 1):
		return "INF"
	case math.IsInf(v, -1):
		return "-INF"
	}
	bits := 32
	if d == tensor.Float64 {
		bits = 64
	}
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(v, 'e', -1, bits)
	}
	s := strconv.FormatFloat(v, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
