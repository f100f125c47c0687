package input

import (
	"fmt"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Normalization makes v of a pixel value from 0 to 255: (v/255 − Mean)/Std, for
// red, green and blue.
type Normalization struct {
	Mean [3]float32 `json:"image_mean" yaml:"mean,flow"`
	Std  [3]float32 `json:"image_std" yaml:"std,flow"`
}

// ImageNet is how most published backbones were trained.
func ImageNet() Normalization {
	return Normalization{Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}}
}

// Pictures are files of pictures, read when they are needed.
type Pictures struct {
	paths         []string
	name          string
	batch         int // rows of a run where that is fixed, else 0
	height, width int
	normalization Normalization
}

// NewPictures reads pictures for a model with one input [batch, 3, height,
// width].
func NewPictures(paths []string, specs []runtime.ValueSpec, n Normalization) (*Pictures, error) {
	var ins []runtime.ValueSpec
	for _, in := range specs {
		if !in.Optional {
			ins = append(ins, in)
		}
	}
	if len(ins) != 1 || ins[0].Type == nil || ins[0].Type.Shape == nil || len(ins[0].Type.Shape.Dims) != 4 {
		return nil, fmt.Errorf("input: the model takes %s, expected one picture [batch,3,height,width]", runtime.Describe(specs))
	}
	d := ins[0].Type.Shape.Dims
	if d[1].Value != 3 || !d[2].IsKnown() || !d[3].IsKnown() || ins[0].Type.DType != tensor.Float32 {
		return nil, fmt.Errorf("input: the model takes %s, expected float32[batch,3,height,width] of known size", runtime.Describe(ins))
	}
	p := &Pictures{paths: paths, name: ins[0].Name, height: int(d[2].Value), width: int(d[3].Value), normalization: n}
	if d[0].IsKnown() {
		p.batch = int(d[0].Value)
	}
	return p, nil
}

// Len is the number of pictures.
func (p *Pictures) Len() int { return len(p.paths) }

// Size is 1: all pictures are scaled to the same size.
func (p *Pictures) Size(int) int { return 1 }

// FixedBatch is the number of rows that the model wants in each run; 0 where any
// will do.
func (p *Pictures) FixedBatch() int { return p.batch }

// Batch reads and scales pictures: [rows, 3, height, width].
func (p *Pictures) Batch(rows []int) (map[string]tensor.Value, error) {
	plane := p.height * p.width
	values := make([]float32, len(rows)*3*plane)
	for k, r := range rows {
		rgb, err := picture.Open(p.paths[r], picture.Options{})
		if err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		p.fill(values[k*3*plane:(k+1)*3*plane], picture.Resize(rgb, p.width, p.height))
	}
	t, err := tensor.FromSlice(values, len(rows), 3, p.height, p.width)
	if err != nil {
		return nil, err
	}
	return map[string]tensor.Value{p.name: t}, nil
}

func (p *Pictures) fill(dst []float32, rgb *picture.RGB) {
	plane := p.height * p.width
	for c := range 3 {
		mean, std := p.normalization.Mean[c]*255, p.normalization.Std[c]*255
		for i := range plane {
			dst[c*plane+i] = (float32(rgb.Pix[3*i+c]) - mean) / std
		}
	}
}
