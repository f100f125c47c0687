package ops

import "fmt"

// IntsInput is a list of integers that steers an operator, such as axes or a
// target shape: known when the node is compiled, or read from an input at each
// run.
type IntsInput struct {
	fixed []int
	input int
	what  string
	reads bool // from the input
}

// IntsInput finds the list called what: input i where the node names it, else
// the attribute of that name, which versions before the input may have.
func (n *Node) IntsInput(i int, what string) (IntsInput, error) {
	s := IntsInput{input: i, what: what}
	t := n.Const(i)
	switch {
	case t != nil:
		list, err := IntsOf(t)
		if err != nil {
			return s, fmt.Errorf("%s: %w", what, err)
		}
		s.fixed = append([]int{}, list...)
	case n.Has(i):
		s.reads = true
	default:
		s.fixed = n.Ints(what)
	}
	return s, n.Err()
}

// Fixed is the list where it never changes; nil and true where the node has
// none.
func (s IntsInput) Fixed() (list []int, ok bool) { return s.fixed, !s.reads }

// Read gives the list for a run; nil where the node has none. An empty list is
// not nil.
func (s IntsInput) Read(c *Call) ([]int, error) {
	if !s.reads {
		return s.fixed, nil
	}
	t, err := c.Need(s.input)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.what, err)
	}
	list, err := IntsOf(t)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.what, err)
	}
	return list, nil
}

// IntsInput is what inference knows of the list called what, found as
// [Node.IntsInput] does: nil and true where the node has none, false where it
// changes from run to run.
func (n *Inference) IntsInput(i int, what string) (list []int, ok bool) {
	if n.Has(i) {
		return n.Ints(i)
	}
	return n.Attrs.Ints(what), true
}
