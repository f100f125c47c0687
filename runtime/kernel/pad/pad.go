// Package pad copies a tensor into a larger or smaller one, each of whose
// coordinates comes from one of the source's or is filled.
package pad

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
)

// grain is the number of elements that are worth a chunk of the pool.
const grain = 1 << 14

// Fill, in a table, stands for the fill value.
const Fill = -1

// Run writes dst, of shape [len(tables[0]), len(tables[1]), …]:
//
//	dst[i, j, …] = src[tables[0][i], tables[1][j], …]
//
// or the element of fill where a table says [Fill]. src has shape in; the
// tables must name its coordinates only. Without dimensions one element is
// copied.
func Run(workers *pool.Pool, dst, src, fill cells.Slice, in []int, tables [][]int) {
	switch dst.Size {
	case 1:
		run(workers, cells.Of[uint8](dst), cells.Of[uint8](src), cells.Of[uint8](fill), in, tables)
	case 2:
		run(workers, cells.Of[uint16](dst), cells.Of[uint16](src), cells.Of[uint16](fill), in, tables)
	case 4:
		run(workers, cells.Of[uint32](dst), cells.Of[uint32](src), cells.Of[uint32](fill), in, tables)
	case 8:
		run(workers, cells.Of[uint64](dst), cells.Of[uint64](src), cells.Of[uint64](fill), in, tables)
	case 16:
		run(workers, cells.Of[[2]uint64](dst), cells.Of[[2]uint64](src), cells.Of[[2]uint64](fill), in, tables)
	default:
		run(workers, dst.Strings, src.Strings, fill.Strings, in, tables)
	}
}

func run[T cells.Cell](workers *pool.Pool, dst, src, fill []T, in []int, tables [][]int) {
	if len(dst) == 0 {
		return
	}
	if len(tables) == 0 {
		dst[0] = src[0]
		return
	}
	// dimensions at the end that are copied whole belong to the row
	last := len(tables) - 1
	whole := 1
	for last > 0 && isWhole(tables[last], in[last]) {
		whole *= in[last]
		last--
	}
	strides := strided.Strides(in)
	cols := tables[last]
	var value T
	if len(fill) > 0 {
		value = fill[0]
	}
	workers.For(len(dst)/(len(cols)*whole), grain/(len(cols)*whole), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			out := dst[r*len(cols)*whole:][:len(cols)*whole]
			at, ok := rowAt(r, tables[:last], strides)
			if !ok {
				fillRow(out, value)
				continue
			}
			row(out, src[at:], cols, whole, value)
		}
	})
}

// isWhole says that a table keeps a dimension of n as it is.
func isWhole(table []int, n int) bool {
	if len(table) != n {
		return false
	}
	for i, v := range table {
		if v != i {
			return false
		}
	}
	return true
}

// rowAt is the place in the source of row r of the destination; not ok where
// the row is filled.
func rowAt(r int, tables [][]int, strides []int) (at int, ok bool) {
	for k, table := range slices.Backward(tables) {
		v := table[r%len(table)]
		if v == Fill {
			return 0, false
		}
		at += v * strides[k]
		r /= len(table)
	}
	return at, true
}

// row writes one row: columns of width elements from src or filled. What is
// consecutive in the source is copied at once.
func row[T cells.Cell](out, src []T, cols []int, width int, value T) {
	for j := 0; j < len(cols); {
		from, first := cols[j], j
		j++
		if from == Fill {
			for j < len(cols) && cols[j] == Fill {
				j++
			}
			fillRow(out[first*width:j*width], value)
			continue
		}
		for j < len(cols) && cols[j] == from+j-first {
			j++
		}
		copy(out[first*width:j*width], src[from*width:])
	}
}

func fillRow[T cells.Cell](out []T, value T) {
	for i := range out {
		out[i] = value
	}
}
