package passes

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// keepsZeros lists the elementwise operators of which the result is 0 where all
// inputs are: a border stays a border.
var keepsZeros = []string{"Add", "Sub", "Mul", "Relu", "LeakyRelu", "Tanh", "Neg", "Abs", "HardSwish"}

// alikePlan is an elementwise node, which works on blocks as it is.
type alikePlan struct{}

// planAlike plans an elementwise node whose inputs are all blocked and of one
// shape.
func (l *layouter) planAlike(n *onnx.Node) (blockPlan, *blockedValue) {
	if onnx.CanonicalDomain(n.Domain) != "" || !slices.Contains(keepsZeros, n.OpType) && !l.clipsAroundZero(n) {
		return nil, nil
	}
	operands := len(n.Inputs)
	if n.OpType == "Clip" {
		operands = 1
	}
	first := l.blockedInput(n, 0)
	if first == nil {
		return nil, nil
	}
	for i := range operands {
		v := l.blockedInput(n, i)
		if v == nil || v.channels != first.channels || !dims.SameShape(l.g.Known(n.Inputs[i]).Type, l.g.Known(n.Inputs[0]).Type) {
			return nil, nil
		}
		v.group.join(first.group)
	}
	return alikePlan{}, &blockedValue{channels: first.channels, group: first.group}
}

// clipsAroundZero reports whether a node is a Clip with constant bounds that
// leaves 0 alone.
func (l *layouter) clipsAroundZero(n *onnx.Node) bool {
	if !Is(n, "Clip") {
		return false
	}
	bounds, ok := clipBounds(l.g, n)
	return ok && bounds[0] <= 0 && bounds[1] >= 0
}

func (alikePlan) write(l *layouter, n *onnx.Node) {
	for i, in := range n.Inputs {
		if v := l.values[in]; v != nil {
			n.Inputs[i] = v.name
		}
	}
	n.Outputs = []string{l.values[n.Outputs[0]].name}
	l.nodes = append(l.nodes, n)
}

// concatPlan is a concatenation along channels, which in blocks is one along
// blocks.
type concatPlan struct{}

// planConcat plans a Concat along channels of blocked values that fill their
// blocks.
func (l *layouter) planConcat(n *onnx.Node) (blockPlan, *blockedValue) {
	axis := n.Attribute("axis")
	if !Is(n, "Concat") || axis == nil || axis.Int != 1 && axis.Int != -3 {
		return nil, nil
	}
	channels := 0
	for i := range n.Inputs {
		v := l.blockedInput(n, i)
		if v == nil || !wholeBlocks(v.channels) {
			return nil, nil
		}
		channels += v.channels
	}
	out := l.newValue(channels)
	for i := range n.Inputs {
		out.group.join(l.blockedInput(n, i).group)
	}
	return concatPlan{}, out
}

func (concatPlan) write(l *layouter, n *onnx.Node) {
	n.Attributes = []*onnx.Attribute{intAttr("axis", 1)}
	alikePlan{}.write(l, n)
}

// poolPlan is a max pooling without padding.
type poolPlan struct{ kernel, strides [4]int }

// planPool plans a MaxPool of a blocked value.
func (l *layouter) planPool(n *onnx.Node) (blockPlan, *blockedValue) {
	in := l.blockedInput(n, 0)
	if !Is(n, "MaxPool") || in == nil {
		return nil, nil
	}
	p := &poolPlan{}
	var dilations [4]int
	if n.Attribute("kernel_shape") == nil || !pairOf(n, "kernel_shape", &p.kernel) || !pairOf(n, "strides", &p.strides) ||
		!pairOf(n, "dilations", &dilations) || dilations[0] != 1 || dilations[1] != 1 || p.strides[1] > 2 {
		return nil, nil
	}
	if a := n.Attribute("pads"); a != nil && slices.ContainsFunc(a.Ints, func(v int64) bool { return v != 0 }) {
		return nil, nil
	}
	if a := n.Attribute("auto_pad"); a != nil && string(a.String) != "NOTSET" && string(a.String) != "VALID" {
		return nil, nil
	}
	if a := n.Attribute("ceil_mode"); a != nil && a.Int != 0 && !p.dividesEvenly(l.g.Known(n.Inputs[0]).Type) {
		return nil, nil
	}
	return p, l.newValue(in.channels)
}

// dividesEvenly reports whether rounding up the number of windows changes
// nothing.
func (p *poolPlan) dividesEvenly(t *onnx.Type) bool {
	if t == nil || t.Shape == nil || len(t.Shape.Dims) != 4 {
		return false
	}
	for i := range 2 {
		d := t.Shape.Dims[2+i]
		if !d.IsKnown() || (int(d.Value)-p.kernel[i])%p.strides[i] != 0 {
			return false
		}
	}
	return true
}

func (p *poolPlan) write(l *layouter, n *onnx.Node) {
	in, out := l.values[n.Inputs[0]], l.values[n.Outputs[0]]
	l.add("BlockedMaxPool", []string{in.name}, out.name,
		intsAttr("kernel_shape", p.kernel[:2]...), intsAttr("strides", p.strides[:2]...), intAttr("channels", in.channels),
		intAttr("in_border", in.group.root().border), intAttr("out_border", out.group.root().border))
}

// enlargePlan is a Resize that repeats pixels.
type enlargePlan struct{ h, w int }

// planEnlarge plans a Resize of a blocked value to the nearest by whole factors,
// asymmetric and rounded down, which is how exporters write nearest upsampling.
func (l *layouter) planEnlarge(n *onnx.Node) (blockPlan, *blockedValue) {
	in := l.blockedInput(n, 0)
	if !Is(n, "Resize") || in == nil || len(n.Inputs) < 3 || n.Inputs[2] == "" {
		return nil, nil
	}
	mode, coordinate, nearest := n.Attribute("mode"), n.Attribute("coordinate_transformation_mode"), n.Attribute("nearest_mode")
	if mode != nil && string(mode.String) != "nearest" || nearest == nil || string(nearest.String) != "floor" ||
		coordinate == nil || string(coordinate.String) != "asymmetric" || n.Attribute("axes") != nil {
		return nil, nil
	}
	c := l.g.Known(n.Inputs[2]).Const
	if c == nil {
		return nil, nil
	}
	scales, err := tensor.Data[float32](c)
	if err != nil || len(scales) != 4 || scales[0] != 1 || scales[1] != 1 {
		return nil, nil
	}
	p := &enlargePlan{h: int(scales[2]), w: int(scales[3])}
	if float32(p.h) != scales[2] || float32(p.w) != scales[3] || min(p.h, p.w) < 1 || max(p.h, p.w) > 64 {
		return nil, nil
	}
	return p, l.newValue(in.channels)
}

func (p *enlargePlan) write(l *layouter, n *onnx.Node) {
	in, out := l.values[n.Inputs[0]], l.values[n.Outputs[0]]
	l.add("BlockedEnlarge", []string{in.name}, out.name,
		intsAttr("scales", p.h, p.w), intAttr("channels", in.channels),
		intAttr("in_border", in.group.root().border), intAttr("out_border", out.group.root().border))
}
