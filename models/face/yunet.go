package face

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
)

// yunet is YuNet (libfacedetection, OpenCV's FaceDetectorYN): a feature map for
// each stride 8, 16 and 32, and four outputs for each, rows of the map after one
// another: cls_S and obj_S [1, cells, 1], bbox_S [1, cells, 4] and kps_S
// [1, cells, 10].
//
//	score  = √(cls · obj), each clamped to 0…1
//	centre = (cell + bbox[0:2]) · stride
//	size   = exp(bbox[2:4]) · stride
//	point  = (cell + kps) · stride
//
// Pixels are blue, green, red from 0 to 255 as they are.
var yunet = family{
	name: "YuNet",
	match: func(in imageSpec, outs []outputSpec) bool {
		found := 0
		for _, o := range outs {
			for _, s := range yunetStrides {
				for _, m := range yunetMaps {
					if o.name == m.output(s) && o.last() == m.width {
						found++
					}
				}
			}
		}
		return !in.channelsLast && found == len(yunetStrides)*len(yunetMaps)
	},
	recipe: func(_ context.Context, _ runtime.Session, in imageSpec, _ []outputSpec) (recipe, error) {
		if err := in.checkMultiple(slices.Max(yunetStrides)); err != nil {
			return recipe{}, err
		}
		return recipe{
			input:  input{imageSpec: in, multiple: slices.Max(yunetStrides), bgr: true, std: ones},
			score:  0.6,
			iou:    0.3,
			decode: decodeYuNet,
		}, nil
	},
}

var (
	yunetStrides = []int{8, 16, 32}
	yunetMaps    = [...]yunetMap{{"cls", 1}, {"obj", 1}, {"bbox", 4}, {"kps", 10}}
)

// yunetMap is one kind of output.
type yunetMap struct {
	name  string
	width int // numbers for each cell
}

// output is the name of the output for a stride.
func (m yunetMap) output(stride int) string { return fmt.Sprintf("%s_%d", m.name, stride) }

func decodeYuNet(out results, w, h int, score float64) ([]Face, error) {
	var faces []Face
	for _, stride := range yunetStrides {
		cols, rows := w/stride, h/stride
		var maps [len(yunetMaps)][]float32
		for i, m := range yunetMaps {
			values, err := out.rows(m.output(stride), cols*rows, m.width)
			if err != nil {
				return nil, err
			}
			maps[i] = values
		}
		cls, obj, boxes, points := maps[0], maps[1], maps[2], maps[3]
		for i := range cls {
			s := math.Sqrt(unit(cls[i]) * unit(obj[i]))
			if !(s >= score) {
				continue
			}
			cell := Point{float64(i % cols), float64(i / cols)}
			faces = append(faces, yunetFace(cell, float64(stride), s, boxes[4*i:4*i+4], points[10*i:10*i+10]))
		}
	}
	return faces, nil
}

func yunetFace(cell Point, stride, score float64, box, points []float32) Face {
	f := Face{
		Box: centered(
			(cell.X+float64(box[0]))*stride, (cell.Y+float64(box[1]))*stride,
			math.Exp(float64(box[2]))*stride, math.Exp(float64(box[3]))*stride,
		),
		Score:     score,
		Landmarks: make([]Point, len(points)/2),
	}
	for k := range f.Landmarks {
		f.Landmarks[k] = Point{(cell.X + float64(points[2*k])) * stride, (cell.Y + float64(points[2*k+1])) * stride}
	}
	return f
}

// unit clamps v to 0…1; NaN stays.
func unit(v float32) float64 { return min(max(float64(v), 0), 1) }

// centered is the box of a middle and a size.
func centered(x, y, w, h float64) Box { return Box{x - w/2, y - h/2, x + w/2, y + h/2} }
