package jpeg2000

import (
	"cmp"
	"iter"
	"slices"
)

// The orders of packets (T.800 B.12), named for what changes slowest to fastest: L
// layer, R resolution, C component, P position.
const (
	orderLRCP = iota
	orderRLCP
	orderRPCL
	orderPCRL
	orderCPRL
)

// place says which packet of a layer is meant.
type place struct {
	component, resolution, precinct int
	x, y                            int // of the precinct on the reference grid
}

// places lists the precincts of a tile in the order of a layer's packets.
func (t *tile) places() []place {
	var list []place
	for c := range t.components {
		tc := &t.components[c]
		for r := range tc.resolutions {
			res := &tc.resolutions[r]
			down := tc.params.levels - r
			for i := range res.precincts {
				px, py := res.grid.x0+i%res.grid.width(), res.grid.y0+i/res.grid.width()
				list = append(list, place{
					component: c, resolution: r, precinct: i,
					x: max(t.area.x0, px<<(res.xp+down)*tc.size.xstep),
					y: max(t.area.y0, py<<(res.yp+down)*tc.size.ystep),
				})
			}
		}
	}
	order := t.params.order
	slices.SortStableFunc(list, func(a, b place) int {
		byPosition := cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
		byComponent, byResolution := cmp.Compare(a.component, b.component), cmp.Compare(a.resolution, b.resolution)
		byPrecinct := cmp.Compare(a.precinct, b.precinct)
		switch order {
		case orderRPCL:
			return cmp.Or(byResolution, byPosition, byComponent, byPrecinct)
		case orderPCRL:
			return cmp.Or(byPosition, byComponent, byResolution, byPrecinct)
		case orderCPRL:
			return cmp.Or(byComponent, byPosition, byResolution, byPrecinct)
		}
		return cmp.Or(byResolution, byComponent, byPrecinct)
	})
	return list
}

// packets yields the layer and place of every packet of a tile, in order.
func (t *tile) packets() iter.Seq2[int, place] {
	list := t.places()
	return func(yield func(int, place) bool) {
		switch t.params.order {
		case orderLRCP:
			eachLayer(list, t.params.layers, yield)
		case orderRLCP: // the layers of one resolution, then those of the next
			for len(list) > 0 {
				end := slices.IndexFunc(list, func(p place) bool { return p.resolution != list[0].resolution })
				if end < 0 {
					end = len(list)
				}
				if !eachLayer(list[:end], t.params.layers, yield) {
					return
				}
				list = list[end:]
			}
		default: // the layers of one precinct, then those of the next
			for i := range list {
				if !eachLayer(list[i:i+1], t.params.layers, yield) {
					return
				}
			}
		}
	}
}

// eachLayer yields a list for each layer.
func eachLayer(list []place, layers int, yield func(int, place) bool) bool {
	for layer := range layers {
		for _, p := range list {
			if !yield(layer, p) {
				return false
			}
		}
	}
	return true
}
