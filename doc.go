// Package infer opens pretrained ONNX models and runs them.
package infer
