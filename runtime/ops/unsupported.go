package ops

import (
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// unsupported is a part of an operator that its implementation leaves out.
type unsupported struct{ reason string }

func (u *unsupported) Error() string { return "not supported: " + u.reason }

// Unsupported makes the error by which Compile says that the node is valid but
// asks for something that is not implemented. Engines gather these and report
// them all when a model is opened.
func Unsupported(format string, args ...any) error {
	return &unsupported{fmt.Sprintf(format, args...)}
}

// UnsupportedReason is the reason given to [Unsupported], where err is such an
// error.
func UnsupportedReason(err error) (reason string, ok bool) {
	if u, ok := errors.AsType[*unsupported](err); ok {
		return u.reason, true
	}
	return "", false
}

// CheckArity compares how many inputs and outputs a node has with what its
// definition allows, and sees that the required inputs are named.
func (d *Def) CheckArity(n *onnx.Node) error {
	if err := between("inputs", len(n.Inputs), d.MinInputs, d.MaxInputs); err != nil {
		return err
	}
	if err := between("outputs", len(n.Outputs), d.MinOutputs, d.MaxOutputs); err != nil {
		return err
	}
	for i := range min(d.MinInputs, len(n.Inputs)) {
		if n.Inputs[i] == "" {
			return fmt.Errorf("input %d is left out, but %s needs it", i, d.ID())
		}
	}
	return nil
}

func between(what string, n, lo, hi int) error {
	switch {
	case hi == Variadic && n < lo:
		return fmt.Errorf("node has %d %s, expected at least %d", n, what, lo)
	case hi != Variadic && (n < lo || n > hi) && lo == hi:
		return fmt.Errorf("node has %d %s, expected %d", n, what, lo)
	case hi != Variadic && (n < lo || n > hi):
		return fmt.Errorf("node has %d %s, expected %d to %d", n, what, lo, hi)
	}
	return nil
}
