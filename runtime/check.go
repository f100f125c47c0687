package runtime

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// ErrClosed is returned by a session that was closed.
var ErrClosed = errors.New("runtime: session is closed")

// Unsupported is a node that an engine cannot run.
type Unsupported struct {
	Node   string // its name
	Op     string // with its domain, such as "com.microsoft.Gelu"
	Opset  int
	Reason string // "" where the operator is simply not there
}

// UnsupportedError lists all nodes of a model that an engine cannot run.
type UnsupportedError struct {
	Engine string
	Nodes  []Unsupported
}

// Error is one line that groups the nodes by operator.
func (e *UnsupportedError) Error() string {
	const most = 8 // node names listed for an operator
	groups := map[string][]string{}
	var order []string
	for _, n := range e.Nodes {
		k := fmt.Sprintf("%s (opset %d)", n.Op, n.Opset)
		if n.Reason != "" {
			k += ": " + n.Reason
		}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], fmt.Sprintf("%q", n.Node))
	}
	slices.Sort(order)
	for i, k := range order {
		names := groups[k]
		more := ""
		if len(names) > most {
			more = fmt.Sprintf(" and %d more", len(names)-most)
			names = names[:most]
		}
		order[i] = fmt.Sprintf("%s at %s%s", k, strings.Join(names, ", "), more)
	}
	return fmt.Sprintf("%s: %d nodes cannot be run: %s", e.Engine, len(e.Nodes), strings.Join(order, "; "))
}

// CheckInputs compares the inputs of a run with what the session takes: every
// name known, none missing, and kind, element type and shape as declared.
// Symbolic dimensions may be anything, but the same symbol must have the same
// size everywhere.
func CheckInputs(specs []ValueSpec, inputs map[string]tensor.Value) error {
	symbols := map[string]bound{}
	seen := 0
	for i := range specs {
		v, ok := inputs[specs[i].Name]
		if !ok || v == nil {
			if specs[i].Optional {
				continue
			}
			return fmt.Errorf("runtime: input %q is missing: the model wants %s", specs[i].Name, Describe(specs))
		}
		seen++
		if err := checkInput(&specs[i], v, symbols); err != nil {
			return err
		}
	}
	if seen == len(inputs) {
		return nil
	}
	for name, v := range inputs {
		if v != nil && !slices.ContainsFunc(specs, func(s ValueSpec) bool { return s.Name == name }) {
			return fmt.Errorf("runtime: the model has no input %q: it wants %s", name, Describe(specs))
		}
	}
	return nil
}

// bound is the size that a symbol was found to have, and where.
type bound struct {
	size  int
	input string
}

// shaped is a value with elements of one type in a shape: a tensor or a cache.
type shaped interface {
	DType() tensor.DType
	Shape() []int
}

func checkInput(s *ValueSpec, v tensor.Value, symbols map[string]bound) error {
	if s.Type == nil {
		return nil
	}
	t, isShaped := v.(shaped)
	if isShaped != (s.Type.Kind == onnx.TypeTensor) {
		return fmt.Errorf("runtime: input %q is a %v, expected %s", s.Name, v.Kind(), s.Type)
	}
	if !isShaped {
		return nil
	}
	if s.Type.DType != tensor.Undefined && t.DType() != s.Type.DType {
		return fmt.Errorf("runtime: input %q has elements of %v, expected %s", s.Name, t.DType(), s.Type)
	}
	if s.Type.Shape == nil {
		return nil
	}
	dims, shape := s.Type.Shape.Dims, t.Shape()
	if len(dims) != len(shape) {
		return fmt.Errorf("runtime: input %q has shape %s, expected %s", s.Name, tensor.FormatShape(shape), s.Type)
	}
	for i, d := range dims {
		size := shape[i]
		if d.IsKnown() && int(d.Value) != size {
			return fmt.Errorf("runtime: input %q has shape %s, expected %s", s.Name, tensor.FormatShape(shape), s.Type)
		}
		if !d.IsNamed() {
			continue
		}
		if b, ok := symbols[d.Param]; ok && b.size != size {
			return fmt.Errorf("runtime: input %q has shape %s, but %q is %d in input %q", s.Name, tensor.FormatShape(shape), d.Param, b.size, b.input)
		}
		symbols[d.Param] = bound{size, s.Name}
	}
	return nil
}

// Describe lists values with their types, for messages. Of optional ones, and
// of those beyond the eighth, it says only how many there are: a model may have
// hundreds.
func Describe(specs []ValueSpec) string {
	const most = 8
	var list []string
	optional := 0
	for _, s := range specs {
		switch {
		case s.Optional:
			optional++
		case s.Type != nil:
			list = append(list, fmt.Sprintf("%q %s", s.Name, s.Type))
		default:
			list = append(list, fmt.Sprintf("%q", s.Name))
		}
	}
	more := ""
	if len(list) > most {
		list, more = list[:most], fmt.Sprintf(" and %d more", len(list)-most)
	}
	text := strings.Join(list, ", ") + more
	if optional > 0 {
		text += fmt.Sprintf(" (and takes %d that have a default)", optional)
	}
	return text
}

// InputSpecs describes the inputs of a graph: those that are initializers too
// are optional.
func InputSpecs(g *onnx.Graph) []ValueSpec {
	specs := make([]ValueSpec, len(g.Inputs))
	for i, in := range g.Inputs {
		specs[i] = ValueSpec{Name: in.Name, Type: in.Type, Optional: g.Initializer(in.Name) != nil}
	}
	return specs
}

// OutputSpecs describes the outputs of a graph.
func OutputSpecs(g *onnx.Graph) []ValueSpec {
	specs := make([]ValueSpec, len(g.Outputs))
	for i, out := range g.Outputs {
		specs[i] = ValueSpec{Name: out.Name, Type: out.Type}
	}
	return specs
}
