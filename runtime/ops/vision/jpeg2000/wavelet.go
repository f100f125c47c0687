package jpeg2000

// The lifting steps of the 9/7 wavelet and its scale (T.800 table F.4).
const (
	liftAlpha = -1.586134342059924
	liftBeta  = -0.052980118572961
	liftGamma = 0.882911075530934
	liftDelta = 0.443506852043971
	liftScale = 1.230174104914001
)

// inverseWavelet brings the coefficients of a component back to samples, one
// resolution after the other (T.800 F.3).
func (c *tileComponent) inverseWavelet() {
	for r := 1; r < len(c.resolutions); r++ {
		area := c.resolutions[r].area
		if c.params.reversible {
			synthesize(c.ints, c.area.width(), area, lift53)
		} else {
			synthesize(c.floats, c.area.width(), area, lift97)
		}
	}
}

// synthesize joins the bands in the corner of values, of the size of area, to one
// picture: the rows first, then the columns. lift undoes the transform of one line,
// whose low and high halves are interleaved already; odd says that it begins with a
// high one.
func synthesize[T int32 | float32](values []T, stride int, area rect, lift func(line []T, odd bool)) {
	width, height := area.width(), area.height()
	if width == 0 || height == 0 {
		return
	}
	line := make([]T, max(width, height))
	oddX, oddY := area.x0&1 == 1, area.y0&1 == 1
	for y := range height {
		row := values[y*stride:][:width]
		low := half(width, oddX)
		for i := range row {
			line[place1(i, low, oddX)] = row[i]
		}
		lift(line[:width], oddX)
		copy(row, line)
	}
	low := half(height, oddY)
	for x := range width {
		for i := range height {
			line[place1(i, low, oddY)] = values[i*stride+x]
		}
		lift(line[:height], oddY)
		for i := range height {
			values[i*stride+x] = line[i]
		}
	}
}

// half is how many of n values are low ones.
func half(n int, odd bool) int {
	if odd {
		return n / 2
	}
	return (n + 1) / 2
}

// place1 is where value i, of which the first low ones are low, goes in a line.
func place1(i, low int, odd bool) int {
	high := i >= low
	if high {
		i -= low
	}
	if high != odd {
		return 2*i + 1
	}
	return 2 * i
}

// lift53 undoes the reversible transform (T.800 F.3.8.2).
func lift53(line []int32, odd bool) {
	if len(line) == 1 {
		if odd {
			line[0] /= 2
		}
		return
	}
	first := 0 // the first low value
	if odd {
		first = 1
	}
	each(line, first, func(v, a, b int32) int32 { return v - (a+b+2)>>2 })
	each(line, 1-first, func(v, a, b int32) int32 { return v + (a+b)>>1 })
}

// lift97 undoes the irreversible transform (T.800 F.3.8.1).
func lift97(line []float32, odd bool) {
	if len(line) == 1 {
		if odd {
			line[0] /= 2
		}
		return
	}
	first := 0
	if odd {
		first = 1
	}
	for i := range line {
		if i&1 == first {
			line[i] *= liftScale
		} else {
			line[i] *= 1 / liftScale
		}
	}
	each(line, first, func(v, a, b float32) float32 { return v - liftDelta*(a+b) })
	each(line, 1-first, func(v, a, b float32) float32 { return v - liftGamma*(a+b) })
	each(line, first, func(v, a, b float32) float32 { return v - liftBeta*(a+b) })
	each(line, 1-first, func(v, a, b float32) float32 { return v - liftAlpha*(a+b) })
}

// each replaces every second value, from first on, by what f makes of it and its two
// neighbours; beyond an end stands the neighbour on the other side.
func each[T int32 | float32](line []T, first int, f func(v, before, after T) T) {
	last := len(line) - 1
	for i := first; i <= last; i += 2 {
		before, after := i-1, i+1
		if before < 0 {
			before = after
		}
		if after > last {
			after = before
		}
		line[i] = f(line[i], line[before], line[after])
	}
}
