package onnx

import (
	"errors"
	"fmt"
	"strings"
)

// The versions of the file format that [Check] lets pass.
const (
	MinIRVersion = 3
	MaxIRVersion = 14
)

// maxProblems is how many problems one error lists.
const maxProblems = 20

// CheckError is what [Check] found wrong with a model.
type CheckError struct {
	Problems []error // one line each
	More     int     // how many were found beyond those listed
}

// Error lists the problems, one a line.
func (e *CheckError) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	for _, p := range e.Problems {
		lines = append(lines, p.Error())
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("onnx: %d more problems", e.More))
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the problems to [errors.Is] and [errors.As].
func (e *CheckError) Unwrap() []error { return e.Problems }

// Check tells whether the model is well formed: versions, names, types and
// order, by the rules of the standard's IR.md. Its error is a *[CheckError],
// which names for each problem the node or value and what is wrong with it.
// Whether operators are known, and get the inputs and attributes they want, is
// not checked here.
func Check(m *Model) error {
	c := &checker{m: m, functions: make(map[functionID]bool)}
	c.model()
	if len(c.err.Problems) == 0 {
		return nil
	}
	return &c.err
}

// checker gathers the problems of one model.
type checker struct {
	m         *Model
	functions map[functionID]bool
	err       CheckError
}

// problem adds one line.
func (c *checker) problem(format string, args ...any) {
	if len(c.err.Problems) == maxProblems {
		c.err.More++
		return
	}
	// names come from the file: whatever is in them, the message is one line
	line := strings.ReplaceAll(fmt.Sprintf("onnx: "+format, args...), "\n", " ")
	c.err.Problems = append(c.err.Problems, errors.New(line))
}

func (c *checker) model() {
	m := c.m
	if m.IRVersion < MinIRVersion || m.IRVersion > MaxIRVersion {
		c.problem("model has IR version %d, wanted %d to %d", m.IRVersion, MinIRVersion, MaxIRVersion)
	}
	if len(m.Opsets) == 0 {
		c.problem("model imports no operator set")
	}
	opsets := c.opsets("model", m.Opsets)
	c.metadata("model", m.Metadata)
	if m.Graph == nil {
		c.problem("model has no graph")
		return
	}
	c.functionNames()
	top := c.graph(m.Graph, frame{what: "graph", opsets: opsets, top: true})
	for i, f := range m.Functions {
		if f != nil {
			c.function(i, f)
		}
	}
	c.recursion()
	for i, t := range m.Training {
		if t.Initialization != nil {
			c.graph(t.Initialization, frame{what: fmt.Sprintf("training %d, initialization", i), opsets: opsets})
		}
		if t.Algorithm != nil {
			// the algorithm sees the values of the graph that it trains
			c.graph(t.Algorithm, frame{what: fmt.Sprintf("training %d, algorithm", i), opsets: opsets, outer: top})
		}
	}
}

// opsets checks the imports of a model or function and gives the version of
// each domain.
func (c *checker) opsets(what string, list []OpsetID) map[string]int64 {
	versions := make(map[string]int64, len(list))
	for _, o := range list {
		if o.Version < 1 {
			c.problem("%s imports version %d of operator set %q, wanted 1 or more", what, o.Version, o.Domain)
		}
		domain := CanonicalDomain(o.Domain)
		if _, ok := versions[domain]; ok {
			c.problem("%s imports operator set %q twice", what, o.Domain)
		} else {
			versions[domain] = o.Version
		}
	}
	return versions
}

func (c *checker) metadata(what string, list []StringPair) {
	seen := make(map[string]bool, len(list))
	for _, p := range list {
		if seen[p.Key] {
			c.problem("%s has metadata %q twice", what, p.Key)
		}
		seen[p.Key] = true
	}
}

// scope is the names that a graph's nodes can read, and those around it.
type scope struct {
	names map[string]bool
	outer *scope
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
	}
	return false
}

// frame is what surrounds a graph or function body that is checked.
type frame struct {
	what   string           // names it in messages
	opsets map[string]int64 // version of each domain
	top    bool             // the model's own graph
	outer  *scope           // of the graphs around it
	attrs  map[string]bool  // attributes of the function it belongs to; nil outside of functions
}

// graph checks g and gives the scope that it makes.
func (c *checker) graph(g *Graph, f frame) *scope {
	s := &scope{names: make(map[string]bool), outer: f.outer}
	define := func(kind, name string) {
		if s.names[name] {
			c.problem("%s: %s %q is defined twice", f.what, kind, name)
		}
		s.names[name] = true
	}
	for i, in := range g.Inputs {
		if in.Name == "" {
			c.problem("%s: input %d has no name", f.what, i)
			continue
		}
		define("input", in.Name)
		if f.top && in.Type == nil {
			c.problem("%s: input %q has no type", f.what, in.Name)
		}
		c.valueInfo(f.what, "input", in)
	}
	c.initializers(g, f, s)
	c.metadata(f.what, g.Metadata)
	c.nodes(g.Nodes, f, s)
	outputs := make(map[string]bool, len(g.Outputs))
	for i, out := range g.Outputs {
		if out.Name == "" {
			c.problem("%s: output %d has no name", f.what, i)
			continue
		}
		if outputs[out.Name] {
			c.problem("%s: output %q is listed twice", f.what, out.Name)
		}
		outputs[out.Name] = true
		if !s.has(out.Name) {
			c.problem("%s: output %q is made by no node", f.what, out.Name)
		}
		c.valueInfo(f.what, "output", out)
	}
	for _, v := range g.ValueInfo {
		c.valueInfo(f.what, "value", v)
	}
	return s
}

// initializers checks g's constants and defines their names.
func (c *checker) initializers(g *Graph, f frame, s *scope) {
	inputs := make(map[string]bool, len(g.Inputs))
	for _, in := range g.Inputs {
		inputs[in.Name] = true
	}
	seen := make(map[string]bool, len(g.Initializers))
	name := func(kind, name string) {
		switch {
		case name == "":
			c.problem("%s: %s without a name", f.what, kind)
		case seen[name]:
			c.problem("%s: %s %q is defined twice", f.what, kind, name)
		case c.m.IRVersion < 4 && f.top && !inputs[name]:
			c.problem("%s: %s %q is not an input, as it must be before IR version 4", f.what, kind, name)
		}
		seen[name] = true
		s.names[name] = true // an input of that name is its default
	}
	for _, t := range g.Initializers {
		name("initializer", t.Name)
		if err := t.check(); err != nil {
			c.problem("%s: initializer %q: %v", f.what, t.Name, err)
		}
	}
	for _, t := range g.SparseInitializers {
		name("sparse initializer", t.Name())
		if err := t.check(); err != nil {
			c.problem("%s: sparse initializer %q: %v", f.what, t.Name(), err)
		}
	}
}

// valueInfo checks the type of a value.
func (c *checker) valueInfo(what, kind string, v *ValueInfo) {
	if v.Type == nil {
		return
	}
	if err := v.Type.check(); err != nil {
		c.problem("%s: %s %q: %v", what, kind, v.Name, err)
	}
}

// check tells whether a type is complete and its dimensions can be counted.
func (t *Type) check() error {
	switch t.Kind {
	case TypeTensor, TypeSparseTensor:
		// an undefined element type is left to inference, as exporters do
		if t.DType != 0 && !t.DType.Valid() {
			return fmt.Errorf("element type %d is not known", int32(t.DType))
		}
		return t.Shape.check()
	case TypeSequence, TypeOptional, TypeMap:
		if t.Elem == nil {
			return fmt.Errorf("type %v does not say of what", t)
		}
		return t.Elem.check()
	default:
		return nil
	}
}

func (s *Shape) check() error {
	if s == nil {
		return nil
	}
	var known []int64
	for i, d := range s.Dims {
		if d.Value < -1 {
			return fmt.Errorf("dimension %d is %d", i, d.Value)
		}
		if d.IsKnown() {
			known = append(known, d.Value)
		}
	}
	if len(known) > 0 {
		if _, err := intShape(known); err != nil {
			return fmt.Errorf("shape %v: %w", s, err)
		}
	}
	return nil
}
