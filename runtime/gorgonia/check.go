//go:build gorgonia

package gorgonia

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The opsets in which the operators of [accepted] mean what onnx-go computes;
// where their versions differ, the rules see to it.
const minOpset, maxOpset = 7, 22

// checker goes over a graph in order, and keeps what it knows of the ranks of
// values: onnx-go computes some operators rightly for some ranks only.
type checker struct {
	graph     *onnx.Graph
	constants map[string]*onnx.Tensor
	ranks     map[string]int
	users     map[string]int // how often a value is read, graph outputs included
	given     map[string]bool
}

// rule says whether a node is computed as the standard says, and the rank of
// its output where that is known all the same. The reason is empty where it is.
type rule func(c *checker, n *onnx.Node) (rank int, reason string)

// accepted are the operators that are computed as the standard says, as far as
// their rules allow. It is a function so that the table is no global state.
func accepted() map[string]rule {
	rules := map[string]rule{
		"Add": sameShape, "Sub": sameShape, "Mul": sameShape, "Div": sameShape,
		"Conv":    conv,
		"MaxPool": maxPool, "GlobalAveragePool": globalPool,
		"BatchNormalization": batchNorm,
		"MatMul":             matMul, "Gemm": gemm,
		"Softmax": softmax, "Flatten": flatten, "Reshape": reshape, "Transpose": transpose, "Concat": concat,
		"LeakyRelu": leakyRelu,
	}
	for _, op := range []string{"Abs", "Exp", "Log", "Neg", "Relu", "Sigmoid", "Sqrt", "Tanh", "Identity", "Dropout"} {
		rules[op] = unary
	}
	return rules
}

// check lists all nodes that are not accepted.
func check(m *onnx.Model) error {
	for _, in := range m.Graph.Inputs {
		if in.Type == nil || in.Type.Kind != onnx.TypeTensor || in.Type.DType != tensor.Float32 {
			return refuse(m, fmt.Sprintf("input %q", in.Name), fmt.Sprintf("it is %v, expected float32", in.Type))
		}
	}
	c := newChecker(m.Graph)
	rules := accepted()
	unsupported := &runtime.UnsupportedError{Engine: "gorgonia"}
	add := func(n *onnx.Node, reason string) {
		op := n.OpType
		if d := onnx.CanonicalDomain(n.Domain); d != "" {
			op = d + "." + op
		}
		unsupported.Nodes = append(unsupported.Nodes, runtime.Unsupported{Node: n.Label(), Op: op, Opset: m.Opset(n.Domain), Reason: reason})
	}
	opset := m.Opset("")
	if opset < minOpset || opset > maxOpset {
		return refuse(m, fmt.Sprintf("opset %d of the model", opset), fmt.Sprintf("expected %d to %d", minOpset, maxOpset))
	}
	for _, n := range m.Graph.Nodes {
		r := rules[n.OpType]
		switch {
		case onnx.CanonicalDomain(n.Domain) != "" || r == nil:
			add(n, "")
			continue
		case len(n.Outputs) != 1:
			add(n, "several outputs")
			continue
		case slices.Contains(n.Inputs, "") || len(n.Inputs) == 0:
			add(n, "inputs left out")
			continue
		}
		rank, reason := r(c, n)
		// what follows a node that is refused has inputs of unknown rank, which is not its fault
		if reason != "" && (c.ranked(n) || len(unsupported.Nodes) == 0) {
			add(n, reason)
		}
		if rank >= 0 {
			c.ranks[n.Outputs[0]] = rank
		}
	}
	if len(unsupported.Nodes) > 0 {
		return unsupported
	}
	return nil
}

// refuse is the error for what is not the matter of one node.
func refuse(m *onnx.Model, what, reason string) error {
	return &runtime.UnsupportedError{Engine: "gorgonia", Nodes: []runtime.Unsupported{
		{Node: m.Graph.Name, Op: what, Opset: m.Opset(""), Reason: reason},
	}}
}

func newChecker(g *onnx.Graph) *checker {
	c := &checker{
		graph: g, constants: map[string]*onnx.Tensor{}, ranks: map[string]int{},
		users: map[string]int{}, given: map[string]bool{},
	}
	for _, t := range g.Initializers {
		c.constants[t.Name], c.ranks[t.Name] = t, len(t.Dims)
	}
	for _, in := range g.Inputs {
		c.given[in.Name] = true
		if in.Type != nil && in.Type.Shape != nil {
			c.ranks[in.Name] = len(in.Type.Shape.Dims)
		}
	}
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			c.users[in]++
		}
	}
	for _, out := range g.Outputs {
		c.users[out.Name]++
	}
	return c
}

// rank is that of a node's input; -1 where it is not known.
func (c *checker) rank(n *onnx.Node, i int) int {
	if i < len(n.Inputs) {
		if r, ok := c.ranks[n.Inputs[i]]; ok {
			return r
		}
	}
	return -1
}

// ranked reports whether the ranks of all inputs are known.
func (c *checker) ranked(n *onnx.Node) bool {
	return !slices.ContainsFunc(n.Inputs, func(name string) bool { _, known := c.ranks[name]; return !known })
}

func (c *checker) wantRank(n *onnx.Node, i, want int) string {
	if got := c.rank(n, i); got != want {
		return fmt.Sprintf("input %d has rank %d, expected %d", i, got, want)
	}
	return ""
}

// only refuses attributes that onnx-go does not read.
func only(n *onnx.Node, names ...string) string {
	for _, a := range n.Attributes {
		if !slices.Contains(names, a.Name) {
			return fmt.Sprintf("attribute %s is ignored", a.Name)
		}
	}
	return ""
}

// ints is a list attribute; nil where the node does not have it.
func ints(n *onnx.Node, name string) []int64 {
	if a := n.Attribute(name); a != nil {
		return a.Ints
	}
	return nil
}

func integer(n *onnx.Node, name string, otherwise int64) int64 {
	if a := n.Attribute(name); a != nil {
		return a.Int
	}
	return otherwise
}

func unary(c *checker, n *onnx.Node) (int, string) {
	if len(n.Inputs) != 1 {
		return -1, fmt.Sprintf("%d inputs", len(n.Inputs))
	}
	return c.rank(n, 0), ""
}

// sameShape refuses what has to be broadcast by a guess: operands of the same
// rank are stretched rightly.
func sameShape(c *checker, n *onnx.Node) (int, string) {
	a, b := c.rank(n, 0), c.rank(n, 1)
	if len(n.Inputs) != 2 || a < 1 || a != b {
		return max(a, b), fmt.Sprintf("operands of ranks %d and %d", a, b)
	}
	if a > 2 && !c.sameConstantShape(n) {
		return a, "broadcasting beyond rank 2"
	}
	return a, ""
}

// sameConstantShape refuses a constant operand of rank 3 and more, which is
// there to be broadcast; values that are computed are held to their shapes when
// they meet.
func (c *checker) sameConstantShape(n *onnx.Node) bool {
	return c.constants[n.Inputs[0]] == nil && c.constants[n.Inputs[1]] == nil
}

// conv wants equal padding on all sides, as that is read in another order, and
// one group, as that is ignored.
func conv(c *checker, n *onnx.Node) (int, string) {
	if s := c.wantRank(n, 0, 4); s != "" {
		return 4, s
	}
	w := c.constants[n.Inputs[min(1, len(n.Inputs)-1)]]
	if w == nil || len(w.Dims) != 4 {
		return 4, "weights are no constant of rank 4"
	}
	if integer(n, "group", 1) != 1 {
		return 4, "groups"
	}
	kernel := ints(n, "kernel_shape")
	if len(kernel) != 2 || kernel[0] != w.Dims[2] || kernel[1] != w.Dims[3] {
		return 4, "kernel_shape is missing or not that of the weights"
	}
	if s := window(n, true); s != "" {
		return 4, s
	}
	return 4, only(n, "kernel_shape", "pads", "strides", "dilations", "group", "auto_pad")
}

func maxPool(c *checker, n *onnx.Node) (int, string) {
	if s := c.wantRank(n, 0, 4); s != "" {
		return 4, s
	}
	if len(ints(n, "kernel_shape")) != 2 {
		return 4, "kernel_shape of other than two dimensions"
	}
	if integer(n, "ceil_mode", 0) != 0 || integer(n, "storage_order", 0) != 0 {
		return 4, "ceil_mode or storage_order"
	}
	if s := window(n, false); s != "" {
		return 4, s
	}
	return 4, only(n, "kernel_shape", "pads", "strides", "ceil_mode", "storage_order", "auto_pad")
}

// window checks padding and dilation of a sliding window.
func window(n *onnx.Node, dilates bool) string {
	if a := n.Attribute("auto_pad"); a != nil && string(a.String) != "NOTSET" && string(a.String) != "" {
		return "auto_pad"
	}
	if pads := ints(n, "pads"); pads != nil && (len(pads) != 4 || slices.Min(pads) != slices.Max(pads)) {
		return "pads that are not equal on all sides"
	}
	if d := ints(n, "dilations"); !dilates && d != nil {
		return "dilations"
	}
	if s := ints(n, "strides"); s != nil && len(s) != 2 {
		return "strides of other than two dimensions"
	}
	return ""
}

func globalPool(c *checker, n *onnx.Node) (int, string) { return 4, c.wantRank(n, 0, 4) }

// batchNorm wants constants, as it reads their values while the graph is built.
func batchNorm(c *checker, n *onnx.Node) (int, string) {
	if s := c.wantRank(n, 0, 4); s != "" {
		return 4, s
	}
	if len(n.Inputs) != 5 {
		return 4, fmt.Sprintf("%d inputs", len(n.Inputs))
	}
	for _, name := range n.Inputs[1:] {
		if t := c.constants[name]; t == nil || len(t.Dims) != 1 {
			return 4, "scale, bias, mean or variance is no constant of rank 1"
		}
	}
	return 4, only(n, "epsilon", "momentum")
}

func matMul(c *checker, n *onnx.Node) (int, string) {
	if s := c.wantRank(n, 0, 2); s != "" {
		return 2, s
	}
	return 2, c.wantRank(n, 1, 2)
}

func gemm(c *checker, n *onnx.Node) (int, string) {
	if s := c.wantRank(n, 0, 2); s != "" {
		return 2, s
	}
	if s := c.wantRank(n, 1, 2); s != "" {
		return 2, s
	}
	if len(n.Inputs) != 3 || c.constants[n.Inputs[2]] == nil || c.rank(n, 2) != 1 {
		return 2, "C is no constant of rank 1"
	}
	return 2, only(n, "alpha", "beta", "transA", "transB")
}

// softmax is computed along the last of two dimensions, whatever the axis.
func softmax(c *checker, n *onnx.Node) (int, string) {
	if s := c.wantRank(n, 0, 2); s != "" {
		return 2, s
	}
	if axis := integer(n, "axis", 1); axis != 1 && axis != -1 {
		return 2, fmt.Sprintf("axis %d", axis)
	}
	return 2, ""
}

func flatten(c *checker, n *onnx.Node) (int, string) {
	if axis := integer(n, "axis", 1); axis < 0 {
		return 2, fmt.Sprintf("axis %d", axis)
	}
	return 2, ""
}

func reshape(c *checker, n *onnx.Node) (int, string) {
	if len(n.Inputs) != 2 {
		return -1, fmt.Sprintf("%d inputs", len(n.Inputs))
	}
	shape := c.constants[n.Inputs[1]]
	if shape == nil || shape.DType != tensor.Int64 || len(shape.Dims) != 1 || shape.Dims[0] < 1 {
		return -1, "the shape is no constant list"
	}
	if integer(n, "allowzero", 0) != 0 {
		return int(shape.Dims[0]), "allowzero"
	}
	return int(shape.Dims[0]), ""
}

func transpose(c *checker, n *onnx.Node) (int, string) {
	perm := ints(n, "perm")
	if len(perm) == 0 {
		return -1, "no perm"
	}
	return len(perm), ""
}

func concat(c *checker, n *onnx.Node) (int, string) {
	if axis := integer(n, "axis", -1); axis < 0 {
		return c.rank(n, 0), fmt.Sprintf("axis %d", axis)
	}
	return c.rank(n, 0), ""
}

// leakyRelu overwrites its input, which nobody else may want to read.
func leakyRelu(c *checker, n *onnx.Node) (int, string) {
	in := n.Inputs[0]
	if c.users[in] != 1 || c.given[in] || c.constants[in] != nil {
		return c.rank(n, 0), "it would overwrite a value that is used elsewhere"
	}
	return c.rank(n, 0), ""
}
