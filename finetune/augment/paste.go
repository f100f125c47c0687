package augment

import (
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/picture"
)

// paste puts faces and other things into a picture, where they cover no face.
func paste(r *rand.Rand, out *Scene, src Source, o Options) error {
	for _, kind := range []struct {
		most  int
		tile  func(*rand.Rand) (Scene, error)
		large float64
	}{{o.Distract, src.Thing, 1.5 * o.Large}, {o.Paste, src.Face, o.Large}} {
		if kind.tile == nil || kind.most < 1 {
			continue
		}
		for range r.IntN(kind.most + 1) {
			tile, err := kind.tile(r)
			if err != nil {
				return err
			}
			pasteOne(r, out, tile, o, kind.large)
		}
	}
	return nil
}

// pasteOne draws a tile with soft edges; nothing where no place is found.
func pasteOne(r *rand.Rand, out *Scene, tile Scene, o Options, large float64) {
	side := o.Small * math.Pow(large/o.Small, r.Float64())
	box := face.Box{X2: float64(tile.Picture.W), Y2: float64(tile.Picture.H)}
	isFace := len(tile.Faces) > 0
	if isFace {
		box = tile.Faces[0]
	}
	scale := side / min(box.Width(), box.Height())
	w, h := int(float64(tile.Picture.W)*scale), int(float64(tile.Picture.H)*scale)
	if w < 2 || h < 2 || w > out.Picture.W*5/4 || h > out.Picture.H*5/4 {
		return
	}
	x, y, ok := room(r, out, w, h)
	if !ok {
		return
	}
	small := Shrink(tile.Picture, w, h)
	if r.IntN(2) == 0 {
		colour(r, small, 0.5*o.Colour)
	}
	blend(out.Picture, small, x, y, softness(r))
	if !isFace {
		return
	}
	sx, sy := float64(w)/float64(tile.Picture.W), float64(h)/float64(tile.Picture.H)
	b := face.Box{X1: float64(x) + box.X1*sx, Y1: float64(y) + box.Y1*sy, X2: float64(x) + box.X2*sx, Y2: float64(y) + box.Y2*sy}
	out.add(b, face.Box{X2: float64(out.Picture.W), Y2: float64(out.Picture.H)}, o.Least)
}

// room looks for a place at which a tile covers no face.
func room(r *rand.Rand, out *Scene, w, h int) (x, y int, ok bool) {
	const tries = 8
	for range tries {
		x, y = r.IntN(out.Picture.W)-w/3, r.IntN(out.Picture.H)-h/3
		t := face.Box{X1: float64(x), Y1: float64(y), X2: float64(x + w), Y2: float64(y + h)}
		free := true
		for _, list := range [][]face.Box{out.Faces, out.Ignore} {
			for _, b := range list {
				const most = 0.1 // of a face
				covered := b.Intersect(t).Area()
				free = free && covered <= most*b.Area() || covered == 0
			}
		}
		if free {
			return x, y, true
		}
	}
	return 0, 0, false
}

// softness is how a tile's edge fades: the width of the seam as a share of its
// side, and whether its corners are round.
func softness(r *rand.Rand) mask {
	var m mask
	m.seam = 0.02 + 0.2*r.Float64()
	m.round = r.IntN(2) == 0
	return m
}

// mask is the shape of a tile.
type mask struct {
	seam  float64
	round bool
}

// opacity is from 0 outside to 1 inside, at (u, v) from −1 to 1.
func (m mask) opacity(u, v float64) float64 {
	d := 1 - max(math.Abs(u), math.Abs(v))
	if m.round {
		d = 1 - math.Sqrt(math.Sqrt(u*u*u*u+v*v*v*v))
	}
	return min(max(d/m.seam, 0), 1)
}

// blend draws a tile at (x, y).
func blend(dst, tile *picture.RGB, x, y int, m mask) {
	for ty := max(0, -y); ty < tile.H && y+ty < dst.H; ty++ {
		v := 2*(float64(ty)+0.5)/float64(tile.H) - 1
		for tx := max(0, -x); tx < tile.W && x+tx < dst.W; tx++ {
			u := 2*(float64(tx)+0.5)/float64(tile.W) - 1
			a := int(256 * m.opacity(u, v))
			from, to := tile.Pix[3*(ty*tile.W+tx):][:3], dst.Pix[3*((y+ty)*dst.W+x+tx):][:3]
			for c := range 3 {
				to[c] = uint8((int(from[c])*a + int(to[c])*(256-a)) >> 8)
			}
		}
	}
}
