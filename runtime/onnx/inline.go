package onnx

import (
	"fmt"
	"slices"
	"strconv"
)

// maxInlined is how many nodes inlining may make: functions that call each
// other twice over grow as powers of two.
const maxInlined = 500_000

// Inline gives a copy of m in which each call of a model-local function is
// replaced by the function's body, calls inside bodies included. Functions for
// which keep reports true stay calls, and stay in the model; keep may be nil.
// Values inside a body get names of their own; attributes take what the call
// says, else the function's default, else nothing. The data of tensors is
// shared as in [Model.Clone].
//
// It fails where functions call each other in a circle, and where a function
// was written for another version of an operator set than the model imports:
// its nodes would change their meaning.
func Inline(m *Model, keep func(domain, name string) bool) (*Model, error) {
	if cycle := recursiveFunctions(m.Functions); cycle != "" {
		return nil, fmt.Errorf("onnx: functions call each other in a circle: %s", cycle)
	}
	out := m.Clone()
	in := &inliner{functions: make(map[functionID]*Function), names: make(map[string]bool)}
	out.Functions = nil
	for _, f := range m.Functions {
		if keep != nil && keep(f.Domain, f.Name) {
			out.Functions = append(out.Functions, f.Clone())
		} else {
			in.functions[f.id()] = f
		}
	}
	if len(in.functions) == 0 {
		return out, nil
	}
	for _, g := range out.graphs() {
		in.note(g)
	}
	for _, f := range out.Functions {
		in.note(&Graph{Nodes: f.Nodes})
	}
	top := newImports(&out.Opsets)
	for _, g := range out.graphs() {
		if err := in.graph(g, top); err != nil {
			return nil, err
		}
	}
	for _, f := range out.Functions {
		var err error
		if f.Nodes, err = in.nodes(f.Nodes, newImports(&f.Opsets)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// inliner replaces calls by bodies.
type inliner struct {
	functions map[functionID]*Function // those to expand
	names     map[string]bool          // every name in use, of values and nodes
	made      int                      // nodes made so far
	calls     int                      // calls expanded so far
}

// note gathers the names that g and the graphs inside it use.
func (in *inliner) note(g *Graph) {
	for name := range definedIn(g) {
		in.names[name] = true
	}
	for _, n := range g.Nodes {
		in.names[n.Name] = true
		for _, name := range n.Inputs {
			in.names[name] = true
		}
		for sub := range n.Subgraphs() {
			in.note(sub)
		}
	}
}

// fresh makes a name that nothing has yet.
func (in *inliner) fresh(prefix, name string) string {
	full := prefix + name
	for k := 2; in.names[full]; k++ {
		full = prefix + name + "." + strconv.Itoa(k)
	}
	in.names[full] = true
	return full
}

func (in *inliner) graph(g *Graph, to *imports) error {
	var err error
	g.Nodes, err = in.nodes(g.Nodes, to)
	return err
}

// nodes expands the calls in a list of nodes that belongs to a model or
// function, to whose imports it adds those of the bodies.
func (in *inliner) nodes(nodes []*Node, to *imports) ([]*Node, error) {
	out := make([]*Node, 0, len(nodes))
	for _, n := range nodes {
		for sub := range n.Subgraphs() {
			if err := in.graph(sub, to); err != nil {
				return nil, err
			}
		}
		f := in.functions[n.calls()]
		if f == nil {
			out = append(out, n)
			continue
		}
		if in.made += len(f.Nodes) + 1; in.made > maxInlined {
			return nil, fmt.Errorf("onnx: node %q: inlining functions makes more than %d nodes", n.Label(), maxInlined)
		}
		if err := to.add(f); err != nil {
			return nil, fmt.Errorf("onnx: node %q: %w", n.Label(), err)
		}
		body, err := in.expand(n, f)
		if err != nil {
			return nil, err
		}
		if body, err = in.nodes(body, to); err != nil {
			return nil, err
		}
		out = append(out, body...)
	}
	return out, nil
}

// imports is the list of operator sets that a model or function imports.
type imports struct {
	list     *[]OpsetID
	versions map[string]int64
	added    map[functionID]bool // functions whose imports are in it
}

func newImports(list *[]OpsetID) *imports {
	m := &imports{list: list, versions: make(map[string]int64), added: make(map[functionID]bool)}
	for _, o := range *list {
		m.versions[CanonicalDomain(o.Domain)] = o.Version
	}
	return m
}

// add adds the imports of f, which must not contradict those that are there.
func (m *imports) add(f *Function) error {
	if m.added[f.id()] {
		return nil
	}
	m.added[f.id()] = true
	for _, o := range f.Opsets {
		have, ok := m.versions[CanonicalDomain(o.Domain)]
		if !ok {
			m.versions[CanonicalDomain(o.Domain)] = o.Version
			*m.list = append(*m.list, o)
		} else if have != o.Version {
			return fmt.Errorf("function %v is written for version %d of operator set %q, the model imports %d", f.id(), o.Version, o.Domain, have)
		}
	}
	return nil
}

// expand gives the nodes that compute a call of f.
func (in *inliner) expand(call *Node, f *Function) ([]*Node, error) {
	if len(call.Inputs) > len(f.Inputs) || len(call.Outputs) > len(f.Outputs) {
		return nil, fmt.Errorf("onnx: node %q: function %v has %d inputs and %d outputs, called with %d and %d",
			call.Label(), f.id(), len(f.Inputs), len(f.Outputs), len(call.Inputs), len(call.Outputs))
	}
	in.calls++
	x := &expansion{inliner: in, call: call, f: f, names: make(map[string]string), prefix: fmt.Sprintf("%s_%d/", f.Name, in.calls)}
	for i, name := range f.Inputs {
		x.names[name] = ""
		if i < len(call.Inputs) {
			x.names[name] = call.Inputs[i]
		}
	}
	var tail []*Node
	for i, name := range f.Outputs {
		if i >= len(call.Outputs) || call.Outputs[i] == "" {
			continue
		}
		if _, taken := x.names[name]; !taken {
			x.names[name] = call.Outputs[i]
			continue
		}
		// an input handed through, or one value given out twice
		tail = append(tail, &Node{OpType: "Identity", Name: in.fresh(x.prefix, "Identity"), Inputs: []string{x.names[name]}, Outputs: []string{call.Outputs[i]}})
	}
	body := make([]*Node, 0, len(f.Nodes)+len(tail))
	for _, n := range f.Nodes {
		body = append(body, x.node(n))
	}
	return append(body, tail...), nil
}

// expansion is one call being replaced.
type expansion struct {
	*inliner
	call   *Node
	f      *Function
	prefix string
	names  map[string]string // of values, from inside the body to outside
}

// node copies a node of the body under its new names.
func (x *expansion) node(n *Node) *Node {
	c := n.Clone()
	if c.Name != "" {
		c.Name = x.fresh(x.prefix, c.Name)
	}
	for i, name := range c.Inputs {
		c.Inputs[i] = x.rename(name)
	}
	for i, name := range c.Outputs {
		c.Outputs[i] = x.rename(name)
	}
	c.Attributes = slices.DeleteFunc(c.Attributes, func(a *Attribute) bool { return !x.bind(a) })
	for sub := range c.Subgraphs() {
		x.graph(sub)
	}
	return c
}

// graph gives the parts of a graph inside the body their new names.
func (x *expansion) graph(g *Graph) {
	for _, list := range [][]*ValueInfo{g.Inputs, g.Outputs, g.ValueInfo} {
		for _, v := range list {
			v.Name = x.rename(v.Name)
		}
	}
	for _, t := range g.Initializers {
		t.Name = x.rename(t.Name)
	}
	for _, t := range g.SparseInitializers {
		if t.Values != nil {
			t.Values.Name = x.rename(t.Values.Name)
		}
	}
	for i, n := range g.Nodes {
		g.Nodes[i] = x.node(n)
	}
}

// rename gives the outer name of a value of the body.
func (x *expansion) rename(name string) string {
	if name == "" {
		return ""
	}
	outer, ok := x.names[name]
	if !ok {
		outer = x.fresh(x.prefix, name)
		x.names[name] = outer
	}
	return outer
}

// bind puts the value of a function attribute in the place of a reference to
// it, and reports false where there is none: the attribute is then left out.
func (x *expansion) bind(a *Attribute) bool {
	if a.RefName == "" {
		return true
	}
	from := x.call.Attribute(a.RefName)
	if from == nil {
		i := slices.IndexFunc(x.f.Defaults, func(d *Attribute) bool { return d.Name == a.RefName })
		if i < 0 {
			return false
		}
		from = x.f.Defaults[i]
	}
	name := a.Name
	*a = *from.Clone()
	a.Name = name
	return true
}
