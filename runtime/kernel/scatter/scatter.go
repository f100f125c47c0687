// Package scatter writes blocks of elements to places that a list names, and
// joins them with what is there where a reduction says so. Places may repeat;
// the blocks are taken in order.
package scatter

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
)

// Blocks copies src, len(places) blocks of that many elements, to their places:
//
//	dst[places[i]:][:block] = src[i·block:][:block]
//
// The places must have been checked.
func Blocks(dst, src cells.Slice, places []int, block int) {
	switch dst.Size {
	case 1:
		blocks(cells.Of[uint8](dst), cells.Of[uint8](src), places, block)
	case 2:
		blocks(cells.Of[uint16](dst), cells.Of[uint16](src), places, block)
	case 4:
		blocks(cells.Of[uint32](dst), cells.Of[uint32](src), places, block)
	case 8:
		blocks(cells.Of[uint64](dst), cells.Of[uint64](src), places, block)
	case 16:
		blocks(cells.Of[[2]uint64](dst), cells.Of[[2]uint64](src), places, block)
	default:
		blocks(dst.Strings, src.Strings, places, block)
	}
}

func blocks[T cells.Cell](dst, src []T, places []int, block int) {
	for i, at := range places {
		copy(dst[at:at+block], src[i*block:(i+1)*block])
	}
}

// Fill writes the one element of value to each of the places.
func Fill(dst, value cells.Slice, places []int) {
	switch dst.Size {
	case 1:
		fill(cells.Of[uint8](dst), cells.Of[uint8](value), places)
	case 2:
		fill(cells.Of[uint16](dst), cells.Of[uint16](value), places)
	case 4:
		fill(cells.Of[uint32](dst), cells.Of[uint32](value), places)
	case 8:
		fill(cells.Of[uint64](dst), cells.Of[uint64](value), places)
	case 16:
		fill(cells.Of[[2]uint64](dst), cells.Of[[2]uint64](value), places)
	default:
		fill(dst.Strings, value.Strings, places)
	}
}

func fill[T cells.Cell](dst, value []T, places []int) {
	for _, at := range places {
		dst[at] = value[0]
	}
}

// Reduction says how a block joins what is at its place.
type Reduction uint8

// The reductions of ScatterElements and ScatterND.
const (
	None Reduction = iota // replaces it
	Add
	Mul
	Max // NaN where either is
	Min // NaN where either is
)

// Number lists the types that are reduced as they are.
type Number interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Reduce joins src, len(places) blocks of that many elements, with what is at
// their places:
//
//	dst[places[i] + j] = r(dst[places[i] + j], src[i·block + j])
func Reduce[T Number](dst, src []T, places []int, block int, r Reduction) {
	for i, at := range places {
		to, from := dst[at:at+block], src[i*block:(i+1)*block]
		switch r {
		case Add:
			for j, v := range from {
				to[j] += v
			}
		case Mul:
			for j, v := range from {
				to[j] *= v
			}
		case Max:
			for j, v := range from {
				to[j] = max(to[j], v)
			}
		case Min:
			for j, v := range from {
				to[j] = min(to[j], v)
			}
		default:
			copy(to, from)
		}
	}
}

// ReduceAs is [Reduce] for a type that is reduced as another one, such as half
// floats as float32: load and store convert an element.
func ReduceAs[T any, N Number](dst, src []T, places []int, block int, r Reduction, load func(T) N, store func(N) T) {
	var pair [2]N
	first := []int{0}
	for i, at := range places {
		for j := range block {
			pair[0], pair[1] = load(dst[at+j]), load(src[i*block+j])
			Reduce(pair[:1], pair[1:], first, 1, r)
			dst[at+j] = store(pair[0])
		}
	}
}
