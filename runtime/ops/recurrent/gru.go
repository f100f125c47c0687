package recurrent

import "github.com/seed6700ada1/infer/runtime/ops"

// gruDefs defines GRU (ONNX operator spec, GRU-22), one or two directions of
// gated recurrent units; its formulas stand at [kernel.GRU].
//
//	X [seq, batch, in]   W [dirs, 3·hidden, in]   R [dirs, 3·hidden, hidden]
//	B [dirs, 6·hidden], sequence_lens [batch], initial_h [dirs, batch, hidden]: optional
//	→  Y [seq, dirs, batch, hidden], Y_h [dirs, batch, hidden]: optional
//
// With layout 1 the batch comes first everywhere. Version 3 brought
// linear_before_reset.
func gruDefs() []ops.Def {
	k := kind{name: "GRU", gates: 3, activations: []string{"Sigmoid", "Tanh"}, outputs: 2}
	return defs(k, 6, 1, 3, 7, 14, 22)
}
