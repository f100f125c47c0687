package main

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/models/face"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// network writes the graph of face-nano: a column of convolutions down to
// strides of 8, 16 and 32, what is seen coarsely added to what is seen finely,
// and two convolutions that read scores and offsets off each.
//
//	picture ─ 3×3/2 ─ 3×3/2 ─ 3×3/2 ─ blocks ─┬─ 3×3/2 ─ blocks ─┬─ 3×3/2 ─ blocks ─┐
//	           16      32      48             │   64             │   64            │
//	                            head 8 ── + ──┘ ←×2── + ─────────┘ ←×2─────────────┤
//	                                               head 16                      head 32
type network struct {
	graph  *onnx.Graph
	random *rand.Rand
	count  int
	err    error
}

// Widths of the strides 2, 4, 8, 16 and 32, and of the inside of blocks.
const (
	width2, width4, width8, width16, width32 = 16, 32, 48, 64, 64
	inside                                   = 32
	headWidth                                = 32
)

// build makes the network with weights at random.
func build(seed uint64) (*onnx.Model, error) {
	n := &network{graph: &onnx.Graph{Name: "face-nano"}, random: rand.New(rand.NewPCG(seed, 1))}
	batch := onnx.Symbol("batch")
	n.graph.Inputs = []*onnx.ValueInfo{{Name: "input", Type: onnx.TensorOf(tensor.Float32, batch, onnx.Known(3), onnx.Symbol("height"), onnx.Symbol("width"))}}
	x := n.relu(n.conv("stem", "input", 3, width2, 3, 2, 1))
	x = n.relu(n.conv("down4", x, width2, width4, 3, 2, 1))
	x = n.relu(n.conv("down8", x, width4, width8, 3, 2, 1))
	fine := n.block("fine2", n.block("fine1", x, width8), width8)
	x = n.relu(n.conv("down16", fine, width8, width16, 3, 2, 1))
	middle := n.block("middle2", n.block("middle1", x, width16), width16)
	x = n.relu(n.conv("down32", middle, width16, width32, 3, 2, 1))
	coarse := n.block("coarse2", n.block("coarse1", x, width32), width32)

	middle = n.node("Add", []string{middle, n.twice(n.conv("up16", coarse, width32, width16, 1, 1, 0.5))})
	fine = n.node("Add", []string{fine, n.twice(n.conv("up8", middle, width16, width8, 1, 1, 0.5))})
	var scores, offsets []string
	for i, level := range []struct {
		x     string
		width int
	}{{fine, width8}, {middle, width16}, {coarse, width32}} {
		anchors := len(face.NanoLevels[i].Sizes)
		name := fmt.Sprintf("head%d", face.NanoLevels[i].Stride)
		h := n.relu(n.conv(name, level.x, level.width, headWidth, 3, 1, 1))
		scores = append(scores, n.flat(n.rare(n.conv(name+"_scores", h, headWidth, 2*anchors, 1, 1, 0.1), 2*anchors), 2))
		offsets = append(offsets, n.flat(n.conv(name+"_offsets", h, headWidth, 4*anchors, 1, 1, 0.1), 4))
	}
	n.named(face.NanoScores, "Softmax", []string{n.node("Concat", scores, emit.IntAttr("axis", 1))}, emit.IntAttr("axis", 2))
	n.named(face.NanoBoxes, "Concat", offsets, emit.IntAttr("axis", 1))
	n.graph.Outputs = []*onnx.ValueInfo{
		{Name: face.NanoScores, Type: onnx.TensorOf(tensor.Float32, batch, onnx.Symbol("anchors"), onnx.Known(2))},
		{Name: face.NanoBoxes, Type: onnx.TensorOf(tensor.Float32, batch, onnx.Symbol("anchors"), onnx.Known(4))},
	}
	m := &onnx.Model{IRVersion: 8, Opsets: []onnx.OpsetID{{Version: 17}}, ProducerName: "infer", Graph: n.graph}
	if n.err != nil {
		return nil, n.err
	}
	return m, onnx.Check(m)
}

// block adds to x what two convolutions make of it; at first, little.
func (n *network) block(name, x string, width int) string {
	y := n.relu(n.conv(name+"_in", x, width, inside, 1, 1, 1))
	y = n.relu(n.conv(name+"_look", y, inside, inside, 3, 1, 1))
	return n.relu(n.node("Add", []string{x, n.conv(name+"_out", y, inside, width, 1, 1, 0.2)}))
}

// conv adds a convolution whose weights are normal with a variance of
// 2·gain²/inputs.
func (n *network) conv(name, x string, in, out, kernel, stride int, gain float64) string {
	deviation := gain * math.Sqrt(2/float64(in*kernel*kernel))
	weights := make([]float32, out*in*kernel*kernel)
	for i := range weights {
		weights[i] = float32(deviation * n.random.NormFloat64())
	}
	n.weight(name+".weight", weights, out, in, kernel, kernel)
	n.weight(name+".bias", make([]float32, out), out)
	pad := kernel / 2
	y := n.named(name, "Conv", []string{x, name + ".weight", name + ".bias"},
		emit.IntsAttr("kernel_shape", kernel, kernel), emit.IntsAttr("strides", stride, stride), emit.IntsAttr("pads", pad, pad, pad, pad))
	return y
}

// rare sets the biases of a convolution for scores so that at first a face is
// taken for rare, as it is.
func (n *network) rare(conv string, outputs int) string {
	const logit = 2.5 // of background; a face has its negative: 0.7 %
	biases := make([]float32, outputs)
	for i := range biases {
		biases[i] = logit - 2*logit*float32(i%2)
	}
	last := len(n.graph.Initializers) - 1
	n.graph.Initializers = n.graph.Initializers[:last]
	n.weight(conv+".bias", biases, outputs)
	return conv
}

func (n *network) weight(name string, values []float32, shape ...int) {
	t, err := tensor.FromSlice(values, shape...)
	if err != nil {
		n.err = err
		return
	}
	n.graph.Initializers = append(n.graph.Initializers, onnx.NewTensor(name, t))
}

func (n *network) relu(x string) string { return n.node("Relu", []string{x}) }

// twice repeats each pixel in both directions.
func (n *network) twice(x string) string {
	if n.graph.Initializer("twice") == nil {
		n.weight("twice", []float32{1, 1, 2, 2}, 4)
	}
	return n.node("Resize", []string{x, "", "twice"}, emit.StringAttr("mode", "nearest"),
		emit.StringAttr("coordinate_transformation_mode", "asymmetric"), emit.StringAttr("nearest_mode", "floor"))
}

// flat makes [batch, anchors·width, rows, columns] into [batch, anchors in all, width].
func (n *network) flat(x string, width int) string {
	name := fmt.Sprintf("rows_of_%d", width)
	if n.graph.Initializer(name) == nil {
		n.graph.Initializers = append(n.graph.Initializers, onnx.NewTensor(name, tensor.Vector[int64](0, -1, int64(width))))
	}
	return n.node("Reshape", []string{n.node("Transpose", []string{x}, emit.IntsAttr("perm", 0, 2, 3, 1)), name})
}

func (n *network) node(op string, inputs []string, attrs ...*onnx.Attribute) string {
	n.count++
	return n.named(fmt.Sprintf("%s_%d", op, n.count), op, inputs, attrs...)
}

func (n *network) named(name, op string, inputs []string, attrs ...*onnx.Attribute) string {
	n.graph.Nodes = append(n.graph.Nodes, &onnx.Node{Name: name, OpType: op, Inputs: inputs, Outputs: []string{name}, Attributes: attrs})
	return name
}
