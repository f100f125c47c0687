package emit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// Function is a model-local operator of [ops.GradientDomain] with a body in standard
// operators, which engines that have no kernel for it run.
type Function struct {
	Name string
	// Attributes lists those that a call may give.
	Attributes []string
	// Body is inputs, outputs and nodes in the text syntax. An attribute with the
	// value "@name" is the list of integers that the call gives under the name,
	// and "@name:int" a single one; "@name:float" is a number.
	Body string
}

// CallFunction adds a call of a function, and the function to the model unless it
// is there.
func (b *Builder) CallFunction(f *Function, outputs int, inputs []string, attrs ...*onnx.Attribute) []string {
	if !slices.ContainsFunc(b.model.Functions, func(g *onnx.Function) bool { return g.Domain == ops.GradientDomain && g.Name == f.Name }) {
		g, err := f.build(b.Opset())
		if err != nil {
			b.Failf("emit: function %s: %w", f.Name, err)
			return make([]string, outputs)
		}
		b.model.Functions = append(b.model.Functions, g)
	}
	if b.model.Opset(ops.GradientDomain) == 0 {
		b.model.Opsets = append(b.model.Opsets, onnx.OpsetID{Domain: ops.GradientDomain, Version: 1})
		b.view.Opsets = b.model.Opsets
	}
	return b.Call(ops.GradientDomain, f.Name, outputs, inputs, attrs...)
}

// build makes the function for an opset.
func (f *Function) build(opset int) (*onnx.Function, error) {
	parsed, err := onnxtext.Parse(fmt.Sprintf(`<ir_version: 10, opset_import: ["": %d]> %s %s`, opset, f.Name, f.Body))
	if err != nil {
		return nil, err
	}
	g := &onnx.Function{
		Name: f.Name, Domain: ops.GradientDomain, Attributes: f.Attributes,
		Nodes: parsed.Graph.Nodes, Opsets: parsed.Opsets,
	}
	for _, in := range parsed.Graph.Inputs {
		g.Inputs = append(g.Inputs, in.Name)
	}
	for _, out := range parsed.Graph.Outputs {
		g.Outputs = append(g.Outputs, out.Name)
	}
	for _, n := range g.Nodes {
		for _, a := range n.Attributes {
			name, ok := strings.CutPrefix(string(a.String), "@")
			if a.Type != onnx.AttrString || !ok {
				continue
			}
			typ := onnx.AttrInts
			if cut, single := strings.CutSuffix(name, ":int"); single {
				name, typ = cut, onnx.AttrInt
			}
			if cut, number := strings.CutSuffix(name, ":float"); number {
				name, typ = cut, onnx.AttrFloat
			}
			*a = onnx.Attribute{Name: a.Name, Type: typ, RefName: name}
		}
	}
	return g, nil
}
