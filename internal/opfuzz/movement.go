package opfuzz

import (
	"cmp"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// sortSpecs orders specs that come from a map.
func sortSpecs(list []spec) {
	slices.SortFunc(list, func(a, b spec) int { return cmp.Compare(a.op, b.op) })
}

// any is a tensor of any type to be moved about.
func (g *gen) any(shape ...int) *tensor.Tensor {
	return g.tensor(oneOf(g, movedTypes...), normal, shape...)
}

func movementSpecs() []spec {
	return []spec{
		{"Transpose", transposeNode},
		{"Concat", concatNode},
		{"Slice", sliceNode},
		{"Split", splitNode},
		{"Tile", tileNode},
		{"Expand", expandNode},
		{"Pad", padNode},
		{"Trilu", triluNode},
		{"DepthToSpace", depthToSpaceNode},
		{"SpaceToDepth", spaceToDepthNode},
		{"ReverseSequence", reverseSequenceNode},
	}
}

func sliceNode(g *gen) *node {
	s := g.shape(1 + g.IntN(3))
	axes := g.axes(len(s))
	var starts, ends, steps []int64
	for range axes {
		starts, ends = append(starts, int64(g.IntN(15)-7)), append(ends, oneOf(g, int64(g.IntN(15)-7), 1<<40, -1<<40))
		steps = append(steps, oneOf[int64](g, 1, 1, 2, -1, -2, 3))
	}
	n := &node{op: "Slice", opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.any(s...), ints(starts...), ints(ends...), ints(axes...)}}
	if g.chance(2) {
		n.in = append(n.in, ints(steps...))
	}
	return n
}

func padNode(g *gen) *node {
	s := g.shape(1 + g.IntN(4))
	mode := oneOf(g, "constant", "constant", "reflect", "edge")
	pads := make([]int64, 2*len(s))
	for i := range s {
		if mode != "constant" {
			s[i] = max(s[i], 2)
		}
		for _, at := range []int{i, i + len(s)} {
			pads[at] = int64(g.IntN(4)) - 1
			if mode == "reflect" {
				pads[at] = min(pads[at], int64(s[i])-1)
			}
			if mode != "constant" || s[i] < 3 {
				pads[at] = max(pads[at], 0)
			}
		}
	}
	n := &node{op: "Pad", opset: g.opset(13), exact: true, attrs: []*onnx.Attribute{attrStr("mode", mode)}}
	d := oneOf(g, tensor.Float32, tensor.Float64, tensor.Int32, tensor.Int64, tensor.Uint8, tensor.Int8)
	n.in = []*tensor.Tensor{g.tensor(d, normal, s...), ints(pads...)}
	if mode == "constant" && g.chance(2) {
		n.in = append(n.in, g.tensor(d, normal))
	}
	return n
}

func shapingSpecs() []spec {
	return []spec{
		{"Reshape", reshapeNode},
		{"Flatten", flattenNode},
		{"Squeeze", squeezeNode},
		{"Unsqueeze", unsqueezeNode},
		{"ConstantOfShape", constantOfShapeNode},
		{"Range", rangeNode},
		{"EyeLike", eyeLikeNode},
		{"OneHot", oneHotNode},
		{"Compress", compressNode},
	}
}

func transposeNode(g *gen) *node {
	s := g.anyShape(5)
	perm := intList(g.Perm(len(s)))
	return &node{op: "Transpose", opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.any(s...)}, attrs: g.maybe(nil, attrInts("perm", perm...))}
}

func concatNode(g *gen) *node {
	s := g.shape(1 + g.IntN(3))
	axis := g.axis(len(s))
	d := oneOf(g, movedTypes...)
	n := &node{op: "Concat", opset: g.opset(13), exact: true, attrs: []*onnx.Attribute{attrInt("axis", axis)}}
	for range 1 + g.IntN(4) {
		s[(int(axis)+len(s))%len(s)] = g.dim()
		n.in = append(n.in, g.tensor(d, normal, s...))
	}
	return n
}

func splitNode(g *gen) *node {
	s := g.shape(1 + g.IntN(3))
	axis := g.axis(len(s))
	at := (int(axis) + len(s)) % len(s)
	n := &node{op: "Split", opset: 13, exact: true, out: 1 + g.IntN(3), attrs: []*onnx.Attribute{attrInt("axis", axis)}}
	sizes := make([]int64, n.out)
	s[at] = 0
	for i := range sizes {
		sizes[i] = int64(g.dim())
		s[at] += int(sizes[i])
	}
	n.in = []*tensor.Tensor{g.any(s...), ints(sizes...)}
	return n
}

func tileNode(g *gen) *node {
	s := g.anyShape(3)
	repeats := make([]int64, len(s))
	for i := range repeats {
		repeats[i] = int64(g.IntN(4))
	}
	return &node{op: "Tile", opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...), ints(repeats...)}}
}

func expandNode(g *gen) *node {
	s := g.anyShape(4)
	return &node{op: "Expand", opset: g.opset(13), exact: true, in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, g.broadcast(s)...), ints(intList(s)...)}}
}

func triluNode(g *gen) *node {
	n := &node{op: "Trilu", opset: g.opset(14), exact: true, attrs: []*onnx.Attribute{g.bit("upper")}, in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, g.shape(2+g.IntN(2))...)}}
	if g.chance(2) {
		n.in = append(n.in, tensor.Scalar(int64(g.IntN(9)-4)))
	}
	return n
}

func depthToSpaceNode(g *gen) *node {
	b := 1 + g.IntN(3)
	return &node{
		op: "DepthToSpace", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.size(), g.size()*b*b, g.size(), g.size())},
		attrs: []*onnx.Attribute{attrInt("blocksize", int64(b)), attrStr("mode", oneOf(g, "DCR", "CRD"))},
	}
}

func spaceToDepthNode(g *gen) *node {
	b := 1 + g.IntN(3)
	return &node{
		op: "SpaceToDepth", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, g.size(), g.size(), g.size()*b, g.size()*b)},
		attrs: []*onnx.Attribute{attrInt("blocksize", int64(b))},
	}
}

func reverseSequenceNode(g *gen) *node {
	a, b := g.size(), g.size()
	batch := int64(g.IntN(2))
	n := []int{a, b}
	lengths := make([]int64, n[batch])
	for i := range lengths {
		lengths[i] = int64(1 + g.IntN(n[1-batch]))
	}
	return &node{
		op: "ReverseSequence", opset: g.opset(10), exact: true, attrs: []*onnx.Attribute{attrInt("batch_axis", batch), attrInt("time_axis", 1-batch)},
		in: []*tensor.Tensor{g.tensor(tensor.Float32, normal, append(n, g.shape(g.IntN(2))...)...), ints(lengths...)},
	}
}

func reshapeNode(g *gen) *node {
	s := g.shape(g.IntN(4))
	target := intList(s)
	g.Shuffle(len(target), func(i, j int) { target[i], target[j] = target[j], target[i] })
	if len(target) > 0 && count(s) > 0 && g.chance(2) {
		target[g.IntN(len(target))] = -1
	}
	n := &node{op: "Reshape", opset: g.opset(14), in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...), ints(target...)}}
	if slices.Contains(target, 0) {
		n.attrs = []*onnx.Attribute{attrInt("allowzero", 1)}
	}
	return n
}

func flattenNode(g *gen) *node {
	s := g.anyShape(4)
	return &node{op: "Flatten", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...)}, attrs: []*onnx.Attribute{attrInt("axis", g.axis(len(s)))}}
}

func squeezeNode(g *gen) *node {
	s := g.shape(1 + g.IntN(3))
	at := g.axis(len(s))
	s[(int(at)+len(s))%len(s)] = 1
	n := &node{op: "Squeeze", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...)}}
	if !g.chance(3) {
		n.in = append(n.in, ints(at))
	}
	return n
}

func unsqueezeNode(g *gen) *node {
	s := g.anyShape(3)
	at := []int64{g.axis(len(s) + 2)}
	if other := g.axis(len(s) + 2); (int(other)+len(s)+2)%(len(s)+2) != (int(at[0])+len(s)+2)%(len(s)+2) {
		at = append(at, other)
	} else {
		at = []int64{g.axis(len(s) + 1)}
	}
	return &node{op: "Unsqueeze", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, s...), ints(at...)}}
}

func constantOfShapeNode(g *gen) *node {
	return &node{
		op: "ConstantOfShape", opset: g.opset(13), in: []*tensor.Tensor{ints(intList(g.anyShape(3))...)},
		attrs: g.maybe(nil, &onnx.Attribute{Name: "value", Type: onnx.AttrTensor, Tensor: onnx.NewTensor("", g.tensor(oneOf(g, numbers...), normal, 1))}),
	}
}

func rangeNode(g *gen) *node {
	d := oneOf(g, numbers...)
	return &node{op: "Range", opset: g.opset(13), in: []*tensor.Tensor{g.tensor(d, whole), g.tensor(d, whole), fromFloats(d, []float64{oneOf(g, 1.0, 2, -1, -3)}, nil)}}
}

func eyeLikeNode(g *gen) *node {
	return &node{op: "EyeLike", opset: g.opset(9), in: []*tensor.Tensor{g.tensor(oneOf(g, numbers...), normal, g.shape(2)...)}, attrs: g.maybe(nil, attrInt("k", int64(g.IntN(7)-3)))}
}

func oneHotNode(g *gen) *node {
	s := g.anyShape(3)
	return &node{
		op: "OneHot", opset: g.opset(11), exact: true, attrs: g.maybe(nil, attrInt("axis", g.axis(len(s)+1))),
		in: []*tensor.Tensor{g.tensor(tensor.Int64, whole, s...), ints(int64(1 + g.IntN(6))), g.tensor(oneOf(g, tensor.Float32, tensor.Int64), normal, 2)},
	}
}

func compressNode(g *gen) *node {
	s := g.shape(1 + g.IntN(3))
	n := &node{op: "Compress", opset: g.opset(11), exact: true}
	if g.chance(2) {
		n.in = []*tensor.Tensor{g.any(s...), g.tensor(tensor.Bool, normal, g.IntN(count(s)+1))}
		return n
	}
	axis := g.axis(len(s))
	n.attrs = []*onnx.Attribute{attrInt("axis", axis)}
	n.in = []*tensor.Tensor{g.any(s...), g.tensor(tensor.Bool, normal, g.IntN(s[(int(axis)+len(s))%len(s)]+1))}
	return n
}
