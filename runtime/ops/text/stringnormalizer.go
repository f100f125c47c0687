package text

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// StringNormalizer takes stop words out of a list [C] or [1, C] and brings the
// rest to upper or lower case (ONNX operator spec, StringNormalizer-10). Where
// nothing is left, one empty string is. Case is Unicode's, in every locale.
var stringNormalizerDefs = []ops.Def{{
	Name: "StringNormalizer", Since: 10,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer:   inferStringNormalizer,
	Compile: compileStringNormalizer,
}}

func inferStringNormalizer(n *ops.Inference) error {
	shape, ok := n.Input(0).Dims()
	if !ok {
		n.SetDType(0, tensor.String)
		return nil
	}
	if len(shape) < 1 || len(shape) > 2 || len(shape) == 2 && dims.Differ(shape[0], onnx.Known(1)) {
		return fmt.Errorf("input has shape %s, expected [C] or [1,C]", &onnx.Shape{Dims: shape})
	}
	out := []onnx.Dim{onnx.Known(1), onnx.UnknownDim()}
	n.Set(0, tensor.String, out[2-len(shape):]...)
	return nil
}

func compileStringNormalizer(n *ops.Node) (ops.Compiled, error) {
	change := func(s string) string { return s }
	switch n.OneOf("case_change_action", "NONE", "LOWER", "UPPER") {
	case "LOWER":
		change = strings.ToLower
	case "UPPER":
		change = strings.ToUpper
	}
	exact := n.Bool("is_case_sensitive", false)
	stop := map[string]bool{}
	for _, w := range n.Strings("stopwords") {
		if !exact {
			w = strings.ToLower(w)
		}
		stop[w] = true
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, words, err := needStrings(c, 0)
		if err != nil {
			return err
		}
		if in.Rank() < 1 || in.Rank() > 2 || in.Rank() == 2 && in.Dim(0) != 1 {
			return fmt.Errorf("input has shape %v, expected [C] or [1,C]", in.Shape())
		}
		var kept []string
		for _, w := range words {
			key := w
			if !exact {
				key = strings.ToLower(w)
			}
			if !stop[key] {
				kept = append(kept, change(w))
			}
		}
		if len(kept) == 0 {
			kept = []string{""}
		}
		shape := slices.Clone(in.Shape())
		shape[len(shape)-1] = len(kept)
		out, err := output[string](c, 0, shape...)
		if err != nil {
			return err
		}
		copy(out, kept)
		return nil
	}), n.Err()
}
