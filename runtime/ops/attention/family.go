// Package attention holds the operators of attention: scaled dot-product
// attention with and without a cache, and rotary position embedding.
package attention

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/ops"
)

// Ops lists the family's definitions.
var Ops = slices.Concat(
	fusedAttentionDefs(),
	cacheAppendDefs(),
	attentionDefs(),
	flexAttentionDefs(),
	linearAttentionDefs(),
	rotaryEmbeddingDefs(),
)

// versions repeats a definition for versions whose differences its Compile tells
// apart.
func versions(d ops.Def, since ...int) []ops.Def {
	list := make([]ops.Def, len(since))
	for i, v := range since {
		list[i] = d
		list[i].Since = v
	}
	return list
}
