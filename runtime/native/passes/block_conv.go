package passes

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

const (
	// maxPad is the widest padding for which a border is worth its memory.
	maxPad = 8
	// minWidth is the smallest width of a picture that fills tiles well enough:
	// below, and so for signals that were given a second axis of 1, a matrix
	// product is quicker.
	minWidth = 3
	// stemChannels is the largest number of input channels that are read as
	// planes: more are better put in blocks first.
	stemChannels = 12
)

// convPlan is a convolution over blocks.
type convPlan struct {
	pads, strides, dilations [4]int // of strides and dilations, the first two count
	group                    int
	stem                     bool
}

// planConv plans a Conv or FusedConv in two dimensions with constant float32
// weights, dense or depthwise.
func (l *layouter) planConv(n *onnx.Node) (blockPlan, *blockedValue) {
	if !Is(n, "Conv") && (n.Domain != Domain || n.OpType != "FusedConv") {
		return nil, nil
	}
	g := l.g
	x, w := g.Known(n.Inputs[0]).Type, g.Known(n.Inputs[1]).Const
	if !isFloat32(g, n.Inputs[0]) || x.Shape == nil || len(x.Shape.Dims) != 4 || w == nil || w.DType() != tensor.Float32 || w.Rank() != 4 || w.Len() == 0 {
		return nil, nil
	}
	if len(n.Inputs) > 2 && n.Inputs[2] != "" && g.Known(n.Inputs[2]).Const == nil {
		return nil, nil
	}
	p := &convPlan{group: 1}
	if !p.read(n, x.Shape.Dims[2:], w.Shape()) {
		return nil, nil
	}
	if width := x.Shape.Dims[3]; width.IsKnown() && width.Value < minWidth {
		return nil, nil
	}
	in := l.blockedInput(n, 0)
	if p.group == 1 {
		p.stem = in == nil && w.Dim(1) <= stemChannels
	} else if p.group != w.Dim(0) || w.Dim(1) != 1 {
		return nil, nil
	}
	if in != nil {
		in.group.need(slices.Max(p.pads[:]))
	}
	out := l.newValue(w.Dim(0))
	if len(n.Inputs) > 3 && n.Inputs[3] != "" {
		if z := l.values[n.Inputs[3]]; z != nil {
			z.group.join(out.group)
		}
	}
	return p, out
}

// read takes the attributes, with padding that is asked for by a rule worked
// out.
func (p *convPlan) read(n *onnx.Node, size []onnx.Dim, w []int) bool {
	if a := n.Attribute("group"); a != nil {
		p.group = int(a.Int)
	}
	if a := n.Attribute("activation"); a != nil && string(a.String) == "PRelu" {
		return false
	}
	if !pairOf(n, "strides", &p.strides) || !pairOf(n, "dilations", &p.dilations) || p.strides[1] > 2 {
		return false
	}
	if a := n.Attribute("pads"); a != nil {
		if len(a.Ints) != 4 {
			return false
		}
		for i, v := range a.Ints {
			p.pads[i] = int(v)
		}
	}
	if a := n.Attribute("auto_pad"); a != nil && !p.autoPad(string(a.String), size, w) {
		return false
	}
	return slices.Min(p.pads[:]) >= 0 && slices.Max(p.pads[:]) <= maxPad
}

// pairOf reads two values of at least 1, which are 1 where the node has none.
func pairOf(n *onnx.Node, name string, v *[4]int) bool {
	v[0], v[1] = 1, 1
	a := n.Attribute(name)
	if a == nil {
		return true
	}
	if len(a.Ints) != 2 || slices.Min(a.Ints) < 1 || slices.Max(a.Ints) > 1<<20 {
		return false
	}
	v[0], v[1] = int(a.Ints[0]), int(a.Ints[1])
	return true
}

// autoPad works out the padding that keeps ⌈size/stride⌉ results.
func (p *convPlan) autoPad(rule string, size []onnx.Dim, w []int) bool {
	switch rule {
	case "", "NOTSET":
		return true
	case "VALID":
		p.pads = [4]int{}
		return true
	}
	for i, d := range size {
		if !d.IsKnown() || d.Value > 1<<20 {
			return false
		}
		n := int(d.Value)
		out := (n + p.strides[i] - 1) / p.strides[i]
		total := max(0, (out-1)*p.strides[i]+(w[2+i]-1)*p.dilations[i]+1-n)
		p.pads[i], p.pads[i+2] = total/2, total-total/2
		if rule == "SAME_LOWER" {
			p.pads[i], p.pads[i+2] = total-total/2, total/2
		}
	}
	return true
}

func (p *convPlan) write(l *layouter, n *onnx.Node) {
	v := l.values[n.Outputs[0]]
	inputs := slices.Clone(n.Inputs)
	border := slices.Max(p.pads[:])
	switch in := l.values[n.Inputs[0]]; {
	case in != nil:
		inputs[0], border = in.name, in.group.root().border
	case !p.stem:
		inputs[0] = l.enter(n.Inputs[0], border)
	}
	if len(inputs) > 3 && inputs[3] != "" {
		if z := l.values[inputs[3]]; z != nil {
			inputs[3] = z.name
		} else {
			inputs[3] = l.enter(inputs[3], v.group.root().border)
		}
	}
	attrs := []*onnx.Attribute{
		intsAttr("strides", p.strides[:2]...), intsAttr("dilations", p.dilations[:2]...), intsAttr("pads", p.pads[:]...),
		intAttr("group", p.group), intAttr("in_border", border), intAttr("out_border", v.group.root().border),
	}
	if p.stem {
		attrs = append(attrs, intAttr("stem", 1))
	}
	for _, name := range []string{"activation", "activation_params"} {
		if a := n.Attribute(name); a != nil {
			attrs = append(attrs, a)
		}
	}
	l.add("BlockedConv", inputs, v.name, attrs...)
	l.nodes[len(l.nodes)-1].Name = n.Name
}
