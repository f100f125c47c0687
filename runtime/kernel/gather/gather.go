// Package gather copies blocks of elements from places that a list names.
package gather

import (
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// grain is the number of elements that are worth a chunk of the pool.
const grain = 1 << 14

// Blocks copies, for each of groups, one block of that many elements for each
// of places: with dst [groups, len(places), block],
//
//	dst[g, i] = src[g·stride + places[i]·scale :][:block]
//
// The places must have been checked.
func Blocks(workers *pool.Pool, dst, src cells.Slice, places []int, scale, block, groups, stride int) {
	switch dst.Size {
	case 1:
		blocks(workers, cells.Of[uint8](dst), cells.Of[uint8](src), places, scale, block, groups, stride)
	case 2:
		blocks(workers, cells.Of[uint16](dst), cells.Of[uint16](src), places, scale, block, groups, stride)
	case 4:
		blocks(workers, cells.Of[uint32](dst), cells.Of[uint32](src), places, scale, block, groups, stride)
	case 8:
		blocks(workers, cells.Of[uint64](dst), cells.Of[uint64](src), places, scale, block, groups, stride)
	case 16:
		blocks(workers, cells.Of[[2]uint64](dst), cells.Of[[2]uint64](src), places, scale, block, groups, stride)
	default:
		blocks(workers, dst.Strings, src.Strings, places, scale, block, groups, stride)
	}
}

func blocks[T cells.Cell](workers *pool.Pool, dst, src []T, places []int, scale, block, groups, stride int) {
	if block == 0 || len(places) == 0 {
		return
	}
	workers.For(groups*len(places), grain/block, func(lo, hi int) {
		for lo < hi {
			g, first := lo/len(places), lo%len(places)
			n := min(hi-lo, len(places)-first)
			from := src[g*stride:]
			to := dst[lo*block : (lo+n)*block]
			if block == 1 {
				for i, at := range places[first : first+n] {
					to[i] = from[at*scale]
				}
			} else {
				for i, at := range places[first : first+n] {
					copy(to[i*block:(i+1)*block], from[at*scale:])
				}
			}
			lo += n
		}
	})
}
