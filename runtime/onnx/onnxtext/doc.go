// Package onnxtext reads and writes graphs in the text syntax of the ONNX
// project (onnx/docs/Syntax.md): for tests, for messages, for looking at what a
// pass did.
//
//	<ir_version: 8, opset_import: ["": 18]>
//	net (float[N,3] x) => (float[N,2] y)
//	<float[3,2] w = {1, 2, 3, 4, 5, 6}>
//	{
//	   t = MatMul(x, w)
//	   y = LeakyRelu<alpha = 0.1>(t)
//	}
//
// Covered are models of one graph with its subgraphs; element types by their
// names in the syntax or in package tensor; attributes that are numbers,
// strings, lists of these, tensors and graphs. Functions are not.
package onnxtext
