package metric_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/finetune/metric"
	"github.com/seed6700ada1/infer/models/face"
)

func square(x, side float64) face.Box { return face.Box{X1: x, X2: x + side, Y2: side} }

func found(score, x, side float64) face.Face { return face.Face{Box: square(x, side), Score: score} }

// TestAP works areas out by hand: hits in the order of their scores, precision
// made falling, a step of 1/faces for each hit.
func TestAP(t *testing.T) {
	for _, tt := range []struct {
		name string
		d    metric.Detected
		o    metric.APOptions
		want float64
	}{
		{"all", metric.Detected{Truth: []face.Box{square(0, 20)}, Found: []face.Face{found(0.9, 1, 20)}}, metric.APOptions{}, 1},
		// precision is 0, then 1/2
		{"false one first", metric.Detected{Truth: []face.Box{square(0, 20)}, Found: []face.Face{found(0.9, 100, 20), found(0.8, 0, 20)}}, metric.APOptions{}, 0.5},
		// hit, false, hit: 1 and 2/3, two of three faces
		{"one missed", metric.Detected{
			Truth: []face.Box{square(0, 20), square(100, 20), square(200, 20)},
			Found: []face.Face{found(0.9, 0, 20), found(0.8, 50, 20), found(0.7, 100, 20)},
		}, metric.APOptions{}, (1 + 2.0/3) / 3},
		{"twice", metric.Detected{Truth: []face.Box{square(0, 20)}, Found: []face.Face{found(0.9, 0, 20), found(0.8, 1, 20)}}, metric.APOptions{}, 1},
		{"ignored", metric.Detected{
			Truth: []face.Box{square(0, 20)}, Ignore: []face.Box{square(100, 30)},
			Found: []face.Face{found(0.9, 105, 20), found(0.8, 0, 20)},
		}, metric.APOptions{}, 1},
		{"too small", metric.Detected{
			Truth: []face.Box{square(0, 10), square(100, 40)},
			Found: []face.Face{found(0.9, 0, 10), found(0.8, 50, 10), found(0.7, 100, 40)},
		}, metric.APOptions{Least: 32}, 1},
	} {
		if got := metric.AP([]metric.Detected{tt.d}, tt.o); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
