// Package quantize makes models smaller: weights of 8 or 4 bits in place of float32, in
// files of standard ONNX that other engines run too.
//
//	m, err := onnx.Open("model.onnx")
//	if err != nil { … }
//	small, report, err := quantize.Model(m, quantize.Options{Bits: 8})
//	if err != nil { … }
//	err = onnx.Save("model_int8.onnx", small, onnx.SaveOptions{})
//
// What is quantised are products with a constant matrix (MatMul, and Gemm without
// scaling) and tables that Gather reads:
//
//	8 bits   MatMul(A, B) → DynamicQuantizeLinear(A), MatMulInteger, Cast, Mul by both scales;
//	         one scale for each column of B. Activations are quantised as they come, one
//	         scale a run.
//	4 bits   MatMul(A, B) → MatMulNBits (com.microsoft), or DequantizeLinear of blocks and
//	         MatMul (opset 21); one scale, and unless symmetric one zero point, for each
//	         block of rows of each column. Activations stay as they are.
//	tables   Gather(T, i) → Gather(int8 T, i), Cast, Mul by Gather(scales, i); one scale a row.
//
// Scales of 4-bit blocks are the best of a few that are tried, by the squared error.
package quantize
