package control

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// If runs one of two subgraphs, by a condition of one element (ONNX operator
// spec, If-25). Later versions only take more types. Where the condition never
// changes, the other branch is not compiled.
var ifDefs = []ops.Def{{
	Name: "If", Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: ops.Variadic,
	Infer:   inferIf,
	Compile: compileIf,
}}

// branches names the attributes by condition.
func branches(taken bool) string {
	if taken {
		return "then_branch"
	}
	return "else_branch"
}

func inferIf(n *ops.Inference) error {
	if n.Sub == nil {
		return nil
	}
	if t := n.Const(0); t != nil {
		taken, err := truth(t)
		if err != nil {
			return err
		}
		list, err := n.Sub(branches(taken), nil)
		if err != nil {
			return err
		}
		for i, t := range list {
			n.SetType(i, t)
		}
		return nil
	}
	yes, err := n.Sub(branches(true), nil)
	if err != nil {
		return err
	}
	no, err := n.Sub(branches(false), nil)
	if err != nil {
		return err
	}
	if len(yes) != len(no) {
		return fmt.Errorf("then_branch gives %d outputs, else_branch %d", len(yes), len(no))
	}
	for i, t := range yes {
		n.SetType(i, dims.Union(t, no[i]))
	}
	return nil
}

func compileIf(n *ops.Node) (ops.Compiled, error) {
	var list [2]ops.Subgraph // else, then
	for i, taken := range []bool{false, true} {
		if t := n.Const(0); t != nil {
			fixed, err := truth(t)
			if err != nil {
				return nil, err
			}
			if fixed != taken {
				continue
			}
		}
		b, err := body(n, branches(taken))
		if err != nil {
			return nil, err
		}
		if err := checkBody(b, 0, len(n.Outputs)); err != nil {
			return nil, fmt.Errorf("%s: %w", branches(taken), err)
		}
		list[i] = b
	}
	return ops.RunFunc(func(c *ops.Call) error {
		condition, err := c.Need(0)
		if err != nil {
			return err
		}
		taken, err := truth(condition)
		if err != nil {
			return err
		}
		b := list[0]
		if taken {
			b = list[1]
		}
		if b == nil {
			return fmt.Errorf("condition changed to %v after it was constant", taken)
		}
		out, err := b.Run(c, nil)
		if err != nil {
			return err
		}
		for i, v := range out {
			c.Set(i, v)
		}
		return nil
	}), n.Err()
}
