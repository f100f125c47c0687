package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// readJSON makes a tensor of nested arrays of numbers, bools or strings. The
// element type is the one that the model wants; the shape is that of the arrays.
func readJSON(data []byte, typ *onnx.Type) (tensor.Value, error) {
	if typ == nil || typ.Kind != onnx.TypeTensor {
		return nil, fmt.Errorf("JSON gives tensors only, and the model wants %v", typ)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more follows the JSON value")
	}
	var shape []int
	for level := tree; ; {
		list, ok := level.([]any)
		if !ok {
			break
		}
		if shape = append(shape, len(list)); len(list) == 0 {
			break
		}
		level = list[0]
	}
	var leaves []any
	if err := flatten(tree, shape, &leaves); err != nil {
		return nil, err
	}
	return parseElements(leaves, shape, typ.DType)
}

func parseElements(leaves []any, shape []int, d tensor.DType) (tensor.Value, error) {
	switch d {
	case tensor.Float32:
		return parsed(leaves, shape, func(s string) (float32, error) { v, err := strconv.ParseFloat(s, 32); return float32(v), err })
	case tensor.Float64:
		return parsed(leaves, shape, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	case tensor.Float16:
		return parsed(leaves, shape, func(s string) (tensor.F16, error) {
			v, err := strconv.ParseFloat(s, 32)
			return tensor.F16From(float32(v)), err
		})
	case tensor.BFloat16:
		return parsed(leaves, shape, func(s string) (tensor.BF16, error) {
			v, err := strconv.ParseFloat(s, 32)
			return tensor.BF16From(float32(v)), err
		})
	case tensor.Int8:
		return parsed(leaves, shape, signed[int8](8))
	case tensor.Int16:
		return parsed(leaves, shape, signed[int16](16))
	case tensor.Int32:
		return parsed(leaves, shape, signed[int32](32))
	case tensor.Int64:
		return parsed(leaves, shape, signed[int64](64))
	case tensor.Uint8:
		return parsed(leaves, shape, unsigned[uint8](8))
	case tensor.Uint16:
		return parsed(leaves, shape, unsigned[uint16](16))
	case tensor.Uint32:
		return parsed(leaves, shape, unsigned[uint32](32))
	case tensor.Uint64:
		return parsed(leaves, shape, unsigned[uint64](64))
	case tensor.Bool:
		return plain[bool](leaves, shape, "true or false")
	case tensor.String:
		return plain[string](leaves, shape, "a string")
	default:
		return nil, fmt.Errorf("JSON cannot give elements of %v", d)
	}
}

// flatten lists the leaves of nested arrays, which must have that shape.
func flatten(node any, shape []int, leaves *[]any) error {
	list, isList := node.([]any)
	if len(shape) == 0 {
		if isList {
			return errors.New("the arrays are nested to different depths")
		}
		*leaves = append(*leaves, node)
		return nil
	}
	if !isList {
		return errors.New("the arrays are nested to different depths")
	}
	if len(list) != shape[0] {
		return fmt.Errorf("arrays of one level have lengths %d and %d", shape[0], len(list))
	}
	for _, item := range list {
		if err := flatten(item, shape[1:], leaves); err != nil {
			return err
		}
	}
	return nil
}

func parsed[T tensor.Element](leaves []any, shape []int, parse func(string) (T, error)) (tensor.Value, error) {
	values := make([]T, len(leaves))
	for i, leaf := range leaves {
		n, ok := leaf.(json.Number)
		if !ok {
			return nil, fmt.Errorf("element %d is %v, expected a number", i, leaf)
		}
		v, err := parse(n.String())
		if err != nil {
			return nil, fmt.Errorf("element %d: %s does not fit %v", i, n, tensor.TypeOf[T]())
		}
		values[i] = v
	}
	return tensor.FromSlice(values, shape...)
}

func plain[T bool | string](leaves []any, shape []int, want string) (tensor.Value, error) {
	values := make([]T, len(leaves))
	for i, leaf := range leaves {
		v, ok := leaf.(T)
		if !ok {
			return nil, fmt.Errorf("element %d is %v, expected %s", i, leaf, want)
		}
		values[i] = v
	}
	return tensor.FromSlice(values, shape...)
}

func signed[T int8 | int16 | int32 | int64](bits int) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := strconv.ParseInt(s, 10, bits)
		return T(v), err
	}
}

func unsigned[T uint8 | uint16 | uint32 | uint64](bits int) func(string) (T, error) {
	return func(s string) (T, error) {
		v, err := strconv.ParseUint(s, 10, bits)
		return T(v), err
	}
}

// toJSON makes what [json.Marshal] turns into nested arrays.
func toJSON(v tensor.Value) (any, error) {
	switch v := v.(type) {
	case *tensor.Tensor:
		leaves, err := elements(v)
		if err != nil {
			return nil, err
		}
		return nest(leaves, v.Shape()), nil
	case *tensor.Sequence:
		list := make([]any, len(v.Items))
		for i, item := range v.Items {
			var err error
			if list[i], err = toJSON(item); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *tensor.Optional:
		if v.Value == nil {
			return nil, nil
		}
		return toJSON(v.Value)
	}
	return nil, fmt.Errorf("a %v cannot be written as JSON", v.Kind())
}

func nest(leaves []any, shape []int) any {
	if len(shape) == 0 {
		return leaves[0]
	}
	list := make([]any, shape[0])
	if len(shape) == 1 {
		copy(list, leaves)
		return list
	}
	step := 0
	if shape[0] > 0 {
		step = len(leaves) / shape[0]
	}
	for i := range list {
		list[i] = nest(leaves[i*step:(i+1)*step], shape[1:])
	}
	return list
}

// elements lists the elements of a tensor as JSON values. JSON has no infinity
// and no NaN: they become strings.
func elements(t *tensor.Tensor) ([]any, error) {
	switch t.DType() {
	case tensor.Float32:
		return each(t, func(v float32) any { return number(float64(v), 32) })
	case tensor.Float64:
		return each(t, func(v float64) any { return number(v, 64) })
	case tensor.Float16:
		return each(t, func(v tensor.F16) any { return number(float64(v.Float32()), 32) })
	case tensor.BFloat16:
		return each(t, func(v tensor.BF16) any { return number(float64(v.Float32()), 32) })
	case tensor.Int8:
		return each(t, func(v int8) any { return v })
	case tensor.Int16:
		return each(t, func(v int16) any { return v })
	case tensor.Int32:
		return each(t, func(v int32) any { return v })
	case tensor.Int64:
		return each(t, func(v int64) any { return v })
	case tensor.Uint8:
		return each(t, func(v uint8) any { return v })
	case tensor.Uint16:
		return each(t, func(v uint16) any { return v })
	case tensor.Uint32:
		return each(t, func(v uint32) any { return v })
	case tensor.Uint64:
		return each(t, func(v uint64) any { return v })
	case tensor.Bool:
		return each(t, func(v bool) any { return v })
	case tensor.String:
		return each(t, func(v string) any { return v })
	default:
		return nil, fmt.Errorf("elements of %v cannot be written as JSON", t.DType())
	}
}

func each[T tensor.Element](t *tensor.Tensor, to func(T) any) ([]any, error) {
	data, err := tensor.Data[T](t)
	list := make([]any, len(data))
	for i, v := range data {
		list[i] = to(v)
	}
	return list, err
}

func number(v float64, bits int) any {
	s := strconv.FormatFloat(v, 'g', -1, bits)
	if v-v != 0 { // infinite or NaN
		return s
	}
	return json.Number(s)
}
