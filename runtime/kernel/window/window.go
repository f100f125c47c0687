// Package window is the geometry of windows that slide over the spatial axes of
// a tensor: what convolution, pooling and their inverses share. It holds sizes
// only and touches no data.
//
// On one axis, the window at output position o looks at the input positions
//
//	i = o·Stride − Begin + k·Dilation,  k = 0 … Kernel−1
//
// of which those outside 0 … In−1 are padding.
package window

// Axis is the geometry along one spatial axis.
type Axis struct {
	In, Out    int // sizes of the input and of the output
	Kernel     int // taps of a window, at least 1
	Stride     int // at least 1
	Dilation   int // distance between taps, at least 1
	Begin, End int // padding before and after the input
}

// Extent is how many input positions a window spans.
func (a *Axis) Extent() int { return (a.Kernel-1)*a.Dilation + 1 }

// Start is the input position of the first tap at output position o; negative
// where it lies in the padding.
func (a *Axis) Start(o int) int { return o*a.Stride - a.Begin }

// Taps is the range [lo, hi) of taps at output position o that see the input.
func (a *Axis) Taps(o int) (lo, hi int) {
	return a.Clip(o, 0, a.In)
}

// Clip is the range [lo, hi) of taps at output position o whose input position
// lies in [from, to).
func (a *Axis) Clip(o, from, to int) (lo, hi int) {
	start := a.Start(o)
	if start < from {
		lo = min(ceilDiv(from-start, a.Dilation), a.Kernel)
	}
	if to > start {
		hi = min(ceilDiv(to-start, a.Dilation), a.Kernel)
	}
	return lo, max(lo, hi)
}

// Positions is the range [lo, hi) of output positions at which tap k sees the
// input.
func (a *Axis) Positions(k int) (lo, hi int) {
	shift := k*a.Dilation - a.Begin // input position at output 0
	if shift < 0 {
		lo = min(ceilDiv(-shift, a.Stride), a.Out)
	}
	if a.In > shift {
		hi = min(ceilDiv(a.In-shift, a.Stride), a.Out)
	}
	return lo, max(lo, hi)
}

// Pointwise reports whether each output position sees exactly the input position
// of the same index.
func (a *Axis) Pointwise() bool {
	return a.Kernel == 1 && a.Stride == 1 && a.Begin == 0 && a.Out == a.In
}

// Axes is a window over several axes, outermost first.
type Axes []Axis

// Sizes multiplies the input sizes, output sizes and kernel sizes of all axes.
func (axes Axes) Sizes() (in, out, kernel int) {
	in, out, kernel = 1, 1, 1
	for i := range axes {
		in *= axes[i].In
		out *= axes[i].Out
		kernel *= axes[i].Kernel
	}
	return in, out, kernel
}

// Pointwise reports whether it holds for every axis.
func (axes Axes) Pointwise() bool {
	for i := range axes {
		if !axes[i].Pointwise() {
			return false
		}
	}
	return true
}

// Offset is the index, in the row-major input, that tap (counted row-major over
// the kernel) sees at output position (counted row-major over the output); false
// where that is padding.
func (axes Axes) Offset(out, tap int) (int, bool) {
	offset, size := 0, 1
	for d := len(axes) - 1; d >= 0; d-- {
		a := &axes[d]
		o, k := out, tap
		if d > 0 {
			o, k = out%a.Out, tap%a.Kernel
			out, tap = out/a.Out, tap/a.Kernel
		}
		i := o*a.Stride - a.Begin + k*a.Dilation
		if uint(i) >= uint(a.In) {
			return 0, false
		}
		offset += i * size
		size *= a.In
	}
	return offset, true
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
