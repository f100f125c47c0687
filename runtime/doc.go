// Package runtime is what all engines share: the interfaces that a model is
// opened and run through, and the checks that every engine makes.
//
// An [Engine] turns a model into a [Session]; a Session runs it. Code above
// this package (models, finetune, judge) sees engines only through these
// interfaces, so that what runs on one engine runs on another by changing a
// word. The engines are in the packages below: native, the project's own;
// ort, ONNX Runtime through cgo; gorgonia, onnx-go under a build tag.
package runtime
