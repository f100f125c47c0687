package roialign

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// MaxArgs is one run of [MaxPool].
type MaxArgs[T Float] struct {
	Batch, Channels, Height, Width int // of the feature maps
	OutHeight, OutWidth            int

	X    []T // [Batch, Channels, Height, Width]
	Rois []T // [regions, 5]: map, left, top, right, bottom, both ends inside
	Y    []T // [regions, Channels, OutHeight, OutWidth]

	Scale T // from the regions' coordinates to elements
}

// MaxPool takes the largest element in each part of a region. The region's borders are
// rounded to elements, the parts overlap where they do not divide it evenly, and a part
// that lies outside of the map gives 0.
func MaxPool[T Float](p *pool.Pool, a *MaxArgs[T]) error {
	regions := len(a.Rois) / 5
	for r := range regions {
		if b := a.Rois[5*r]; !(b >= 0 && float64(b) < float64(a.Batch)) {
			return fmt.Errorf("region %d lies on map %v, of %d", r, b, a.Batch)
		}
	}
	size := a.OutHeight * a.OutWidth
	p.For(regions*a.Channels, max(1, 1024/(size+1)), func(lo, hi int) {
		for t := lo; t < hi; t++ {
			a.region(t/a.Channels, t%a.Channels, a.Y[t*size:][:size])
		}
	})
	return nil
}

// region pools one channel of a region.
func (a *MaxArgs[T]) region(r, channel int, y []T) {
	roi := a.Rois[5*r:][:5]
	x := a.X[(int(roi[0])*a.Channels+channel)*a.Height*a.Width:][:a.Height*a.Width]
	left, top := a.element(roi[1]), a.element(roi[2])
	width, height := max(a.element(roi[3])-left+1, 1), max(a.element(roi[4])-top+1, 1)
	for i := range a.OutHeight {
		y0, y1 := part(top, height, i, a.OutHeight, a.Height)
		for j := range a.OutWidth {
			x0, x1 := part(left, width, j, a.OutWidth, a.Width)
			y[i*a.OutWidth+j] = largest(x, a.Width, x0, x1, y0, y1)
		}
	}
}

// element is the element nearest to a coordinate of a region, within what can be
// counted with.
func (a *MaxArgs[T]) element(v T) int {
	const most = 1 << 30
	r := math.Round(float64(v * a.Scale))
	if math.IsNaN(r) {
		return 0
	}
	return int(min(max(r, -most), most))
}

// part is where part i of n of a range lies, cut to a map of that size.
func part(from, length, i, n, size int) (lo, hi int) {
	lo = from + length*i/n
	hi = from + (length*(i+1)+n-1)/n
	return min(max(lo, 0), size), min(max(hi, 0), size)
}

// largest is the largest element of an area, 0 where there is none.
func largest[T Float](x []T, width, x0, x1, y0, y1 int) T {
	if x0 >= x1 || y0 >= y1 {
		return 0
	}
	best := T(math.Inf(-1))
	for i := y0; i < y1; i++ {
		for _, v := range x[i*width+x0 : i*width+x1] {
			best = max(best, v)
		}
	}
	return best
}
