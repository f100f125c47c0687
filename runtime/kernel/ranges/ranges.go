// Package ranges writes evenly spaced numbers.
package ranges

import (
	"errors"
	"fmt"
	"math"
)

// Number lists the element types that the operator Range knows.
type Number interface {
	float32 | float64 | int16 | int32 | int64
}

// Fill writes dst[i] = start + i·delta.
func Fill[T Number](dst []T, start, delta T) {
	for i := range dst {
		dst[i] = start + T(i)*delta
	}
}

// Count is the number of elements from start up to, and without, limit:
// max(ceil((limit - start) / delta), 0). It fails where delta is 0 or not a
// number, or where the count does not fit in an int.
func Count[T Number](start, limit, delta T) (int, error) {
	if delta == 0 {
		return 0, errors.New("delta is 0")
	}
	switch any(delta).(type) {
	case float32, float64:
		n := math.Ceil((float64(limit) - float64(start)) / float64(delta))
		if !(n < 1<<53) {
			return 0, fmt.Errorf("a range from %v to %v in steps of %v has no usable length", start, limit, delta)
		}
		return max(int(n), 0), nil
	}
	if (delta > 0) != (limit > start) || limit == start {
		return 0, nil
	}
	// differences of int64 may need 64 bits and no sign
	diff, step := uint64(int64(limit))-uint64(int64(start)), uint64(int64(delta))
	if delta < 0 {
		diff, step = -diff, -step
	}
	n := (diff-1)/step + 1
	if n > math.MaxInt {
		return 0, fmt.Errorf("a range from %v to %v in steps of %v is too long", start, limit, delta)
	}
	return int(n), nil
}
