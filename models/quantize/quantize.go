package quantize

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Format says how 4-bit weights are written.
type Format string

// The formats.
const (
	NBits Format = "nbits" // MatMulNBits, of ONNX Runtime's operators
	QDQ   Format = "qdq"   // DequantizeLinear of the standard, from opset 21
)

// Options say how a model is quantised.
type Options struct {
	Bits      int    // 8 or 4
	Block     int    // rows that share a scale, of 4 bits: a power of 2 from 16; 0 is 32
	Symmetric bool   // 4 bits without zero points; QDQ always is
	Format    Format // of 4 bits; "" is NBits
	// Tables quantises those that Gather reads, to 8 bits, too.
	Tables bool
	// ReduceRange leaves out the eighth bit of 8-bit weights, for processors on which
	// other engines' sums of products of bytes overflow.
	ReduceRange bool
	// Least is the number of elements from which a weight is quantised; 0 is 1,024.
	Least int
	// Exclude names nodes that stay as they are.
	Exclude []string
}

// Report says what was done.
type Report struct {
	Products, Tables int   // nodes that were changed
	Before, After    int64 // bytes of the constants
}

// Model returns a quantised copy of a model. The model itself stays as it is.
func Model(m *onnx.Model, o Options) (*onnx.Model, Report, error) {
	if err := o.check(); err != nil {
		return nil, Report{}, err
	}
	q := &quantizer{m: m.Clone(), o: o, shared: map[string][3]string{}, packed: map[string]packed{}, names: map[string]bool{}}
	if err := q.prepare(); err != nil {
		return nil, Report{}, err
	}
	q.report.Before = constants(q.m.Graph)
	for _, n := range q.m.Graph.Nodes {
		if err := q.node(n); err != nil {
			return nil, Report{}, fmt.Errorf("quantize: node %q (%s): %w", n.Label(), n.OpType, err)
		}
	}
	q.m.Graph.Nodes = q.nodes
	if q.report.Products+q.report.Tables == 0 {
		return nil, Report{}, fmt.Errorf("quantize: the model has no product with a constant float32 matrix of %d elements or more", q.o.Least)
	}
	dropUnused(q.m.Graph)
	q.report.After = constants(q.m.Graph)
	return q.m, q.report, nil
}

func (o *Options) check() error {
	if o.Least == 0 {
		o.Least = 1024
	}
	if o.Block == 0 {
		o.Block = 32
	}
	if o.Format == "" {
		o.Format = NBits
	}
	switch {
	case o.Bits != 8 && o.Bits != 4:
		return fmt.Errorf("quantize: %d bits, expected 8 or 4", o.Bits)
	case o.Block < 16 || o.Block > 1<<16 || o.Block&(o.Block-1) != 0:
		return fmt.Errorf("quantize: blocks of %d, expected a power of 2 from 16 to 65536", o.Block)
	case o.Format != NBits && o.Format != QDQ:
		return fmt.Errorf("quantize: format %q, expected %s or %s", o.Format, NBits, QDQ)
	case o.Least < 0:
		return fmt.Errorf("quantize: at least %d elements, expected 0 or more", o.Least)
	}
	return nil
}

// quantizer is a model on its way.
type quantizer struct {
	m      *onnx.Model
	o      Options
	index  *onnx.Index
	inputs map[string]bool // of the graph: what a caller may replace is no constant
	nodes  []*onnx.Node    // of the result
	names  map[string]bool // of values that there are
	shared map[string][3]string
	packed map[string]packed
	report Report
}

// packed are the names of the constants that a weight has become.
type packed struct{ weight, scale, zero string }

// microsoft is the domain of MatMulNBits.
const microsoft = "com.microsoft"

// The versions of the standard that the nodes need.
const (
	opsetInt8 = 11 // DynamicQuantizeLinear
	opsetQDQ  = 21 // DequantizeLinear of blocks
	leastQDQ  = 18 // from which a model can be lifted to opsetQDQ by saying so
)

// changed are operators of which models mean something else from opsetQDQ on.
var changed = []string{"AveragePool", "DFT", "GridSample", "GroupNormalization"}

// prepare reads the graph's names and lifts its version as far as needed.
func (q *quantizer) prepare() error {
	g := q.m.Graph
	q.index = onnx.NewIndex(g)
	q.inputs = map[string]bool{}
	for _, in := range g.Inputs {
		q.inputs[in.Name], q.names[in.Name] = true, true
	}
	for _, t := range g.Initializers {
		q.names[t.Name] = true
	}
	onnx.Walk(g, func(n *onnx.Node) {
		for _, out := range n.Outputs {
			q.names[out] = true
		}
	})
	version := q.m.Opset("")
	switch {
	case q.o.Bits == 8 && version < opsetInt8:
		return fmt.Errorf("quantize: the model is of opset %d, expected %d or later", version, opsetInt8)
	case q.o.Bits == 4 && q.o.Format == NBits:
		if q.m.Opset(microsoft) == 0 {
			q.m.Opsets = append(q.m.Opsets, onnx.OpsetID{Domain: microsoft, Version: 1})
		}
	case q.o.Bits == 4 && version < opsetQDQ:
		return q.lift(version)
	}
	return nil
}

// lift makes the model one of opsetQDQ, if that changes nothing of what it means.
func (q *quantizer) lift(version int) error {
	var found string
	onnx.Walk(q.m.Graph, func(n *onnx.Node) {
		if onnx.CanonicalDomain(n.Domain) == "" && slices.Contains(changed, n.OpType) {
			found = n.OpType
		}
	})
	if version < leastQDQ || found != "" {
		return fmt.Errorf("quantize: the model is of opset %d (%s), and blocks of DequantizeLinear need %d: the format %s needs no version", version, found, opsetQDQ, NBits)
	}
	for i := range q.m.Opsets {
		if onnx.CanonicalDomain(q.m.Opsets[i].Domain) == "" {
			q.m.Opsets[i].Version = opsetQDQ
		}
	}
	q.m.IRVersion = max(q.m.IRVersion, 10) // the first with int4 and opset 21
	return nil
}

// node copies a node, or what takes its place.
func (q *quantizer) node(n *onnx.Node) error {
	if onnx.CanonicalDomain(n.Domain) != "" || slices.Contains(q.o.Exclude, n.Name) && n.Name != "" {
		q.nodes = append(q.nodes, n)
		return nil
	}
	done, err := false, error(nil)
	switch n.OpType {
	case "MatMul":
		done, err = q.product(n, n.Inputs, n.Outputs[0])
	case "Gemm":
		done, err = q.gemm(n)
	case "Gather":
		if q.o.Tables {
			done, err = q.gather(n)
		}
	}
	if err == nil && !done {
		q.nodes = append(q.nodes, n)
	}
	return err
}

// product replaces a product with a constant matrix.
func (q *quantizer) product(n *onnx.Node, inputs []string, output string) (bool, error) {
	w, err := q.matrix(inputs[1])
	if w == nil || err != nil {
		return false, err
	}
	if err := q.emit(n, inputs[0], w, output); err != nil {
		return false, err
	}
	q.report.Products++
	return true, nil
}

// emit writes the nodes of a product in the format that was asked for.
func (q *quantizer) emit(n *onnx.Node, a string, w *matrix, output string) error {
	switch {
	case q.o.Bits == 8:
		return q.int8Product(n, a, w, output)
	case q.o.Format == QDQ:
		return q.blockProduct(n, a, w, output)
	}
	return q.nbitsProduct(n, a, w, output)
}

// gemm replaces a Gemm that is a product and at most a sum, nothing scaled.
func (q *quantizer) gemm(n *onnx.Node) (bool, error) {
	one := func(name string) bool {
		a := n.Attribute(name)
		return a == nil || a.Float == 1
	}
	flag := func(name string) bool {
		a := n.Attribute(name)
		return a != nil && a.Int != 0
	}
	if !one("alpha") || !one("beta") || flag("transA") {
		return false, nil
	}
	w, err := q.matrix(n.Inputs[1])
	if w == nil || err != nil {
		return false, err
	}
	if flag("transB") {
		w = w.transposed()
	}
	output := n.Outputs[0]
	if len(n.Inputs) > 2 && n.Inputs[2] != "" {
		output = q.name(output + "_product")
	}
	if err := q.emit(n, n.Inputs[0], w, output); err != nil {
		return false, err
	}
	if output != n.Outputs[0] {
		q.add("Add", "", []string{output, n.Inputs[2]}, n.Outputs[0])
	}
	q.report.Products++
	return true, nil
}

// name makes a name that no value has.
func (q *quantizer) name(base string) string {
	name := base
	for i := 2; q.names[name]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	q.names[name] = true
	return name
}

// add appends a node with one output.
func (q *quantizer) add(op, domain string, inputs []string, output string, attrs ...*onnx.Attribute) {
	q.nodes = append(q.nodes, &onnx.Node{
		Name: output + "/" + op, OpType: op, Domain: domain, Inputs: inputs, Outputs: []string{output}, Attributes: attrs,
	})
}

func integer(name string, v int) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInt, Int: int64(v)}
}

// constant adds a constant to the graph.
func (q *quantizer) constant(base string, t *tensor.Tensor) string {
	name := q.name(base)
	q.m.Graph.Initializers = append(q.m.Graph.Initializers, onnx.NewTensor(name, t))
	return name
}

// constants adds up the bytes of a graph's constants.
func constants(g *onnx.Graph) int64 {
	var sum int64
	for _, t := range g.Initializers {
		n := int64(1)
		for _, d := range t.Dims {
			n *= max(d, 0)
		}
		sum += (n*int64(t.DType.Bits()) + 7) / 8
	}
	return sum
}

// dropUnused takes out constants that no node reads, and nodes that only made such.
func dropUnused(g *onnx.Graph) {
	for {
		index := onnx.NewIndex(g)
		used := func(name string) bool { return len(index.Consumers[name]) > 0 || index.IsOutput[name] }
		nodes := len(g.Nodes)
		g.Nodes = slices.DeleteFunc(g.Nodes, func(n *onnx.Node) bool {
			return n.OpType == "Transpose" && !slices.ContainsFunc(n.Outputs, used)
		})
		if len(g.Nodes) == nodes {
			g.Initializers = slices.DeleteFunc(g.Initializers, func(t *onnx.Tensor) bool { return !used(t.Name) })
			return
		}
	}
}

func round(x float64) float64 { return math.RoundToEven(x) }
