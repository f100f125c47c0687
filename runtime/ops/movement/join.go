package movement

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/strided"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Join makes output i of c the tensors of list one behind the other along an
// axis.
func Join(c *ops.Call, i int, list []*tensor.Tensor, axis int64) error {
	if len(list) == 0 {
		return errors.New("there are no tensors to join")
	}
	first := list[0]
	at, err := dims.Axis(axis, first.Rank())
	if err != nil {
		return err
	}
	shape := slices.Clone(first.Shape())
	for k, t := range list[1:] {
		if err := checkJoin(t, k+1, first, at); err != nil {
			return err
		}
		if shape[at] += t.Dim(at); shape[at] < 0 {
			return errors.New("the result is too large")
		}
	}
	out, err := c.Output(i, first.DType(), shape...)
	if err != nil {
		return err
	}
	dst := cells.Dest(out)
	outer, row := dims.Count(shape[:at]), dims.Count(shape[at:])
	offset := 0
	for _, t := range list {
		run := dims.Count(t.Shape()[at:])
		strided.CopyRows(c.Pool, dst, cells.Load(t), strided.Rows{Offset: offset, Stride: row}, strided.Rows{Stride: run}, outer, run)
		offset += run
	}
	dst.Flush()
	return nil
}

// checkJoin checks that t can stand behind first along axis at.
func checkJoin(t *tensor.Tensor, i int, first *tensor.Tensor, at int) error {
	if t.DType() != first.DType() {
		return fmt.Errorf("tensor %d is %v, the first is %v", i, t.DType(), first.DType())
	}
	if t.Rank() != first.Rank() {
		return fmt.Errorf("tensor %d has rank %d, the first has %d", i, t.Rank(), first.Rank())
	}
	for k, d := range t.Shape() {
		if k != at && d != first.Dim(k) {
			return fmt.Errorf("tensor %d has shape %v, the first %v: only dimension %d may differ", i, t.Shape(), first.Shape(), at)
		}
	}
	return nil
}

// Stack makes output i of c the tensors of list, all of one type and shape,
// along a new axis.
func Stack(c *ops.Call, i int, list []*tensor.Tensor, axis int64) error {
	if len(list) == 0 {
		return errors.New("there are no tensors to stack")
	}
	at, err := dims.Axis(axis, list[0].Rank()+1)
	if err != nil {
		return err
	}
	grown := make([]*tensor.Tensor, len(list))
	for k, t := range list {
		if !slices.Equal(t.Shape(), list[0].Shape()) {
			return fmt.Errorf("tensor %d has shape %v, the first %v", k, t.Shape(), list[0].Shape())
		}
		if grown[k], err = t.Reshape(slices.Insert(slices.Clone(t.Shape()), at, 1)...); err != nil {
			return err
		}
	}
	return Join(c, i, grown, int64(at))
}

// Part copies n elements of dimension at of t, from element first on, to a
// tensor of its own. The range must lie within the dimension.
func Part(t *tensor.Tensor, at, first, n int) (*tensor.Tensor, error) {
	shape := slices.Clone(t.Shape())
	row, inner := dims.Count(shape[at:]), dims.Count(shape[at+1:])
	shape[at] = n
	out, err := tensor.New(t.DType(), shape...)
	if err != nil {
		return nil, err
	}
	dst := cells.Dest(out)
	run := n * inner
	strided.CopyRows(nil, dst, cells.Load(t), strided.Rows{Stride: run}, strided.Rows{Offset: first * inner, Stride: row}, dims.Count(shape[:at]), run)
	dst.Flush()
	return out, nil
}

// Pick is element k of dimension at of t, as a tensor without that dimension.
func Pick(t *tensor.Tensor, at, k int) (*tensor.Tensor, error) {
	out, err := Part(t, at, k, 1)
	if err != nil {
		return nil, err
	}
	return out.Reshape(slices.Delete(slices.Clone(out.Shape()), at, at+1)...)
}
