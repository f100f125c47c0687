package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// restSpecs are of operators that models have seldom.
func restSpecs() []spec {
	list := []spec{
		{"MelWeightMatrix", melNode},
		{"DeformConv", deformConvNode},
		{"AffineGrid", affineGridNode},
		{"Col2Im", col2ImNode},
		{"CenterCropPad", centerCropPadNode},
		{"MaxUnpool", maxUnpoolNode},
		{"GlobalLpPool", func(g *gen) *node {
			return &node{op: "GlobalLpPool", opset: g.opset(2), in: []*tensor.Tensor{g.floats(g.filled(3 + g.IntN(2))...)}, attrs: []*onnx.Attribute{attrInt("p", int64(1+g.IntN(3)))}}
		}},
		{"Dropout", func(g *gen) *node {
			return &node{op: "Dropout", opset: g.opset(13), out: 1 + g.IntN(2), exact: true, in: []*tensor.Tensor{g.tensor(oneOf(g, wideFloats...), normal, g.anyShape(3)...), tensor.Scalar(float32(g.Float64()))}}
		}},
		{"Constant", constantNode},
		{"BitwiseNot", func(g *gen) *node {
			return &node{op: "BitwiseNot", opset: 18, exact: true, in: []*tensor.Tensor{g.tensor(oneOf(g, integers...), normal, g.anyShape(3)...)}}
		}},
		{"Swish", func(g *gen) *node {
			return &node{op: "Swish", opset: 24, in: []*tensor.Tensor{g.floats(g.anyShape(3)...)}, attrs: g.maybe(nil, attrFloat("alpha", g.value(normal)))}
		}},
		{"Scatter", func(g *gen) *node {
			n := scatterElementsNode(g)
			n.op, n.opset, n.attrs = "Scatter", 9, n.attrs[:1]
			if n.attrs[0].Int < 0 {
				n.attrs[0].Int += int64(n.in[0].Rank())
			}
			n.in[1] = g.whole(tensor.Int64, 1, n.in[1].Shape()...)
			return n
		}},
		{"Upsample", upsampleNode},
		{"NegativeLogLikelihoodLoss", func(g *gen) *node { return lossNode(g, "NegativeLogLikelihoodLoss", 13) }},
		{"SoftmaxCrossEntropyLoss", func(g *gen) *node { return lossNode(g, "SoftmaxCrossEntropyLoss", 13) }},
		{"BitCast", func(g *gen) *node {
			from, to := oneOf(g, tensor.Float32, tensor.Int32, tensor.Uint32), oneOf(g, tensor.Float32, tensor.Int32, tensor.Uint32)
			return &node{op: "BitCast", opset: 26, exact: true, in: []*tensor.Tensor{g.tensor(from, normal, g.anyShape(3)...)}, attrs: []*onnx.Attribute{attrInt("to", int64(to))}}
		}},
		{"CumProd", func(g *gen) *node {
			s := g.filled(1 + g.IntN(3))
			return &node{op: "CumProd", opset: 26, exact: true, in: []*tensor.Tensor{g.floats(s...), tensor.Scalar(g.axis(len(s)))}, attrs: []*onnx.Attribute{g.bit("exclusive"), g.bit("reverse")}}
		}},
	}
	return list
}

func melNode(g *gen) *node {
	bins, length, rate := 1+g.IntN(8), 16+8*g.IntN(12), 8000+g.IntN(8000)
	low := g.Float64() * 200
	return &node{op: "MelWeightMatrix", opset: 17, exact: true, in: []*tensor.Tensor{
		tensor.Scalar(int64(bins)), tensor.Scalar(int64(length)), tensor.Scalar(int64(rate)), tensor.Scalar(float32(low)), tensor.Scalar(float32(low + 500 + g.Float64()*float64(rate)/4)),
	}}
}

func deformConvNode(g *gen) *node {
	groups, per, out, kh, kw := 1+g.IntN(2), 1+g.IntN(2), 1+g.IntN(2), 1+g.IntN(3), 1+g.IntN(3)
	batch, h, w, offsets := 1+g.IntN(2), 3+g.IntN(4), 3+g.IntN(4), 1
	if g.chance(3) {
		offsets = groups * per
	}
	oh, ow := h-kh+1, w-kw+1
	n := &node{op: "DeformConv", opset: oneOf(g, 19, 22), attrs: []*onnx.Attribute{attrInt("group", int64(groups)), attrInt("offset_group", int64(offsets)), attrInts("pads", 0, 0, 0, 0)}}
	n.in = []*tensor.Tensor{g.floats(batch, groups*per, h, w), g.floats(groups*out, per, kh, kw), g.floats(batch, offsets*kh*kw*2, oh, ow), nil, nil}
	if g.chance(2) {
		n.in[3] = g.floats(groups * out)
	}
	if g.chance(2) {
		n.in[4] = g.tensor(tensor.Float32, positive, batch, offsets*kh*kw, oh, ow)
	}
	return n
}

func affineGridNode(g *gen) *node {
	batch := g.size()
	n := &node{op: "AffineGrid", opset: 20, attrs: []*onnx.Attribute{g.bit("align_corners")}}
	if g.chance(2) {
		n.in = []*tensor.Tensor{g.floats(batch, 2, 3), ints(int64(batch), 1, int64(2+g.IntN(4)), int64(2+g.IntN(4)))}
	} else {
		n.in = []*tensor.Tensor{g.floats(batch, 3, 4), ints(int64(batch), 1, int64(2+g.IntN(4)), int64(2+g.IntN(4)), int64(2+g.IntN(4)))}
	}
	return n
}

func col2ImNode(g *gen) *node {
	var image, block, strides, dilations, pads []int64
	blocks, taps, rank := 1, 1, 1+g.IntN(3)
	for range rank {
		k, s, d, p := 1+g.IntN(3), 1+g.IntN(2), 1+g.IntN(2), g.IntN(2)
		size := (k-1)*d + 1 + g.IntN(4)
		image, block = append(image, int64(size)), append(block, int64(k))
		strides, dilations, pads = append(strides, int64(s)), append(dilations, int64(d)), append(pads, int64(p))
		taps *= k
		blocks *= (size+2*p-(k-1)*d-1)/s + 1
	}
	return &node{
		op: "Col2Im", opset: 18, in: []*tensor.Tensor{g.floats(1+g.IntN(2), (1+g.IntN(3))*taps, blocks), ints(image...), ints(block...)},
		attrs: []*onnx.Attribute{attrInts("strides", strides...), attrInts("dilations", dilations...), attrInts("pads", append(pads, pads...)...)},
	}
}

func centerCropPadNode(g *gen) *node {
	s := g.filled(1 + g.IntN(4))
	axes := g.axes(len(s))
	to := make([]int64, len(axes))
	for i := range to {
		to[i] = int64(g.size())
	}
	n := &node{op: "CenterCropPad", opset: 18, attrs: []*onnx.Attribute{attrInts("axes", axes...)}, in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...), ints(to...)}}
	if len(axes) == 0 {
		n.attrs = nil
		for range s {
			to = append(to, int64(g.size()))
		}
		n.in[1] = ints(to...)
	}
	return n
}

// maxUnpoolNode scatters values to places that are all different.
func maxUnpoolNode(g *gen) *node {
	h, w := 1+g.IntN(4), 1+g.IntN(4)
	places := make([]int64, h*w)
	for i := range places {
		places[i] = int64(i/w*2*(2*w) + i%w*2 + g.IntN(2) + g.IntN(2)*2*w)
	}
	index, err := tensor.FromSlice(places, 1, 1, h, w)
	if err != nil {
		index = ints(0)
	}
	return &node{
		op: "MaxUnpool", opset: g.opset(11), in: []*tensor.Tensor{g.floats(1, 1, h, w), index},
		attrs: []*onnx.Attribute{attrInts("kernel_shape", 2, 2), attrInts("strides", 2, 2)},
	}
}

func constantNode(g *gen) *node {
	n := &node{op: "Constant", opset: oneOf(g, 13, 19, 21), exact: true}
	switch g.IntN(5) {
	case 0:
		n.attrs = []*onnx.Attribute{attrTensor("value", g.any(g.anyShape(3)...))}
	case 1:
		n.attrs = []*onnx.Attribute{attrFloat("value_float", g.value(normal))}
	case 2:
		n.attrs = []*onnx.Attribute{attrInts("value_ints", g.intsBelow(9, g.IntN(4)+1)...)}
	case 3:
		n.attrs = []*onnx.Attribute{attrFloats("value_floats", g.list(normal, g.IntN(4)+1)...)}
	default:
		n.attrs = []*onnx.Attribute{attrStr("value_string", "text")}
	}
	return n
}

func upsampleNode(g *gen) *node {
	return &node{
		op: "Upsample", opset: 9, constant: []int{1}, attrs: []*onnx.Attribute{attrStr("mode", oneOf(g, "nearest", "linear"))},
		in: []*tensor.Tensor{g.floats(g.filled(4)...), tensor.Vector(1, 1, float32(1+g.IntN(3)), float32(1+g.Float64()))},
	}
}

func lossNode(g *gen, op string, opset int) *node {
	classes := 1 + g.IntN(5)
	tail := g.filled(g.IntN(3))
	batch := g.size()
	n := &node{op: op, opset: opset, attrs: []*onnx.Attribute{attrStr("reduction", oneOf(g, "mean", "sum", "none"))}}
	n.in = []*tensor.Tensor{g.floats(append([]int{batch, classes}, tail...)...), g.whole(oneOf(g, indexTypes...), classes, append([]int{batch}, tail...)...)}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(tensor.Float32, positive, classes))
	}
	if g.chance(2) {
		n.attrs = append(n.attrs, attrInt("ignore_index", int64(g.IntN(classes+1))))
	}
	if op == "SoftmaxCrossEntropyLoss" {
		n.out = 1 + g.IntN(2)
	}
	return n
}
