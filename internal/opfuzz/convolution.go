package opfuzz

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// windows are the attributes that slide a window over an image.
type windows struct {
	rank                    int
	kernel                  []int
	strides, dilations, pad []int64
	auto                    string
}

func (g *gen) windows() windows {
	w := windows{rank: 1 + g.IntN(3)}
	for range w.rank {
		w.kernel = append(w.kernel, 1+g.IntN(3))
		w.strides, w.dilations = append(w.strides, int64(1+g.IntN(3))), append(w.dilations, int64(1+g.IntN(2)))
	}
	for range 2 * w.rank {
		w.pad = append(w.pad, int64(g.IntN(w.kernel[0])))
	}
	for i := range w.pad {
		w.pad[i] = min(w.pad[i], int64(w.kernel[i%w.rank])-1)
	}
	w.auto = oneOf(g, "", "", "", "SAME_UPPER", "SAME_LOWER", "VALID")
	return w
}

// image is the shape of images that the windows fit into.
func (g *gen) image(w windows, channels int) []int {
	s := []int{1 + g.IntN(3), channels}
	for i := range w.rank {
		s = append(s, (w.kernel[i]-1)*int(w.dilations[i])+1+g.IntN(6))
	}
	return s
}

func (g *gen) windowAttrs(w windows, dilations bool) []*onnx.Attribute {
	list := g.maybe(nil, attrInts("strides", w.strides...))
	if dilations {
		list = append(list, attrInts("dilations", w.dilations...))
	}
	if w.auto != "" {
		return append(list, attrStr("auto_pad", w.auto))
	}
	return g.maybe(list, attrInts("pads", w.pad...))
}

func convolutionSpecs() []spec {
	return []spec{
		{"Conv", convNode},
		{"ConvTranspose", convTransposeNode},
		{"MaxPool", maxPoolNode},
		{"AveragePool", averagePoolNode},
		{"LpPool", lpPoolNode},
		{"GlobalAveragePool", globalAveragePoolNode},
		{"GlobalMaxPool", globalMaxPoolNode},
		{"Resize", resizeNode},
		{"GridSample", gridSampleNode},
		{"RoiAlign", roiAlignNode},
		{"MaxRoiPool", maxRoiPoolNode},
		{"NonMaxSuppression", nonMaxSuppressionNode},
	}
}

func resizeNode(g *gen) *node {
	s := []int{g.size(), g.size(), g.size(), g.size()}
	mode := oneOf(g, "nearest", "linear", "cubic")
	n := &node{op: "Resize", opset: oneOf(g, 13, 18, 19), attrs: []*onnx.Attribute{
		attrStr("mode", mode),
		attrStr("coordinate_transformation_mode", oneOf(g, "half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel")),
	}}
	if mode == "nearest" {
		n.attrs = append(n.attrs, attrStr("nearest_mode", oneOf(g, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")))
	}
	if mode == "cubic" {
		n.attrs = append(n.attrs, g.bit("exclude_outside"))
	}
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, normal, s...), nil, nil, nil}
	n.constant = []int{2, 3}
	if g.chance(2) {
		n.in[2] = tensor.Vector(1, 1, float32(0.5+g.Float64()*2), float32(0.5+g.Float64()*2))
	} else {
		n.in[3] = ints(int64(s[0]), int64(s[1]), int64(g.size()), int64(g.size()))
	}
	return n
}

func convNode(g *gen) *node {
	w := g.windows()
	groups, per, out := 1+g.IntN(3), 1+g.IntN(3), 1+g.IntN(3)
	if g.chance(3) {
		groups, per, out = 16, 1, 1
	}
	n := &node{op: "Conv", opset: g.opset(11), attrs: append(g.windowAttrs(w, true), attrInt("group", int64(groups)))}
	weight := append([]int{groups * out, per}, w.kernel...)
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.image(w, groups*per)...), g.tensor(tensor.Float32, normal, weight...)}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(tensor.Float32, normal, groups*out))
	}
	return n
}

func convTransposeNode(g *gen) *node {
	w := g.windows()
	groups, per, out := 1+g.IntN(2), 1+g.IntN(3), 1+g.IntN(3)
	w.auto = ""
	n := &node{op: "ConvTranspose", opset: g.opset(11), attrs: append(g.windowAttrs(w, true), attrInt("group", int64(groups)))}
	weight := append([]int{groups * per, out}, w.kernel...)
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.image(w, groups*per)...), g.tensor(tensor.Float32, normal, weight...)}
	if g.chance(2) {
		n.in = append(n.in, g.tensor(tensor.Float32, normal, groups*out))
	}
	return n
}

func maxPoolNode(g *gen) *node {
	w := g.windows()
	return &node{
		op: "MaxPool", opset: g.opset(12), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.image(w, 1+g.IntN(3))...)},
		attrs: append(g.windowAttrs(w, true), attrInts("kernel_shape", intList(w.kernel)...), g.bit("ceil_mode")), out: 1 + g.IntN(2), exact: true,
	}
}

func averagePoolNode(g *gen) *node {
	w := g.windows()
	return &node{
		op: "AveragePool", opset: oneOf(g, 11, 19, 21), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.image(w, 1+g.IntN(3))...)},
		attrs: append(g.windowAttrs(w, false), attrInts("kernel_shape", intList(w.kernel)...), g.bit("count_include_pad")),
	}
}

func lpPoolNode(g *gen) *node {
	w := g.windows()
	return &node{
		op: "LpPool", opset: g.opset(11), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.image(w, 1+g.IntN(3))...)},
		attrs: append(g.windowAttrs(w, false), attrInts("kernel_shape", intList(w.kernel)...), attrInt("p", int64(1+g.IntN(3)))),
	}
}

func globalAveragePoolNode(g *gen) *node {
	return &node{op: "GlobalAveragePool", opset: g.opset(1), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.filled(3+g.IntN(2))...)}}
}

func globalMaxPoolNode(g *gen) *node {
	return &node{op: "GlobalMaxPool", opset: g.opset(1), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.filled(3+g.IntN(2))...)}}
}

func gridSampleNode(g *gen) *node {
	n := &node{op: "GridSample", opset: oneOf(g, 16, 20), exact: true}
	modes := []string{"bilinear", "nearest", "bicubic"}
	if n.opset == 20 {
		modes = []string{"linear", "nearest", "cubic"}
	}
	n.attrs = []*onnx.Attribute{attrStr("mode", oneOf(g, modes...)), attrStr("padding_mode", oneOf(g, "zeros", "border", "reflection")), g.bit("align_corners")}
	batch := g.size()
	n.in = []*tensor.Tensor{g.tensor(tensor.Float32, normal, batch, g.size(), g.size(), g.size()), g.tensor(tensor.Float32, normal, batch, g.size(), g.size(), 2)}
	return n
}

func roiAlignNode(g *gen) *node {
	regions := 1 + g.IntN(3)
	n := &node{op: "RoiAlign", opset: g.opset(16), exact: true, in: []*tensor.Tensor{
		g.tensor(tensor.Float32, normal, 1, g.size(), 3+g.IntN(6), 3+g.IntN(6)), g.tensor(tensor.Float32, positive, regions, 4), g.tensor(tensor.Int64, unit, regions),
	}}
	n.in[2] = ints(make([]int64, regions)...)
	n.attrs = []*onnx.Attribute{
		attrInt("output_height", int64(1+g.IntN(3))), attrInt("output_width", int64(1+g.IntN(3))), attrInt("sampling_ratio", int64(g.IntN(3))),
		attrStr("mode", oneOf(g, "avg", "max")), attrStr("coordinate_transformation_mode", oneOf(g, "half_pixel", "output_half_pixel")),
	}
	return n
}

func maxRoiPoolNode(g *gen) *node {
	regions := g.tensor(tensor.Float32, positive, 1+g.IntN(3), 5)
	if list, err := tensor.Data[float32](regions); err == nil {
		for i := 0; i < len(list); i += 5 {
			list[i], list[i+3], list[i+4] = 0, list[i+1]+list[i+3], list[i+2]+list[i+4]
		}
	}
	return &node{
		op: "MaxRoiPool", opset: 13, exact: true, in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, 1, g.size(), 3+g.IntN(6), 3+g.IntN(6)), regions},
		attrs: []*onnx.Attribute{attrInts("pooled_shape", int64(1+g.IntN(3)), int64(1+g.IntN(3)))},
	}
}

func nonMaxSuppressionNode(g *gen) *node {
	boxes := 1 + g.IntN(6)
	return &node{op: "NonMaxSuppression", opset: g.opset(11), exact: true, in: []*tensor.Tensor{
		g.tensor(tensor.Float32, positive, 1, boxes, 4), g.tensor(tensor.Float32, unit, 1, 1+g.IntN(2), boxes),
		ints(int64(g.IntN(4))), g.tensor(tensor.Float32, positive, 1), g.tensor(tensor.Float32, unit, 1),
	}}
}
