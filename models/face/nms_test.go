package face

import (
	"testing"
)

func TestIoU(t *testing.T) {
	a := Box{0, 0, 10, 10}
	tests := []struct {
		b    Box
		want float64
	}{
		{a, 1},
		{Box{5, 0, 15, 10}, 50. / 150},
		{Box{2, 2, 4, 7}, 10. / 100},
		{Box{10, 0, 20, 10}, 0},
		{Box{8, 8, 2, 2}, 0}, // inside out
		{Box{}, 0},
	}
	for _, tt := range tests {
		if got := IoU(a, tt.b); !closeTo(got, tt.want) {
			t.Errorf("IoU(%v) = %v, want %v", tt.b, got, tt.want)
		}
		if IoU(a, tt.b) != IoU(tt.b, a) {
			t.Errorf("IoU(%v) is not symmetric", tt.b)
		}
	}
}

func TestSuppress(t *testing.T) {
	at := func(x, score float64) Face { return Face{Box: Box{x, 0, x + 10, 10}, Score: score} }
	// Boxes 10 wide and shifted by d have an IoU of (10−d)/(10+d): by 3 0.54, by
	// 4 0.43, by 6 0.25.
	faces := []Face{at(4, 0.8), at(0, 0.9), at(7, 0.85), at(100, 0.5), at(100, 0.5), at(106, 0.4)}
	got := Suppress(faces, 0.3)
	want := []Face{at(0, 0.9), at(7, 0.85), at(100, 0.5), at(106, 0.4)}
	if len(got) != len(want) {
		t.Fatalf("kept %v, want %v", got, want)
	}
	for i := range want {
		wantFace(t, got[i], want[i].Box, want[i].Score)
	}
	if faces[0].Score != 0.8 {
		t.Error("the input was changed")
	}
	if got := Suppress(faces, 1); len(got) != len(faces) {
		t.Errorf("an IoU of 1 keeps %d of %d", len(got), len(faces))
	}
	if got := Suppress(nil, 0.5); len(got) != 0 {
		t.Errorf("of nothing %v is left", got)
	}
}

func TestSuppressBlend(t *testing.T) {
	a := Face{Box: Box{0, 0, 10, 10}, Score: 0.9, Landmarks: []Point{{1, 2}}}
	b := Face{Box: Box{3, 0, 13, 10}, Score: 0.6, Landmarks: []Point{{4, 2}}}
	far := Face{Box: Box{50, 0, 60, 10}, Score: 0.7}
	got := suppressBlend([]Face{b, far, a}, 0.3)
	if len(got) != 2 {
		t.Fatalf("kept %v", got)
	}
	// Weights 0.9/1.5 and 0.6/1.5: x = 0.4·3 = 1.2.
	wantFace(t, got[0], Box{1.2, 0, 11.2, 10}, 0.9, Point{2.2, 2})
	wantFace(t, got[1], far.Box, 0.7)
}

func TestSuppressIsBounded(t *testing.T) {
	faces := make([]Face, 3*maxCandidates)
	for i := range faces {
		x := float64(i) * 20
		faces[i] = Face{Box: Box{x, 0, x + 10, 10}, Score: float64(i)}
	}
	got := Suppress(faces, 0.3)
	if len(got) != maxCandidates || got[0].Score != float64(len(faces)-1) {
		t.Errorf("%d kept, the best with %v", len(got), got[0].Score)
	}
}

func TestBoxClip(t *testing.T) {
	if got, want := (Box{-5, 2, 50, 40}).Clip(30, 20), (Box{0, 2, 30, 20}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if a := (Box{-9, -9, -1, -1}).Clip(30, 20).Area(); a != 0 {
		t.Errorf("a box outside has area %v inside", a)
	}
}
