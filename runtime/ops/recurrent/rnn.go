package recurrent

import "github.com/seed6700ada1/infer/runtime/ops"

// rnnDefs defines RNN (ONNX operator spec, RNN-22), one or two directions of a
// simple recurrent layer; its formula stands at [kernel.RNN].
//
//	X [seq, batch, in]   W [dirs, hidden, in]   R [dirs, hidden, hidden]
//	B [dirs, 2·hidden], sequence_lens [batch], initial_h [dirs, batch, hidden]: optional
//	→  Y [seq, dirs, batch, hidden], Y_h [dirs, batch, hidden]: optional
//
// With layout 1 the batch comes first everywhere.
func rnnDefs() []ops.Def {
	k := kind{name: "RNN", gates: 1, activations: []string{"Tanh"}, outputs: 2}
	return defs(k, 6, 1, 7, 14, 22)
}
