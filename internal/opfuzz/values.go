package opfuzz

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// kind is what values look like.
type kind int

const (
	normal   kind = iota // around 0
	positive             // from 0.1 to 3
	unit                 // from -0.95 to 0.95
	whole                // small integers
	special              // normal, with infinities, NaN and the extremes of the type among them
)

// Types that most operators take.
var (
	floatTypes  = []tensor.DType{tensor.Float32, tensor.Float32, tensor.Float32, tensor.Float64, tensor.Float16}
	wideFloats  = []tensor.DType{tensor.Float32, tensor.Float32, tensor.Float64}
	onlyFloat   = []tensor.DType{tensor.Float32}
	numbers     = []tensor.DType{tensor.Float32, tensor.Float64, tensor.Int32, tensor.Int64}
	allNumbers  = []tensor.DType{tensor.Float32, tensor.Float64, tensor.Float16, tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64, tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64}
	unsigned    = []tensor.DType{tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64}
	integers    = []tensor.DType{tensor.Int8, tensor.Int16, tensor.Int32, tensor.Int64, tensor.Uint8, tensor.Uint16, tensor.Uint32, tensor.Uint64}
	movedTypes  = append([]tensor.DType{tensor.Bool}, allNumbers...)
	indexTypes  = []tensor.DType{tensor.Int32, tensor.Int64}
	booleanType = []tensor.DType{tensor.Bool}
)

// chance is true once in n times.
func (g *gen) chance(n int) bool { return g.IntN(n) == 0 }

func oneOf[T any](g *gen, list ...T) T { return list[g.IntN(len(list))] }

// dim is a size: mostly small, now and then 0.
func (g *gen) dim() int {
	switch {
	case g.chance(25):
		return 0
	case g.chance(5):
		return 1
	case g.chance(12):
		return 6 + g.IntN(30)
	}
	return 2 + g.IntN(4)
}

// size is a dimension that is not 0.
func (g *gen) size() int { return max(1, g.dim()) }

func (g *gen) shape(rank int) []int {
	s := make([]int, rank)
	for i := range s {
		s[i] = g.dim()
	}
	return s
}

// anyShape is a shape of a random rank up to most.
func (g *gen) anyShape(most int) []int { return g.shape(g.IntN(most + 1)) }

// broadcast is a shape that broadcasts with s to s or more.
func (g *gen) broadcast(s []int) []int {
	s = append([]int{}, s[g.IntN(len(s)+1):]...)
	for i := range s {
		if g.chance(3) {
			s[i] = 1
		}
	}
	return s
}

// axis is an axis of a rank, counted from either end.
func (g *gen) axis(rank int) int64 {
	if rank == 0 {
		return 0
	}
	a := g.IntN(rank)
	if g.chance(2) {
		return int64(a - rank)
	}
	return int64(a)
}

// axes are different axes of a rank.
func (g *gen) axes(rank int) []int64 {
	var list []int64
	for _, a := range g.Perm(rank)[:g.IntN(rank+1)] {
		if g.chance(3) {
			a -= rank
		}
		list = append(list, int64(a))
	}
	return list
}

func count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// value is one number of a kind.
func (g *gen) value(k kind) float64 {
	switch k {
	case positive:
		return 0.1 + 2.9*g.Float64()
	case unit:
		return 0.95 * (2*g.Float64() - 1)
	case whole:
		return float64(g.IntN(9) - 4)
	case normal:
	case special:
		if g.chance(4) {
			return oneOf(g, math.NaN(), math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 1e30, -1e30, math.MaxInt32, math.MinInt32, 65504, 1e-40, 0.5, 1.5, 2.5, -0.5)
		}
	}
	return 1.5 * g.NormFloat64()
}

// tensor is a tensor of random values.
func (g *gen) tensor(d tensor.DType, k kind, shape ...int) *tensor.Tensor {
	values := make([]float64, count(shape))
	for i := range values {
		values[i] = g.value(k)
		if d != tensor.Float32 && d != tensor.Float64 && d != tensor.Float16 && d != tensor.BFloat16 {
			values[i] = math.Round(3 * values[i])
		}
		if g.isUnsigned(d) {
			values[i] = math.Abs(values[i])
		}
	}
	return fromFloats(d, values, shape)
}

func (g *gen) isUnsigned(d tensor.DType) bool {
	return d == tensor.Uint8 || d == tensor.Uint16 || d == tensor.Uint32 || d == tensor.Uint64
}

// fromFloats makes a tensor of numbers brought into the range of its type.
func fromFloats(d tensor.DType, values []float64, shape []int) *tensor.Tensor {
	switch d {
	case tensor.Float32:
		return as(values, shape, func(v float64) float32 { return float32(v) })
	case tensor.Float64:
		return as(values, shape, func(v float64) float64 { return v })
	case tensor.Float16:
		return as(values, shape, func(v float64) tensor.F16 { return tensor.F16From(float32(v)) })
	case tensor.BFloat16:
		return as(values, shape, func(v float64) tensor.BF16 { return tensor.BF16From(float32(v)) })
	case tensor.Bool:
		return as(values, shape, func(v float64) bool { return v > 0 })
	case tensor.Int8:
		return as(values, shape, clamped[int8](math.MinInt8, math.MaxInt8))
	case tensor.Int16:
		return as(values, shape, clamped[int16](math.MinInt16, math.MaxInt16))
	case tensor.Int32:
		return as(values, shape, clamped[int32](math.MinInt32, math.MaxInt32))
	case tensor.Uint8:
		return as(values, shape, clamped[uint8](0, math.MaxUint8))
	case tensor.Uint16:
		return as(values, shape, clamped[uint16](0, math.MaxUint16))
	case tensor.Uint32:
		return as(values, shape, clamped[uint32](0, math.MaxUint32))
	case tensor.Uint64:
		return as(values, shape, clamped[uint64](0, 1<<62))
	}
	return as(values, shape, clamped[int64](-1<<62, 1<<62))
}

func clamped[T tensor.Element](lo, hi float64) func(float64) T {
	return func(v float64) T {
		if math.IsNaN(v) {
			v = 0
		}
		return convert[T](min(max(v, lo), hi))
	}
}

// convert is a number in an integer type.
func convert[T tensor.Element](v float64) T {
	var x T
	switch p := any(&x).(type) {
	case *int8:
		*p = int8(v)
	case *int16:
		*p = int16(v)
	case *int32:
		*p = int32(v)
	case *int64:
		*p = int64(v)
	case *uint8:
		*p = uint8(v)
	case *uint16:
		*p = uint16(v)
	case *uint32:
		*p = uint32(v)
	case *uint64:
		*p = uint64(v)
	}
	return x
}

func as[T tensor.Element](values []float64, shape []int, f func(float64) T) *tensor.Tensor {
	list := make([]T, len(values))
	for i, v := range values {
		list[i] = f(v)
	}
	t, err := tensor.FromSlice(list, shape...)
	if err != nil {
		return tensor.Vector(list...) // the shapes made here are small
	}
	return t
}

// index is a tensor of indices from 0, or -n, to below n.
func (g *gen) index(n int, shape ...int) *tensor.Tensor {
	values := make([]float64, count(shape))
	for i := range values {
		values[i] = float64(g.IntN(max(1, n)))
		if g.chance(4) {
			values[i] -= float64(n)
		}
	}
	return fromFloats(oneOf(g, indexTypes...), values, shape)
}

func ints(v ...int64) *tensor.Tensor { return tensor.Vector(v...) }

func intList(v []int) []int64 {
	list := make([]int64, len(v))
	for i, x := range v {
		list[i] = int64(x)
	}
	return list
}

func attrInt(name string, v int64) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInt, Int: v}
}

func attrInts(name string, v ...int64) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInts, Ints: v}
}

func attrFloat(name string, v float64) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrFloat, Float: float32(v)}
}

func attrStr(name, v string) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrString, String: []byte(v)}
}

// bit is an integer attribute of 0 or 1.
func (g *gen) bit(name string) *onnx.Attribute { return attrInt(name, int64(g.IntN(2))) }

// maybe leaves an attribute out once in three times.
func (g *gen) maybe(list []*onnx.Attribute, a *onnx.Attribute) []*onnx.Attribute {
	if g.chance(3) {
		return list
	}
	return append(list, a)
}
