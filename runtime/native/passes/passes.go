// Package passes rewrites a model's graph so that it runs faster and means the
// same.
//
// The graph that passes rewrite is the ONNX graph itself: after any pass it can
// be written out as a file and opened in a viewer. A [Pass] is one file; the
// order of all passes, with the reason for it, is in pipeline.go.
package passes

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
)

// Pass is one rewriting of the graph.
type Pass struct {
	Name string // as it is switched off by, such as "fuse-conv-bn"
	Why  string // what it is for, in one line
	// Run rewrites the graph and returns how many places it changed.
	Run func(*Graph) (int, error)
}

// Report says what one pass did.
type Report struct {
	Pass    string
	Changed int // places rewritten
	Before  int // nodes, subgraphs not counted
	After   int
}

// Apply runs the passes in order over the graph, but for those that disable
// names; "all" names every one. An unknown name is an error.
func Apply(g *Graph, disable []string) ([]Report, error) {
	off, err := disabled(disable)
	if err != nil {
		return nil, err
	}
	var reports []Report
	for _, p := range Pipeline() {
		if off[p.Name] {
			continue
		}
		before := len(g.Nodes())
		n, err := apply(p, g)
		if err != nil {
			return reports, fmt.Errorf("pass %s: %w", p.Name, err)
		}
		reports = append(reports, Report{Pass: p.Name, Changed: n, Before: before, After: len(g.Nodes())})
	}
	return reports, nil
}

// apply runs one pass; a fault in it that panics is an error.
func apply(p Pass, g *Graph) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = ops.Recovered(v)
		}
	}()
	return p.Run(g)
}

func disabled(names []string) (map[string]bool, error) {
	off := map[string]bool{}
	all := Pipeline()
	for _, name := range names {
		known := name == "all"
		for _, p := range all {
			if p.Name == name || name == "all" {
				off[p.Name], known = true, true
			}
		}
		if !known {
			list := make([]string, len(all))
			for i, p := range all {
				list[i] = p.Name
			}
			return nil, fmt.Errorf("native: no optimization is named %q: there are %q and \"all\"", name, list)
		}
	}
	return off, nil
}

// Graph is a model's main graph while it is rewritten: the graph, what is known
// of its values, and an index of who makes and who uses what.
type Graph struct {
	Model    *onnx.Model // the graph and the nodes are the pass's to change
	Registry *ops.Registry
	// Limit bounds the bytes of a value that is worked out ahead of time.
	Limit int

	scope  *shapeinfer.Scope
	cache  shapeinfer.Cache
	users  map[string]int // how often a value is read, graph outputs and subgraphs included
	makers map[string]*onnx.Node
	fresh  int
}

// New prepares a model for rewriting. The model is changed: give a copy. Its
// initializers count as constants. A limit bounds the bytes of a value that is
// worked out ahead of time; 0 is none.
func New(m *onnx.Model, r *ops.Registry, limit int) (*Graph, error) {
	g := &Graph{Model: m, Registry: r, Limit: limit, cache: shapeinfer.Cache{}}
	for _, n := range m.Graph.Nodes {
		opset := m.Opset(n.Domain)
		if def := r.Find(n.Domain, n.OpType, opset); def != nil {
			if err := def.CheckArity(n); err != nil { // so that passes can count on inputs
				return nil, ops.NodeError(n, opset, err)
			}
		}
	}
	return g, g.Refresh()
}

// Refresh works out types and the index anew. A pass calls it when it has
// changed the graph and is going to look again.
func (g *Graph) Refresh() error {
	scope, err := shapeinfer.New(g.Model, g.Registry, g.cache)
	if err != nil {
		return err
	}
	if err := scope.Graph(g.Model.Graph); err != nil {
		return err
	}
	g.scope = scope
	g.reindex()
	return nil
}

func (g *Graph) reindex() {
	g.users, g.makers = map[string]int{}, map[string]*onnx.Node{}
	for _, o := range g.Model.Graph.Outputs {
		g.users[o.Name]++
	}
	g.countUses(g.Model.Graph.Nodes)
	for _, n := range g.Model.Graph.Nodes {
		for _, o := range n.Outputs {
			g.makers[o] = n
		}
	}
}

// countUses counts reads, in subgraphs too: a subgraph sees the values around
// it.
func (g *Graph) countUses(nodes []*onnx.Node) {
	for _, n := range nodes {
		for _, in := range n.Inputs {
			g.users[in]++
		}
		for _, a := range n.Attributes {
			if a.Graph != nil {
				g.countUses(a.Graph.Nodes)
				for _, o := range a.Graph.Outputs {
					g.users[o.Name]++
				}
			}
		}
	}
}

// Nodes lists the nodes of the main graph in order.
func (g *Graph) Nodes() []*onnx.Node { return g.Model.Graph.Nodes }

// Scope is what is known of the values.
func (g *Graph) Scope() *shapeinfer.Scope { return g.scope }

// Known is what is known of a value.
func (g *Graph) Known(name string) shapeinfer.Known { return g.scope.Get(name) }

// Users counts the places that read a value; being a graph output is one.
func (g *Graph) Users(name string) int { return g.users[name] }

// Maker is the node that makes a value; nil for inputs and initializers.
func (g *Graph) Maker(name string) *onnx.Node { return g.makers[name] }

// IsOutput reports whether the graph gives the value out.
func (g *Graph) IsOutput(name string) bool {
	return slices.ContainsFunc(g.Model.Graph.Outputs, func(o *onnx.ValueInfo) bool { return o.Name == name })
}

// Is reports whether a node applies an operator of the default domain.
func Is(n *onnx.Node, op string) bool {
	return n != nil && n.OpType == op && onnx.CanonicalDomain(n.Domain) == ""
}

// Remove takes nodes out of the graph.
func (g *Graph) Remove(gone map[*onnx.Node]bool) {
	g.Model.Graph.Nodes = slices.DeleteFunc(g.Model.Graph.Nodes, func(n *onnx.Node) bool { return gone[n] })
}

// Replace makes every reader of value old read value by instead.
func (g *Graph) Replace(old, by string) { replace(g.Model.Graph, old, by) }

func replace(graph *onnx.Graph, old, by string) {
	for _, n := range graph.Nodes {
		for i, in := range n.Inputs {
			if in == old {
				n.Inputs[i] = by
			}
		}
		for _, a := range n.Attributes {
			if a.Graph != nil {
				replace(a.Graph, old, by)
				for _, o := range a.Graph.Outputs {
					if o.Name == old {
						o.Name = by
					}
				}
			}
		}
	}
}

// AddInitializer adds a constant under a name that is not taken, made from
// hint, and returns the name.
func (g *Graph) AddInitializer(hint string, t *onnx.Tensor) string {
	t.Name = g.Fresh(hint)
	g.Model.Graph.Initializers = append(g.Model.Graph.Initializers, t)
	return t.Name
}

// Fresh makes a name that no value of the graph has.
func (g *Graph) Fresh(hint string) string {
	for {
		g.fresh++
		name := fmt.Sprintf("%s/%d", hint, g.fresh)
		if _, used := g.users[name]; !used && g.makers[name] == nil && g.scope.Get(name).Type == nil {
			return name
		}
	}
}

// RequireOpset sees that the model imports a domain of the project's own.
func (g *Graph) RequireOpset(domain string, version int64) {
	if g.Model.Opset(domain) == 0 {
		g.Model.Opsets = append(g.Model.Opsets, onnx.OpsetID{Domain: domain, Version: version})
	}
}
