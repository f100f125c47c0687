package onnx

// source is where a model was read from.
type source struct {
	dir string // folder that external data is looked for in; "" where there is none
}
