package face

import (
	"context"
	"fmt"
	"image"
	"math"

	"github.com/seed6700ada1/infer/models/face/picture"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// SamePerson is the cosine of two embeddings of [Embedder] from which on faces
// are taken to be one person's. On the 300 pairs of deepface's test set, with
// faces found and aligned by YuNet, BlazeFace full range or RetinaFace, the
// published MobileFaceNet gives 0.47 and more to every pair of one person and
// 0.39 and less to every other. Faces without landmarks, cut out by their box,
// mix up 10 of the 300.
const SamePerson = 0.4

// Embedder turns faces into vectors whose cosine says how alike they are. It
// takes models of the MobileFaceNet kind: a picture of 112×112 in, one vector
// out. It is safe for concurrent use.
type Embedder struct {
	session runtime.Session
	input   input
	output  string
	width   int
}

// OpenEmbedder makes an embedder of a session, which must stay open as long as
// the embedder is used.
func OpenEmbedder(s runtime.Session) (*Embedder, error) {
	in, err := imageInput(s)
	if err != nil {
		return nil, fmt.Errorf("face: not an embedding model: the model %w", err)
	}
	outs := outputsOf(s)
	if in.w != alignedSize || in.h != alignedSize || len(outs) != 1 || len(outs[0].dims) != 2 || outs[0].dims[1] < 2 {
		return nil, fmt.Errorf("face: not an embedding model: the model takes %s and gives %s, want a picture of %d×%d and one vector",
			runtime.Describe(s.Inputs()[:1]), runtime.Describe(s.Outputs()), alignedSize, alignedSize)
	}
	return &Embedder{
		session: s,
		// Red, green, blue by the mean and deviation of ImageNet.
		input: input{
			imageSpec: in,
			mean:      [3]float32{123.675, 116.28, 103.53},
			std:       [3]float32{58.395, 57.12, 57.375},
		},
		output: outs[0].name,
		width:  outs[0].dims[1],
	}, nil
}

// Width is the length of the vectors.
func (e *Embedder) Width() int { return e.width }

// Embed aligns a face of a picture and returns its vector, of length 1.
func (e *Embedder) Embed(ctx context.Context, img image.Image, f Face) ([]float32, error) {
	aligned, err := Align(picture.FromImage(img), f)
	if err != nil {
		return nil, err
	}
	return e.EmbedAligned(ctx, aligned)
}

// EmbedAligned is Embed for a face that [Align] has cut out.
func (e *Embedder) EmbedAligned(ctx context.Context, aligned *picture.RGB) ([]float32, error) {
	if aligned.W != alignedSize || aligned.H != alignedSize {
		return nil, fmt.Errorf("face: an aligned face of %d×%d pixels, want %d×%d", aligned.W, aligned.H, alignedSize, alignedSize)
	}
	t, err := e.input.tensor(aligned)
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	out, err := e.session.Run(ctx, map[string]tensor.Value{e.input.name: t})
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	v, err := results(out).vector(e.output, e.width)
	if err != nil {
		return nil, fmt.Errorf("face: %w", err)
	}
	return normalized(v)
}

func normalized(v []float32) ([]float32, error) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("face: the model gave a vector of length %v", math.Sqrt(sum))
	}
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(float64(x) / math.Sqrt(sum))
	}
	return out, nil
}

// Cosine is the cosine of the angle between two vectors, from −1 to 1; 0 where
// one of them is zero or their lengths differ.
func Cosine(a, b []float32) float64 {
	if len(a) != len(b) {
		return 0
	}
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(aa*bb)
}
