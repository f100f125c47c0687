package text

import (
	"fmt"
	"regexp"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// RegexFullMatch tells of each string whether a regular expression in RE2's
// syntax, which is Go's, matches the whole of it (ONNX operator spec,
// RegexFullMatch-20).
var regexFullMatchDefs = []ops.Def{{
	Name: "RegexFullMatch", Since: 20,
	MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
	Infer: func(n *ops.Inference) error {
		n.SetDType(0, tensor.Bool)
		if shape, ok := n.Input(0).Dims(); ok {
			n.Set(0, tensor.Bool, shape...)
		}
		return nil
	},
	Compile: compileRegexFullMatch,
}}

func compileRegexFullMatch(n *ops.Node) (ops.Compiled, error) {
	pattern := n.String("pattern", "")
	if err := n.Err(); err != nil {
		return nil, err
	}
	// the pattern on its own first: a stray bracket must not close the group
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, fmt.Errorf("attribute \"pattern\": %w", err)
	}
	full, err := regexp.Compile(`\A(?:` + pattern + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("attribute \"pattern\": %w", err)
	}
	return ops.RunFunc(func(c *ops.Call) error {
		in, words, err := needStrings(c, 0)
		if err != nil {
			return err
		}
		out, err := output[bool](c, 0, in.Shape()...)
		if err != nil {
			return err
		}
		for i, w := range words {
			out[i] = full.MatchString(w)
		}
		return nil
	}), nil
}
