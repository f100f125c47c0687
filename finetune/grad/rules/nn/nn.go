// Package nn has the rules of convolutions, pooling, resizing and attention.
package nn

import "github.com/seed6700ada1/infer/finetune/grad/rule"

// Rules is the list of this family.
var Rules = []rule.Rule{
	conv, convTranspose,
	maxPool, averagePool, globalAveragePool, globalMaxPool,
	resize, upsample,
	attention, rotaryEmbedding,
}
