// Package norm has the rules of normalizations and of softmax.
package norm

import "github.com/seed6700ada1/infer/finetune/grad/rule"

// Rules is the list of this family.
var Rules = []rule.Rule{
	softmax, logSoftmax,
	layerNormalization, rmsNormalization, simplifiedLayerNormalization,
	batchNormalization, instanceNormalization, groupNormalization,
	lpNormalization, lrn,
	skipLayerNormalization, skipSimplifiedLayerNormalization,
}
