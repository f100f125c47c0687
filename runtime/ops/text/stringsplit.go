package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// StringSplit cuts each string at a delimiter, or at runs of white space where
// there is none, at most maxsplit times (ONNX operator spec, StringSplit-20).
// The parts lie along a new last axis, filled up with empty strings; the second
// output counts them.
var stringSplitDefs = []ops.Def{{
	Name: "StringSplit", Since: 20,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 2,
	Infer:   inferStringSplit,
	Compile: compileStringSplit,
}}

func inferStringSplit(n *ops.Inference) error {
	n.SetDType(0, tensor.String)
	n.SetDType(1, tensor.Int64)
	if shape, ok := n.Input(0).Dims(); ok {
		n.Set(0, tensor.String, append(slices.Clone(shape), onnx.UnknownDim())...)
		n.Set(1, tensor.Int64, shape...)
	}
	return nil
}

func compileStringSplit(n *ops.Node) (ops.Compiled, error) {
	delimiter := n.String("delimiter", "")
	most := n.Int("maxsplit", -1)
	if most < 0 && n.Attrs.Has("maxsplit") {
		return nil, fmt.Errorf("attribute \"maxsplit\" is %d, expected at least 0", most)
	}
	split := func(s string) []string { return splitSpace(s, most) }
	if delimiter != "" {
		split = func(s string) []string { return splitAt(s, delimiter, most) }
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, words, err := needStrings(c, 0)
		if err != nil {
			return err
		}
		width := 0
		parts := make([][]string, len(words))
		for i, w := range words {
			parts[i] = split(w)
			width = max(width, len(parts[i]))
		}
		out, err := output[string](c, 0, append(slices.Clone(in.Shape()), width)...)
		if err != nil {
			return err
		}
		for i, p := range parts {
			clear(out[i*width+copy(out[i*width:], p) : (i+1)*width])
		}
		if !c.Wants(1) {
			return nil
		}
		counts, err := output[int64](c, 1, in.Shape()...)
		if err != nil {
			return err
		}
		for i, p := range parts {
			counts[i] = int64(len(p))
		}
		return nil
	}), n.Err()
}

// splitAt cuts s at a delimiter, at most that many times where most is not
// negative.
func splitAt(s, delimiter string, most int64) []string {
	if most < 0 || most > int64(len(s)) {
		return strings.Split(s, delimiter)
	}
	return strings.SplitN(s, delimiter, int(most)+1)
}

// splitSpace cuts s at runs of white space; none is left at either end.
func splitSpace(s string, most int64) []string {
	if most < 0 {
		return strings.Fields(s)
	}
	var list []string
	for s = strings.TrimSpace(s); s != ""; most-- {
		end := strings.IndexFunc(s, unicode.IsSpace)
		if most == 0 || end < 0 {
			return append(list, s)
		}
		list = append(list, s[:end])
		s = strings.TrimLeftFunc(s[end:], unicode.IsSpace)
	}
	return list
}
