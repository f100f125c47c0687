// Package gorgonia runs models on Gorgonia, through
// github.com/owulveryck/onnx-go: for comparison, and to hold gradients against.
//
// It is built under the tag gorgonia; without it, the package has the same
// engine, which says that it was left out.
//
// onnx-go covers part of a few dozen operators. It ignores attributes that it
// does not know, guesses the axes of some broadcasts, reads the padding of Conv
// in another order than the standard, and panics on much else; Gorgonia may
// overwrite a value that is still to be read. So this engine
//
//   - accepts a model only where each node is one that is known to be computed as
//     the standard says (check.go);
//   - cuts the model so that no output is an intermediate value (graft.go);
//   - builds the graph anew for each run, which is slow, and takes runs in turns;
//   - turns panics into errors;
//   - compares the first run for each set of input shapes with a reference
//     engine, and refuses to go on where they differ.
package gorgonia
