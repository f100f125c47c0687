package movement

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/scatter"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TensorScatter writes an update into a cache along its sequence axis, from an
// index on that each batch has for itself: out[b, …, w[b] + s, …] =
// update[b, …, s, …] (ONNX operator spec, TensorScatter-24). In circular mode
// places beyond the end wrap around. Without write_indices they are 0.
var tensorScatterDefs = []ops.Def{{
	Name: "TensorScatter", Since: 24,
	MinInputs: 2, MaxInputs: 3, MinOutputs: 1, MaxOutputs: 1,
	InPlace: []int{0},
	Infer:   inferTensorScatter,
	Compile: compileTensorScatter,
}}

func inferTensorScatter(n *ops.Inference) error {
	n.OneOf("mode", "linear", "circular")
	n.Like(0, 0)
	if rank := n.Input(0).Rank(); rank >= 0 {
		if _, err := cacheAxis(n.Int("axis", -2), rank); err != nil {
			return err
		}
	}
	return n.Err()
}

// cacheAxis checks the sequence axis, which cannot be that of the batch.
func cacheAxis(axis int64, rank int) (int, error) {
	at, err := dims.Axis(axis, rank)
	if err == nil && at == 0 {
		err = fmt.Errorf("axis %d is that of the batch", axis)
	}
	return at, err
}

func compileTensorScatter(n *ops.Node) (ops.Compiled, error) {
	axis := n.Int("axis", -2)
	circular := n.OneOf("mode", "linear", "circular") == "circular"
	indices, err := n.IntsInput(2, "write_indices")
	if err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		cache, update, err := needTwo(c)
		if err != nil {
			return err
		}
		first, err := indices.Read(c)
		if err != nil {
			return err
		}
		at, err := cacheAxis(axis, cache.Rank())
		if err != nil {
			return err
		}
		list, err := cachePlaces(c, cache, update, first, at, circular)
		if err != nil {
			return err
		}
		return scatterBlocks(c, cache, update, list, dims.Count(cache.Shape()[at+1:]), scatter.None)
	}), nil
}

// cachePlaces is the place in the cache of each block of the update.
func cachePlaces(c *ops.Call, cache, update *tensor.Tensor, first []int, at int, circular bool) ([]int, error) {
	if err := checkUpdate(cache, update, at); err != nil {
		return nil, err
	}
	batches := cache.Dim(0)
	if first != nil && len(first) != batches {
		return nil, fmt.Errorf("there are %d write_indices for a batch of %d", len(first), batches)
	}
	size, steps := cache.Dim(at), update.Dim(at)
	rows := dims.Count(cache.Shape()[1:at])
	block := dims.Count(cache.Shape()[at+1:])
	list := places(c, batches*rows*steps)[:0]
	for b := range batches {
		w := 0
		if first != nil {
			w = first[b]
		}
		if w < 0 || w > size || !circular && w+steps > size {
			return nil, fmt.Errorf("%d steps from write index %d on go beyond the cache's %d", steps, w, size)
		}
		for r := range rows {
			for s := range steps {
				list = append(list, ((b*rows+r)*size+(w+s)%size)*block)
			}
		}
	}
	return list, nil
}

func checkUpdate(cache, update *tensor.Tensor, at int) error {
	ok := cache.Rank() == update.Rank() && cache.DType() == update.DType()
	for k := 0; ok && k < cache.Rank(); k++ {
		ok = cache.Dim(k) == update.Dim(k) || k == at && update.Dim(k) <= cache.Dim(k)
	}
	if !ok {
		return fmt.Errorf("update %v does not fit into cache %v along axis %d", update, cache, at)
	}
	return nil
}
