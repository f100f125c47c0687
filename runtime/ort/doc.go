// Package ort runs models on ONNX Runtime, through
// github.com/yalue/onnxruntime_go.
//
// It is a second opinion: what package native computes can be held against what
// the most used engine computes, by changing a word. It needs cgo at build time
// and the ONNX Runtime library at run time, which is not part of this module; a
// build without cgo has the same package, whose engine says that it was left
// out.
//
// The library is loaded once for a process, from the place that
// [WithLibrary] names, else the environment variable [LibraryEnv], else the
// usual places of the system.
//
// # What is wrapped
//
// The binding has limits that this package works around, mostly by rewriting
// the model before ONNX Runtime sees it (see graft.go):
//
//   - The binding passes Go memory to C without keeping it alive: inputs are
//     pinned until the run has returned.
//   - It cannot read outputs of rank 0, nor of types other than the plain
//     numbers: such outputs get a Cast to a type that it reads and an Unsqueeze
//     that gives them a dimension, which are undone here.
//   - It cannot make inputs of rank 0 of every type, and panics on a model
//     without inputs: such inputs are squeezed inside of the model, and a model
//     without inputs gets one that nothing reads.
//   - Initializers that are also graph inputs cannot be folded, packed or laid
//     out anew, which costs more than half of the speed of some models: they
//     stop being inputs, until a run gives one a value.
//   - Panics of the binding become errors.
package ort
