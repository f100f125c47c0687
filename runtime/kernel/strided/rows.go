package strided

import (
	"encoding/binary"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Rows is one side of a copy of rows: where the first begins, and how far it is
// from one to the next, in elements.
type Rows struct{ Offset, Stride int }

// CopyRows copies n rows of width elements. It is the copy of a [Plan] without
// one, for joins and cuts.
func CopyRows(workers *pool.Pool, dst, src cells.Slice, to, from Rows, n, width int) {
	if dst.Size == 0 {
		for r := range n {
			copy(dst.Strings[to.Offset+r*to.Stride:][:width], src.Strings[from.Offset+r*from.Stride:])
		}
		return
	}
	if n*width <= grain || workers.Threads() == 1 {
		copyBytes(dst, src, to, from, 0, n, width)
		return
	}
	if n == 1 {
		size := dst.Size
		out, in := dst.Bytes[to.Offset*size:], src.Bytes[from.Offset*size:]
		workers.For(width*size, 4*grain*size, func(lo, hi int) { copy(out[lo:hi], in[lo:hi]) })
		return
	}
	workers.For(n, grain/max(width, 1), func(lo, hi int) { copyBytes(dst, src, to, from, lo, hi, width) })
}

func copyBytes(dst, src cells.Slice, to, from Rows, lo, hi, width int) {
	size := dst.Size
	run := width * size
	d, s := (to.Offset+lo*to.Stride)*size, (from.Offset+lo*from.Stride)*size
	toStep, fromStep := to.Stride*size, from.Stride*size
	switch run { // a call that moves a few bytes takes longer than to move them
	case 4:
		for range hi - lo {
			binary.NativeEndian.PutUint32(dst.Bytes[d:], binary.NativeEndian.Uint32(src.Bytes[s:]))
			d, s = d+toStep, s+fromStep
		}
	case 8:
		for range hi - lo {
			binary.NativeEndian.PutUint64(dst.Bytes[d:], binary.NativeEndian.Uint64(src.Bytes[s:]))
			d, s = d+toStep, s+fromStep
		}
	default:
		for range hi - lo {
			copy(dst.Bytes[d:d+run], src.Bytes[s:s+run])
			d, s = d+toStep, s+fromStep
		}
	}
}
