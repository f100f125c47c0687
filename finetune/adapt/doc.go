// Package adapt changes a published model so that it can be fine-tuned: it puts a
// head on it, chooses which weights are trained, adds adapters beside weights,
// cuts off what training does not change, and writes the result back.
//
// Everything is surgery on the ONNX graph. What comes out is a model that any
// engine runs.
package adapt
