// Package infer is the short way in: it opens a pretrained ONNX model with the
// project's own engine and runs it.
//
//	s, err := infer.Open("model.onnx")
//	if err != nil { … }
//	defer s.Close()
//	out, err := s.Run(ctx, map[string]tensor.Value{"input": x})
//
// Values are those of package runtime/tensor. Another engine is a word away:
//
//	s, err := infer.Open("model.onnx", infer.WithEngine(ort.New()))
//
// Packages point downwards only; a test holds the table of who may import whom
// (internal/archtest), and docs/architecture.md gives the reasons:
//
//	cmd/infer             the command line
//	judge, finetune       evaluation; training (they do not import each other)
//	models                face, text, lm: what goes in and comes out of a model
//	infer                 this package
//	runtime/native        the project's own engine (also runtime/ort, runtime/gorgonia)
//	runtime               the interfaces that all engines share
//	runtime/ops           what is known of each operator
//	runtime/kernel        numbers only: slices in, slices out
//	runtime/onnx          the model in memory
//	runtime/tensor        dense values of every ONNX type
package infer
