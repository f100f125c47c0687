package face

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

const (
	// meshPoints is the number of points of MediaPipe's face mesh.
	meshPoints = 468
	// meshMargin is how much wider than the face's box the model looks, as it
	// was trained.
	meshMargin = 1.5
)

// MeshPoint is a point of a face mesh: X and Y in pixels of the picture, Z the
// depth on the same scale, smaller nearer to the camera and 0 about the middle
// of the head.
type MeshPoint struct{ X, Y, Z float64 }

// Mesh is a face mesh, its points numbered as in MediaPipe.
type Mesh struct {
	Points []MeshPoint // 468
	Score  float64     // how sure the model is that there is a face, from 0 to 1
}

// Mesher fits a mesh of 468 points to a face with MediaPipe's face landmark
// model. It is safe for concurrent use.
type Mesher struct {
	session      runtime.Session
	input        input
	points, flag string // names of the outputs
}

// OpenMesher makes a mesher of a session, which must stay open as long as the
// mesher is used. The model takes one square picture and gives 1,404 numbers
// and one, in outputs of any rank.
func OpenMesher(s runtime.Session) (*Mesher, error) {
	in, err := imageInput(s)
	if err != nil {
		return nil, fmt.Errorf("face: not a face mesh model: the model %w", err)
	}
	m := &Mesher{session: s, input: input{imageSpec: in, std: same(255)}} // red, green, blue from 0 to 1
	for _, o := range outputsOf(s) {
		switch elements(o.dims) {
		case 3 * meshPoints:
			m.points = o.name
		case 1:
			m.flag = o.name
		}
	}
	if in.w < 1 || in.w != in.h || m.points == "" || m.flag == "" {
		return nil, fmt.Errorf("face: not a face mesh model: the model takes %s and gives %s, want a square picture, %d numbers and one",
			runtime.Describe(s.Inputs()[:1]), runtime.Describe(s.Outputs()), 3*meshPoints)
	}
	return m, nil
}

// elements is the product of dims, dynamic where one of them is.
func elements(dims []int) int {
	if len(dims) == 0 || slices.Contains(dims, dynamic) {
		return dynamic
	}
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// Fit places the mesh on a face that a detector found. The face is cut out with
// a margin and, where it has landmarks, turned so that its eyes are level.
func (m *Mesher) Fit(ctx context.Context, img image.Image, f Face) (Mesh, error) {
	angle := 0.0
	if len(f.Landmarks) >= 2 {
		right, left := f.Landmarks[0], f.Landmarks[1]
		angle = math.Atan2(left.Y-right.Y, left.X-right.X)
	}
	to, err := squareAround(f.Box, meshMargin, angle, m.input.w)
	if err != nil {
		return Mesh{}, err
	}
	back, ok := to.Invert()
	if !ok {
		return Mesh{}, ErrDegenerate
	}
	crop := picture.Warp(picture.FromImage(img), back, m.input.w, m.input.h, [3]uint8{})
	t, err := m.input.tensor(crop)
	if err != nil {
		return Mesh{}, fmt.Errorf("face: %w", err)
	}
	out, err := m.session.Run(ctx, map[string]tensor.Value{m.input.name: t})
	if err != nil {
		return Mesh{}, fmt.Errorf("face: %w", err)
	}
	return m.read(out, back)
}

// read takes points from the crop back into the picture.
func (m *Mesher) read(out results, back picture.Affine) (Mesh, error) {
	v, err := out.vector(m.points, 3*meshPoints)
	if err != nil {
		return Mesh{}, fmt.Errorf("face: %w", err)
	}
	flag, err := out.vector(m.flag, 1)
	if err != nil {
		return Mesh{}, fmt.Errorf("face: %w", err)
	}
	scale := math.Hypot(back.A, back.D)
	mesh := Mesh{Points: make([]MeshPoint, meshPoints), Score: sigmoid(float64(flag[0]))}
	for i := range mesh.Points {
		x, y := back.Apply(float64(v[3*i]), float64(v[3*i+1]))
		mesh.Points[i] = MeshPoint{x, y, float64(v[3*i+2]) * scale}
	}
	return mesh, nil
}
