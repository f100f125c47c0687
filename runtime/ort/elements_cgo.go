//go:build cgo

package ort

import (
	binding "github.com/yalue/onnxruntime_go"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// elementType is ONNX Runtime's number for inputs of type d. It is the
// standard's, except for the three types whose order differs: there, older
// libraries (1.30 among them) take the standard's number for inputs all the
// same, which standard says.
func elementType(d tensor.DType, standard bool) binding.TensorElementDataType {
	if !standard {
		switch d {
		case tensor.Uint2:
			return binding.TensorElementDataTypeUint2
		case tensor.Int2:
			return binding.TensorElementDataTypeInt2
		case tensor.Float8E8M0:
			return binding.TensorElementDataTypeFloat8E8M0
		default:
		}
	}
	return binding.TensorElementDataType(d)
}

// takesStandardNumbers finds out which numbers the loaded library takes for
// inputs: four uint2 fit in a byte, four elements of what the standard has in
// its place do not.
func takesStandardNumbers() bool {
	v, err := binding.NewCustomDataTensor(binding.Shape{4}, []byte{0}, binding.TensorElementDataTypeUint2)
	if err != nil {
		return true
	}
	_ = v.Destroy() // of a value that exists: cannot fail
	return false
}

// dtypeOf is the type of an output by ONNX Runtime's number.
func dtypeOf(t binding.TensorElementDataType) tensor.DType {
	switch t {
	case binding.TensorElementDataTypeUint2:
		return tensor.Uint2
	case binding.TensorElementDataTypeInt2:
		return tensor.Int2
	case binding.TensorElementDataTypeFloat8E8M0:
		return tensor.Float8E8M0
	default:
		return tensor.DType(t)
	}
}
