package onnx

import "iter"

// Subgraphs lists the graphs in n's attributes: the branches of If, the bodies
// of Loop and Scan.
func (n *Node) Subgraphs() iter.Seq[*Graph] {
	return func(yield func(*Graph) bool) {
		for _, a := range n.Attributes {
			if a.Graph != nil && !yield(a.Graph) {
				return
			}
			for _, g := range a.Graphs {
				if g != nil && !yield(g) {
					return
				}
			}
		}
	}
}

// Walk calls visit for each node of g and of the graphs inside its nodes, a
// node before what is inside it.
func Walk(g *Graph, visit func(*Node)) { walkNodes(g.Nodes, visit) }

func walkNodes(nodes []*Node, visit func(*Node)) {
	for _, n := range nodes {
		visit(n)
		for sub := range n.Subgraphs() {
			walkNodes(sub.Nodes, visit)
		}
	}
}

// Index tells who makes and who reads the values of one graph. It is a picture
// of the moment: changing the graph does not change it.
type Index struct {
	// Producer is the node that makes a value; it has no entry for inputs and
	// initializers.
	Producer map[string]*Node
	// Consumers are the nodes that read a value, once for each time they name
	// it; a node whose subgraphs read it counts too, once for each.
	Consumers map[string][]*Node
	// IsOutput says of a value that it is an output of the graph.
	IsOutput map[string]bool
}

// NewIndex makes the index of g.
func NewIndex(g *Graph) *Index {
	x := &Index{
		Producer:  make(map[string]*Node, len(g.Nodes)),
		Consumers: make(map[string][]*Node, len(g.Nodes)),
		IsOutput:  make(map[string]bool, len(g.Outputs)),
	}
	for _, n := range g.Nodes {
		for _, out := range n.Outputs {
			if out != "" {
				x.Producer[out] = n
			}
		}
		for _, in := range n.Inputs {
			if in != "" {
				x.Consumers[in] = append(x.Consumers[in], n)
			}
		}
		for sub := range n.Subgraphs() {
			for _, in := range Captures(sub) {
				x.Consumers[in] = append(x.Consumers[in], n)
			}
		}
	}
	for _, o := range g.Outputs {
		x.IsOutput[o.Name] = true
	}
	return x
}

// Captures lists the values that g reads from the graphs around it, each once,
// in the order in which it first reads them.
func Captures(g *Graph) []string {
	c := capturing{seen: make(map[string]bool)}
	c.graph(g)
	return c.names
}

// capturing gathers names that no enclosing graph defines.
type capturing struct {
	scopes []map[string]bool
	seen   map[string]bool
	names  []string
}

func (c *capturing) read(name string) {
	if name == "" || c.seen[name] {
		return
	}
	for _, s := range c.scopes {
		if s[name] {
			return
		}
	}
	c.seen[name] = true
	c.names = append(c.names, name)
}

func (c *capturing) graph(g *Graph) {
	c.scopes = append(c.scopes, definedIn(g))
	for _, n := range g.Nodes {
		for _, in := range n.Inputs {
			c.read(in)
		}
		for sub := range n.Subgraphs() {
			c.graph(sub)
		}
	}
	for _, o := range g.Outputs {
		c.read(o.Name)
	}
	c.scopes = c.scopes[:len(c.scopes)-1]
}

// definedIn is the set of values that g itself defines.
func definedIn(g *Graph) map[string]bool {
	names := make(map[string]bool, len(g.Nodes)+len(g.Initializers)+len(g.Inputs))
	for _, in := range g.Inputs {
		names[in.Name] = true
	}
	for _, t := range g.Initializers {
		names[t.Name] = true
	}
	for _, t := range g.SparseInitializers {
		names[t.Name()] = true
	}
	for _, n := range g.Nodes {
		for _, out := range n.Outputs {
			names[out] = true
		}
	}
	return names
}
