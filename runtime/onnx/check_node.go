package onnx

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// node puts the name of a node before a problem.
func (c *checker) node(n *Node, f frame, format string, args ...any) {
	op := n.OpType
	if d := CanonicalDomain(n.Domain); d != "" {
		op = d + "." + op
	}
	c.problem("node %q (%s, opset %d): %s", n.Label(), op, f.opsets[CanonicalDomain(n.Domain)], fmt.Sprintf(format, args...))
}

// nodes checks a list of nodes in order, adding what they define to s.
func (c *checker) nodes(nodes []*Node, f frame, s *scope) {
	order := &ordering{nodes: nodes}
	for i, n := range nodes {
		if n.OpType == "" {
			c.node(n, f, "has no operator")
		}
		if _, ok := f.opsets[CanonicalDomain(n.Domain)]; !ok {
			c.node(n, f, "operator set %q is not imported", n.Domain)
		}
		c.metadata(fmt.Sprintf("node %q", n.Label()), n.Metadata)
		c.inputs(order, i, f, s)
		c.attributes(n, f, s)
		for _, out := range n.Outputs {
			if out == "" {
				continue
			}
			if s.names[out] {
				c.node(n, f, "output %q is defined before", out)
			}
			s.names[out] = true
		}
	}
}

// ordering finds out why a value is read before it is made; it looks only once
// that happens.
type ordering struct {
	nodes    []*Node
	producer map[string]int
	cycle    []int
	told     bool // the cycle was reported
}

func (o *ordering) later(name string) (int, bool) {
	if o.producer == nil {
		g := &Graph{Nodes: o.nodes}
		o.producer = make(map[string]int, len(o.nodes))
		for i, n := range o.nodes {
			for _, out := range n.Outputs {
				o.producer[out] = i
			}
		}
		o.cycle = findCycle(dependencies(g))
	}
	i, ok := o.producer[name]
	return i, ok
}

func (c *checker) inputs(o *ordering, i int, f frame, s *scope) {
	n := o.nodes[i]
	for _, in := range n.Inputs {
		if in == "" || s.has(in) {
			continue
		}
		by, ok := o.later(in)
		switch {
		case !ok:
			c.node(n, f, "input %q is defined nowhere", in)
		case o.cycle != nil:
			if !o.told {
				c.problem("%s: nodes form a cycle: %s", f.what, cycleOf(o.cycle, nodeLabel(o.nodes)))
			}
			o.told = true
		default:
			c.node(n, f, "input %q is made later, by node %q: nodes are not in topological order", in, o.nodes[by].Label())
		}
	}
}

func (c *checker) attributes(n *Node, f frame, s *scope) {
	seen := make(map[string]bool, len(n.Attributes))
	for _, a := range n.Attributes {
		if a.Name == "" {
			c.node(n, f, "attribute without a name")
		}
		if seen[a.Name] {
			c.node(n, f, "attribute %q is given twice", a.Name)
		}
		seen[a.Name] = true
		if err := a.check(f.attrs); err != nil {
			c.node(n, f, "attribute %q: %v", a.Name, err)
		}
	}
	for sub := range n.Subgraphs() {
		inner := f
		inner.what, inner.top, inner.outer = fmt.Sprintf("graph %q in node %q", sub.Name, n.Label()), false, s
		c.graph(sub, inner)
	}
}

// check tells whether the field that the type names is filled, and no other.
// params are the attributes of the function around, nil outside of functions.
func (a *Attribute) check(params map[string]bool) error {
	filled := a.filled()
	if a.RefName != "" {
		switch {
		case params == nil:
			return fmt.Errorf("refers to attribute %q outside of a function", a.RefName)
		case !params[a.RefName]:
			return fmt.Errorf("refers to attribute %q, which the function does not have", a.RefName)
		case len(filled) > 0:
			return fmt.Errorf("refers to attribute %q and has a value too", a.RefName)
		}
		return nil
	}
	if a.Type <= AttrUndefined || a.Type > AttrTypes {
		return fmt.Errorf("has type %v", a.Type)
	}
	for _, t := range filled {
		if t != a.Type {
			return fmt.Errorf("is of type %v but holds a value of type %v", a.Type, t)
		}
	}
	if len(filled) == 0 && slices.Contains([]AttributeType{AttrTensor, AttrGraph, AttrSparseTensor, AttrType}, a.Type) {
		return fmt.Errorf("is of type %v but holds none", a.Type)
	}
	return a.checkContent()
}

// filled lists the types of the fields that are not zero.
func (a *Attribute) filled() []AttributeType {
	var list []AttributeType
	add := func(ok bool, t AttributeType) {
		if ok {
			list = append(list, t)
		}
	}
	add(math.Float32bits(a.Float) != 0, AttrFloat)
	add(a.Int != 0, AttrInt)
	add(len(a.String) > 0, AttrString)
	add(a.Tensor != nil, AttrTensor)
	add(a.Graph != nil, AttrGraph)
	add(a.SparseTensor != nil, AttrSparseTensor)
	add(a.TypeProto != nil, AttrType)
	add(len(a.Floats) > 0, AttrFloats)
	add(len(a.Ints) > 0, AttrInts)
	add(len(a.Strings) > 0, AttrStrings)
	add(len(a.Tensors) > 0, AttrTensors)
	add(len(a.Graphs) > 0, AttrGraphs)
	add(len(a.SparseTensors) > 0, AttrSparseTensors)
	add(len(a.TypeProtos) > 0, AttrTypes)
	return list
}

// checkContent checks the tensors and types that the attribute holds.
func (a *Attribute) checkContent() error {
	for _, t := range append(slices.Clone(a.Tensors), a.Tensor) {
		if t == nil {
			continue
		}
		if err := t.check(); err != nil {
			return fmt.Errorf("tensor %q: %w", t.Name, err)
		}
	}
	for _, s := range append(slices.Clone(a.SparseTensors), a.SparseTensor) {
		if s == nil {
			continue
		}
		if err := s.check(); err != nil {
			return fmt.Errorf("sparse tensor %q: %w", s.Name(), err)
		}
	}
	for _, t := range append(slices.Clone(a.TypeProtos), a.TypeProto) {
		if t == nil {
			continue
		}
		if err := t.check(); err != nil {
			return err
		}
	}
	return nil
}

// check tells whether the data of a constant is there, in one form, and of the
// size that type and dimensions say. External files are not looked at.
func (t *Tensor) check() error {
	shape, err := t.shape()
	if err != nil {
		return err
	}
	lists := 0
	for _, n := range []int{len(t.Floats), len(t.Int32s), len(t.Strings), len(t.Int64s), len(t.Doubles), len(t.Uint64s)} {
		lists += min(n, 1)
	}
	if t.HasRaw {
		lists++
	}
	if t.Location == 1 {
		if lists > 0 {
			return errors.New("has external data and data of its own")
		}
		i := slices.IndexFunc(t.External, func(p StringPair) bool { return p.Key == "location" })
		if i < 0 {
			return errors.New("external data has no location")
		}
		_, err := cleanLocation(t.External[i].Value)
		return err
	}
	if lists > 1 {
		return errors.New("has data in more than one form")
	}
	return t.checkSize(shape)
}

// checkSize compares the stored size with what the shape needs.
func (t *Tensor) checkSize(shape []int) error {
	if t.HasRaw && t.DType != tensor.String {
		return checkRaw(t.DType, t.Raw, shape)
	}
	if t.Location != 0 || t.HasRaw || len(t.Segment) > 0 {
		_, err := t.value() // fails, and says why
		return err
	}
	list, have, want, err := t.list(shape)
	if err == nil && have != want {
		err = t.wrongCount(list, have, want, shape)
	}
	return err
}

// check tells whether a sparse tensor's parts fit together.
func (s *SparseTensor) check() error {
	if s.Values == nil || s.Indices == nil {
		return errors.New("needs values and indices")
	}
	shape, err := intShape(s.Dims)
	if err != nil {
		return err
	}
	if err := s.Values.check(); err != nil {
		return fmt.Errorf("values: %w", err)
	}
	if err := s.Indices.check(); err != nil {
		return fmt.Errorf("indices: %w", err)
	}
	if s.Values.Location == 1 || s.Indices.Location == 1 {
		return nil // the parts are looked at when the value is made
	}
	idx, err := s.Indices.value()
	if err != nil {
		return fmt.Errorf("indices: %w", err)
	}
	if len(s.Values.Dims) != 1 {
		return fmt.Errorf("values have shape %v, wanted rank 1", s.Values.Dims)
	}
	_, err = linear(idx, int(s.Values.Dims[0]), shape)
	return err
}
