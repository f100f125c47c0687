package step

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Export writes the step as a file that trains by itself: what goes from step to
// step has its first values as defaults, so that a first run needs a batch and a
// rate alone, and each later one what the run before gave. Values may be others
// than those that the step was built with; nil are these.
func (s *Step) Export(path string, values map[string]tensor.Value) error {
	m := s.Model.Clone()
	for _, list := range [][]Slot{s.Params, s.State} {
		for _, slot := range list {
			v := slot.Init
			if given, ok := values[slot.In].(*tensor.Tensor); ok {
				v = given
			}
			m.Graph.Initializers = append(m.Graph.Initializers, onnx.NewTensor(slot.In, v))
		}
	}
	if err := onnx.Check(m); err != nil {
		return err
	}
	return onnx.Save(path, m, onnx.SaveOptions{})
}
