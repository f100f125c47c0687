package onnx

import (
	"errors"
	"fmt"
	"math"
)

// Marshal encodes the model. Reading what it returns gives an equal model.
//
// Fields are written in the order of their numbers, as the reference
// implementation writes them, with unknown ones at the end of their message; a
// number or string that is zero or empty is written where the file had it. So a
// file that was written in that order comes out byte for byte.
// Raw data is copied; external data stays where it is. Protobuf messages end
// at 2 GiB: larger models need [SaveOptions.ExternalAbove].
func (m *Model) Marshal() ([]byte, error) {
	if m.Graph == nil {
		return nil, errors.New("onnx: model has no graph")
	}
	if err := m.source.open(); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	b := newSchema().model.write(make([]byte, 0, m.sizeHint()), m)
	if len(b) > math.MaxInt32 {
		return nil, fmt.Errorf("onnx: model takes %d bytes, more than the 2 GiB of a protobuf message: store initializers in an external file", len(b))
	}
	return b, nil
}

// Marshal encodes the tensor as a TensorProto.
func (t *Tensor) Marshal() ([]byte, error) {
	if err := t.source.open(); err != nil {
		return nil, fmt.Errorf("onnx: tensor %q: %w", t.Name, err)
	}
	b := newSchema().tensor.write(nil, t)
	if len(b) > math.MaxInt32 {
		return nil, fmt.Errorf("onnx: tensor %q takes %d bytes, more than the 2 GiB of a protobuf message", t.Name, len(b))
	}
	return b, nil
}

// sizeHint guesses the size of the encoded model from its weights.
func (m *Model) sizeHint() int {
	n := 64 << 10
	for _, t := range m.Graph.Initializers {
		n += len(t.Raw) + 64 + 5*(len(t.Floats)+len(t.Int32s)+len(t.Int64s))
	}
	return n + n/16
}
