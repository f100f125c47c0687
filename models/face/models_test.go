package face_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/seed6700ada1/infer"
	"github.com/seed6700ada1/infer/internal/fixture"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/models/face/faceeval"
	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
)

// open opens a shared model with the project's own engine.
func open(t *testing.T, rel string) runtime.Session {
	t.Helper()
	s, err := infer.Open(fixture.Shared(t, filepath.Join("models", rel)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openDetector(t *testing.T, rel string) *face.Detector {
	t.Helper()
	d, err := face.Open(t.Context(), open(t, filepath.Join("face-detect", rel)), face.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func openPicture(t *testing.T, rel string) *picture.RGB {
	t.Helper()
	p, err := picture.Open(fixture.Shared(t, filepath.Join("data/faces", rel)), picture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// reference is what ONNX Runtime 1.32 finds with a model in one picture, from
// the same input tensor.
type reference struct {
	Model, Family string
	Faces         []struct {
		Box   [4]float64
		Score float64
		Nose  [2]float64 // the third landmark, if there are any
	}
}

// Every published detector opens unmodified, is told for what it is, and finds
// what ONNX Runtime finds.
func TestDetectorsLikeONNXRuntime(t *testing.T) {
	data, err := os.ReadFile("testdata/2008_002506.json")
	if err != nil {
		t.Fatal(err)
	}
	var refs []reference
	if err := json.Unmarshal(data, &refs); err != nil {
		t.Fatal(err)
	}
	if len(refs) != 15 {
		t.Fatalf("%d detectors, want 15", len(refs))
	}
	for _, ref := range refs {
		t.Run(ref.Model, func(t *testing.T) {
			p := openPicture(t, "dlib-faces/2008_002506.jpg")
			d := openDetector(t, ref.Model)
			if d.Family() != ref.Family {
				t.Errorf("family %q, want %q", d.Family(), ref.Family)
			}
			got, err := d.Detect(t.Context(), p)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != len(ref.Faces) {
				t.Fatalf("%d faces, want %d", len(got), len(ref.Faces))
			}
			for i, want := range ref.Faces {
				b := face.Box{X1: want.Box[0], Y1: want.Box[1], X2: want.Box[2], Y2: want.Box[3]}
				if v := face.IoU(got[i].Box, b); v < 0.99 {
					t.Errorf("face %d is %v, want %v (IoU %.3f)", i, got[i].Box, b, v)
				}
				if math.Abs(got[i].Score-want.Score) > 1e-3 {
					t.Errorf("face %d has a score of %v, want %v", i, got[i].Score, want.Score)
				}
				if len(got[i].Landmarks) > 0 {
					if n := got[i].Landmarks[2]; math.Hypot(n.X-want.Nose[0], n.Y-want.Nose[1]) > 0.1 {
						t.Errorf("face %d has its nose at %v, want %v", i, n, want.Nose)
					}
				}
			}
		})
	}
}

// The hand-made boxes of dlib are found by detectors of every family; the short
// range BlazeFace, made for one near face, sees few of these.
func TestRecallOnHandMadeBoxes(t *testing.T) {
	for model, least := range map[string]int{
		"yunet/yunet_n_320_320.onnx":                                25,
		"ultralight/version-slim-320_simplified.onnx":               25,
		"blazeface/mediapipe_face_detection_full_range.onnx":        25,
		"blazeface/mediapipe_face_detection_short_range.onnx":       7,
		"retinaface_mbnet0.25.onnx":                                 25,
		"blazeface/mediapipe_face_detection_full_range_sparse.onnx": 24,
	} {
		t.Run(model, func(t *testing.T) {
			labels, err := faceeval.ReadDlib(fixture.Shared(t, "data/faces/dlib-faces/testing.xml"))
			if err != nil {
				t.Fatal(err)
			}
			found, err := faceeval.Detect(t.Context(), openDetector(t, model), labels, 1)
			if err != nil {
				t.Fatal(err)
			}
			if hit, total := faceeval.Recall(labels, found, 0.35); hit < least || total != 25 {
				t.Errorf("%d of %d, want %d of 25", hit, total, least)
			}
		})
	}
}

// Pairs of pictures of one person and of two are told apart at the suggested
// threshold.
func TestComparePairs(t *testing.T) {
	f, err := os.Open(fixture.Shared(t, "data/faces/deepface-pairs/master.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pairs, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	d := openDetector(t, "yunet/yunet_n_320_320.onnx")
	e, err := face.OpenEmbedder(open(t, "face-embed/MobileFaceNet_foamliu.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]float32{}
	embedding := func(name string) []float32 {
		if v, ok := known[name]; ok {
			return v
		}
		p := openPicture(t, filepath.Join("deepface-pairs", name))
		faces, err := d.Detect(t.Context(), p)
		if err != nil || len(faces) == 0 {
			t.Fatalf("%s: %d faces, error %v", name, len(faces), err)
		}
		v, err := e.Embed(t.Context(), p, faces[0])
		if err != nil {
			t.Fatal(err)
		}
		known[name] = v
		return v
	}
	right := 0
	pairs = pairs[1:] // the header
	for _, pair := range pairs {
		same := face.Cosine(embedding(pair[0]), embedding(pair[1])) >= face.SamePerson
		if same == (pair[2] == "Yes") {
			right++
		}
	}
	if len(pairs) != 300 || right < 298 {
		t.Errorf("%d of %d pairs are told right, want 298 of 300", right, len(pairs))
	}
}

// The mesh stands where the detector saw eyes, nose and mouth, and says when
// there is no face.
func TestMesh(t *testing.T) {
	p := openPicture(t, "deepface-pairs/img1.jpg")
	d := openDetector(t, "yunet/yunet_n_320_320.onnx")
	m, err := face.OpenMesher(open(t, "face-landmark/mediapipe_face_landmark.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	faces, err := d.Detect(t.Context(), p)
	if err != nil || len(faces) != 1 {
		t.Fatalf("%d faces, error %v", len(faces), err)
	}
	mesh, err := m.Fit(t.Context(), p, faces[0])
	if err != nil {
		t.Fatal(err)
	}
	if mesh.Score < 0.99 {
		t.Errorf("score %v on a face", mesh.Score)
	}
	// Corners of the right and the left eye, tip of the nose, corners of the mouth.
	groups := [5][]int{{33, 133}, {362, 263}, {1}, {61}, {291}}
	for i, group := range groups {
		var at face.Point
		for _, k := range group {
			at.X += mesh.Points[k].X / float64(len(group))
			at.Y += mesh.Points[k].Y / float64(len(group))
		}
		want := faces[0].Landmarks[i]
		if off := math.Hypot(at.X-want.X, at.Y-want.Y) / faces[0].Box.Width(); off > 0.08 {
			t.Errorf("landmark %d is at %v, the detector's at %v: %.3f of the face's width away", i, at, want, off)
		}
	}
	nothing, err := m.Fit(t.Context(), picture.Filled(200, 200, [3]uint8{128, 128, 128}), face.Face{Box: face.Box{X1: 50, Y1: 50, X2: 150, Y2: 150}})
	if err != nil {
		t.Fatal(err)
	}
	if nothing.Score > 0.01 {
		t.Errorf("score %v on a grey picture", nothing.Score)
	}
}
