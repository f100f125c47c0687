// Package roialign pools regions of feature maps, whose borders need not fall on
// elements, to a fixed size.
package roialign

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Float lists the element types.
type Float interface{ float32 | float64 }

// maxSamples bounds the samples of one region, so that a region far larger than
// its map does not take for ever.
const maxSamples = 1 << 24

// Args is one run.
type Args[T Float] struct {
	Channels, Height, Width int // of a feature map
	OutHeight, OutWidth     int

	X     []T     // [batch, Channels, Height, Width]
	Rois  []T     // [regions, 4]: left, top, right, bottom
	Batch []int64 // [regions]: the map that a region lies on
	Y     []T     // [regions, Channels, OutHeight, OutWidth]

	Scale     T    // from the regions' coordinates to elements
	HalfPixel bool // elements lie at half coordinates
	Sampling  int  // samples along each axis of an output element; 0 follows from the region's size
	Max       bool // the largest of the samples' weighted elements, else their mean
}

// tap is one sample: four elements of a map and their weights.
type tap[T Float] struct {
	at     [4]int
	weight [4]T
}

// Run pools all regions.
func Run[T Float](p *pool.Pool, a *Args[T]) error {
	maps := 0
	if n := a.Channels * a.Height * a.Width; n > 0 {
		maps = len(a.X) / n
	}
	for i, b := range a.Batch {
		if b < 0 || int(b) >= maps {
			return fmt.Errorf("region %d lies on map %d of %d", i, b, maps)
		}
		if _, _, err := a.samples(i); err != nil {
			return err
		}
	}
	p.For(len(a.Batch), 1, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			a.region(i)
		}
	})
	return nil
}

// bounds is where region i begins, and the size of an output element in it.
func (a *Args[T]) bounds(i int) (left, top, width, height T) {
	shift := T(0)
	if a.HalfPixel {
		shift = 0.5
	}
	roi := a.Rois[4*i:][:4]
	left, top = roi[0]*a.Scale-shift, roi[1]*a.Scale-shift
	width, height = roi[2]*a.Scale-shift-left, roi[3]*a.Scale-shift-top
	if !a.HalfPixel { // regions are at least one element large
		width, height = max(width, 1), max(height, 1)
	}
	return left, top, width / T(a.OutWidth), height / T(a.OutHeight)
}

// samples counts those along each axis of an output element of region i.
func (a *Args[T]) samples(i int) (across, down int, err error) {
	if a.Sampling > 0 {
		across, down = a.Sampling, a.Sampling
	} else {
		_, _, w, h := a.bounds(i)
		fw, fh := math.Ceil(float64(w)), math.Ceil(float64(h))
		if !(fw < maxSamples && fh < maxSamples) {
			return 0, 0, fmt.Errorf("region %d is %v by %v elements, expected less than %d", i, w, h, maxSamples)
		}
		across, down = int(max(fw, 0)), int(max(fh, 0))
	}
	if across > 0 && down > maxSamples/across/max(1, a.OutHeight*a.OutWidth) {
		return 0, 0, fmt.Errorf("region %d needs %d by %d samples for each of %d elements, expected at most %d in all",
			i, across, down, a.OutHeight*a.OutWidth, maxSamples)
	}
	return across, down, nil
}

func (a *Args[T]) region(i int) {
	left, top, width, height := a.bounds(i)
	across, down, _ := a.samples(i) // Run has seen the error
	var taps []tap[T]
	for oy := range a.OutHeight {
		for ox := range a.OutWidth {
			for sy := range down {
				for sx := range across {
					v := top + T(oy)*height + (T(sy)+0.5)*height/T(down)
					h := left + T(ox)*width + (T(sx)+0.5)*width/T(across)
					taps = append(taps, a.tap(v, h))
				}
			}
		}
	}
	size, each := a.Height*a.Width, across*down
	for c := range a.Channels {
		plane := a.X[(int(a.Batch[i])*a.Channels+c)*size:][:size]
		out := a.Y[(i*a.Channels+c)*a.OutHeight*a.OutWidth:][:a.OutHeight*a.OutWidth]
		for o := range out {
			out[o] = a.pool(plane, taps[o*each:][:each])
		}
	}
}

// tap is the bilinear sample at (v, h).
func (a *Args[T]) tap(v, h T) tap[T] {
	if !(v >= -1 && v <= T(a.Height) && h >= -1 && h <= T(a.Width)) {
		return tap[T]{}
	}
	top, bottom, dv := between(v, a.Height)
	left, right, dh := between(h, a.Width)
	return tap[T]{
		at:     [4]int{top*a.Width + left, top*a.Width + right, bottom*a.Width + left, bottom*a.Width + right},
		weight: [4]T{(1 - dv) * (1 - dh), (1 - dv) * dh, dv * (1 - dh), dv * dh},
	}
}

// between are the two elements around a coordinate, and how far it is from the
// first.
func between[T Float](at T, n int) (lo, hi int, rest T) {
	at = max(at, 0)
	lo = int(at)
	if lo >= n-1 {
		return n - 1, n - 1, 0
	}
	return lo, lo + 1, at - T(lo)
}

func (a *Args[T]) pool(plane []T, taps []tap[T]) T {
	var total T
	for i, t := range taps {
		if !a.Max {
			for k, at := range t.at {
				total += t.weight[k] * plane[at]
			}
			continue
		}
		best := t.weight[0] * plane[t.at[0]]
		for k, at := range t.at {
			best = max(best, t.weight[k]*plane[at])
		}
		if i == 0 || best > total {
			total = best
		}
	}
	if !a.Max && len(taps) > 0 {
		total /= T(len(taps))
	}
	return total
}
