package quant

// plainBounds are the least and the largest of 0 and the elements.
func plainBounds(x []float32) (lo, hi float32) {
	for _, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo, hi
}

// plainBytes quantises to uint8.
func plainBytes(y []uint8, x []float32, scale float32, zero uint8) {
	lo, hi := -float32(zero), 255-float32(zero)
	for i, v := range x {
		y[i] = uint8(int32(round(v/scale, lo, hi)) + int32(zero))
	}
}
