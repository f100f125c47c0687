package face

import (
	"errors"
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/models/face/picture"
)

// ErrDegenerate says that points or boxes leave no room for a transform: all in
// one place, or not finite.
var ErrDegenerate = errors.New("face: points are all in one place or not finite")

// alignedSize is the side of an aligned face in pixels.
const alignedSize = 112

// alignedPoints is where ArcFace and its kin expect right eye, left eye, nose
// tip and the corners of the mouth in a face of 112×112 pixels.
var alignedPoints = [5]Point{
	{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041},
}

// Similarity is the rotation, uniform scale and shift, without a mirror, that
// takes the points of from closest to those of to, in the sum of squared
// distances (Umeyama 1991; in the plane it has this closed form).
func Similarity(from, to []Point) (picture.Affine, error) {
	if len(from) != len(to) || len(from) < 2 {
		return picture.Affine{}, fmt.Errorf("face: similarity of %d and %d points, want two or more pairs", len(from), len(to))
	}
	mf, mt := mean(from), mean(to)
	// With centred points as complex numbers f and t, the best factor is
	// Σ conj(f)·t / Σ |f|².
	var re, im, norm float64
	for i := range from {
		fx, fy := from[i].X-mf.X, from[i].Y-mf.Y
		tx, ty := to[i].X-mt.X, to[i].Y-mt.Y
		re += fx*tx + fy*ty
		im += fx*ty - fy*tx
		norm += fx*fx + fy*fy
	}
	a, b := re/norm, im/norm
	m := picture.Affine{A: a, B: -b, C: mt.X - a*mf.X + b*mf.Y, D: b, E: a, F: mt.Y - b*mf.X - a*mf.Y}
	if _, ok := m.Invert(); !ok || math.IsNaN(m.C+m.F) || math.IsInf(m.C+m.F, 0) {
		return picture.Affine{}, ErrDegenerate
	}
	return m, nil
}

func mean(points []Point) Point {
	var m Point
	for _, p := range points {
		m.X += p.X / float64(len(points))
		m.Y += p.Y / float64(len(points))
	}
	return m
}

// Align cuts a face out of a picture, turned and scaled so that its eyes, nose
// and mouth are where models of the ArcFace kind expect them, 112×112 pixels.
// Without landmarks it cuts out the square around the box, which compares
// noticeably worse. What lies outside the picture is black.
func Align(p *picture.RGB, f Face) (*picture.RGB, error) {
	m, err := alignment(f)
	if err != nil {
		return nil, err
	}
	back, ok := m.Invert()
	if !ok {
		return nil, ErrDegenerate
	}
	return picture.Warp(p, back, alignedSize, alignedSize, [3]uint8{}), nil
}

// alignment is the map from the picture to the aligned face.
func alignment(f Face) (picture.Affine, error) {
	switch len(f.Landmarks) {
	case 5:
		return Similarity(f.Landmarks, alignedPoints[:])
	case 6: // eyes, nose and the middle of the mouth; ears have no place
		to := append([]Point{}, alignedPoints[:3]...)
		to = append(to, mean(alignedPoints[3:]))
		return Similarity(f.Landmarks[:4], to)
	}
	return squareAround(f.Box, 1, 0, alignedSize)
}

// squareAround is the map from the picture to a square of size pixels that shows
// a square around a box: its side is margin times the box's longer side, and
// angle, in radians, is turned upright.
func squareAround(b Box, margin, angle float64, size int) (picture.Affine, error) {
	scale := float64(size) / (margin * max(b.Width(), b.Height()))
	cos, sin := math.Cos(angle)*scale, math.Sin(angle)*scale
	c, half := b.Center(), float64(size)/2
	m := picture.Affine{
		A: cos, B: sin, C: half - cos*c.X - sin*c.Y,
		D: -sin, E: cos, F: half + sin*c.X - cos*c.Y,
	}
	if _, ok := m.Invert(); !ok || b.Area() == 0 {
		return picture.Affine{}, ErrDegenerate
	}
	return m, nil
}
