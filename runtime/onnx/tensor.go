package onnx

import (
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Tensor is a constant as a file stores it (TensorProto): typed lists, raw
// bytes, or a place in another file. [Tensor.Value] makes the value of it.
type Tensor struct {
	Name     string
	Doc      string
	Dims     []int64
	DType    tensor.DType
	Raw      []byte // little-endian, as in the file; shared with it where mapped
	HasRaw   bool   // Raw is the data, even where it is empty
	Floats   []float32
	Int32s   []int32
	Strings  [][]byte
	Int64s   []int64
	Doubles  []float64
	Uint64s  []uint64
	External []StringPair // location, offset, length, checksum
	Location int32        // 1 where the data is external
	Segment  RawMessage
	Metadata []StringPair
	Unknown  []byte

	source  *source // resolves external data
	present presence
}

// NewTensor makes a constant of the value v, whose buffer it shares.
func NewTensor(name string, v *tensor.Tensor) *Tensor {
	t := &Tensor{Name: name, DType: v.DType(), Dims: make([]int64, v.Rank())}
	for i, d := range v.Shape() {
		t.Dims[i] = int64(d)
	}
	if v.DType() == tensor.String {
		strs, _ := tensor.Data[string](v) // the type was just checked
		t.Strings = make([][]byte, len(strs))
		for i, s := range strs {
			t.Strings[i] = []byte(s)
		}
		return t
	}
	t.Raw, t.HasRaw = v.Bytes(), true
	return t
}
