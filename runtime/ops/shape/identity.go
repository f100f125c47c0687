package shape

import (
	"github.com/seed6700ada1/infer/runtime/ops"
)

// Identity copies a value of any kind (ONNX operator spec, Identity-25). Later
// versions only take more types: sequences from 14, optionals from 16.
var identityDefs = []ops.Def{{
	Name: "Identity", Since: 1,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	View:    true,
	Infer:   inferIdentity,
	Compile: compileIdentity,
}}

func inferIdentity(n *ops.Inference) error {
	n.Like(0, 0)
	n.SetValue(0, n.Values(0))
	return nil
}

func compileIdentity(n *ops.Node) (ops.Compiled, error) {
	return ops.RunFunc(runIdentity), n.Err()
}

func runIdentity(c *ops.Call) error {
	if t := c.Input(0); t != nil {
		return c.Forward(0, t, t.Shape()...)
	}
	c.Set(0, c.Inputs[0])
	return nil
}
