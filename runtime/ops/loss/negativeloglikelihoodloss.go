package loss

import "github.com/seed6700ada1/infer/runtime/ops"

// nllDefs defines NegativeLogLikelihoodLoss (ONNX operator spec,
// NegativeLogLikelihoodLoss-22): of predictions [N, C, d1, …], logarithms of
// probabilities, and targets [N, d1, …], minus the prediction for the target,
// times the weight of its class. The attribute reduction gives all losses, their
// sum or, by default, their sum divided by that of the weights; targets equal to
// ignore_index count for nothing.
func nllDefs() []ops.Def {
	def := ops.Def{
		Name: "NegativeLogLikelihoodLoss", MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error { return settingsOf(n.Attrs).infer(n) },
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			s := settingsOf(n.Attrs)
			return ops.RunFunc(func(c *ops.Call) error {
				x, err := c.Need(0)
				if err != nil {
					return err
				}
				return s.run(c, x)
			}), n.Err()
		},
	}
	return at(def, 12, 13, 22)
}

// at is the same definition at each of those versions: ones that differ in the
// element types they allow.
func at(def ops.Def, since ...int) []ops.Def {
	defs := make([]ops.Def, len(since))
	for i, v := range since {
		defs[i] = def
		defs[i].Since = v
	}
	return defs
}
