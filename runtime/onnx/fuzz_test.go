package onnx

import (
	"bytes"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// FuzzParse reads anything, checks it, makes all values, and writes it: what
// was written must read back to the same bytes.
func FuzzParse(f *testing.F) {
	seed := func(m *Model) {
		data, err := m.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	seed(goodModel())
	seed(functionModel())
	seed(savedModel())
	seed(reluModel(externalTensor(4, "location", "w.data")))
	seed(&Model{Graph: branching()})
	sparse := goodModel()
	sparse.Graph.SparseInitializers = []*SparseTensor{{Values: NewTensor("s", tensor.Vector[int8](1)), Indices: NewTensor("", tensor.Vector[int64](3)), Dims: dims(4)}}
	seed(sparse)
	f.Add([]byte("not a model"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := Parse(data)
		if err != nil {
			return
		}
		_ = Check(m) // must not panic; what it finds is its own affair
		tensors(m, func(tt *Tensor, _ bool) {
			v, err := tt.Value()
			if err == nil && v.DType() != tt.DType {
				t.Errorf("tensor of %v has a value of %v", tt.DType, v.DType())
			}
			if err != nil && mustHaveValue(tt) {
				t.Errorf("tensor %q passes the check and has no value: %v", tt.Name, err)
			}
		})
		for _, s := range m.Graph.SparseInitializers {
			_, _ = s.Value()
		}
		if in, err := Inline(m, nil); err == nil {
			_ = Check(in)
		}
		_ = m.Clone().Graph.Sort()
		first, err := m.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(first)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		second, err := again.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Error("written, read and written differs")
		}
		if (Check(m) == nil) != (Check(again) == nil) {
			t.Errorf("the model that was written checks differently: %v, before %v", Check(again), Check(m))
		}
	})
}

// mustHaveValue reports whether a tensor that passes the check has a value for
// sure: the check looks into no other file, and not at each number of a list.
func mustHaveValue(t *Tensor) bool {
	return t.Location == 0 && (t.HasRaw || len(t.Int32s) == 0 && len(t.Uint64s) == 0) && t.check() == nil
}

// FuzzTensorPB reads anything as a tensor and as values of other kinds.
func FuzzTensorPB(f *testing.F) {
	seq := &tensor.Sequence{Items: []tensor.Value{tensor.Vector[int64](1, 2)}}
	for _, v := range []tensor.Value{
		tensor.Vector[float32](1, 2), tensor.Vector("a", "b"), tensor.Scalar(true), seq,
		&tensor.Optional{Value: seq}, &tensor.Map{Keys: tensor.Vector("k"), Values: seq},
	} {
		data, err := MarshalValue(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	elem := TensorOf(tensor.Float32)
	kinds := []*Type{
		elem,
		{Kind: TypeSequence, Elem: elem},
		{Kind: TypeOptional, Elem: &Type{Kind: TypeSequence, Elem: elem}},
		{Kind: TypeMap, DType: tensor.Int64, Elem: elem},
		{Kind: TypeSparseTensor, DType: tensor.Float32},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, typ := range kinds {
			v, err := ParseValue(data, typ)
			if err != nil {
				continue
			}
			out, err := MarshalValue(v)
			if err != nil {
				continue // sequences of several kinds can be read and not written
			}
			if typ.Kind == TypeSparseTensor {
				typ = elem
			}
			again, err := ParseValue(out, typ)
			if err != nil || !tensor.Equal(v, again) {
				t.Errorf("%v: written and read gives another value (%v)", typ, err)
			}
		}
	})
}
