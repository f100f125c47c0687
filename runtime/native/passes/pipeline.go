package passes

// Pipeline is every pass, in the order in which they run.
func Pipeline() []Pass {
	return []Pass{
		// Before constants are folded: it would make floats of quantised weights.
		fuseDequantMatMul,
		// Constants first: exporters write shapes and weights as arithmetic, and
		// every later pass looks for constants.
		foldConstants,
		// Then what does nothing goes, so that patterns are not hidden behind it.
		removeIdentities,
		// What is computed twice is computed once, so that it has one name in later
		// patterns.
		shareValues,
		// Norms and activations that are several nodes become one.
		fuseRMSNorm,
		fuseSilu,
		// Attention is found by its softmax, before its products are touched.
		fuseAttention,
		// Normalization goes into the weights before activations are fused: it
		// stands between the convolution and its activation.
		fuseConvBatchNorm,
		// The sum of a residual block stands between the convolution and the
		// activation.
		fuseConvAdd,
		// Last of the fusions: the activation of what is a convolution by now.
		fuseConvActivation,
		// GELU is an activation like others once it is one node.
		fuseGelu,
		// Products of quantised numbers become one node before their bias is looked
		// for.
		fuseDynamicQuant,
		// While residuals are still sums of their own.
		fuseSkipNorm,
		// The bias of a product, then the residual, then the activation: in the
		// order in which they stand behind it.
		fuseMatMulAdd,
		fuseMatMulActivation,
		// What had neither bias nor residual.
		packMatMul,
		// Layout after fusion: it looks at convolutions as they will run.
		blockLayout,
		// What the others left unused.
		removeDead,
	}
}
