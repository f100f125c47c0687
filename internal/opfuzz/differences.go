package opfuzz

// Difference is a way in which the native engine gives another result than ONNX Runtime,
// with what the standard says of it.
type Difference struct {
	Operators []string
	What      string // what the native engine does
	Why       string
}

// The differences that the fuzzer meets.
var (
	EmptyMean = Difference{
		[]string{"ReduceMean"},
		"the mean of nothing is NaN, not 0",
		"\"Reduction over an empty set of values yields undefined.\"",
	}
	EmptyReduction = Difference{
		[]string{"ReduceL2", "ReduceLogSumExp", "ReduceMin", "ReduceMax", "ReduceSum", "ReduceSumSquare"},
		"the result of reducing nothing has the shape of any other result",
		"only the axes that are named are reduced, and with keepdims they keep size 1",
	}
	EmptyProduct = Difference{
		[]string{"MatMul"},
		"a sum over no products is 0, not what the memory held",
		"numpy.matmul gives the same",
	}
	ScalarNonZero = Difference{
		[]string{"NonZero"},
		"a scalar gives no rows, not one",
		"\"for scalar input, NonZero produces output shape (0, N) instead of (1, N)\"",
	}
	DilatedSame = Difference{
		[]string{"AveragePool", "LpPool", "MaxPool"},
		"auto_pad counts the dilated kernel",
		"SAME means that \"output_spatial_shape[i] = ceil(input_spatial_shape[i] / strides[i])\", dilated or not",
	}
	StridedSame = Difference{
		[]string{"AveragePool", "LpPool", "MaxPool"},
		"auto_pad does not cut elements off where strides jump over some",
		"pads \"should be greater than or equal to 0\"",
	}
	AlignedScales = Difference{
		[]string{"Resize"},
		"align_corners with scales goes by the length before it is rounded",
		"the suite's case test_resize_downsample_scales_linear_align_corners",
	}
	ScaleNearOne = Difference{
		[]string{"Resize", "Upsample"},
		"a scale too close to 1 to change the size still moves values",
		"\"x_original = x_resized / scale\"",
	}
	WindowOfOne = Difference{
		[]string{"BlackmanWindow", "HammingWindow", "HannWindow"},
		"a window of a single value that is not periodic is the value at 0, not NaN",
		"the operators' function bodies divide 0 by 0 there",
	}
	MishOfInfinity = Difference{
		[]string{"Mish"},
		"of -Inf the limit, 0, not NaN",
		"the formula, x·tanh(softplus(x)), is -Inf·0 there",
	}
	NoVariance = Difference{
		[]string{"MeanVarianceNormalization"},
		"elements that are all alike give 0, not NaN",
		"the operator's function body divides by the deviation plus 1e-9",
	}
)

// The differences that lie in a part of an operator alone.
var (
	CappedMask = Difference{
		[]string{"Attention"},
		"in versions 23 and 24 the mask is added before the soft cap",
		"the suite's cases test_attention_4d_with_qk_matmul_softcap and others; the text of both versions was changed afterwards",
	}
	OrderOfTransforms = Difference{
		[]string{"ai.onnx.ml.TreeEnsemble"},
		"post_transform 1 is softmax and 2 the logistic function",
		"\"One of 'NONE' (0), 'SOFTMAX' (1), 'LOGISTIC' (2), 'SOFTMAX_ZERO' (3) or 'PROBIT' (4)\"",
	}
	DilatedFold = Difference{
		[]string{"Col2Im"},
		"dilations hold for one and for three axes as for two",
		"the standard's reference implementation gives the same",
	}
	OneTarget = Difference{
		[]string{"ai.onnx.ml.LinearRegressor", "ai.onnx.ml.TreeEnsemble", "ai.onnx.ml.TreeEnsembleRegressor"},
		"post_transform applies to a single target too",
		"\"Indicates the transform to apply to the score.\"",
	}
	NoLeafForTarget = Difference{
		[]string{"ai.onnx.ml.TreeEnsembleRegressor"},
		"of several targets, one that gets no vote is its base value, not 0",
		"base_values are \"Base values for regression, added to final score\"",
	}
	TwoClasses = Difference{
		[]string{"ai.onnx.ml.TreeEnsembleClassifier"},
		"with votes for both of two classes, each score is its sum and base value, and the label that of the higher",
		"\"Base values for classification, added to final class score\"",
	}
	SparseText = Difference{
		[]string{"ai.onnx.ml.CastMap"},
		"places that no key names hold empty strings, not \"0.f\"; text is read as a number to its end",
		"silent",
	}
	WhiteSpace = Difference{
		[]string{"StringSplit"},
		"without a delimiter, tabs and line breaks separate as blanks do",
		"\"consecutive whitespace characters are regarded as a single separator\"",
	}
	PartsOfNothing = Difference{
		[]string{"StringSplit"},
		"an empty string has one part, itself, where there is a delimiter",
		"the standard's reference implementation counts 1",
	}
)

// Differences lists them all.
func Differences() []Difference {
	return []Difference{
		DilatedSame, StridedSame, WindowOfOne, NoVariance, MishOfInfinity, ScalarNonZero, EmptyMean, EmptyReduction, EmptyProduct, AlignedScales, ScaleNearOne,
		CappedMask, OrderOfTransforms, PartsOfNothing, DilatedFold, OneTarget, NoLeafForTarget, TwoClasses, SparseText, WhiteSpace,
	}
}
