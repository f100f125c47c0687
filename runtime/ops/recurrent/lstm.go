package recurrent

import "github.com/seed6700ada1/infer/runtime/ops"

// lstmDefs defines LSTM (ONNX operator spec, LSTM-22), one or two directions of
// long short-term memory; its formulas stand at [kernel.LSTM].
//
//	X [seq, batch, in]   W [dirs, 4·hidden, in]   R [dirs, 4·hidden, hidden]
//	B [dirs, 8·hidden], sequence_lens [batch], initial_h and initial_c
//	[dirs, batch, hidden], P [dirs, 3·hidden]: optional
//	→  Y [seq, dirs, batch, hidden], Y_h and Y_c [dirs, batch, hidden]: optional
//
// With layout 1 the batch comes first everywhere.
func lstmDefs() []ops.Def {
	k := kind{name: "LSTM", gates: 4, activations: []string{"Sigmoid", "Tanh", "Tanh"}, outputs: 3}
	return defs(k, 8, 1, 7, 14, 22)
}
