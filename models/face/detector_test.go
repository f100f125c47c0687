package face

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func closeTo(a, b float64) bool { return math.Abs(a-b) <= 1e-4*max(1, math.Abs(b)) }

// wantFace compares a face with a box, a score and the first landmarks.
func wantFace(t *testing.T, got Face, box Box, score float64, points ...Point) {
	t.Helper()
	g := []float64{got.Box.X1, got.Box.Y1, got.Box.X2, got.Box.Y2, got.Score}
	w := []float64{box.X1, box.Y1, box.X2, box.Y2, score}
	for i, p := range points {
		if i >= len(got.Landmarks) {
			t.Fatalf("%d landmarks, want %d", len(got.Landmarks), len(points))
		}
		g, w = append(g, got.Landmarks[i].X, got.Landmarks[i].Y), append(w, p.X, p.Y)
	}
	if !slices.EqualFunc(g, w, closeTo) {
		t.Errorf("got %v, want %v", g, w)
	}
}

func TestYuNet(t *testing.T) {
	f := fakeYuNet(64, 32)
	out := f.zeros(t)
	// Stride 16: 4×2 cells. Cell 6 is column 2, row 1.
	// Middle (2+0.5, 1+0.25)·16 = (40, 20); size (e^0·16, e^ln2·16) = (16, 32).
	// Score √(0.9·0.4) = 0.6; √(2 clamped to 1 · 0.81) = 0.9.
	out["cls_16"][6], out["obj_16"][6] = 2, 0.81
	copy(out["bbox_16"][4*6:], []float32{0.5, 0.25, 0, math.Ln2})
	copy(out["kps_16"][10*6:], []float32{0, 0, 1, -1})
	// Stride 32, cell 1: below the threshold.
	out["cls_32"][1], out["obj_32"][1] = 0.59, 0.59
	d := f.open(t, Options{})
	if d.Family() != "YuNet" {
		t.Errorf("family %q", d.Family())
	}
	// A picture of twice the size: everything is doubled.
	faces, err := d.Detect(t.Context(), picture.New(128, 64))
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) != 1 {
		t.Fatalf("%d faces, want 1: %v", len(faces), faces)
	}
	wantFace(t, faces[0], Box{64, 8, 96, 72}, 0.9, Point{64, 32}, Point{96, 0})
}

func TestYuNetDynamic(t *testing.T) {
	f := fakeYuNet(-1, -1)
	f.run = func(in *tensor.Tensor) map[string]tensor.Value {
		g := fakeYuNet(in.Dim(3), in.Dim(2))
		out := g.zeros(t)
		// The one cell of the last row and column of stride 32.
		last := len(out["cls_32"]) - 1
		out["cls_32"][last], out["obj_32"][last] = 1, 1
		return g.answer
	}
	tests := []struct {
		w, h, longest int
		wantW, wantH  int
		box           Box
	}{
		// 100×50 is padded to 128×64. The cell's corner is (96, 32): middle
		// (96, 32), size 32, not scaled.
		{100, 50, 0, 128, 64, Box{80, 16, 112, 48}},
		// 400×200 is shrunk by 4 to 100×50.
		{400, 200, 100, 128, 64, Box{320, 64, 448, 192}},
	}
	for _, tt := range tests {
		d := f.open(t, Options{LongestSide: tt.longest})
		faces, err := d.Detect(t.Context(), picture.New(tt.w, tt.h))
		if err != nil {
			t.Fatal(err)
		}
		in := f.seen[len(f.seen)-1]
		if in.Dim(3) != tt.wantW || in.Dim(2) != tt.wantH {
			t.Errorf("%d×%d: the model saw %v, want %d×%d", tt.w, tt.h, in.Shape(), tt.wantW, tt.wantH)
		}
		if len(faces) != 1 {
			t.Fatalf("faces %v, want 1", faces)
		}
		wantFace(t, faces[0], tt.box, 1)
	}
}

func TestUltraLight(t *testing.T) {
	// At 320×240 the first level has 40×30 cells of three anchors. Anchor 3·41+1
	// is row 1, column 1, size 16: middle (12, 12).
	const at = 3*41 + 1
	corners := func(f *fake) {
		out := f.zeros(t)
		for i := range len(out["boxes"]) / 4 {
			copy(out["boxes"][4*i:], []float32{0.1, 0.1, 0.2, 0.2})
		}
		out["scores"][2*at+1] = 0.75
		copy(out["boxes"][4*at:], []float32{0.25, 0.5, 0.5, 0.75})
	}
	offsets := func(f *fake) {
		out := f.zeros(t)
		for i := range len(out["boxes"]) / 4 {
			copy(out["boxes"][4*i:], []float32{1, 1, -1, -1})
		}
		out["scores"][2*at+1] = 0.75
		// Middle 12 + 0.1·5·16 = 20, 12 − 0.1·2.5·16 = 8;
		// size 16·exp(0.2·5·ln 2) = 32, 16·exp(0) = 16.
		copy(out["boxes"][4*at:], []float32{5, -2.5, 5 * math.Ln2, 0})
	}
	for name, tt := range map[string]struct {
		set func(*fake)
		box Box
	}{
		"corners": {corners, Box{80, 120, 160, 180}},
		"offsets": {offsets, Box{4, 0, 36, 16}},
	} {
		t.Run(name, func(t *testing.T) {
			f := fakeUltraLight(320, 240)
			tt.set(f)
			d := f.open(t, Options{})
			faces, err := d.Detect(t.Context(), picture.New(320, 240))
			if err != nil {
				t.Fatal(err)
			}
			if d.Family() != "Ultra-Light" || len(faces) != 1 {
				t.Fatalf("%s: faces %v, want 1", d.Family(), faces)
			}
			wantFace(t, faces[0], tt.box, 0.75)
			if len(f.seen) != 2 {
				t.Errorf("the model ran %d times, want once at Open and once in Detect", len(f.seen))
			}
		})
	}
}

func TestUltraLightAnchors(t *testing.T) {
	// Every published size; 320×240 and 640×480 are the widely known counts.
	for _, tt := range [][3]int{{320, 240, 4420}, {640, 480, 17640}} {
		list := anchors(ultraLightLevels, tt[0], tt[1])
		if len(list) != tt[2] || countAnchors(ultraLightLevels, tt[0], tt[1]) != tt[2] {
			t.Errorf("%d×%d: %d anchors, want %d", tt[0], tt[1], len(list), tt[2])
		}
	}
	// At 320×240 stride 64 has ⌈240/64⌉ = 4 rows of 60; the last has its middle at
	// 3.5·60 = 210, and a size of 256 is cut to 240 in height.
	list := anchors(ultraLightLevels, 320, 240)
	got := clampAnchor(list[len(list)-1], 320, 240)
	if want := (anchor{288, 210, 256, 240}); got != want {
		t.Errorf("the last anchor is %v, want %v", got, want)
	}
}

func TestBlazeFace(t *testing.T) {
	logit := float32(math.Log(0.9 / 0.1)) // sigmoid = 0.9
	tests := []struct {
		name          string
		side, anchors int
		last          bool
		at            int
		x, y          float64 // the anchor's middle
	}{
		// 16×16 cells of two anchors: 2·(16·3+4)+1 is row 3, column 4.
		{"short, stride 8", 128, 896, true, 2*(16*3+4) + 1, 36, 28},
		// After 512 of these, 8×8 cells of six.
		{"short, stride 16", 128, 896, true, 512 + 6*(8*2+5) + 3, 88, 40},
		// 48×48 cells of one.
		{"full", 192, 2304, true, 48*10 + 20, 82, 42},
		{"full, NCHW", 192, 2304, false, 48*10 + 20, 82, 42},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := fakeBlazeFace(tt.side, tt.anchors, tt.last)
			out := f.zeros(t)
			out["c"][tt.at] = logit
			for i := range out["c"] {
				if i != tt.at {
					out["c"][i] = -9
				}
			}
			copy(out["r"][16*tt.at:], []float32{2, -3, 10, 20, 1, 1, -1, 1})
			d := f.open(t, Options{})
			faces, err := d.Detect(t.Context(), picture.New(tt.side, tt.side))
			if err != nil {
				t.Fatal(err)
			}
			if d.Family() != "BlazeFace" || len(faces) != 1 {
				t.Fatalf("%s: faces %v, want 1", d.Family(), faces)
			}
			x, y := tt.x+2, tt.y-3
			wantFace(t, faces[0], Box{x - 5, y - 10, x + 5, y + 10}, 0.9,
				Point{tt.x + 1, tt.y + 1}, Point{tt.x - 1, tt.y + 1}, Point{tt.x, tt.y})
		})
	}
}

func TestRetinaFace(t *testing.T) {
	f := fakeRetinaFace()
	f.run = func(in *tensor.Tensor) map[string]tensor.Value {
		n := countAnchors(retinaFaceLevels, in.Dim(3), in.Dim(2))
		g := &fake{outputs: []runtime.ValueSpec{value("loc", 1, n, 4), value("conf", 1, n, 2), value("iou", 1, n, 10)}}
		out := g.zeros(t)
		// 64×32: 8×4 cells of stride 8, two anchors each. Anchor 2·(8·2+3)+1 is
		// row 2, column 3, size 32: middle (28, 20).
		const at = 2*(8*2+3) + 1
		out["conf"][2*at+1] = 0.7
		copy(out["loc"][4*at:], []float32{0, 1, 0, 5 * math.Ln2}) // middle (28, 23.2), size 32×64
		copy(out["iou"][10*at:], []float32{-1, 2})                // 28 − 3.2, 20 + 6.4
		return g.answer
	}
	d := f.open(t, Options{})
	faces, err := d.Detect(t.Context(), picture.New(60, 30))
	if err != nil {
		t.Fatal(err)
	}
	if d.Family() != "RetinaFace" || len(faces) != 1 {
		t.Fatalf("%s: faces %v, want 1", d.Family(), faces)
	}
	wantFace(t, faces[0], Box{12, -8.8, 44, 55.2}, 0.7, Point{24.8, 26.4}, Point{28, 20})
}

// A file may leave even the width of its outputs open: then the model is asked.
func TestOpenProbes(t *testing.T) {
	f := fakeRetinaFace()
	f.run = func(in *tensor.Tensor) map[string]tensor.Value {
		n := countAnchors(retinaFaceLevels, in.Dim(3), in.Dim(2))
		g := &fake{outputs: []runtime.ValueSpec{value("loc", 1, n, 4), value("conf", 1, n, 2), value("iou", 1, n, 10)}}
		g.zeros(t)
		return g.answer
	}
	f.open(t, Options{})
	if len(f.seen) != 0 {
		t.Errorf("the model ran %d times though its types say all", len(f.seen))
	}
	f.outputs = []runtime.ValueSpec{value("loc", 1, -1, -1), {Name: "conf"}, value("iou", -1, -1, -1)}
	if d := f.open(t, Options{}); d.Family() != "RetinaFace" || len(f.seen) != 1 {
		t.Errorf("family %q after %d runs, want RetinaFace after 1", d.Family(), len(f.seen))
	}
}

func TestInputTensor(t *testing.T) {
	p := picture.Filled(2, 1, [3]uint8{10, 20, 30})
	copy(p.Pix, []uint8{1, 2, 3})
	tests := []struct {
		name  string
		in    input
		shape []int
		want  []float32
	}{
		{"RGB, channels first", input{mean: same(0), std: ones}, []int{1, 3, 1, 2}, []float32{1, 10, 2, 20, 3, 30}},
		{"BGR, channels first", input{bgr: true, mean: same(0), std: ones}, []int{1, 3, 1, 2}, []float32{3, 30, 2, 20, 1, 10}},
		{"channels last, halved", input{imageSpec: imageSpec{channelsLast: true}, mean: [3]float32{0, 0, 1}, std: same(2)}, []int{1, 1, 2, 3}, []float32{0.5, 1, 1, 5, 10, 14.5}},
	}
	for _, tt := range tests {
		got, err := tt.in.tensor(p)
		if err != nil {
			t.Fatal(err)
		}
		data, err := tensor.Data[float32](got)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Shape(), tt.shape) || !slices.Equal(data, tt.want) {
			t.Errorf("%s: %v %v, want %v %v", tt.name, got.Shape(), data, tt.shape, tt.want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	twoInputs := fakeYuNet(64, 64)
	twoInputs.inputs = append(twoInputs.inputs, value("more", 1))
	optional := fakeYuNet(64, 64)
	weight := value("weight", 8, 3, 3, 3)
	weight.Optional = true
	optional.inputs = append(optional.inputs, weight)
	ints := fakeYuNet(64, 64)
	ints.inputs[0].Type.DType = tensor.Uint8
	grey := fakeYuNet(64, 64)
	grey.inputs[0] = value("input", 1, 1, 64, 64)
	oddRetina := fakeRetinaFace()
	oddRetina.inputs[0] = value("x", 1, 3, 100, 96)
	untyped := fakeYuNet(64, 64)
	untyped.inputs[0].Type = nil
	tests := []struct {
		name string
		f    *fake
		opts Options
		want string // "" where it opens
	}{
		{"an input with a default", optional, Options{}, ""},
		{"two inputs", twoInputs, Options{}, "has 2 inputs"},
		{"uint8", ints, Options{}, "uint8, want float32"},
		{"grey", grey, Options{}, "three channels"},
		{"no type", untyped, Options{}, "known rank"},
		{"odd size", fakeYuNet(60, 60), Options{}, "multiples of 32"},
		{"odd size, RetinaFace", oddRetina, Options{}, "multiples of 32"},
		{"anchors of another size", fakeBlazeFace(128, 900, true), Options{}, "YuNet, Ultra-Light, BlazeFace, RetinaFace"},
		{"score", fakeYuNet(64, 64), Options{Score: 2}, "score threshold 2"},
		{"NaN", fakeYuNet(64, 64), Options{IoU: math.NaN()}, "IoU threshold NaN"},
		{"longest side", fakeYuNet(64, 64), Options{LongestSide: 5}, "longest side of 5"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Open(t.Context(), tt.f, tt.opts)
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || d != nil):
				t.Errorf("got %v, %v, want an error with %q", d, err, tt.want)
			case tt.want != "" && (!strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n")):
				t.Errorf("error %q, want one line with %q", err, tt.want)
			}
		})
	}
}

func TestDetectRefuses(t *testing.T) {
	f := fakeYuNet(64, 64)
	d := f.open(t, Options{})
	if _, err := d.Detect(t.Context(), picture.New(0, 5)); err == nil {
		t.Error("a picture without pixels was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Detect(ctx, picture.New(5, 5)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	for name, spoil := range map[string]func(){
		"is missing":     func() { delete(f.answer, "obj_16") },
		"has shape":      func() { f.answer["bbox_8"] = tensor.Vector[float32](1, 2, 3) },
		"output \"cls_8": func() { f.answer["cls_8"] = tensor.Vector[int64](1) },
	} {
		f.zeros(t)
		spoil()
		if _, err := d.Detect(t.Context(), picture.New(5, 5)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want %q", err, name)
		}
	}
}

func TestDetectDropsNonsense(t *testing.T) {
	f := fakeYuNet(64, 64)
	out := f.zeros(t)
	set := func(cell int, box ...float32) {
		out["cls_8"][cell], out["obj_8"][cell] = 1, 1
		copy(out["bbox_8"][4*cell:], box)
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	set(0, nan, 0, 0, 0)
	set(1, 0, 0, inf, 0)
	set(2, 0, 0, 1e30, 1e30) // overflows to infinity
	set(3, 0, 0, -1e30, 0)   // no width
	set(4, 100, 100, 0, 0)   // far outside
	out["cls_8"][5], out["obj_8"][5] = nan, 1
	set(9, 0.5, 0.5, 0, 0) // sound: column 1, row 1
	d := f.open(t, Options{})
	faces, err := d.Detect(t.Context(), picture.New(64, 64))
	if err != nil {
		t.Fatal(err)
	}
	if len(faces) != 1 {
		t.Fatalf("faces %v, want 1", faces)
	}
	wantFace(t, faces[0], Box{8, 8, 16, 16}, 1)
}
