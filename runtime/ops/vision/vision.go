// Package vision is the family of operators on images and boxes: resizing,
// sampling, regions, and decoding of image files.
package vision

import "slices"

// Ops lists the family.
var Ops = slices.Concat(
	affineGridDefs(),
	gridSampleDefs(),
	imageDecoderDefs(),
	maxRoiPoolDefs(),
	nonMaxSuppressionDefs(),
	resizeDefs(),
	roiAlignDefs(),
)
