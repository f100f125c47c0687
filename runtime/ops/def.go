package ops

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// Variadic, as the largest number of inputs or outputs of a [Def], says that
// there is no largest.
const Variadic = -1

// Def defines an operator from one opset version on, up to the version of the
// next Def of the same name and domain.
type Def struct {
	Name   string
	Domain string // "" is the default domain, ai.onnx
	Since  int    // the opset version that brought this definition

	// How many inputs and outputs a node may have; Max may be [Variadic].
	// Optional ones that a node leaves out count as far as later ones follow.
	MinInputs, MaxInputs   int
	MinOutputs, MaxOutputs int

	// Deprecated marks a version from which the standard withdrew the operator.
	// Such a Def has neither Infer nor Compile.
	Deprecated bool

	// View says that output 0 holds the bytes of input 0 under another shape, so
	// that an engine may let them share memory; the node then forwards its input
	// with [Call.Forward].
	View bool

	// InPlace lists the inputs whose memory output 0 may take over where they
	// die at this node. The operator must give the right answer when its output
	// is that input's very buffer.
	InPlace []int

	// Packed lists the inputs that only Compile reads where they are constant,
	// because it keeps what it needs of them. A run then finds them absent, and the
	// engine need not keep them.
	Packed []int

	// Random says that two runs may give different answers: such a node is never
	// folded into a constant.
	Random bool

	// Infer gives the types of the outputs. It sets what it can and leaves the
	// rest unknown; an error means that the node can never run.
	Infer func(*Inference) error

	// Compile makes the node ready to run. It is where attributes and constant
	// inputs are checked, weights packed and kernels chosen.
	Compile func(*Node) (Compiled, error)

	// Cost estimates the floating-point operations of one run, a multiply-add
	// counted as two; nil where they are not worth counting. Unknown dimensions
	// make it 0.
	Cost func(*Inference) int64
}

// Compiled is a node made ready to run. It is used by several goroutines at
// once, each with a [Call] of its own, and keeps no state between runs but what
// [Call.State] gives it.
type Compiled interface {
	Run(*Call) error
}

// RunFunc is a function as a [Compiled].
type RunFunc func(*Call) error

// Run calls f.
func (f RunFunc) Run(c *Call) error { return f(c) }

// key names an operator without a version.
type key struct{ domain, name string }

// Registry finds the definition of an operator. It does not change once made.
type Registry struct {
	defs  map[key][]*Def // by rising version
	order []*Def
}

// NewRegistry joins families of definitions. It fails where two define the same
// version of an operator, or where a definition is not whole.
func NewRegistry(families ...[]Def) (*Registry, error) {
	r := &Registry{defs: map[key][]*Def{}}
	for _, family := range families {
		for i := range family {
			d := &family[i]
			if err := d.check(); err != nil {
				return nil, err
			}
			r.order = append(r.order, d)
			if err := r.insert(d); err != nil {
				return nil, err
			}
		}
	}
	return r, nil
}

func (r *Registry) insert(d *Def) error {
	k := key{d.Domain, d.Name}
	list := r.defs[k]
	at := len(list)
	for at > 0 && list[at-1].Since >= d.Since {
		at--
	}
	if at < len(list) && list[at].Since == d.Since {
		return fmt.Errorf("ops: %s is defined twice", d.ID())
	}
	list = append(list, nil)
	copy(list[at+1:], list[at:])
	list[at] = d
	r.defs[k] = list
	return nil
}

func (d *Def) check() error {
	switch {
	case d.Name == "" || d.Since < 1:
		return fmt.Errorf("ops: definition %s lacks a name or version", d.ID())
	case d.Domain != onnx.CanonicalDomain(d.Domain):
		return fmt.Errorf("ops: definition %s must spell its domain %q", d.ID(), onnx.CanonicalDomain(d.Domain))
	case !d.Deprecated && (d.Infer == nil || d.Compile == nil):
		return fmt.Errorf("ops: definition %s lacks Infer or Compile", d.ID())
	}
	return nil
}

// ID is the definition's name for people, such as "Softmax-13" or
// "com.microsoft.Gelu-1".
func (d *Def) ID() string {
	if d.Domain != "" {
		return fmt.Sprintf("%s.%s-%d", d.Domain, d.Name, d.Since)
	}
	return fmt.Sprintf("%s-%d", d.Name, d.Since)
}

// Find is the definition of an operator that holds at an opset version; nil
// where the operator is unknown, not there yet, or withdrawn by then.
func (r *Registry) Find(domain, name string, version int) *Def {
	var found *Def
	for _, d := range r.defs[key{onnx.CanonicalDomain(domain), name}] {
		if d.Since <= version {
			found = d
		}
	}
	if found != nil && found.Deprecated {
		return nil
	}
	return found
}

// All lists every definition in the order in which the families name them.
func (r *Registry) All() []*Def { return r.order }
