package ml

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/gather"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// ArrayFeatureExtractor picks elements along the last axis by index; a vector
// becomes one row (ONNX operator spec, ai.onnx.ml.ArrayFeatureExtractor-1).
var arrayFeatureExtractorDefs = []ops.Def{{
	Name: "ArrayFeatureExtractor", Domain: domain, Since: 1,
	MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferArrayFeatureExtractor,
	Compile: compileArrayFeatureExtractor,
}}

func inferArrayFeatureExtractor(n *ops.Inference) error {
	in := n.Input(0)
	n.SetDType(0, in.DType())
	shape, ok := in.Dims()
	if !ok {
		return nil
	}
	if len(shape) == 0 {
		return errors.New("input is a scalar")
	}
	picked := onnx.UnknownDim()
	if s, ok := n.Input(1).Dims(); ok {
		picked = dims.Product(s)
	}
	out := []onnx.Dim{onnx.Known(1)}
	if len(shape) > 1 {
		out = slices.Clone(shape[:len(shape)-1])
	}
	n.Set(0, in.DType(), append(out, picked)...)
	return nil
}

func compileArrayFeatureExtractor(n *ops.Node) (ops.Compiled, error) {
	indices, err := n.IntsInput(1, "indices")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		if in.Rank() == 0 {
			return errors.New("input is a scalar")
		}
		list, err := indices.Read(c)
		if err != nil {
			return err
		}
		features := in.Dim(-1)
		for i, k := range list {
			if k < 0 || k >= features {
				return fmt.Errorf("index %d (element %d) is out of range for %d features", k, i, features)
			}
		}
		shape := []int{1}
		if in.Rank() > 1 {
			shape = slices.Clone(in.Shape()[:in.Rank()-1])
		}
		out, err := c.Output(0, in.DType(), append(shape, len(list))...)
		if err != nil || out.Len() == 0 {
			return err
		}
		gather.Blocks(c.Pool, cells.Dest(out), cells.Load(in), list, 1, 1, in.Len()/features, features)
		return nil
	}), nil
}

// Binarizer gives 1 for what is greater than the threshold, else 0 (ONNX
// operator spec, ai.onnx.ml.Binarizer-1).
var binarizerDefs = []ops.Def{def("Binarizer", 1, 1, ops.InferLike, compileBinarizer)}

func compileBinarizer(n *ops.Node) (ops.Compiled, error) {
	threshold := float64(n.Float("threshold", 0))
	return ops.RunFunc(func(c *ops.Call) error {
		in, data, err := numbers(c, 0)
		if err != nil {
			return err
		}
		for i, v := range data {
			data[i] = 0
			if v > threshold {
				data[i] = 1
			}
		}
		return write(c, 0, in.DType(), data, in.Shape()...)
	}), n.Err()
}

// inferFloats gives the output the input's shape and type float32.
func inferFloats(n *ops.Inference) error {
	n.SetDType(0, tensor.Float32)
	if shape, ok := n.Input(0).Dims(); ok {
		n.Set(0, tensor.Float32, shape...)
	}
	return nil
}

// perFeature gives, for each feature, an element of a list that has one for all
// or one for each.
func perFeature(name string, list []float64, features int) (func(feature int) float64, error) {
	switch len(list) {
	case 1:
		return func(int) float64 { return list[0] }, nil
	case features:
		return func(k int) float64 { return list[k] }, nil
	}
	return nil, fmt.Errorf("attribute %q has %d elements for %d features", name, len(list), features)
}

// Scaler gives (x - offset)·scale (ONNX operator spec, ai.onnx.ml.Scaler-1).
var scalerDefs = []ops.Def{def("Scaler", 1, 1, inferFloats, compileScaler)}

func compileScaler(n *ops.Node) (ops.Compiled, error) {
	offset, scale := widen(n.Floats("offset")), widen(n.Floats("scale"))
	if offset == nil {
		offset = []float64{0}
	}
	if scale == nil {
		scale = []float64{1}
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, data, err := numbers(c, 0)
		if err != nil {
			return err
		}
		features := max(in.Dim(-1), 1)
		from, err := perFeature("offset", offset, features)
		if err != nil {
			return err
		}
		by, err := perFeature("scale", scale, features)
		if err != nil {
			return err
		}
		for i, v := range data {
			data[i] = (v - from(i%features)) * by(i%features)
		}
		return write(c, 0, tensor.Float32, data, in.Shape()...)
	}), n.Err()
}

// Imputer replaces one value, which may be NaN, by another one for each feature
// (ONNX operator spec, ai.onnx.ml.Imputer-1).
var imputerDefs = []ops.Def{def("Imputer", 1, 1, ops.InferLike, compileImputer)}

func compileImputer(n *ops.Node) (ops.Compiled, error) {
	floats, ints := widen(n.Floats("imputed_value_floats")), n.Ints("imputed_value_int64s")
	missingFloat, missingInt := float64(n.Float("replaced_value_float", 0)), n.Int("replaced_value_int64", 0)
	if (floats == nil) == (ints == nil) {
		return nil, errors.New("expected one of the attributes \"imputed_value_floats\" and \"imputed_value_int64s\"")
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, err := c.Need(0)
		if err != nil {
			return err
		}
		features := max(in.Dim(-1), 1)
		if ints != nil {
			return imputeInts(c, in, features, ints, missingInt)
		}
		if !in.DType().IsFloat() {
			return fmt.Errorf("input is %v, but the imputed values are floats", in.DType())
		}
		_, data, err := numbers(c, 0)
		if err != nil {
			return err
		}
		with, err := perFeature("imputed_value_floats", floats, features)
		if err != nil {
			return err
		}
		for i, v := range data {
			if v == missingFloat || math.IsNaN(v) && math.IsNaN(missingFloat) {
				data[i] = with(i % features)
			}
		}
		return write(c, 0, in.DType(), data, in.Shape()...)
	}), n.Err()
}

func imputeInts(c *ops.Call, in *tensor.Tensor, features int, with []int, missing int64) error {
	list, err := ops.IntsOf(in)
	if err != nil {
		return fmt.Errorf("input: %w, as the imputed values are integers", err)
	}
	if len(with) != 1 && len(with) != features {
		return fmt.Errorf("attribute \"imputed_value_int64s\" has %d elements for %d features", len(with), features)
	}
	for i, v := range list {
		if int64(v) == missing {
			list[i] = with[i%features%len(with)]
		}
	}
	out, err := c.Output(0, in.DType(), in.Shape()...)
	if err != nil {
		return err
	}
	if in.DType() == tensor.Int32 {
		return fillInts[int32](out, list)
	}
	return fillInts[int64](out, list)
}

func fillInts[T int32 | int64](out *tensor.Tensor, list []int) error {
	data, err := tensor.Data[T](out)
	for i, v := range list {
		data[i] = T(v)
	}
	return err
}

// Normalizer divides each row by its largest element, by the sum of its absolute
// values, or by its length (ONNX operator spec, ai.onnx.ml.Normalizer-1). A row
// for which that is zero stays as it is.
var normalizerDefs = []ops.Def{def("Normalizer", 1, 1, inferFloats, compileNormalizer)}

func compileNormalizer(n *ops.Node) (ops.Compiled, error) {
	norm := n.OneOf("norm", "MAX", "L1", "L2")
	return ops.RunFunc(func(c *ops.Call) error {
		in, _, err := numbers(c, 0)
		if err != nil {
			return err
		}
		data, rows, features, err := matrix(c)
		if err != nil {
			return err
		}
		for r := range rows {
			row := data[r*features : (r+1)*features]
			if by := normOf(row, norm); by != 0 {
				for i := range row {
					row[i] /= by
				}
			}
		}
		return write(c, 0, tensor.Float32, data, in.Shape()...)
	}), n.Err()
}

func normOf(row []float64, norm string) float64 {
	sum, top := 0.0, math.Inf(-1)
	for _, v := range row {
		top = max(top, v)
		if norm == "L1" {
			sum += math.Abs(v)
		} else {
			sum += v * v
		}
	}
	switch norm {
	case "MAX":
		return top
	case "L1":
		return sum
	}
	return math.Sqrt(sum)
}

// FeatureVectorizer puts the features of its inputs side by side, each cut or
// filled with zeros to the length that inputdimensions says (ONNX operator spec,
// ai.onnx.ml.FeatureVectorizer-1).
var featureVectorizerDefs = []ops.Def{{
	Name: "FeatureVectorizer", Domain: domain, Since: 1,
	MinInputs: 1, MaxInputs: ops.Variadic, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferFeatureVectorizer,
	Compile: compileFeatureVectorizer,
}}

// widths is how many features each input gives, and their sum.
func widths(a *ops.Attrs, inputs int) (list []int, total int, err error) {
	list = a.Ints("inputdimensions")
	if err := a.Err(); err != nil {
		return nil, 0, err
	}
	if len(list) != inputs {
		return nil, 0, fmt.Errorf("attribute \"inputdimensions\" has %d entries for %d inputs", len(list), inputs)
	}
	for _, w := range list {
		if w < 0 || w > math.MaxInt32 {
			return nil, 0, fmt.Errorf("attribute \"inputdimensions\" has entry %d", w)
		}
		total += w
	}
	return list, total, nil
}

func inferFeatureVectorizer(n *ops.Inference) error {
	_, total, err := widths(n.Attrs, len(n.Inputs))
	if err != nil {
		return err
	}
	rows, err := rowsOf(n)
	if err != nil {
		return err
	}
	n.Set(0, tensor.Float32, rows, onnx.Known(total))
	return nil
}

func compileFeatureVectorizer(n *ops.Node) (ops.Compiled, error) {
	list, total, err := widths(n.Attrs, len(n.Inputs))
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		var rows int
		var out []float64
		at := 0
		for i, w := range list {
			t, data, err := numbers(c, i)
			if err != nil {
				return err
			}
			if t.Rank() < 1 || t.Rank() > 2 {
				return fmt.Errorf("input %d has rank %d, expected 1 or 2", i, t.Rank())
			}
			have, n := t.Dim(-1), 1
			if t.Rank() == 2 {
				n = t.Dim(0)
			}
			if i == 0 {
				if err := ops.CheckSize(tensor.Float64, []int{n, total}, maxBytes); err != nil {
					return err
				}
				rows, out = n, make([]float64, n*total)
			}
			if n != rows {
				return fmt.Errorf("input %d has %d rows, input 0 has %d", i, n, rows)
			}
			for r := range rows {
				copy(out[r*total+at:r*total+at+w], data[r*have:(r+1)*have])
			}
			at += w
		}
		return write(c, 0, tensor.Float32, out, rows, total)
	}), nil
}

// maxBytes bounds what operators allocate beside their outputs.
const maxBytes = 1<<31 - 1
