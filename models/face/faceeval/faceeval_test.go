package faceeval

import (
	"context"
	"errors"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/models/face"
)

func box(x float64) face.Box { return face.Box{X1: x, Y1: 0, X2: x + 10, Y2: 10} }

func found(x, score float64) face.Face { return face.Face{Box: box(x), Score: score} }

func TestMetrics(t *testing.T) {
	labels := []Labels{
		{Faces: []face.Box{box(0), box(100)}, Ignore: []face.Box{box(300)}},
		{Faces: []face.Box{box(0), box(50)}},
	}
	// Shifted by 2 the IoU is 8/12, by 4 6/14.
	faces := [][]face.Face{
		{found(2, 0.9), found(1, 0.6), found(300, 0.95), found(200, 0.7)}, // right, double, ignored, wrong
		{found(54, 0.5), found(0, 0.8)},                                   // too far, right
	}
	if hit, total := Recall(labels, faces, 0.5); hit != 2 || total != 4 {
		t.Errorf("recall %d of %d, want 2 of 4", hit, total)
	}
	if hit, _ := Recall(labels, faces, 0.4); hit != 3 {
		t.Errorf("recall at 0.4 is %d, want 3", hit)
	}
	// By falling score: 0.9 right, 0.8 right, 0.7 wrong, 0.6 wrong, 0.5 wrong.
	// Precision is 1 up to a recall of 2/4, which is all there is: 0.5.
	if ap := AveragePrecision(labels, faces, Options{IoU: 0.5}); math.Abs(ap-0.5) > 1e-9 {
		t.Errorf("AP %v, want 0.5", ap)
	}
	// At 0.4 the last is right, with precision 3/5: 0.5 + 0.25·0.6.
	if ap := AveragePrecision(labels, faces, Options{IoU: 0.4}); math.Abs(ap-0.65) > 1e-9 {
		t.Errorf("AP at 0.4 is %v, want 0.65", ap)
	}
	if p, r := PrecisionRecall(labels, faces, Options{IoU: 0.5}, 0.7); math.Abs(p-2./3) > 1e-9 || r != 0.5 {
		t.Errorf("precision %v, recall %v, want 2/3 and 1/2", p, r)
	}
	if p, r := PrecisionRecall(labels, faces, Options{IoU: 0.5}, 0.99); p != 1 || r != 0 {
		t.Errorf("above all scores: precision %v, recall %v", p, r)
	}
	if ap := AveragePrecision(nil, nil, Options{IoU: 0.5}); ap != 0 {
		t.Errorf("AP of nothing is %v", ap)
	}
}

func TestParseDlib(t *testing.T) {
	const list = `<?xml version='1.0' encoding='ISO-8859-1'?>
<?xml-stylesheet type='text/xsl' href='x.xsl'?>
<dataset><images><image file='a.jpg' width='50' height='30'>
<box top='1' left='2' width='10' height='20'/>
<box top='5' left='6' width='7' height='8' ignore='1'><label>x</label></box>
</image><image file='b.jpg'/></images></dataset>`
	got, err := parseDlib(strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	want := []Labels{
		{File: "a.jpg", Faces: []face.Box{{X1: 2, Y1: 1, X2: 12, Y2: 21}}, Ignore: []face.Box{{X1: 6, Y1: 5, X2: 13, Y2: 13}}},
		{File: "b.jpg"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, bad := range []string{"", "<dataset><images>", `<?xml version="1.0" encoding="EBCDIC"?><dataset/>`} {
		if _, err := parseDlib(strings.NewReader(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// byWidth finds a face as wide as the picture, and fails on one of 13 pixels.
type byWidth struct{}

var errThirteen = errors.New("thirteen")

func (byWidth) Detect(_ context.Context, img image.Image) ([]face.Face, error) {
	if img.Bounds().Dx() == 13 {
		return nil, errThirteen
	}
	return []face.Face{found(float64(img.Bounds().Dx()), 1)}, nil
}

func TestDetect(t *testing.T) {
	dir := t.TempDir()
	var labels []Labels
	for i := range 20 {
		path := filepath.Join(dir, string(rune('a'+i)))
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, i+1, 1))), f.Close()); err != nil {
			t.Fatal(err)
		}
		labels = append(labels, Labels{File: path})
	}
	got, err := Detect(t.Context(), byWidth{}, labels[:12], 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, faces := range got {
		if len(faces) != 1 || faces[0].Box != box(float64(i+1)) {
			t.Errorf("picture %d: %v", i, faces)
		}
	}
	if _, err := Detect(t.Context(), byWidth{}, labels, 3); !errors.Is(err, errThirteen) || !strings.Contains(err.Error(), labels[12].File) {
		t.Errorf("error %v, want %v with the file", err, errThirteen)
	}
	if _, err := Detect(t.Context(), byWidth{}, []Labels{{File: filepath.Join(dir, "none")}}, 1); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v, want %v", err, os.ErrNotExist)
	}
}
