// Package gorgonia runs models on Gorgonia, through
// github.com/owulveryck/onnx-go: for comparison, and to hold gradients against.
//
// It is built under the tag gorgonia; without it, the package has the same
// engine, which says that it was left out.
//
// onnx-go covers part of a few dozen operators, up to opset 13 at most. It
// ignores attributes that it does not know, guesses the axes of some
// broadcasts, reads the padding of Conv in another order than the standard, and
// panics on much else. So this engine accepts a model only where each node is
// one that is known to be computed as the standard says (see check.go), builds
// the graph anew for each run because some operators overwrite their inputs,
// turns panics into errors, and compares the first run for each set of input
// shapes with the native engine.
package gorgonia
