package onnx

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The messages of onnx-data.proto: values other than tensors, as test data is
// stored. They are read into these structs and at once turned into values.

type valueKind int32

const (
	valueUndefined valueKind = 0
	valueTensor    valueKind = 1
	valueSparse    valueKind = 2
	valueSequence  valueKind = 3
	valueMap       valueKind = 4
	valueOptional  valueKind = 5
)

type sequenceProto struct {
	name      string
	kind      valueKind
	tensors   []*Tensor
	sparse    []*SparseTensor
	sequences []*sequenceProto
	maps      []*mapProto
	optionals []*optionalProto
	unknown   []byte
}

type optionalProto struct {
	name     string
	kind     valueKind
	tensor   *Tensor
	sparse   *SparseTensor
	sequence *sequenceProto
	dict     *mapProto
	optional *optionalProto
	unknown  []byte
}

type mapProto struct {
	name    string
	keyType tensor.DType
	ints    []int64
	strings [][]byte
	values  *sequenceProto
	unknown []byte
}

func (s *schema) values() {
	s.sequence = message[sequenceProto]{unknown: func(m *sequenceProto) *[]byte { return &m.unknown }, fields: []field[sequenceProto]{
		text(1, "name", func(m *sequenceProto) *string { return &m.name }, nil),
		scalar(2, "elem_type", integer[valueKind](), func(m *sequenceProto) *valueKind { return &m.kind }, nil),
		many(3, "tensor_values", &s.tensor, func(m *sequenceProto) *[]*Tensor { return &m.tensors }),
		many(4, "sparse_tensor_values", &s.sparse, func(m *sequenceProto) *[]*SparseTensor { return &m.sparse }),
		many(5, "sequence_values", &s.sequence, func(m *sequenceProto) *[]*sequenceProto { return &m.sequences }),
		many(6, "map_values", &s.dict, func(m *sequenceProto) *[]*mapProto { return &m.maps }),
		many(7, "optional_values", &s.optional, func(m *sequenceProto) *[]*optionalProto { return &m.optionals }),
	}}
	s.optional = message[optionalProto]{unknown: func(m *optionalProto) *[]byte { return &m.unknown }, fields: []field[optionalProto]{
		text(1, "name", func(m *optionalProto) *string { return &m.name }, nil),
		scalar(2, "elem_type", integer[valueKind](), func(m *optionalProto) *valueKind { return &m.kind }, nil),
		one(3, "tensor_value", &s.tensor, func(m *optionalProto) **Tensor { return &m.tensor }),
		one(4, "sparse_tensor_value", &s.sparse, func(m *optionalProto) **SparseTensor { return &m.sparse }),
		one(5, "sequence_value", &s.sequence, func(m *optionalProto) **sequenceProto { return &m.sequence }),
		one(6, "map_value", &s.dict, func(m *optionalProto) **mapProto { return &m.dict }),
		one(7, "optional_value", &s.optional, func(m *optionalProto) **optionalProto { return &m.optional }),
	}}
	s.dict = message[mapProto]{unknown: func(m *mapProto) *[]byte { return &m.unknown }, fields: []field[mapProto]{
		text(1, "name", func(m *mapProto) *string { return &m.name }, nil),
		scalar(2, "key_type", integer[tensor.DType](), func(m *mapProto) *tensor.DType { return &m.keyType }, nil),
		numbers(3, "keys", integer[int64](), false, func(m *mapProto) *[]int64 { return &m.ints }),
		texts(4, "string_keys", func(m *mapProto) *[][]byte { return &m.strings }),
		one(5, "values", &s.sequence, func(m *mapProto) **sequenceProto { return &m.values }),
	}}
}

// ParseValue reads a value of the given type as the standard's test data
// stores it: a TensorProto, SequenceProto, OptionalProto, MapProto, or a
// SparseTensorProto, which becomes dense. The values of a map are one tensor
// where they are scalars, else a sequence.
func ParseValue(data []byte, typ *Type) (tensor.Value, error) {
	if typ == nil {
		return nil, fmt.Errorf("onnx: a value needs a type to be read")
	}
	s, d := newSchema(), &decoder{data: slices.Clip(data)}
	var v tensor.Value
	var err error
	switch typ.Kind {
	case TypeTensor:
		v, err = readAs(d, &s.tensor, func(t *Tensor) (tensor.Value, error) { return valueOf(t.Value()) })
	case TypeSparseTensor:
		v, err = readAs(d, &s.sparse, func(t *SparseTensor) (tensor.Value, error) { return valueOf(t.Value()) })
	case TypeSequence:
		v, err = readAs(d, &s.sequence, func(p *sequenceProto) (tensor.Value, error) { return p.value(typ) })
	case TypeOptional:
		v, err = readAs(d, &s.optional, func(p *optionalProto) (tensor.Value, error) { return p.value(typ) })
	case TypeMap:
		v, err = readAs(d, &s.dict, func(p *mapProto) (tensor.Value, error) { return p.value(typ) })
	default:
		err = fmt.Errorf("onnx: values of type %v cannot be read", typ)
	}
	return v, err
}

// valueOf keeps a nil tensor from becoming a value that is not nil.
func valueOf(t *tensor.Tensor, err error) (tensor.Value, error) {
	if err != nil {
		return nil, err
	}
	return t, nil
}

func readAs[M any](d *decoder, s *message[M], value func(*M) (tensor.Value, error)) (tensor.Value, error) {
	m := new(M)
	if err := s.read(d, d.data, m); err != nil {
		return nil, fmt.Errorf("onnx: %w", err)
	}
	return value(m)
}

func (p *sequenceProto) value(typ *Type) (tensor.Value, error) {
	seq := &tensor.Sequence{DType: elemDType(typ)}
	elem := typ.elem()
	add := func(v tensor.Value, err error) error {
		if err != nil {
			return fmt.Errorf("onnx: sequence item %d: %w", len(seq.Items), err)
		}
		seq.Items = append(seq.Items, v)
		return nil
	}
	for _, t := range p.tensors {
		if err := add(valueOf(t.Value())); err != nil {
			return nil, err
		}
	}
	for _, t := range p.sparse {
		if err := add(valueOf(t.Value())); err != nil {
			return nil, err
		}
	}
	for _, s := range p.sequences {
		if err := add(s.value(elem)); err != nil {
			return nil, err
		}
	}
	for _, m := range p.maps {
		if err := add(m.value(elem)); err != nil {
			return nil, err
		}
	}
	for _, o := range p.optionals {
		if err := add(o.value(elem)); err != nil {
			return nil, err
		}
	}
	if t, ok := firstTensor(seq); ok && seq.DType == tensor.Undefined {
		seq.DType = t.DType()
	}
	return seq, nil
}

func (p *optionalProto) value(typ *Type) (tensor.Value, error) {
	opt := &tensor.Optional{DType: elemDType(typ)}
	var err error
	switch {
	case p.tensor != nil:
		opt.Value, err = valueOf(p.tensor.Value())
	case p.sparse != nil:
		opt.Value, err = valueOf(p.sparse.Value())
	case p.sequence != nil:
		opt.Value, err = p.sequence.value(typ.elem())
	case p.dict != nil:
		opt.Value, err = p.dict.value(typ.elem())
	case p.optional != nil:
		opt.Value, err = p.optional.value(typ.elem())
	}
	if err != nil {
		return nil, fmt.Errorf("onnx: content of the optional: %w", err)
	}
	if opt.DType == tensor.Undefined {
		if t, ok := firstTensor(opt.Value); ok {
			opt.DType = t.DType()
		}
	}
	return opt, nil
}

func (p *mapProto) value(typ *Type) (tensor.Value, error) {
	m := new(tensor.Map)
	if len(p.strings) > 0 || p.keyType == tensor.String {
		keys := make([]string, len(p.strings))
		for i, k := range p.strings {
			keys[i] = string(k)
		}
		m.Keys = tensor.Vector(keys...)
	} else {
		m.Keys = tensor.Vector(p.ints...)
	}
	values := p.values
	if values == nil {
		values = new(sequenceProto)
	}
	v, err := values.value(&Type{Kind: TypeSequence, Elem: typ.elem()})
	if err != nil {
		return nil, fmt.Errorf("onnx: values of the map: %w", err)
	}
	if n := len(v.(*tensor.Sequence).Items); n != m.Keys.Len() {
		return nil, fmt.Errorf("onnx: map has %d keys and %d values", m.Keys.Len(), n)
	}
	m.Values = v
	if t, ok := stack(v.(*tensor.Sequence)); ok {
		m.Values = t
	}
	return m, nil
}

// stack makes one tensor of a sequence of scalars of one type, which is how the
// values of a map from keys to numbers are kept.
func stack(seq *tensor.Sequence) (*tensor.Tensor, bool) {
	if len(seq.Items) == 0 {
		return nil, false
	}
	var strs []string
	var data []byte
	for _, item := range seq.Items {
		t, ok := item.(*tensor.Tensor)
		if !ok || t.Rank() != 0 || t.DType() != seq.DType || t.DType().Packed() {
			return nil, false
		}
		if s, err := tensor.Data[string](t); err == nil {
			strs = append(strs, s...)
		}
		data = append(data, t.Bytes()...)
	}
	if seq.DType == tensor.String {
		return tensor.Vector(strs...), true
	}
	t, err := fromRaw(seq.DType, data, []int{len(seq.Items)})
	return t, err == nil
}

// elem is the type inside a sequence, optional or map; never nil.
func (t *Type) elem() *Type {
	if t == nil || t.Elem == nil {
		return new(Type)
	}
	return t.Elem
}

// elemDType is the element type of the tensors inside t.
func elemDType(t *Type) tensor.DType {
	for t != nil && (t.Kind == TypeSequence || t.Kind == TypeOptional || t.Kind == TypeMap) {
		t = t.Elem
	}
	if t == nil {
		return tensor.Undefined
	}
	return t.DType
}

// firstTensor finds some tensor inside v.
func firstTensor(v tensor.Value) (*tensor.Tensor, bool) {
	switch v := v.(type) {
	case *tensor.Tensor:
		return v, true
	case *tensor.Sequence:
		for _, item := range v.Items {
			if t, ok := firstTensor(item); ok {
				return t, true
			}
		}
	case *tensor.Optional:
		return firstTensor(v.Value)
	case *tensor.Map:
		return firstTensor(v.Values)
	}
	return nil, false
}
