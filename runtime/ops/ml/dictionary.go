package ml

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/scatter"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// needMap is input 0, which must be a map whose values are a tensor.
func needMap(c *ops.Call) (keys, values *tensor.Tensor, err error) {
	if !c.Has(0) {
		return nil, nil, errors.New("input 0 is missing")
	}
	m, ok := c.Inputs[0].(*tensor.Map)
	if !ok {
		return nil, nil, fmt.Errorf("input 0 is a %v, expected a map", c.Inputs[0].Kind())
	}
	values, ok = m.Values.(*tensor.Tensor)
	if !ok || m.Keys == nil || values.Len() != m.Keys.Len() {
		return nil, nil, errors.New("map does not have one element for each key")
	}
	return m.Keys, values, nil
}

// DictVectorizer gives the values of a map in the order of a vocabulary, zeros
// where the map lacks a key (ONNX operator spec, ai.onnx.ml.DictVectorizer-1).
var dictVectorizerDefs = []ops.Def{def("DictVectorizer", 1, 1, inferDictVectorizer, compileDictVectorizer)}

// vocabulary reads the list of keys.
func vocabulary(a *ops.Attrs) (*tensor.Tensor, error) {
	words, numbers := a.Strings("string_vocabulary"), a.Ints("int64_vocabulary")
	if err := a.Err(); err != nil {
		return nil, err
	}
	if (words == nil) == (numbers == nil) {
		return nil, errors.New("expected one of the attributes \"string_vocabulary\" and \"int64_vocabulary\"")
	}
	if words != nil {
		return tensor.Vector(words...), nil
	}
	return vector(numbers), nil
}

func inferDictVectorizer(n *ops.Inference) error {
	words, err := vocabulary(n.Attrs)
	if err != nil {
		return err
	}
	t := n.Input(0).Type
	if t != nil && t.Kind == onnx.TypeMap && t.Elem != nil && t.Elem.Kind == onnx.TypeTensor {
		n.Set(0, t.Elem.DType, onnx.Known(1), onnx.Known(words.Len()))
	}
	return nil
}

func compileDictVectorizer(n *ops.Node) (ops.Compiled, error) {
	words, err := vocabulary(n.Attrs)
	if err != nil {
		return nil, err
	}
	l, err := newLookup(words)
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		keys, values, err := needMap(c)
		if err != nil {
			return err
		}
		list, err := l.find(keys)
		if err != nil {
			return fmt.Errorf("keys: %w", err)
		}
		for i, k := range list {
			if k == l.n {
				return fmt.Errorf("key %d of the map is not in the vocabulary", i)
			}
		}
		out, err := c.Output(0, values.DType(), 1, l.n)
		if err != nil {
			return err
		}
		dst := cells.Dest(out)
		clear(dst.Bytes)
		clear(dst.Strings)
		scatter.Blocks(dst, cells.Load(values), list, 1)
		dst.Flush()
		return nil
	}), nil
}

// CastMap gives the values of a map in the order of their keys, or each at the
// place that its key says, in another type (ONNX operator spec,
// ai.onnx.ml.CastMap-1).
var castMapDefs = []ops.Def{def("CastMap", 1, 1, inferCastMap, compileCastMap)}

// casting is what a node's attributes say.
type casting struct {
	to     tensor.DType
	sparse bool
	length int64
}

func readCasting(a *ops.Attrs) casting {
	to := map[string]tensor.DType{"TO_FLOAT": tensor.Float32, "TO_STRING": tensor.String, "TO_INT64": tensor.Int64}
	x := casting{
		to:     to[a.OneOf("cast_to", "TO_FLOAT", "TO_STRING", "TO_INT64")],
		sparse: a.OneOf("map_form", "DENSE", "SPARSE") == "SPARSE",
		length: a.Int("max_map", 1),
	}
	if x.sparse && (x.length < 1 || x.length > 1<<40) {
		a.Fail(fmt.Errorf("attribute \"max_map\" is %d, expected at least 1", x.length))
	}
	return x
}

func inferCastMap(n *ops.Inference) error {
	x := readCasting(n.Attrs)
	width := onnx.UnknownDim()
	if x.sparse {
		width = onnx.Known(int(x.length))
	}
	n.Set(0, x.to, onnx.Known(1), width)
	return n.Err()
}

func compileCastMap(n *ops.Node) (ops.Compiled, error) {
	x := readCasting(n.Attrs)
	return ops.RunFunc(func(c *ops.Call) error {
		keys, values, err := needMap(c)
		if err != nil {
			return err
		}
		list, err := ops.IntsOf(keys)
		if err != nil {
			return fmt.Errorf("keys: %w", err)
		}
		order := make([]int, len(list))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(i, j int) int { return cmp.Compare(list[i], list[j]) })
		length := len(list)
		if x.sparse {
			length = int(x.length)
		}
		out, err := c.Output(0, x.to, 1, length)
		if err != nil {
			return err
		}
		clear(out.Bytes())
		for at, i := range order {
			if x.sparse {
				at = list[i]
			}
			if at < 0 || at >= length {
				return fmt.Errorf("key %d is out of range for max_map %d", at, length)
			}
			if err := castElement(out, at, values, i); err != nil {
				return err
			}
		}
		return nil
	}), n.Err()
}

// castElement converts element i of from, a string or float, to element at of
// to.
func castElement(to *tensor.Tensor, at int, from *tensor.Tensor, i int) error {
	var text string
	var number float64
	switch from.DType() {
	case tensor.String:
		list, err := tensor.Data[string](from)
		if err != nil {
			return err
		}
		text = list[i]
		if to.DType() != tensor.String {
			if number, err = strconv.ParseFloat(text, 64); err != nil {
				return fmt.Errorf("value %d, %q, is no number", i, text)
			}
		}
	case tensor.Float32:
		list, err := tensor.Data[float32](from)
		if err != nil {
			return err
		}
		number = float64(list[i])
		text = strconv.FormatFloat(number, 'f', 6, 32)
	default:
		return fmt.Errorf("values are %v, expected string or float32", from.DType())
	}
	switch to.DType() {
	case tensor.String:
		return setElement(to, at, text)
	case tensor.Float32:
		return setElement(to, at, float32(number))
	default:
		return setElement(to, at, int64(number))
	}
}

func setElement[T tensor.Element](t *tensor.Tensor, at int, v T) error {
	data, err := tensor.Data[T](t)
	if err == nil {
		data[at] = v
	}
	return err
}

// ZipMap makes of each row a map from the class labels to the row's scores (ONNX
// operator spec, ai.onnx.ml.ZipMap-1).
var zipMapDefs = []ops.Def{def("ZipMap", 1, 1, inferZipMap, compileZipMap)}

func zipClasses(a *ops.Attrs) (classes, error) {
	l := readClasses(a, "classlabels_strings", "classlabels_int64s")
	if err := a.Err(); err != nil {
		return l, err
	}
	if (l.strings == nil) == (l.ints == nil) {
		return l, errors.New("expected one of the attributes \"classlabels_strings\" and \"classlabels_int64s\"")
	}
	return l, nil
}

func inferZipMap(n *ops.Inference) error {
	l, err := zipClasses(n.Attrs)
	if err != nil {
		return err
	}
	n.SetType(0, &onnx.Type{Kind: onnx.TypeSequence, Elem: &onnx.Type{
		Kind: onnx.TypeMap, DType: l.dtype(), Elem: onnx.TensorOf(tensor.Float32),
	}})
	return nil
}

func compileZipMap(n *ops.Node) (ops.Compiled, error) {
	l, err := zipClasses(n.Attrs)
	if err != nil {
		return nil, err
	}
	keys := vector(l.ints)
	if l.strings != nil {
		keys = tensor.Vector(l.strings...)
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		data, err := tensor.Data[float32](in)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		if in.Rank() < 1 || in.Rank() > 2 || in.Dim(-1) != l.len() {
			return fmt.Errorf("input has shape %v, expected rows of %d scores", in.Shape(), l.len())
		}
		s := &tensor.Sequence{DType: tensor.Float32}
		for lo := 0; lo < len(data); lo += l.len() {
			s.Items = append(s.Items, &tensor.Map{Keys: keys, Values: tensor.Vector(slices.Clone(data[lo : lo+l.len()])...)})
		}
		c.Set(0, s)
		return nil
	}), nil
}
