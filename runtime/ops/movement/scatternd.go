package movement

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/scatter"
	"github.com/seed6700ada1/infer/runtime/ops"
)

// ScatterND copies data and writes slices of updates to the places that tuples
// of indices name, the counterpart of GatherND (ONNX operator spec,
// ScatterND-18).
//
//	11 replaces slices
//	16 reduction: add, mul
//	18 reduction: max, min
var scatterNDDefs = []ops.Def{
	scatterNDDef(11, "none"),
	scatterNDDef(16, "none", "add", "mul"),
	scatterNDDef(18, "none", "add", "mul", "max", "min"),
}

func scatterNDDef(since int, reductions ...string) ops.Def {
	return ops.Def{
		Name: "ScatterND", Since: since,
		MinInputs: 3, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
		InPlace: []int{0},
		Infer: func(n *ops.Inference) error {
			n.OneOf("reduction", reductions...)
			n.Like(0, 0)
			return n.Err()
		},
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			r := readReduction(n.Attrs, reductions)
			return ops.RunFunc(func(c *ops.Call) error { return runScatterND(c, r) }), n.Err()
		},
	}
}

func runScatterND(c *ops.Call, r scatter.Reduction) error {
	data, indices, updates, err := needThree(c)
	if err != nil {
		return err
	}
	list, block, err := tuplePlaces(c, data, indices, 0)
	if err != nil {
		return err
	}
	want := slices.Concat(indices.Shape()[:indices.Rank()-1], data.Shape()[indices.Dim(-1):])
	if !slices.Equal(updates.Shape(), want) {
		return fmt.Errorf("updates have shape %v, expected %v", updates.Shape(), want)
	}
	return scatterBlocks(c, data, updates, list, block, r)
}
