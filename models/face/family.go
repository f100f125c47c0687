package face

import (
	"context"

	"github.com/seed6700ada1/infer/runtime"
)

// family is a kind of detector: how to know one by its inputs and outputs, and
// what to do for it. A new family is its file and a line in families.
type family struct {
	name string
	// match reports whether a model with this image input and these outputs is
	// of the family. It looks at names, ranks and sizes.
	match func(in imageSpec, outputs []outputSpec) bool
	// recipe is called once for a session that matches. It may run the session
	// where its types leave a question open.
	recipe func(ctx context.Context, s runtime.Session, in imageSpec, outputs []outputSpec) (recipe, error)
}

// families in the order in which they are tried; no model matches two.
var families = []family{yunet, ultraLight, blazeFace, retinaFace, nano}

// recipe is all that differs between detectors of one session and another.
type recipe struct {
	input  input
	score  float64 // default threshold
	iou    float64 // default overlap for suppression
	blend  bool    // suppress by blending
	decode decoder
	priors *priors // nil where a model is not trained by anchors
}

// decoder turns what the model gave for an input of w×h pixels into the faces
// with at least the given score, in pixels of the input.
type decoder func(out results, w, h int, score float64) ([]Face, error)
