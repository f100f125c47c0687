package onnx

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// MarshalValue encodes a value as the standard's test data stores it, the
// inverse of [ParseValue]: a tensor as TensorProto, a sequence as SequenceProto,
// an optional as OptionalProto, a map as MapProto.
func MarshalValue(v tensor.Value) ([]byte, error) {
	s := newSchema()
	switch v := v.(type) {
	case *tensor.Tensor:
		return s.tensor.write(nil, NewTensor("", v)), nil
	case *tensor.Sequence:
		p, err := sequenceOf(v)
		if err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
		return s.sequence.write(nil, p), nil
	case *tensor.Optional:
		p, err := optionalOf(v)
		if err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
		return s.optional.write(nil, p), nil
	case *tensor.Map:
		p, err := mapOf(v)
		if err != nil {
			return nil, fmt.Errorf("onnx: %w", err)
		}
		return s.dict.write(nil, p), nil
	default:
		return nil, fmt.Errorf("onnx: value of type %T cannot be encoded", v)
	}
}

func sequenceOf(v *tensor.Sequence) (*sequenceProto, error) {
	p := &sequenceProto{kind: valueTensor} // what an empty one holds is not known better
	for i, item := range v.Items {
		kind := kindOf(item)
		if i > 0 && kind != p.kind {
			return nil, fmt.Errorf("sequence item %d is a %v, item 0 a %v", i, item.Kind(), v.Items[0].Kind())
		}
		p.kind = kind
		var err error
		switch item := item.(type) {
		case *tensor.Tensor:
			p.tensors = append(p.tensors, NewTensor("", item))
		case *tensor.Sequence:
			p.sequences, err = appendOf(p.sequences, item, sequenceOf)
		case *tensor.Optional:
			p.optionals, err = appendOf(p.optionals, item, optionalOf)
		case *tensor.Map:
			p.maps, err = appendOf(p.maps, item, mapOf)
		default:
			err = fmt.Errorf("value of type %T cannot be encoded", item)
		}
		if err != nil {
			return nil, fmt.Errorf("sequence item %d: %w", i, err)
		}
	}
	return p, nil
}

// appendOf encodes an item and appends it to the list of its kind.
func appendOf[P, V any](list []*P, v V, encode func(V) (*P, error)) ([]*P, error) {
	p, err := encode(v)
	if err != nil {
		return nil, err
	}
	return append(list, p), nil
}

func optionalOf(v *tensor.Optional) (*optionalProto, error) {
	p := &optionalProto{kind: kindOf(v.Value)}
	var err error
	switch item := v.Value.(type) {
	case nil:
	case *tensor.Tensor:
		p.tensor = NewTensor("", item)
	case *tensor.Sequence:
		p.sequence, err = sequenceOf(item)
	case *tensor.Optional:
		p.optional, err = optionalOf(item)
	case *tensor.Map:
		p.dict, err = mapOf(item)
	default:
		err = fmt.Errorf("value of type %T cannot be encoded", item)
	}
	if err != nil {
		return nil, fmt.Errorf("content of the optional: %w", err)
	}
	return p, nil
}

func mapOf(v *tensor.Map) (*mapProto, error) {
	seq, ok := v.Values.(*tensor.Sequence)
	if t, isTensor := v.Values.(*tensor.Tensor); isTensor && t != nil {
		seq, ok = unstack(t)
	}
	if !ok || v.Keys == nil || v.Keys.Len() != len(seq.Items) {
		return nil, fmt.Errorf("a map needs a vector or sequence with one value for each key")
	}
	p := &mapProto{keyType: v.Keys.DType()}
	switch p.keyType {
	case tensor.String:
		p.strings = NewTensor("", v.Keys).Strings
	case tensor.Int64:
		p.ints, _ = tensor.Data[int64](v.Keys) // the type was just checked
	default:
		return nil, fmt.Errorf("map keys are %v, wanted int64 or string", p.keyType)
	}
	var err error
	if p.values, err = sequenceOf(seq); err != nil {
		return nil, fmt.Errorf("values of the map: %w", err)
	}
	return p, nil
}

// unstack is the inverse of stack.
func unstack(t *tensor.Tensor) (*tensor.Sequence, bool) {
	if t.Rank() != 1 || t.DType().Packed() {
		return nil, false
	}
	seq := &tensor.Sequence{DType: t.DType()}
	if strs, err := tensor.Data[string](t); err == nil {
		for _, s := range strs {
			seq.Items = append(seq.Items, tensor.Scalar(s))
		}
		return seq, true
	}
	width := t.DType().Bits() / 8
	for i := range t.Len() {
		item, err := tensor.Wrap(t.DType(), t.Bytes()[i*width:(i+1)*width])
		if err != nil {
			return nil, false
		}
		seq.Items = append(seq.Items, item)
	}
	return seq, true
}

func kindOf(v tensor.Value) valueKind {
	switch v.(type) {
	case *tensor.Tensor:
		return valueTensor
	case *tensor.Sequence:
		return valueSequence
	case *tensor.Optional:
		return valueOptional
	case *tensor.Map:
		return valueMap
	default:
		return valueUndefined
	}
}
