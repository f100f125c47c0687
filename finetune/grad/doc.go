// Package grad differentiates graphs: it adds to the graph of a model the nodes
// that compute the gradients of a loss, and makes of them the graph of a
// training step.
//
// A rule for each operator (packages below rules) emits its gradient in the
// operators of the standard, so that what comes out is a graph like any other:
// it can be checked, saved, looked at, optimized by the same passes and run by
// any engine.
//
//	b, err := grad.Expand(model, "loss", []string{"w"})
//	if err != nil { … }
//	g, err := grad.Backward(b, "loss", []string{"w"}) // names of the gradients
//
// Operators without a rule are all named at once, before anything runs: see
// [MissingError].
package grad
