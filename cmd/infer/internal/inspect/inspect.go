// Package inspect counts what a model is made of.
package inspect

import (
	"cmp"
	"slices"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
)

// Report describes a model.
type Report struct {
	IRVersion  int64         `json:"ir_version"`
	Producer   string        `json:"producer"`
	Opsets     []Opset       `json:"opsets"`
	Inputs     []Value       `json:"inputs"`
	Outputs    []Value       `json:"outputs"`
	Nodes      int           `json:"nodes"` // with those of subgraphs
	Operators  []Operator    `json:"operators"`
	Parameters int64         `json:"parameters"`  // elements of initializers
	Flops      int64         `json:"flops"`       // of a run, a multiply-add counted as two
	Uncounted  int           `json:"uncounted"`   // nodes whose sizes, and so whose FLOPs, are not known
	Missing    []Unsupported `json:"unsupported"` // nodes that the native engine cannot run
	Functions  []string      `json:"functions"`   // the model's own operators
}

// Opset is a domain with its version.
type Opset struct {
	Domain  string `json:"domain"`
	Version int64  `json:"version"`
}

// Value is an input or output.
type Value struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Optional bool   `json:"optional,omitempty"` // it has a default
}

// Operator is an operator with how often it occurs.
type Operator struct {
	Op    string `json:"op"`
	Count int    `json:"count"`
}

// Unsupported is a node that cannot be run.
type Unsupported struct {
	Node string `json:"node"`
	Op   string `json:"op"`
}

// Model describes m by the operators that the registry has.
func Model(m *onnx.Model, r *ops.Registry) *Report {
	rep := &Report{
		IRVersion: m.IRVersion, Producer: m.ProducerName,
		Opsets: []Opset{}, Missing: []Unsupported{}, Functions: []string{},
	}
	for _, o := range m.Opsets {
		rep.Opsets = append(rep.Opsets, Opset{Domain: o.Domain, Version: o.Version})
	}
	rep.Inputs = values(runtime.InputSpecs(m.Graph))
	rep.Outputs = values(runtime.OutputSpecs(m.Graph))
	own := map[string]bool{}
	for _, f := range m.Functions {
		name := qualified(f.Domain, f.Name)
		own[name] = true
		rep.Functions = append(rep.Functions, name)
	}
	counts := map[string]int{}
	rep.graph(m, m.Graph, func(n *onnx.Node) {
		name := qualified(n.Domain, n.OpType)
		counts[name]++
		rep.Nodes++
		if !own[name] && r.Find(n.Domain, n.OpType, m.Opset(n.Domain)) == nil {
			rep.Missing = append(rep.Missing, Unsupported{Node: n.Label(), Op: name})
		}
	})
	for op, n := range counts {
		rep.Operators = append(rep.Operators, Operator{op, n})
	}
	slices.SortFunc(rep.Operators, func(a, b Operator) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Op, b.Op))
	})
	rep.cost(m, r)
	return rep
}

func values(specs []runtime.ValueSpec) []Value {
	list := make([]Value, len(specs))
	for i, s := range specs {
		list[i] = Value{Name: s.Name, Type: s.Type.String(), Optional: s.Optional}
	}
	return list
}

func qualified(domain, op string) string {
	if d := onnx.CanonicalDomain(domain); d != "" {
		return d + "." + op
	}
	return op
}

// graph counts the parameters of a graph and its subgraphs, and visits their
// nodes.
func (rep *Report) graph(m *onnx.Model, g *onnx.Graph, visit func(*onnx.Node)) {
	for _, t := range g.Initializers {
		n := int64(1)
		for _, d := range t.Dims {
			n *= d
		}
		rep.Parameters += n
	}
	for _, n := range g.Nodes {
		visit(n)
		for _, a := range n.Attributes {
			for _, sub := range append(slices.Clone(a.Graphs), a.Graph) {
				if sub != nil {
					rep.graph(m, sub, visit)
				}
			}
		}
	}
}

// cost sums up the FLOPs of the nodes whose shapes are known.
func (rep *Report) cost(m *onnx.Model, r *ops.Registry) {
	scope, err := shapeinfer.New(m, r, shapeinfer.Cache{})
	if err != nil {
		rep.Uncounted = len(m.Graph.Nodes)
		return
	}
	for i, n := range m.Graph.Nodes {
		if err := scope.Node(n); err != nil { // nothing is known from here on
			rep.Uncounted += len(m.Graph.Nodes) - i
			return
		}
		d := r.Find(n.Domain, n.OpType, m.Opset(n.Domain))
		if d == nil || d.Cost == nil {
			continue
		}
		inf := &ops.Inference{Attrs: ops.NewAttrs(n), Opset: m.Opset(n.Domain), Inputs: scope.Args(n)}
		for _, name := range n.Outputs {
			k := scope.Get(name)
			inf.Outputs = append(inf.Outputs, ops.Result{Type: k.Type, Value: k.Value})
		}
		flops := d.Cost(inf)
		if flops == 0 {
			rep.Uncounted++
		}
		rep.Flops += flops
	}
}
