package plan

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// subgraphs compiles the bodies of a control-flow node. It is the node's
// [ops.SubgraphSource].
type subgraphs struct {
	c    *compiler
	node *onnx.Node
	list []*subgraph
}

// subgraph is a compiled body, number index of its step.
type subgraph struct {
	program *Program
	index   int
	types   []*onnx.Type // of the outputs, as far as they are known
}

// Subgraph compiles the graph attribute of that name.
func (s *subgraphs) Subgraph(attribute string) (ops.Subgraph, error) {
	attr := s.node.Attribute(attribute)
	if attr == nil || attr.Graph == nil {
		return nil, fmt.Errorf("attribute %q holds no graph", attribute)
	}
	scope, err := s.c.scope.Inner(attr.Graph)
	if err != nil {
		return nil, err
	}
	if err := scope.Graph(attr.Graph); err != nil {
		return nil, err
	}
	p, err := newCompiler(attr.Graph, scope, s.c.cfg, s.c).compile()
	if err != nil {
		return nil, err
	}
	sub := &subgraph{program: p, index: len(s.list)}
	for _, out := range attr.Graph.Outputs {
		t := out.Type
		if t == nil {
			t = scope.Get(out.Name).Type
		}
		sub.types = append(sub.types, t)
	}
	s.list = append(s.list, sub)
	return sub, nil
}

// NumInputs counts the formal inputs.
func (s *subgraph) NumInputs() int { return len(s.program.inputs) }

// NumOutputs counts the formal outputs.
func (s *subgraph) NumOutputs() int { return len(s.program.outputs) }

// OutputType is the declared type of an output, or the inferred one.
func (s *subgraph) OutputType(i int) *onnx.Type { return s.types[i] }

// Run evaluates the body within the run of its node.
func (s *subgraph) Run(c *ops.Call, inputs []tensor.Value) ([]tensor.Value, error) {
	around, ok := c.Engine.(*stepFrame)
	if !ok {
		return nil, fmt.Errorf("subgraph run outside of its node")
	}
	f := around.inner(s)
	f.env = around.frame.env
	f.env.Context = c.Context
	for _, v := range s.program.captures {
		f.values[v.inner] = around.frame.values[v.outer]
	}
	return f.run(inputs)
}
