package vision

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/nms"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// nonMaxSuppressionDefs defines NonMaxSuppression (ONNX operator spec,
// NonMaxSuppression-11): of the boxes of each class that overlap, the ones that
// score best.
//
//	boxes [N, B, 4]   scores [N, C, B]
//	max_output_boxes_per_class (0), iou_threshold (0), score_threshold (none): scalars
//	→  selected [S, 3], int64: batch, class and box of each, best first within a class
//
// Version 11 allowed boxes whose corners are in any order, which version 10 takes
// as well.
func nonMaxSuppressionDefs() []ops.Def {
	var defs []ops.Def
	for _, since := range []int{10, 11} {
		defs = append(defs, ops.Def{
			Name: "NonMaxSuppression", Since: since,
			MinInputs: 2, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferNonMaxSuppression, Compile: compileNonMaxSuppression,
		})
	}
	return defs
}

func inferNonMaxSuppression(n *ops.Inference) error {
	n.Set(0, tensor.Int64, onnx.UnknownDim(), onnx.Known(3))
	return nil
}

func compileNonMaxSuppression(n *ops.Node) (ops.Compiled, error) {
	byCentre := n.Bool("center_point_box", false)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error { return runNonMaxSuppression(c, byCentre) }), nil
}

func runNonMaxSuppression(c *ops.Call, byCentre bool) error {
	boxes, err := c.Need(0)
	if err != nil {
		return err
	}
	scores, err := c.Need(1)
	if err != nil {
		return err
	}
	if boxes.Rank() != 3 || scores.Rank() != 3 || boxes.Dim(2) != 4 ||
		scores.Dim(0) != boxes.Dim(0) || scores.Dim(2) != boxes.Dim(1) {
		return fmt.Errorf("boxes are %v and scores %v, expected [N,B,4] and [N,C,B]", boxes, scores)
	}
	boxData, err := tensor.Data[float32](boxes)
	if err != nil {
		return fmt.Errorf("boxes: %w", err)
	}
	scoreData, err := tensor.Data[float32](scores)
	if err != nil {
		return fmt.Errorf("scores: %w", err)
	}
	p, err := suppression(c, byCentre)
	if err != nil {
		return err
	}
	var selected []int64
	var kept []int
	batches, classes, count := scores.Dim(0), scores.Dim(1), scores.Dim(2)
	for b := range batches {
		for class := range classes {
			kept = p.Select(kept[:0], boxData[b*count*4:][:count*4], scoreData[(b*classes+class)*count:][:count])
			for _, i := range kept {
				selected = append(selected, int64(b), int64(class), int64(i))
			}
		}
	}
	y, err := c.Output(0, tensor.Int64, len(selected)/3, 3)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[int64](y)
	copy(dst, selected)
	return err
}

// suppression reads the scalar inputs.
func suppression(c *ops.Call, byCentre bool) (*nms.Params, error) {
	p := &nms.Params{ByCentre: byCentre}
	if t := c.Input(2); t != nil && t.Len() > 0 {
		list, err := ops.IntsOf(t)
		if err != nil {
			return nil, fmt.Errorf("max_output_boxes_per_class: %w", err)
		}
		p.Max = list[0]
	}
	for _, in := range []struct {
		index int
		name  string
		to    *float32
	}{{3, "iou_threshold", &p.Overlap}, {4, "score_threshold", &p.Score}} {
		t := c.Input(in.index)
		if t == nil || t.Len() == 0 {
			continue
		}
		v, err := tensor.Data[float32](t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.name, err)
		}
		*in.to = v[0]
		p.Filter = p.Filter || in.index == 4
	}
	return p, nil
}
