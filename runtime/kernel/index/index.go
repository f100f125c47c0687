// Package index turns the indices of gathers and scatters into places in a
// buffer. It is where indices from outside are checked: the kernels behind it
// trust what it gives.
package index

import "fmt"

// Integer lists the types of indices.
type Integer interface{ int32 | int64 }

// Axis writes indices along a dimension of that size to dst, with negative ones
// counted from the end. It fails on an index outside -size to size-1.
func Axis[I Integer](dst []int, indices []I, size int) error {
	for i, v := range indices {
		at := int(v)
		if at < 0 {
			at += size
		}
		if uint(at) >= uint(size) {
			return outside(int(v), i, size)
		}
		dst[i] = at
	}
	return nil
}

func outside(index, place, size int) error {
	return fmt.Errorf("index %d (element %d of the indices) is out of range for a dimension of %d", index, place, size)
}

// Elements writes, for each element of indices, a tensor of that shape, the
// place in a row-major tensor of shape data of the element with the same
// coordinates but for the one along axis, which is the index. No dimension of
// shape but that along axis may be larger than data's.
func Elements[I Integer](dst []int, indices []I, shape, data []int, axis int) error {
	if len(indices) == 0 {
		return nil
	}
	rank := len(shape)
	strides := make([]int, 2*rank)
	at := strides[rank:]
	n := 1
	for k := rank - 1; k >= 0; k-- {
		strides[k] = n
		n *= data[k]
	}
	size, step := data[axis], strides[axis]
	base := 0 // of the current coordinates, without that along axis
	for i, v := range indices {
		x := int(v)
		if x < 0 {
			x += size
		}
		if uint(x) >= uint(size) {
			return outside(int(v), i, size)
		}
		dst[i] = base + x*step
		for k := rank - 1; k >= 0; k-- {
			at[k]++
			if k != axis {
				base += strides[k]
			}
			if at[k] < shape[k] {
				break
			}
			if k != axis {
				base -= at[k] * strides[k]
			}
			at[k] = 0
		}
	}
	return nil
}

// Tuples reads indices as tuples of as many as len(dims), of which each names a
// block of block elements within a tensor whose first dimensions are dims, and
// writes the place of the block. The tuples come in groups of equal number, one
// for each of batches; group g counts from place g·stride.
func Tuples[I Integer](dst []int, indices []I, dims []int, block, batches, stride int) error {
	width := len(dims)
	group := len(dst) / max(batches, 1)
	for i := range dst {
		place := 0
		for k, size := range dims {
			v := int(indices[i*width+k])
			x := v
			if x < 0 {
				x += size
			}
			if uint(x) >= uint(size) {
				return outside(v, i*width+k, size)
			}
			place = place*size + x
		}
		dst[i] = i/group*stride + place*block
	}
	return nil
}
