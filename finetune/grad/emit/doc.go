// Package emit adds nodes to a graph, one call a node, and keeps count of what
// the values are: their types, their shapes as far as they are known, and which
// are constants.
//
// Gradients, losses and optimizers are written with it. It knows how the
// operators that it emits are spelled in the opset of the model: in which
// version axes became an input, and the like. What it emits is the standard's
// own vocabulary, which any engine runs.
//
//	b, err := emit.New(model)
//	p := b.Softmax(logits, -1)
//	loss := b.Neg(b.ReduceMean(b.Log(p), nil, false))
//	if err := b.Err(); err != nil { … }
//
// Values are named by strings, as in the graph. The first fault is kept, after
// which the methods do nothing: so that a formula reads as one.
package emit
