package nchwc

// This file is the meaning of the kernels: what the assembly computes, in plain
// Go. It is compiled everywhere.

// plainTiles computes tiles of a convolution.
func (j *job) plainTiles(r run, w, b []float32) {
	r.each(j.c.StrideW*j.c.inner(), func(from, to int) { j.plain(r.pixels, from, to, w, b) })
}

// plainTiles computes tiles of a max pooling.
func (j *poolJob) plainTiles(r run) {
	r.each(j.m.StrideW*Block, func(from, to int) { j.plainMaxPool(r.pixels, from, to) })
}

// plain computes a tile of a convolution.
func (j *job) plain(pixels, from, to int, w, b []float32) {
	c := j.c
	if c.Kind == Depthwise {
		for i := range pixels {
			j.plainDepthwise(from+i*c.StrideW*Block, to+i*Block, w, b)
		}
		return
	}
	for i := range pixels {
		for o := range c.outs {
			j.plainDense(from+i*c.StrideW*c.inner(), to+o*j.out.Plane()+i*Block, w[o*Block:], b[o*Block:])
		}
	}
}

// plainDense computes 16 output channels of one pixel.
func (j *job) plainDense(from, to int, w, b []float32) {
	c := j.c
	inner, width := c.inner(), c.outs*Block
	row, plane := j.in.Row()/Block*inner, j.in.Plane()/Block*inner
	sums := *(*[Block]float32)(b)
	at := 0
	for i := 0; i < c.In; i += inner {
		for ky := range c.KernelH {
			for kx := range c.KernelW {
				x := j.x[from+i/inner*plane+ky*c.DilationH*row+kx*c.DilationW*inner:][:c.lanes(i/inner)]
				for _, v := range x {
					weights := (*[Block]float32)(w[at:])
					for o := range sums {
						sums[o] += v * weights[o]
					}
					at += width
				}
			}
		}
	}
	j.store(&sums, to)
}

// plainDepthwise computes the 16 channels of one pixel.
func (j *job) plainDepthwise(from, to int, w, b []float32) {
	c := j.c
	sums := *(*[Block]float32)(b)
	at := 0
	for ky := range c.KernelH {
		for kx := range c.KernelW {
			x := (*[Block]float32)(j.x[from+ky*c.DilationH*j.in.Row()+kx*c.DilationW*Block:])
			weights := (*[Block]float32)(w[at:])
			for o := range sums {
				sums[o] += x[o] * weights[o]
			}
			at += Block
		}
	}
	j.store(&sums, to)
}

// store adds the residual, applies the activation and writes.
func (j *job) store(sums *[Block]float32, to int) {
	a := j.c.Act
	y := j.y[to:][:Block]
	for o, v := range sums {
		if j.res != nil {
			v += j.res[to+o]
		}
		if a.Leaky && v < 0 {
			v *= a.Slope
		}
		y[o] = min(max(v, a.Lo), a.Hi)
	}
}

// plainMaxPool computes a tile of max pooling.
func (j *poolJob) plainMaxPool(pixels, from, to int) {
	m := j.m
	for i := range pixels {
		y := (*[Block]float32)(j.y[to+i*Block:])
		*y = lowest
		for ky := range m.KernelH {
			for kx := range m.KernelW {
				x := (*[Block]float32)(j.x[from+i*m.StrideW*Block+ky*j.in.Row()+kx*Block:])
				for o, v := range x {
					y[o] = max(y[o], v)
				}
			}
		}
	}
}
