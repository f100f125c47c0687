package norm

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/ops"
)

// GroupNormalization computes Y = (X - mean)/√(variance + epsilon)·scale + bias
// with the moments of num_groups groups of channels of each image, X being
// [N,C,…].
//
// ONNX operator spec, GroupNormalization-21: scale and bias are one a channel.
// GroupNormalization-18, which the standard withdrew for it, has them one a
// group; files made before still carry it.
func groupNormalizationDefs() []ops.Def {
	d := ops.Def{
		Name: "GroupNormalization", MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0}, Infer: inferGroupNormalization, Compile: compileGroupNormalization,
	}
	return versions(d, 18, 21)
}

func inferGroupNormalization(n *ops.Inference) error {
	n.Like(0, 0)
	count := int(n.Int("num_groups", 0))
	if err := checkCount(n.Attrs, count); err != nil {
		return err
	}
	if shape, ok := n.Input(0).Dims(); ok && len(shape) > 1 && shape[1].IsKnown() {
		return divides(count, int(shape[1].Value))
	}
	return nil
}

func checkCount(a *ops.Attrs, count int) error {
	if err := a.Err(); err != nil {
		return err
	}
	if count < 1 {
		return fmt.Errorf("attribute %q is %d, expected at least 1", "num_groups", count)
	}
	return nil
}

func divides(count, channels int) error {
	if channels%count != 0 {
		return fmt.Errorf("%d channels do not divide into %d groups", channels, count)
	}
	return nil
}

func compileGroupNormalization(n *ops.Node) (ops.Compiled, error) {
	g := groups{epsilon: n.Float("epsilon", 1e-5), count: int(n.Int("num_groups", 0)), perGroup: n.Def.Since < 21}
	return compileGroups(g, checkCount(n.Attrs, g.count))
}
