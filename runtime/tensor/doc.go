// Package tensor holds the values that models take and give: dense tensors of
// every ONNX element type, sequences, optionals and maps.
//
// A [Tensor] is an element type, a shape and one little-endian buffer in
// row-major order. Go code reads it through a typed view:
//
//	t, err := tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)
//	v, err := tensor.Data[float32](t) // shares memory with t
//
// Types that Go lacks have a Go type here: [F16], [BF16] and the float8 family
// are stored as their bits and convert with Float32 and the From functions.
// Types narrower than a byte (int4, uint4, int2, uint2, float4e2m1) are packed,
// first element in the low bits, as the ONNX standard stores them; see
// [Tensor.Packed] and [Unpack].
//
// The package knows no other package of the project and assumes a
// little-endian machine.
package tensor
