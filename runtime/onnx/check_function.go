package onnx

import (
	"fmt"
	"slices"
)

// functionID is what a node names a function by.
type functionID struct{ domain, name, overload string }

func (f *Function) id() functionID {
	return functionID{CanonicalDomain(f.Domain), f.Name, f.Overload}
}

// calls is the function that a node would call, if the model has it.
func (n *Node) calls() functionID {
	return functionID{CanonicalDomain(n.Domain), n.OpType, n.Overload}
}

func (id functionID) String() string {
	s := id.name
	if id.domain != "" {
		s = id.domain + "." + s
	}
	if id.overload != "" {
		s += ":" + id.overload
	}
	return s
}

// functionNames gathers the functions and checks that each is there once.
func (c *checker) functionNames() {
	if len(c.m.Functions) > 0 && c.m.IRVersion < 8 {
		c.problem("model has functions, which IR version %d does not know: wanted 8 or more", c.m.IRVersion)
	}
	for i, f := range c.m.Functions {
		if f.Name == "" {
			c.problem("function %d has no name", i)
		}
		if f.Overload != "" && c.m.IRVersion < 10 {
			c.problem("function %v has an overload, which IR version %d does not know: wanted 10 or more", f.id(), c.m.IRVersion)
		}
		if c.functions[f.id()] {
			c.problem("function %v is defined twice", f.id())
		}
		c.functions[f.id()] = true
	}
}

// function checks a function's body.
func (c *checker) function(i int, fn *Function) {
	what := fmt.Sprintf("function %v", fn.id())
	if fn.Name == "" {
		what = fmt.Sprintf("function %d", i)
	}
	if len(fn.Opsets) == 0 {
		c.problem("%s imports no operator set", what)
	}
	c.metadata(what, fn.Metadata)
	f := frame{what: what, opsets: c.opsets(what, fn.Opsets), attrs: make(map[string]bool)}
	params := slices.Clone(fn.Attributes)
	for _, a := range fn.Defaults {
		params = append(params, a.Name)
		if err := a.check(nil); err != nil {
			c.problem("%s: default of attribute %q: %v", what, a.Name, err)
		}
	}
	for _, p := range params {
		if f.attrs[p] {
			c.problem("%s: attribute %q is declared twice", what, p)
		}
		f.attrs[p] = true
	}
	s := &scope{names: make(map[string]bool)}
	for _, in := range fn.Inputs {
		if s.names[in] {
			c.problem("%s: input %q is defined twice", what, in)
		}
		s.names[in] = true
	}
	c.nodes(fn.Nodes, f, s)
	for _, out := range fn.Outputs {
		if !s.names[out] {
			c.problem("%s: output %q is made by no node", what, out)
		}
	}
	for _, v := range fn.ValueInfo {
		c.valueInfo(what, "value", v)
	}
}

// recursion checks that no function calls itself, directly or through others.
func (c *checker) recursion() {
	if cycle := recursiveFunctions(c.m.Functions); cycle != "" {
		c.problem("functions call each other in a circle: %s", cycle)
	}
}

// recursiveFunctions describes a cycle of calls, or is empty.
func recursiveFunctions(functions []*Function) string {
	index := make(map[functionID]int, len(functions))
	for i, f := range functions {
		index[f.id()] = i
	}
	deps := make([][]int, len(functions))
	for i, f := range functions {
		walkNodes(f.Nodes, func(n *Node) {
			if j, ok := index[n.calls()]; ok {
				deps[i] = append(deps[i], j)
			}
		})
	}
	cycle := findCycle(deps)
	if cycle == nil {
		return ""
	}
	slices.Reverse(cycle) // so that each calls the next
	return cycleOf(cycle, func(i int) string { return functions[i].id().String() })
}
