// Command bench measures the native engine beside ONNX Runtime on published
// models and on random decoders, and writes what it found to RESULTS.md, one
// section for each kind of CPU.
//
//	INFER_ORT_LIB=/path/to/libonnxruntime.so make bench-engines
//
// It is a module of its own, so that what it compares with never becomes a
// dependency of the product, and it needs cgo.
//
// Both runtimes live in one process and take turns: a turn is a short while in
// which one of them runs the model again and again, the next turn is the
// other's, and who begins changes from round to round. So whatever else the
// machine does meets both alike. Between turns nothing runs, until the threads
// that spin in the hope of more work have given up. The times are medians over
// all turns; the first run of a turn, which finds the caches full of the other's
// data, counts only where it is the turn's only one.
//
// ONNX Runtime gets what suits it best: all its optimizations; initializers
// that are no inputs, so that it may fold them; its tensors kept on its own side,
// so that nothing is copied for Go's sake; and as many threads as the native
// engine. What is timed is the call that runs the model, on both sides.
//
// Decoders take one token after another. The native engine carries the keys and
// values in its own cache ([github.com/seed6700ada1/infer/runtime.Carrier]); ONNX
// Runtime is given the tensors that it returned, as its users do.
package main
