// Package resample changes the size of tensors along any of their axes, by the
// nearest element or by weighted sums of neighbours.
//
// An axis is described by its [Axis]: where each output position lies on the
// input. From that a table is made once, the neighbours of each output position
// ([Table], or plain indices for the nearest one), and tensors of these sizes are
// resampled by it, axis after axis.
package resample

import "math"

// Transform is how output positions map to input coordinates
// (coordinate_transformation_mode of the operator Resize).
type Transform uint8

// The transforms; x is the output position, s the scale, n the input size, m the
// output size. AlignCorners takes the output's size before it is rounded down to
// a whole one, n·s.
const (
	HalfPixel           Transform = iota // (x + 0.5)/s − 0.5
	PytorchHalfPixel                     // HalfPixel, but 0 where m is 1
	HalfPixelSymmetric                   // HalfPixel about the middle of the input, where m is not n·s
	HalfPixelForNearest                  // (x + 0.5)/s
	Asymmetric                           // x/s
	AlignCorners                         // x·(n − 1)/(n·s − 1)
	CropAndResize                        // the corners of a region of interest meet those of the output
)

// Axis describes the resampling of one axis.
type Axis struct {
	In, Out   int
	Scale     float64 // Out/In before rounding to a whole size
	Transform Transform

	// The region of CropAndResize, as fractions of the input.
	Start, End float64
}

// Identity reports whether every output position is the input position of the
// same index. It is on an axis whose size stays, even with HalfPixelForNearest,
// whose formula would shift it.
func (a *Axis) Identity() bool {
	return a.In == a.Out && a.Scale == 1 && (a.Transform != CropAndResize || a.Start == 0 && a.End == 1)
}

// At is the input coordinate of output position x. It is worked out in float32,
// in which scales and regions are given, so that coordinates half-way between
// elements fall the same way as elsewhere.
func (a *Axis) At(x int) float64 {
	if a.Identity() {
		return float64(x)
	}
	return float64(a.at(float32(x), float32(a.In), float32(a.Out), float32(a.Scale)))
}

func (a *Axis) at(x, in, out, scale float32) float32 {
	switch a.Transform {
	case HalfPixelForNearest:
		return (x + 0.5) / scale
	case Asymmetric:
		return x / scale
	case AlignCorners:
		wide := scale * in // the output size before rounding
		if wide == 1 {
			return 0
		}
		return x * (in - 1) / (wide - 1)
	case CropAndResize:
		start, end := float32(a.Start), float32(a.End)
		if out == 1 {
			return (start + end) * (in - 1) / 2
		}
		return start*(in-1) + x*(end-start)*(in-1)/(out-1)
	case PytorchHalfPixel:
		if out == 1 {
			return 0
		}
	case HalfPixelSymmetric:
		shift := in / 2 * (1 - out/(scale*in))
		return shift + (x+0.5)/scale - 0.5
	default: // half a pixel
	}
	return (x+0.5)/scale - 0.5
}

// Outside reports whether output position x lies beyond the input and is to be
// extrapolated, which happens with CropAndResize alone.
func (a *Axis) Outside(x int) bool {
	if a.Transform != CropAndResize {
		return false
	}
	at := a.At(x)
	return !(at >= 0 && at <= float64(a.In-1))
}

// Rounding is how a coordinate becomes the index of the nearest element.
type Rounding uint8

// The roundings (nearest_mode of the operator Resize).
const (
	HalfDown Rounding = iota // to the nearest, halves down
	HalfUp                   // to the nearest, halves up
	Floor                    // down
	Ceil                     // up
	Simple                   // up where the axis shrinks, else down
)

// Nearest is the input index for each output position.
func (a *Axis) Nearest(r Rounding) []int {
	index := make([]int, a.Out)
	for x := range index {
		index[x] = a.clamp(a.round(a.At(x), r))
	}
	return index
}

func (a *Axis) round(at float64, r Rounding) float64 {
	switch {
	case r == HalfDown:
		return math.Ceil(at - 0.5)
	case r == HalfUp:
		return math.Floor(at + 0.5)
	case r == Ceil, r == Simple && a.Scale < 1:
		return math.Ceil(at)
	}
	return math.Floor(at)
}

// clamp moves a coordinate to the nearest index of the input.
func (a *Axis) clamp(at float64) int {
	if !(at > 0) { // no number counts as the first
		return 0
	}
	return int(min(at, float64(a.In-1)))
}
