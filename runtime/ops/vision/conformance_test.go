package vision_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/vision"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, vision.Ops, "AffineGrid", "GridSample", "ImageDecoder", "NonMaxSuppression", "Resize", "RoiAlign", "Upsample")
}
