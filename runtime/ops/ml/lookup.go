package ml

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/cast"
	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// lookup finds the number of a key among a list of keys.
type lookup struct {
	dtype   tensor.DType
	strings map[string]int
	ints    map[int64]int
	floats  map[float64]int
	nan     int // of NaN, or -1
	n       int
}

// newLookup takes keys of any type that a LabelEncoder may have. Of equal keys
// the last counts; all NaN are equal.
func newLookup(keys *tensor.Tensor) (*lookup, error) {
	l := &lookup{dtype: keys.DType(), nan: -1, n: keys.Len()}
	switch {
	case l.dtype == tensor.String:
		list, err := tensor.Data[string](keys)
		if err != nil {
			return nil, err
		}
		l.strings = make(map[string]int, len(list))
		for i, k := range list {
			l.strings[k] = i
		}
	case l.dtype.IsInteger():
		list, err := wideNumbers[int64](keys)
		if err != nil {
			return nil, err
		}
		l.ints = make(map[int64]int, len(list))
		for i, k := range list {
			l.ints[k] = i
		}
	case l.dtype.IsFloat():
		list, err := wideNumbers[float64](keys)
		if err != nil {
			return nil, err
		}
		l.floats = make(map[float64]int, len(list))
		for i, k := range list {
			if math.IsNaN(k) {
				l.nan = i
			} else {
				l.floats[k] = i
			}
		}
	default:
		return nil, fmt.Errorf("keys are %v, expected strings or numbers", l.dtype)
	}
	return l, nil
}

// wideNumbers reads a tensor of numbers in a wide type.
func wideNumbers[T int64 | float64](t *tensor.Tensor) ([]T, error) {
	out := make([]T, t.Len())
	wide, err := tensor.FromSlice(out, t.Shape()...)
	if err != nil {
		return nil, err
	}
	return out, cast.Convert(nil, wide, t, cast.Options{})
}

// find gives the number of each element of t among the keys, or the number of
// keys where it is none of them.
func (l *lookup) find(t *tensor.Tensor) ([]int, error) {
	if t.DType() != l.dtype {
		return nil, fmt.Errorf("input is %v, expected %v", t.DType(), l.dtype)
	}
	out := make([]int, t.Len())
	switch {
	case l.strings != nil:
		list, err := tensor.Data[string](t)
		if err != nil {
			return nil, err
		}
		findAll(out, list, l.strings, l.n)
	case l.ints != nil:
		list, err := wideNumbers[int64](t)
		if err != nil {
			return nil, err
		}
		findAll(out, list, l.ints, l.n)
	default:
		list, err := wideNumbers[float64](t)
		if err != nil {
			return nil, err
		}
		findAll(out, list, l.floats, l.n)
		for i, k := range list {
			if math.IsNaN(k) && l.nan >= 0 {
				out[i] = l.nan
			}
		}
	}
	return out, nil
}

func findAll[K comparable](out []int, list []K, numbers map[K]int, none int) {
	for i, k := range list {
		at, ok := numbers[k]
		if !ok {
			at = none
		}
		out[i] = at
	}
}

// mapping replaces keys by values; the last value is that of all other keys.
type mapping struct {
	keys   *lookup
	values *tensor.Tensor
}

// newMapping checks that there is a value for each key.
func newMapping(keys, values, other *tensor.Tensor) (*mapping, error) {
	if keys.Len() != values.Len() {
		return nil, fmt.Errorf("there are %d keys and %d values", keys.Len(), values.Len())
	}
	if other.DType() != values.DType() || other.Len() != 1 {
		return nil, fmt.Errorf("default is %v, expected one element of %v", other, values.DType())
	}
	l, err := newLookup(keys)
	if err != nil {
		return nil, err
	}
	all, err := tensor.New(values.DType(), values.Len()+1)
	if err != nil {
		return nil, err
	}
	dst := cells.Dest(all)
	for i, t := range []*tensor.Tensor{values, other} {
		src := cells.Load(t)
		at := i * values.Len()
		copy(dst.Bytes[min(at*dst.Size, len(dst.Bytes)):], src.Bytes)
		copy(dst.Strings[min(at, len(dst.Strings)):], src.Strings)
	}
	dst.Flush()
	return &mapping{keys: l, values: all}, nil
}

// Run replaces the elements of input 0.
func (m *mapping) Run(c *ops.Call) error {
	in, err := c.Need(0)
	if err != nil {
		return err
	}
	list, err := m.keys.find(in)
	if err != nil {
		return err
	}
	out, err := c.Output(0, m.values.DType(), in.Shape()...)
	if err != nil {
		return err
	}
	dst := cells.Dest(out)
	gather.Blocks(c.Pool, dst, cells.Load(m.values), list, 1, 1, 1, 0)
	dst.Flush()
	return nil
}
