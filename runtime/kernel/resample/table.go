package resample

import "math"

// Float lists the element types of weighted sums.
type Float interface{ float32 | float64 }

// Filter is the weight of a neighbour by its distance.
type Filter struct {
	Cubic bool    // else linear
	A     float64 // the coefficient a of the cubic

	Antialias      bool // widen the filter where the axis shrinks
	ExcludeOutside bool // weigh what is beyond the border 0, else repeat the border
}

// Table lists, for each output position, the input elements it is a weighted sum
// of.
type Table[T Float] struct {
	In, Out, Taps int
	Index         []int32 // [Out·Taps], all inside the input
	Weight        []T     // [Out·Taps]
}

// NewTable makes the table of an axis. An output position has as many taps as
// the filter is wide.
func NewTable[T Float](a *Axis, f Filter) *Table[T] {
	if a.Out == 0 {
		return &Table[T]{In: a.In, Taps: 2}
	}
	reach, shrink := 1, 1.0
	if f.Cubic {
		reach = 2
	}
	if f.Antialias && a.Scale < 1 {
		shrink = a.Scale
		reach = int(math.Ceil(float64(reach) / shrink))
	}
	t := &Table[T]{In: a.In, Out: a.Out, Taps: 2 * reach}
	t.Index = make([]int32, t.Out*t.Taps)
	t.Weight = make([]T, t.Out*t.Taps)
	weights := make([]float64, t.Taps)
	for x := range t.Out {
		at := a.At(x)
		first := math.Floor(at) - float64(reach-1)
		sum := 0.0
		for i := range weights {
			neighbour := first + float64(i)
			weights[i] = f.weight((neighbour - at) * shrink)
			if f.ExcludeOutside && (neighbour < 0 || neighbour >= float64(a.In)) {
				weights[i] = 0
			}
			sum += weights[i]
		}
		row := x * t.Taps
		for i, w := range weights {
			if f.ExcludeOutside || f.Antialias {
				w /= sum
			}
			index := a.clamp(first + float64(i))
			if w == 0 { // its element must not count, even where that is no number
				index = a.clamp(math.Round(at))
			}
			t.Index[row+i], t.Weight[row+i] = int32(index), T(w)
		}
	}
	return t
}

// weight is the filter at a distance.
func (f *Filter) weight(x float64) float64 {
	x = math.Abs(x)
	switch {
	case !f.Cubic:
		return max(1-x, 0)
	case x <= 1:
		return ((f.A+2)*x-(f.A+3))*x*x + 1
	case x < 2:
		return ((x-5)*x+8)*x*f.A - 4*f.A
	}
	return 0
}
