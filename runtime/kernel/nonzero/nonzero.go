// Package nonzero finds the elements that are not zero.
package nonzero

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Places lists the places in row-major order of the elements that are not zero,
// false or empty. Both zeros of a floating-point type are zero; NaN is not.
func Places(src cells.Slice, d tensor.DType) []int {
	switch src.Size {
	case 1:
		return nonzero(cells.Of[uint8](src), uint8(mask(d)))
	case 2:
		return nonzero(cells.Of[uint16](src), uint16(mask(d)))
	case 4:
		return nonzero(cells.Of[uint32](src), uint32(mask(d)))
	case 8:
		return nonzero(cells.Of[uint64](src), mask(d))
	case 16:
		return nonzeroPairs(cells.Of[[2]uint64](src))
	default:
		return nonempty(src.Strings)
	}
}

// mask has the bits of an element that tell it from zero: all, but not the signs
// of floating-point numbers.
func mask(d tensor.DType) uint64 {
	const all = ^uint64(0)
	switch {
	case d == tensor.Complex64:
		return all &^ (1<<63 | 1<<31)
	case d == tensor.Float4E2M1:
		return 7
	case d.IsFloat() && d != tensor.Float8E8M0 && d != tensor.Float8E4M3FNUZ && d != tensor.Float8E5M2FNUZ:
		return all &^ (1 << (d.Bits() - 1))
	}
	return all
}

func nonzero[T uint8 | uint16 | uint32 | uint64](src []T, mask T) []int {
	count := 0
	for _, v := range src {
		if v&mask != 0 {
			count++
		}
	}
	list := make([]int, 0, count)
	for i, v := range src {
		if v&mask != 0 {
			list = append(list, i)
		}
	}
	return list
}

func nonzeroPairs(src [][2]uint64) []int {
	const sign = 1 << 63
	var list []int
	for i, v := range src {
		if v[0]&^sign != 0 || v[1]&^sign != 0 {
			list = append(list, i)
		}
	}
	return list
}

func nonempty(src []string) []int {
	var list []int
	for i, v := range src {
		if v != "" {
			list = append(list, i)
		}
	}
	return list
}
