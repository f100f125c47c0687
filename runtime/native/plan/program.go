package plan

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// absent is the index of a value that a node leaves out.
const absent = -1

// Program is a compiled graph. It does not change once made.
type Program struct {
	steps    []step
	values   []value
	inputs   []int // value of each formal input, in the graph's order
	captures []capture
	outputs  []output
	slots    int
	limit    int // bytes that one value may take
}

// step is one node.
type step struct {
	node  *onnx.Node
	opset int
	def   *ops.Def
	run   ops.Compiled
	in    []int // values, or absent
	out   []int
	subs  []*subgraph
	// reuse is the value whose buffer output 0 takes over, or absent.
	reuse int
	// drop lists values that nothing needs after this step, where keeping them
	// would keep memory from the garbage collector.
	drop []int
}

// value is an edge of the graph.
type value struct {
	name  string
	fixed tensor.Value // a constant
	slot  int          // where its buffer lives, or heap
	// escapes says that the tensor itself outlives the run, so that its header
	// cannot be the frame's.
	escapes bool
}

// heap marks a value whose buffer is allocated for each run: it outlives the
// run, or somebody may keep it.
const heap = -1

// capture is a value that a subgraph takes from the graph around it.
type capture struct {
	outer int // in the program around
	inner int
}

// output is a result of the graph.
type output struct {
	name  string
	value int
	clone bool // the value is an input or a constant: the caller gets a copy
}

// Config is what a program is compiled with.
type Config struct {
	Registry *ops.Registry
	// Packs keeps what nodes make of constants; nil where every program has its own.
	Packs *ops.Packs
	// Limit bounds the bytes of one value; 0 is no limit.
	Limit int
	// Engine is the engine's name, for messages.
	Engine string
}

// Compile makes a graph into a program. The scope must hold what is known of
// the graph's values: see [shapeinfer.Scope.Graph]. Where nodes are not
// supported, the error is a [*runtime.UnsupportedError] that lists them all.
func Compile(g *onnx.Graph, scope *shapeinfer.Scope, cfg Config) (*Program, error) {
	c := newCompiler(g, scope, cfg, nil)
	c.missing = &[]runtime.Unsupported{}
	p, err := c.compile()
	if len(*c.missing) > 0 {
		return nil, &runtime.UnsupportedError{Engine: cfg.Engine, Nodes: *c.missing}
	}
	return p, err
}

// compiler is a graph on its way to a program.
type compiler struct {
	graph   *onnx.Graph
	scope   *shapeinfer.Scope
	cfg     Config
	outer   *compiler // of the graph around, for subgraphs
	program *Program
	index   map[string]int
	missing *[]runtime.Unsupported
}

func newCompiler(g *onnx.Graph, scope *shapeinfer.Scope, cfg Config, outer *compiler) *compiler {
	c := &compiler{graph: g, scope: scope, cfg: cfg, outer: outer, program: &Program{limit: cfg.Limit}, index: map[string]int{}}
	if outer != nil {
		c.missing = outer.missing
	}
	return c
}

func (c *compiler) compile() (*Program, error) {
	p := c.program
	for _, in := range c.graph.Inputs {
		p.inputs = append(p.inputs, c.define(in.Name))
	}
	for _, n := range c.graph.Nodes {
		if err := c.node(n); err != nil {
			return nil, err
		}
	}
	for _, o := range c.graph.Outputs {
		v, err := c.use(o.Name)
		if err != nil {
			return nil, fmt.Errorf("onnx: graph output %q: %w", o.Name, err)
		}
		p.outputs = append(p.outputs, output{name: o.Name, value: v})
	}
	assign(c)
	return p, nil
}

// define makes a new value.
func (c *compiler) define(name string) int {
	id := len(c.program.values)
	c.program.values = append(c.program.values, value{name: name, slot: heap})
	c.index[name] = id
	return id
}

// use finds a value by name: in this graph, among the constants, or in the
// graphs around, from which it is then captured.
func (c *compiler) use(name string) (int, error) {
	if id, ok := c.index[name]; ok {
		return id, nil
	}
	if k := c.scope.Get(name); k.Const != nil {
		id := c.define(name)
		c.program.values[id].fixed = k.Const
		return id, nil
	}
	if c.outer == nil {
		return absent, fmt.Errorf("value %q is not defined before it is used", name)
	}
	outer, err := c.outer.use(name)
	if err != nil {
		return absent, err
	}
	id := c.define(name)
	c.program.captures = append(c.program.captures, capture{outer: outer, inner: id})
	return id, nil
}

// node compiles one node and adds it to the program.
func (c *compiler) node(n *onnx.Node) error {
	opset := c.scope.Opset(n.Domain)
	def := c.cfg.Registry.Find(n.Domain, n.OpType, opset)
	if def == nil {
		c.unsupported(n, opset, "")
		c.defineOutputs(n)
		return nil
	}
	if err := def.CheckArity(n); err != nil {
		return ops.NodeError(n, opset, err)
	}
	s := step{node: n, opset: opset, def: def, in: make([]int, len(n.Inputs)), reuse: absent}
	for i, name := range n.Inputs {
		if s.in[i] = absent; name == "" || slices.Contains(def.Packed, i) && c.scope.Get(name).Const != nil {
			continue
		}
		v, err := c.use(name)
		if err != nil {
			return ops.NodeError(n, opset, err)
		}
		s.in[i] = v
	}
	subs := &subgraphs{c: c, node: n}
	compiled, err := compileNode(def, &ops.Node{
		Attrs: ops.NewAttrs(n), Def: def, Opset: opset,
		Inputs: c.scope.Args(n), Outputs: n.Outputs, Sub: subs, Packs: c.cfg.Packs,
	})
	if reason, ok := ops.UnsupportedReason(err); ok {
		c.unsupported(n, opset, reason)
	} else if err != nil {
		return ops.NodeError(n, opset, err)
	}
	s.run, s.subs = compiled, subs.list
	s.out = c.defineOutputs(n)
	c.program.steps = append(c.program.steps, s)
	return nil
}

// compileNode calls an operator's Compile; a fault in it that panics is an
// error.
func compileNode(def *ops.Def, n *ops.Node) (compiled ops.Compiled, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("compiling %s failed: %v", def.ID(), v)
		}
	}()
	compiled, err = def.Compile(n)
	if err == nil {
		err = n.Err()
	}
	return compiled, err
}

func (c *compiler) defineOutputs(n *onnx.Node) []int {
	out := make([]int, len(n.Outputs))
	for i, name := range n.Outputs {
		if out[i] = absent; name != "" {
			out[i] = c.define(name)
		}
	}
	return out
}

func (c *compiler) unsupported(n *onnx.Node, opset int, reason string) {
	op := n.OpType
	if d := onnx.CanonicalDomain(n.Domain); d != "" {
		op = d + "." + op
	}
	*c.missing = append(*c.missing, runtime.Unsupported{Node: n.Label(), Op: op, Opset: opset, Reason: reason})
}
