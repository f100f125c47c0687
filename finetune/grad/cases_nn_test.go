package grad_test

func convCases() []gradCase {
	conv := func(name, x, w, attrs string) gradCase {
		return gradCase{name: "Conv/" + name, graph: "(f[" + x + "] x, f[" + w + "] w) => (y) { y = Conv<" + attrs + ">(x, w) }"}
	}
	transposed := func(name, x, w, attrs string) gradCase {
		return gradCase{name: "ConvTranspose/" + name, graph: "(f[" + x + "] x, f[" + w + "] w) => (y) { y = ConvTranspose<" + attrs + ">(x, w) }"}
	}
	return []gradCase{
		{name: "Conv", graph: "(f[2,3,5,6] x, f[4,3,3,2] w, f[4] b) => (y) { y = Conv(x, w, b) }"},
		conv("pads", "2,2,5,6", "3,2,3,3", "pads = [1, 0, 2, 1]"),
		conv("strides", "2,2,7,6", "3,2,3,3", "strides = [2, 2], pads = [1, 1, 1, 1]"),
		conv("strides, rest", "1,2,8,8", "3,2,3,2", "strides = [3, 3]"),
		conv("dilations", "2,2,7,8", "3,2,3,3", "dilations = [2, 1], pads = [2, 1, 2, 1]"),
		conv("strides and dilations", "1,2,9,8", "2,2,3,3", "strides = [2, 3], dilations = [2, 1], pads = [1, 1, 1, 0]"),
		conv("groups", "2,4,5,5", "6,2,3,3", "group = 2, pads = [1, 1, 1, 1]"),
		conv("depthwise", "2,3,5,5", "3,1,3,3", "group = 3, pads = [1, 1, 1, 1], strides = [2, 2]"),
		conv("depthwise, many", "1,3,5,5", "6,1,3,3", "group = 3"),
		conv("1d", "2,3,9", "4,3,3", "strides = [2]"),
		conv("3d", "1,2,4,4,3", "2,2,2,2,2", "pads = [1, 0, 0, 0, 1, 0]"),
		conv("pointwise", "2,3,4,4", "5,3,1,1", "strides = [1, 1]"),
		conv("same upper", "1,2,6,5", "2,2,3,2", `auto_pad = "SAME_UPPER", strides = [2, 2]`),
		conv("same lower", "1,2,6,5", "2,2,2,4", `auto_pad = "SAME_LOWER"`),
		conv("valid", "1,2,6,5", "2,2,3,3", `auto_pad = "VALID"`),
		conv("symbolic", "n,2,h,w", "2,2,2,2", "strides = [2, 2]"),
		{name: "ConvTranspose", graph: "(f[2,3,4,5] x, f[3,2,3,2] w, f[2] b) => (y) { y = ConvTranspose(x, w, b) }"},
		transposed("strides", "1,2,3,4", "2,3,3,3", "strides = [2, 2], pads = [1, 1, 1, 1]"),
		transposed("output padding", "1,2,3,4", "2,3,3,3", "strides = [2, 2], output_padding = [1, 1], pads = [1, 1, 1, 1]"),
		transposed("dilations", "1,2,3,4", "2,3,3,2", "dilations = [2, 1]"),
		transposed("groups", "1,4,3,4", "4,2,3,3", "group = 2, strides = [2, 1]"),
		transposed("output shape", "1,2,3,3", "2,2,3,3", "strides = [2, 2], output_shape = [6, 6]"),
		transposed("1d", "2,2,5", "2,3,3", "strides = [2]"),
	}
}

func poolCases() []gradCase {
	pool := func(name, op, x, attrs string) gradCase {
		return gradCase{name: op + "/" + name, graph: "(f[" + x + "] x) => (y) { y = " + op + "<" + attrs + ">(x) }"}
	}
	list := []gradCase{
		pool("plain", "MaxPool", "2,2,4,6", "kernel_shape = [2, 2], strides = [2, 2]"),
		pool("overlapping", "MaxPool", "1,2,5,5", "kernel_shape = [3, 3], strides = [1, 1]"),
		pool("pads", "MaxPool", "1,2,5,5", "kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]"),
		pool("ceil", "MaxPool", "1,1,5,6", "kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1"),
		pool("dilations", "MaxPool", "1,1,7,7", "kernel_shape = [2, 3], dilations = [2, 2]"),
		pool("1d", "MaxPool", "2,2,7", "kernel_shape = [3], strides = [2]"),
		pool("plain", "AveragePool", "2,2,4,6", "kernel_shape = [2, 2], strides = [2, 2]"),
		pool("overlapping", "AveragePool", "1,2,5,5", "kernel_shape = [3, 3], strides = [1, 1]"),
		pool("pads", "AveragePool", "1,2,5,5", "kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]"),
		pool("pads count", "AveragePool", "1,2,5,5", "kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], count_include_pad = 1"),
		pool("ceil", "AveragePool", "1,1,5,6", "kernel_shape = [2, 2], strides = [2, 2], ceil_mode = 1"),
		pool("same", "AveragePool", "1,1,5,6", `kernel_shape = [3, 2], strides = [2, 2], auto_pad = "SAME_UPPER"`),
		{name: "GlobalAveragePool", graph: "(f[2,3,4,5] x) => (y) { y = GlobalAveragePool(x) }"},
		{name: "GlobalMaxPool", graph: "(f[2,3,4,5] x) => (y) { y = GlobalMaxPool(x) }"},
	}
	for _, mode := range []string{"nearest", "linear", "cubic"} {
		for _, c := range []string{"half_pixel", "align_corners", "asymmetric", "pytorch_half_pixel"} {
			list = append(list, gradCase{
				name: "Resize/" + mode + " " + c,
				graph: `(f[1,2,3,4] x, float[4] s = {1, 1, 2, 1.5}) => (y) { y = Resize<mode = "` + mode +
					`", coordinate_transformation_mode = "` + c + `">(x, "", s) }`,
			})
		}
	}
	return append(list,
		gradCase{name: "Resize/sizes", graph: `(f[1,2,4,4] x, int64[4] s = {1, 2, 3, 7}) => (y) { y = Resize<mode = "linear">(x, "", "", s) }`},
		gradCase{name: "Resize/symbolic batch", graph: `(f[n,2,2,2] x, float[4] s = {1, 1, 2, 2}) => (y) { y = Resize<mode = "nearest">(x, "", s) }`},
		gradCase{name: "Resize/11", opset: 11, graph: `(f[1,1,2,2] x, float[0] r = {}, float[4] s = {1, 1, 2, 2}) => (y) { y = Resize<mode = "linear">(x, r, s) }`},
		gradCase{name: "Upsample", opset: 9, graph: `(f[1,1,2,2] x, float[4] s = {1, 1, 2, 2}) => (y) { y = Upsample<mode = "nearest">(x, s) }`},
	)
}

func affineCases() []gradCase {
	positive := map[string]any{"v": [2]float64{0.5, 2}}
	return []gradCase{
		{name: "LayerNormalization", graph: "(f[2,3,4] x, f[4] s, f[4] b) => (y) { y = LayerNormalization(x, s, b) }"},
		{name: "LayerNormalization/axis", graph: "(f[2,3,4] x, f[3,4] s) => (y) { y = LayerNormalization<axis = 1, epsilon = 0.1>(x, s) }"},
		{name: "RMSNormalization", opset: 23, graph: "(f[2,3,4] x, f[4] s) => (y) { y = RMSNormalization(x, s) }"},
		{name: "BatchNormalization", values: positive, graph: "(f[3,2,4] x, f[2] s, f[2] b, f[2] m, f[2] v) => (y) { y = BatchNormalization(x, s, b, m, v) }"},
		{name: "BatchNormalization/2d", values: positive, graph: "(f[3,2] x, f[2] s, f[2] b, f[2] m, f[2] v) => (y) { y = BatchNormalization<epsilon = 0.01>(x, s, b, m, v) }"},
		{name: "BatchNormalization/training", graph: "(f[3,2,2,2] x, f[2] s, f[2] b) => (y) { m = Sub(b, b) v = Sub(b, b) y, rm, rv = BatchNormalization<training_mode = 1>(x, s, b, m, v) }"},
		{name: "InstanceNormalization", graph: "(f[2,3,2,4] x, f[3] s, f[3] b) => (y) { y = InstanceNormalization(x, s, b) }"},
		{name: "GroupNormalization", graph: "(f[2,4,3,2] x, f[4] s, f[4] b) => (y) { y = GroupNormalization<num_groups = 2>(x, s, b) }"},
		{name: "LpNormalization", graph: "(f[2,3] x) => (y) { y = LpNormalization(x) }"},
		{name: "LpNormalization/1", graph: "(f[2,3] x) => (y) { y = LpNormalization<p = 1, axis = 0>(x) }"},
		{name: "LRN", graph: "(f[2,5,2,2] x) => (y) { y = LRN<size = 3, alpha = 0.1>(x) }"},
		{name: "SoftmaxCrossEntropyLoss", graph: "(f[3,4] x, int64[3] t = {0, 3, 1}) => (y) { y = SoftmaxCrossEntropyLoss(x, t) }"},
		{name: "SoftmaxCrossEntropyLoss/weights", graph: "(f[3,4] x, int64[3] t = {0, 3, 1}, f[4] w = {1, 2, 0.5, 1.5}) => (y) { y = SoftmaxCrossEntropyLoss(x, t, w) }"},
		{name: "SoftmaxCrossEntropyLoss/ignore", graph: "(f[3,4,2] x, int64[3,2] t = {0, 3, 1, 2, 2, 2}) => (y) { y = SoftmaxCrossEntropyLoss<ignore_index = 2>(x, t) }"},
		{name: "SoftmaxCrossEntropyLoss/sum", graph: `(f[3,4] x, int64[3] t = {0, 3, 1}) => (y) { y = SoftmaxCrossEntropyLoss<reduction = "sum">(x, t) }`},
		{name: "NegativeLogLikelihoodLoss", graph: "(f[3,4] x, int64[3] t = {0, 3, 1}) => (y) { p = LogSoftmax(x) y = NegativeLogLikelihoodLoss(p, t) }"},
		{name: "NegativeLogLikelihoodLoss/none", graph: `(f[3,4] x, int64[3] t = {0, 3, 1}) => (y) { y = NegativeLogLikelihoodLoss<reduction = "none">(x, t) }`},
	}
}

func attentionCases() []gradCase {
	return []gradCase{
		{name: "Attention", opset: 23, graph: "(f[2,2,3,4] q, f[2,2,5,4] k, f[2,2,5,4] v) => (y) { y = Attention(q, k, v) }"},
		{name: "Attention/causal", opset: 23, graph: "(f[2,2,4,4] q, f[2,2,4,4] k, f[2,2,4,4] v) => (y) { y = Attention<is_causal = 1>(q, k, v) }"},
		{name: "Attention/flat, groups", opset: 23, graph: "(f[2,3,8] q, f[2,5,4] k, f[2,5,4] v) => (y) { y = Attention<q_num_heads = 4, kv_num_heads = 2>(q, k, v) }"},
		{name: "Attention/mask, cap", opset: 23, graph: "(f[1,2,3,4] q, f[1,2,5,4] k, f[1,2,5,4] v, f[3,5] m) => (y) { y = Attention<softcap = 2.0, scale = 0.3>(q, k, v, m) }"},
		{name: "RotaryEmbedding", opset: 23, graph: "(f[1,2,3,4] x, double[5,2] c = {1, 1, 0.5, 0.4, 0.3, 0.2, 0.1, 0, 1, 1}, double[5,2] s = {0, 0, 0.8, 0.9, 0.9, 1, 1, 1, 0, 0}, int64[1,3] p = {0, 1, 3}) => (y) { y = RotaryEmbedding(x, c, s, p) }"},
		{name: "LSTM", graph: "(f[3,2,3] x, f[1,8,3] w, f[1,8,2] r, f[1,16] b) => (y, h, c) { y, h, c = LSTM<hidden_size = 2>(x, w, r, b) }"},
		{name: "LSTM/both ways", graph: `(f[3,2,3] x, f[2,8,3] w, f[2,8,2] r) => (y) { y = LSTM<hidden_size = 2, direction = "bidirectional">(x, w, r) }`},
		{name: "LSTM/start", graph: `(f[3,2,3] x, f[1,8,3] w, f[1,8,2] r, f[1,2,2] h, f[1,2,2] c) => (y) { y = LSTM<hidden_size = 2, direction = "reverse">(x, w, r, "", "", h, c) }`},
		{name: "GRU", graph: "(f[3,2,3] x, f[1,6,3] w, f[1,6,2] r, f[1,12] b) => (y, h) { y, h = GRU<hidden_size = 2>(x, w, r, b) }"},
		{name: "GRU/before reset", graph: "(f[3,2,3] x, f[1,6,3] w, f[1,6,2] r, f[1,12] b) => (y) { y = GRU<hidden_size = 2, linear_before_reset = 1>(x, w, r, b) }"},
		{name: "GRU/both ways", graph: `(f[3,2,3] x, f[2,6,3] w, f[2,6,2] r) => (y) { y = GRU<hidden_size = 2, direction = "bidirectional">(x, w, r) }`},
		{name: "RNN", graph: "(f[3,2,3] x, f[1,2,3] w, f[1,2,2] r, f[1,4] b) => (y, h) { y, h = RNN<hidden_size = 2>(x, w, r, b) }"},
		{name: "RNN/batch first", graph: `(f[2,3,3] x, f[1,2,3] w, f[1,2,2] r) => (y) { y = RNN<hidden_size = 2, layout = 1, activations = ["Relu"]>(x, w, r) }`},
	}
}
