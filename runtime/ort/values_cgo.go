//go:build cgo

package ort

import (
	"fmt"
	goruntime "runtime"
	"slices"
	"strings"
	"unsafe"

	binding "github.com/yalue/onnxruntime_go"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// cargo holds the values of one run on the C side, and the Go memory behind
// them in its place, until release.
type cargo struct {
	values   []binding.Value // to destroy
	pins     goruntime.Pinner
	standard bool // see elementType
}

// release gives everything back.
func (c *cargo) release() {
	defer c.pins.Unpin() // even where the binding panics at a value it made by half
	for _, v := range slices.Backward(c.values) {
		_ = v.Destroy() // of a value that exists: cannot fail
	}
}

// keep remembers a value that was just made.
func (c *cargo) keep(v binding.Value, err error) (binding.Value, error) {
	if err != nil {
		return nil, err
	}
	c.values = append(c.values, v)
	return v, nil
}

// load makes the value that goes in by p.
func (c *cargo) load(p *port, v tensor.Value) (binding.Value, error) {
	switch v := v.(type) {
	case *tensor.Tensor:
		return c.loadTensor(v, p.lifted)
	case *tensor.Optional:
		if v.Value == nil {
			return nil, fmt.Errorf("the binding cannot pass an optional that is empty")
		}
		return c.load(p, v.Value)
	case *tensor.Sequence:
		return c.loadSequence(v)
	case *tensor.Map:
		keys, err := c.loadTensor(v.Keys, false)
		if err != nil {
			return nil, err
		}
		values, err := c.load(p, v.Values)
		if err != nil {
			return nil, err
		}
		m, err := binding.NewMap(keys, values)
		return c.keep(m, err)
	}
	return nil, fmt.Errorf("the binding cannot pass a %v", v.Kind())
}

func (c *cargo) loadSequence(s *tensor.Sequence) (binding.Value, error) {
	if len(s.Items) == 0 {
		return nil, fmt.Errorf("the binding cannot pass a sequence that is empty")
	}
	items := make([]binding.Value, len(s.Items))
	for i, item := range s.Items {
		v, err := c.load(&port{}, item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		items[i] = v
	}
	v, err := binding.NewSequence(items)
	return c.keep(v, err)
}

// loadTensor makes a value over the memory of t, which it pins.
func (c *cargo) loadTensor(t *tensor.Tensor, lifted bool) (binding.Value, error) {
	shape := make(binding.Shape, 0, t.Rank()+1)
	if lifted {
		shape = append(shape, 1)
	}
	for _, d := range t.Shape() {
		shape = append(shape, int64(d))
	}
	if t.DType() == tensor.String {
		return c.loadStrings(t, shape)
	}
	buf := t.Bytes()
	if len(buf) > 0 {
		c.pins.Pin(unsafe.SliceData(buf))
	}
	switch t.DType() {
	case tensor.Float32:
		return c.keep(number[float32](t, shape))
	case tensor.Float64:
		return c.keep(number[float64](t, shape))
	case tensor.Bool:
		return c.keep(number[bool](t, shape))
	case tensor.Int8:
		return c.keep(number[int8](t, shape))
	case tensor.Int16:
		return c.keep(number[int16](t, shape))
	case tensor.Int32:
		return c.keep(number[int32](t, shape))
	case tensor.Int64:
		return c.keep(number[int64](t, shape))
	case tensor.Uint8:
		return c.keep(number[uint8](t, shape))
	case tensor.Uint16:
		return c.keep(number[uint16](t, shape))
	case tensor.Uint32:
		return c.keep(number[uint32](t, shape))
	case tensor.Uint64:
		return c.keep(number[uint64](t, shape))
	default:
		return c.loadBytes(buf, shape, t.DType())
	}
}

// loadBytes makes a value of a type that the binding knows by its number only.
func (c *cargo) loadBytes(buf []byte, shape binding.Shape, d tensor.DType) (binding.Value, error) {
	if len(buf) == 0 { // the binding wants a byte, of which none is used
		buf = tensor.Alloc(8)
		c.pins.Pin(unsafe.SliceData(buf))
	}
	v, err := binding.NewCustomDataTensor(shape, buf, elementType(d, c.standard))
	return c.keep(v, err)
}

// elements are the types that both sides have in Go.
type elements interface {
	float32 | float64 | bool | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

func number[T elements](t *tensor.Tensor, shape binding.Shape) (binding.Value, error) {
	data, err := tensor.Data[T](t)
	if err != nil {
		return nil, err
	}
	if len(shape) == 0 {
		return asValue(binding.NewScalar(data[0]))
	}
	return asValue(binding.NewTensor(shape, data))
}

// asValue keeps a nil pointer from becoming an interface that is not nil.
func asValue[V binding.Value](v V, err error) (binding.Value, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (c *cargo) loadStrings(t *tensor.Tensor, shape binding.Shape) (binding.Value, error) {
	strs, err := tensor.Data[string](t)
	if err != nil {
		return nil, err
	}
	for i, s := range strs {
		if strings.ContainsRune(s, 0) {
			return nil, fmt.Errorf("string %d has a zero byte, where C strings end", i)
		}
	}
	if len(shape) == 0 {
		return nil, fmt.Errorf("the binding cannot pass a string of rank 0 here")
	}
	v, err := binding.NewStringTensor(shape)
	if err != nil {
		return nil, err
	}
	c.values = append(c.values, v)
	return v, v.SetContents(strs)
}

// unload makes our value of one that came out by p. It shares no C memory.
func unload(p *port, v binding.Value) (tensor.Value, error) {
	switch v := v.(type) {
	case *binding.Sequence:
		return unloadSequence(p, v)
	case *binding.Map:
		keys, values, err := v.GetKeysAndValues()
		if err != nil {
			return nil, err
		}
		k, err := unloadTensor(&port{}, keys)
		if err != nil {
			return nil, err
		}
		val, err := unload(&port{}, values)
		if err != nil {
			return nil, err
		}
		return &tensor.Map{Keys: k, Values: val}, nil
	}
	t, err := unloadTensor(p, v)
	if err != nil {
		return nil, err
	}
	if p.kind == onnx.TypeOptional {
		return &tensor.Optional{DType: t.DType(), Value: t}, nil
	}
	return t, nil
}

func unloadSequence(p *port, v *binding.Sequence) (tensor.Value, error) {
	items, err := v.GetValues()
	if err != nil {
		return nil, err
	}
	s := &tensor.Sequence{DType: p.dtype}
	for i, item := range items {
		v, err := unload(&port{}, item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		if t, ok := v.(*tensor.Tensor); ok {
			s.DType = t.DType()
		}
		s.Items = append(s.Items, v)
	}
	if p.kind == onnx.TypeOptional {
		return &tensor.Optional{DType: s.DType, Value: s}, nil
	}
	return s, nil
}

// unloadTensor takes over the Go memory that the binding copied the tensor to.
func unloadTensor(p *port, v binding.Value) (*tensor.Tensor, error) {
	dims := v.GetShape()
	if p.lifted {
		dims = dims[1:]
	}
	shape := make([]int, len(dims))
	for i, d := range dims {
		shape[i] = int(d)
	}
	t, err := take(v, shape)
	if err != nil || p.dtype == p.carried {
		return t, err
	}
	return restore(t, p.dtype)
}

func take(v binding.Value, shape []int) (*tensor.Tensor, error) {
	switch v := v.(type) {
	case *binding.Tensor[float32]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[float64]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[bool]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[int8]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[int16]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[int32]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[int64]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[uint8]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[uint16]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[uint32]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.Tensor[uint64]:
		return tensor.FromSlice(v.GetData(), shape...)
	case *binding.StringTensor:
		strs, err := v.GetContents()
		if err != nil {
			return nil, err
		}
		return tensor.FromSlice(strs, shape...)
	case *binding.CustomDataTensor:
		d := dtypeOf(binding.TensorElementDataType(v.DataType()))
		if d.Bits() != 8 { // one byte an element is what the binding copied
			return nil, fmt.Errorf("the binding cannot return %v elements here", d)
		}
		return tensor.Wrap(d, v.GetData(), shape...)
	}
	return nil, fmt.Errorf("the binding returned a %T", v)
}

// restore undoes the Cast that [carrier] asked for. Every value is exact.
func restore(t *tensor.Tensor, d tensor.DType) (*tensor.Tensor, error) {
	switch d {
	case tensor.Float16:
		return narrow(t, tensor.F16From)
	case tensor.BFloat16:
		return narrow(t, tensor.BF16From)
	case tensor.Float4E2M1:
		values, err := tensor.Data[float32](t)
		if err != nil {
			return nil, err
		}
		bits := make([]int8, len(values))
		for i, v := range values {
			bits[i] = int8(tensor.F4E2M1From(v))
		}
		return tensor.Pack(d, bits, t.Shape()...)
	case tensor.Int4, tensor.Int2:
		values, err := tensor.Data[int8](t)
		if err != nil {
			return nil, err
		}
		return tensor.Pack(d, values, t.Shape()...)
	case tensor.Uint4, tensor.Uint2:
		values, err := tensor.Data[uint8](t)
		if err != nil {
			return nil, err
		}
		bits := make([]int8, len(values))
		for i, v := range values {
			bits[i] = int8(v)
		}
		return tensor.Pack(d, bits, t.Shape()...)
	default:
		return nil, fmt.Errorf("the binding cannot return %v elements", d)
	}
}

func narrow[T tensor.F16 | tensor.BF16](t *tensor.Tensor, from func(float32) T) (*tensor.Tensor, error) {
	values, err := tensor.Data[float32](t)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = from(v)
	}
	return tensor.FromSlice(out, t.Shape()...)
}
