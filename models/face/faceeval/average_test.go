package faceeval

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/models/face"
)

func square(x, side float64) face.Box { return face.Box{X1: x, X2: x + side, Y2: side} }

func hit(score, x, side float64) face.Face { return face.Face{Box: square(x, side), Score: score} }

// TestAveragePrecision works areas out by hand: hits in the order of their scores, precision
// made falling, a step of 1/faces for each hit.
func TestAveragePrecision(t *testing.T) {
	every := Options{IoU: 0.5, Regions: true} // of any size
	for _, tt := range []struct {
		name string
		d    Labels
		f    []face.Face
		o    Options
		want float64
	}{
		{"all", Labels{Faces: []face.Box{square(0, 20)}}, []face.Face{hit(0.9, 1, 20)}, every, 1},
		// precision is 0, then 1/2
		{"false one first", Labels{Faces: []face.Box{square(0, 20)}}, []face.Face{hit(0.9, 100, 20), hit(0.8, 0, 20)}, every, 0.5},
		// hit, false, hit: 1 and 2/3, two of three faces
		{
			"one missed",
			Labels{Faces: []face.Box{square(0, 20), square(100, 20), square(200, 20)}},
			[]face.Face{hit(0.9, 0, 20), hit(0.8, 50, 20), hit(0.7, 100, 20)},
			every, (1 + 2.0/3) / 3,
		},
		{"twice", Labels{Faces: []face.Box{square(0, 20)}}, []face.Face{hit(0.9, 0, 20), hit(0.8, 1, 20)}, every, 1},
		{
			"ignored",
			Labels{Faces: []face.Box{square(0, 20)}, Ignore: []face.Box{square(100, 30)}},
			[]face.Face{hit(0.9, 105, 20), hit(0.8, 0, 20)},
			every, 1,
		},
		{
			"too small",
			Labels{Faces: []face.Box{square(0, 10), square(100, 40)}},
			[]face.Face{hit(0.9, 0, 10), hit(0.8, 50, 10), hit(0.7, 100, 40)},
			Options{IoU: 0.5, Least: 32, Regions: true},
			1,
		},
	} {
		if got := AveragePrecision([]Labels{tt.d}, [][]face.Face{tt.f}, tt.o); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
