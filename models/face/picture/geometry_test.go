package picture

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

func noise(w, h int, seed uint64) *RGB {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := New(w, h)
	for i := range p.Pix {
		p.Pix[i] = uint8(rng.UintN(256))
	}
	return p
}

// bilinear is the meaning of Resize in floating point.
func bilinear(p *RGB, w, h, x, y, c int) float64 {
	at := func(x, y int) float64 {
		x, y = max(0, min(x, p.W-1)), max(0, min(y, p.H-1))
		return float64(p.Pix[3*(y*p.W+x)+c])
	}
	sx := (float64(x)+0.5)*float64(p.W)/float64(w) - 0.5
	sy := (float64(y)+0.5)*float64(p.H)/float64(h) - 0.5
	x0, y0 := int(math.Floor(sx)), int(math.Floor(sy))
	fx, fy := sx-float64(x0), sy-float64(y0)
	return at(x0, y0)*(1-fx)*(1-fy) + at(x0+1, y0)*fx*(1-fy) + at(x0, y0+1)*(1-fx)*fy + at(x0+1, y0+1)*fx*fy
}

func TestResize(t *testing.T) {
	for _, s := range [][4]int{
		{64, 48, 100, 70},
		{100, 80, 33, 31},
		{37, 53, 111, 7},
		{7, 5, 30, 20},
		{20, 10, 10, 5},
		{1, 1, 9, 4},
		{9, 4, 1, 1},
		{12, 9, 12, 9},
		{300, 2, 5, 1},
	} {
		p := noise(s[0], s[1], uint64(s[0]))
		q := Resize(p, s[2], s[3])
		if q.W != s[2] || q.H != s[3] {
			t.Fatalf("%v → %v", s, q)
		}
		for i, got := range q.Pix {
			x, y, c := i/3%q.W, i/3/q.W, i%3
			if want := bilinear(p, q.W, q.H, x, y, c); math.Abs(float64(got)-want) > 1 {
				t.Fatalf("%v: pixel (%d,%d) channel %d is %d, want %.2f", s, x, y, c, got, want)
			}
		}
	}
	if q := Resize(noise(3, 3, 1), 0, -4); len(q.Pix) != 0 {
		t.Errorf("an impossible size gives %v", q)
	}
	if q := Resize(New(0, 0), 2, 2); q.W != 2 {
		t.Errorf("from nothing: %v", q)
	}
}

// OpenCV 5.0's own values for a row of 0, 100, 200 scaled to 7 and to 2.
func TestResizeLikeOpenCV(t *testing.T) {
	p := New(3, 1)
	for x := range 3 {
		p.Fill(image.Rect(x, 0, x+1, 1), [3]uint8{uint8(100 * x), 7, 255})
	}
	for _, want := range [][]uint8{{0, 14, 57, 100, 143, 186, 200}, {25, 175}} {
		q := Resize(p, len(want), 1)
		for x, v := range want {
			if g := q.RGBAAt(x, 0); g.R != v || g.G != 7 || g.B != 255 {
				t.Errorf("to %d: pixel %d is %v, want %d", len(want), x, g, v)
			}
		}
	}
}

func TestLetterbox(t *testing.T) {
	tests := []struct {
		name       string
		w, h       int
		boxW, boxH int
		align      Align
		want       Placement
	}{
		{"wide, top left", 200, 100, 50, 50, TopLeft, Placement{0.25, 0.25, 0, 0}},
		{"wide, centre", 200, 100, 50, 50, Center, Placement{0.25, 0.25, 0, 12}},
		{"tall, centre", 10, 40, 80, 80, Center, Placement{2, 2, 30, 0}},
		{"a line keeps a pixel", 30_000, 10, 320, 320, TopLeft, Placement{320. / 30_000, 0.3, 0, 0}}, // 10·320/30000 rounds to 0
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := Filled(tt.w, tt.h, [3]uint8{9, 9, 9})
			if tt.h == 10 {
				tt.want.ScaleY = 0.1
			}
			box, place := Letterbox(p, tt.boxW, tt.boxH, tt.align, [3]uint8{1, 2, 3})
			if place != tt.want {
				t.Errorf("placement %+v, want %+v", place, tt.want)
			}
			x1, y1 := place.ToInput(0, 0)
			x2, y2 := place.ToInput(float64(tt.w), float64(tt.h))
			inside := image.Rect(int(math.Round(x1)), int(math.Round(y1)), int(math.Round(x2)), int(math.Round(y2)))
			for i := range box.W * box.H {
				x, y := i%box.W, i/box.W
				want := [3]uint8{1, 2, 3}
				if image.Pt(x, y).In(inside) {
					want = [3]uint8{9, 9, 9}
				}
				if g := box.RGBAAt(x, y); [3]uint8{g.R, g.G, g.B} != want {
					t.Fatalf("pixel (%d,%d) is %v, want %v", x, y, g, want)
				}
			}
			if x, y := place.ToPicture(place.ToInput(12.5, 3.25)); math.Abs(x-12.5) > 1e-9 || math.Abs(y-3.25) > 1e-9 {
				t.Errorf("there and back: (%v,%v)", x, y)
			}
		})
	}
}

func TestAffine(t *testing.T) {
	m := Affine{2, 1, 3, -1, 4, 5}
	inv, ok := m.Invert()
	if !ok {
		t.Fatal("not invertible")
	}
	x, y := m.Then(inv).Apply(7, -2)
	if math.Abs(x-7) > 1e-12 || math.Abs(y+2) > 1e-12 {
		t.Errorf("m then its inverse takes (7,-2) to (%v,%v)", x, y)
	}
	for _, bad := range []Affine{{}, {A: 1, B: 2, D: 2, E: 4}, {A: math.NaN(), E: 1}, {A: math.Inf(1), E: 1}} {
		if _, ok := bad.Invert(); ok {
			t.Errorf("%+v was inverted", bad)
		}
	}
}

func TestWarp(t *testing.T) {
	p := noise(6, 5, 3)
	fill := [3]uint8{10, 20, 30}
	same := Warp(p, Affine{A: 1, E: 1}, 6, 5, fill)
	near(t, same, p, 0)
	// A quarter turn clockwise: (x, y) of the result is (y, H-x) of p.
	turned := Warp(p, Affine{B: 1, D: -1, F: float64(p.H)}, 5, 6, fill)
	near(t, turned, Upright(p, RotateClockwise), 0)
	// Half a pixel to the right: the mean of two neighbours, and of the edge and fill.
	half := Warp(p, Affine{A: 1, C: 0.5, E: 1}, 6, 5, fill)
	for x := range 6 {
		next := float64(fill[0])
		if x < 5 {
			next = float64(p.RGBAAt(x+1, 2).R)
		}
		want := (float64(p.RGBAAt(x, 2).R) + next) / 2
		if got := float64(half.RGBAAt(x, 2).R); math.Abs(got-want) > 0.5 {
			t.Errorf("half step at %d: %v, want %v", x, got, want)
		}
	}
	away := Warp(p, Affine{A: math.NaN(), C: 1e300, E: 1}, 2, 2, fill)
	near(t, away, Filled(2, 2, fill), 0)
}

func TestCropAndDraw(t *testing.T) {
	p := quarters(20, 10)
	c := p.Crop(image.Rect(15, -5, 30, 5))
	if c.W != 5 || c.H != 5 || c.RGBAAt(0, 0).G != 200 {
		t.Errorf("crop %v begins with %v", c, c.RGBAAt(0, 0))
	}
	if c := p.Crop(image.Rect(50, 50, 60, 60)); len(c.Pix) != 0 {
		t.Errorf("a crop outside is %v", c)
	}
	d := New(10, 8)
	d.Box(2, 1, 8, 6, 1, [3]uint8{255, 0, 0})
	d.Box(-50, -50, 1e300, math.NaN(), 3, [3]uint8{0, 0, 9}) // must stay inside

	for y := range 8 {
		for x := range 10 {
			edge := (x == 2 || x == 7) && y >= 1 && y < 6 || (y == 1 || y == 5) && x >= 2 && x < 8
			if got := d.RGBAAt(x, y).R == 255; got != edge && d.RGBAAt(x, y).B == 0 {
				t.Errorf("(%d,%d): drawn %v, want %v", x, y, got, edge)
			}
		}
	}
	dot := New(9, 9)
	dot.Dot(4.5, 4.5, 2, [3]uint8{1, 1, 1})
	if dot.RGBAAt(4, 4).R != 1 || dot.RGBAAt(7, 4).R != 0 || dot.RGBAAt(6, 6).R != 0 || dot.RGBAAt(5, 3).R != 1 {
		t.Error("the dot is not round")
	}
}
