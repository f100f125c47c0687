package face

import (
	"errors"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
)

// turned takes points through a rotation by degrees, a scale and a shift.
func turned(points []Point, degrees, scale, dx, dy float64) []Point {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	out := make([]Point, len(points))
	for i, p := range points {
		out[i] = Point{scale*(cos*p.X-sin*p.Y) + dx, scale*(sin*p.X+cos*p.Y) + dy}
	}
	return out
}

func TestSimilarity(t *testing.T) {
	from := []Point{{0, 0}, {10, 0}, {4, 7}, {1, 12}, {9, 13}}
	for _, degrees := range []float64{0, 30, 90, 179, -75} {
		to := turned(from, degrees, 1.7, 100, -20)
		m, err := Similarity(from, to)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range from {
			if x, y := m.Apply(p.X, p.Y); !closeTo(x, to[i].X) || !closeTo(y, to[i].Y) {
				t.Errorf("%v°: %v goes to (%v,%v), want %v", degrees, p, x, y, to[i])
			}
		}
	}
	// With noise it is the least of its neighbours in squared distance.
	to := turned(from, 20, 2, 5, 5)
	to[0].X += 3
	to[3].Y -= 2
	best, err := Similarity(from, to)
	if err != nil {
		t.Fatal(err)
	}
	cost := func(m picture.Affine) float64 {
		var sum float64
		for i, p := range from {
			x, y := m.Apply(p.X, p.Y)
			sum += math.Pow(x-to[i].X, 2) + math.Pow(y-to[i].Y, 2)
		}
		return sum
	}
	for _, d := range []float64{-1e-3, 1e-3} {
		for _, m := range []picture.Affine{
			{A: best.A + d, B: best.B, C: best.C, D: best.D, E: best.E + d, F: best.F},
			{A: best.A, B: best.B - d, C: best.C, D: best.D + d, E: best.E, F: best.F},
			{A: best.A, B: best.B, C: best.C + d, D: best.D, E: best.E, F: best.F},
			{A: best.A, B: best.B, C: best.C, D: best.D, E: best.E, F: best.F + d},
		} {
			if cost(m) < cost(best) {
				t.Errorf("%+v is better than %+v", m, best)
			}
		}
	}
}

func TestSimilarityRefuses(t *testing.T) {
	same := []Point{{3, 3}, {3, 3}}
	nan := []Point{{math.NaN(), 0}, {1, 1}}
	for name, pair := range map[string][2][]Point{
		"one place": {same, {{0, 0}, {1, 1}}},
		"NaN":       {nan, {{0, 0}, {1, 1}}},
		"to NaN":    {{{0, 0}, {1, 1}}, nan},
		"collapse":  {{{0, 0}, {1, 1}}, same},
	} {
		if _, err := Similarity(pair[0], pair[1]); !errors.Is(err, ErrDegenerate) {
			t.Errorf("%s: error %v, want %v", name, err, ErrDegenerate)
		}
	}
	if _, err := Similarity(same, same[:1]); err == nil {
		t.Error("unequal numbers of points were taken")
	}
}

// marked is a black picture with a white dot at each point.
func marked(w, h int, points []Point) *picture.RGB {
	p := picture.New(w, h)
	for _, q := range points {
		p.Dot(q.X, q.Y, 4, [3]uint8{255, 255, 255})
	}
	return p
}

func TestAlign(t *testing.T) {
	points := turned(alignedPoints[:], 35, 2, 150, 20)
	p := marked(400, 400, points)
	aligned, err := Align(p, Face{Landmarks: points})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range alignedPoints {
		if g := aligned.RGBAAt(int(q.X), int(q.Y)); g.R < 200 {
			t.Errorf("nothing at %v: %v", q, g)
		}
	}
	// Six points: the fourth is the middle of the mouth, ears do not matter.
	mouth := mean(points[3:])
	six := append(append([]Point{}, points[:3]...), mouth, Point{}, Point{1e9, 1e9})
	m, err := alignment(Face{Landmarks: six})
	if err != nil {
		t.Fatal(err)
	}
	if x, y := m.Apply(points[0].X, points[0].Y); !closeTo(x, alignedPoints[0].X) || !closeTo(y, alignedPoints[0].Y) {
		t.Errorf("six points: the eye goes to (%v,%v)", x, y)
	}
	// None: the box's longer side fills the square.
	m, err = alignment(Face{Box: Box{100, 50, 140, 130}})
	if err != nil {
		t.Fatal(err)
	}
	if x, y := m.Apply(80, 50); !closeTo(x, 0) || !closeTo(y, 0) {
		t.Errorf("box: its corner goes to (%v,%v)", x, y)
	}
	if _, err := Align(p, Face{}); !errors.Is(err, ErrDegenerate) {
		t.Errorf("an empty box gives %v", err)
	}
}

func TestEmbedder(t *testing.T) {
	f := &fake{inputs: []runtime.ValueSpec{value("in", 1, 3, 112, 112)}, outputs: []runtime.ValueSpec{value("out", 1, 4)}}
	out := f.zeros(t)
	e, err := OpenEmbedder(f)
	if err != nil {
		t.Fatal(err)
	}
	copy(out["out"], []float32{3, 0, -4, 0})
	v, err := e.Embed(t.Context(), picture.New(50, 50), Face{Box: Box{10, 10, 20, 20}})
	if err != nil {
		t.Fatal(err)
	}
	if e.Width() != 4 || len(v) != 4 || v[0] != 0.6 || v[2] != -0.8 {
		t.Errorf("got %v, want [0.6 0 -0.8 0]", v)
	}
	clear(out["out"])
	if _, err := e.Embed(t.Context(), picture.New(50, 50), Face{Box: Box{10, 10, 20, 20}}); err == nil {
		t.Error("a vector of zeros was taken")
	}
	if _, err := e.EmbedAligned(t.Context(), picture.New(111, 112)); err == nil {
		t.Error("a face of the wrong size was taken")
	}
	if _, err := OpenEmbedder(fakeYuNet(64, 64)); err == nil || !strings.Contains(err.Error(), "not an embedding model") {
		t.Errorf("a detector as embedder: %v", err)
	}
}

func TestCosine(t *testing.T) {
	tests := []struct {
		a, b []float32
		want float64
	}{
		{[]float32{1, 0}, []float32{2, 0}, 1},
		{[]float32{1, 0}, []float32{0, 3}, 0},
		{[]float32{1, 2}, []float32{-2, -4}, -1},
		{[]float32{1, 1}, []float32{1, 0}, math.Sqrt2 / 2},
		{[]float32{0, 0}, []float32{1, 0}, 0},
		{[]float32{1}, []float32{1, 0}, 0},
	}
	for _, tt := range tests {
		if got := Cosine(tt.a, tt.b); !closeTo(got, tt.want) {
			t.Errorf("Cosine(%v, %v) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestMesher(t *testing.T) {
	f := &fake{
		inputs:  []runtime.ValueSpec{value("in", 1, 192, 192, 3)},
		outputs: []runtime.ValueSpec{value("points", 1, 1, 1, 1404), value("flag", 1, 1, 1, 1)},
	}
	out := f.zeros(t)
	m, err := OpenMesher(f)
	if err != nil {
		t.Fatal(err)
	}
	// The middle of the crop, and a point half-way to its right edge.
	copy(out["points"], []float32{96, 96, 0, 144, 96, 8})
	out["flag"][0] = float32(math.Log(3)) // sigmoid = 3/4
	// The box's longer side is 64, the crop's 96: half a picture pixel each. The
	// eyes stand on top of each other: the crop's x runs down in the picture.
	mesh, err := m.Fit(t.Context(), image.NewGray(image.Rect(0, 0, 300, 200)), Face{
		Box:       Box{100, 50, 150, 114},
		Landmarks: []Point{{120, 60}, {120, 90}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(mesh.Points) != 468 || !closeTo(mesh.Score, 0.75) {
		t.Fatalf("%d points with %v, want 468 with 0.75", len(mesh.Points), mesh.Score)
	}
	for i, want := range []MeshPoint{{125, 82, 0}, {125, 106, 4}} {
		g := mesh.Points[i]
		if !closeTo(g.X, want.X) || !closeTo(g.Y, want.Y) || !closeTo(g.Z, want.Z) {
			t.Errorf("point %d is %v, want %v", i, g, want)
		}
	}
	if _, err := m.Fit(t.Context(), image.NewGray(image.Rect(0, 0, 9, 9)), Face{}); !errors.Is(err, ErrDegenerate) {
		t.Errorf("an empty box gives %v", err)
	}
	if _, err := OpenMesher(fakeYuNet(64, 64)); err == nil || !strings.Contains(err.Error(), "not a face mesh model") {
		t.Errorf("a detector as mesher: %v", err)
	}
}
