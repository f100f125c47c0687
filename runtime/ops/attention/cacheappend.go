package attention

import (
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/attention"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// CacheAppend, of the project's own domain, is what a pass makes of the Concat
// that puts new keys or values behind old ones, where the caller only carries the
// result to the next run: it appends to a [tensor.Cache] and copies nothing old.
//
//	past, a cache [B, G, P, D]   new [B, G, S, D]   →   present, a cache [B, G, P+S, D]
//
// both float32. A past that is a tensor is copied to a cache first.
func cacheAppendDefs() []ops.Def {
	return []ops.Def{{
		Name: "CacheAppend", Domain: "infer", Since: 1, MinInputs: 2, MaxInputs: 2, MinOutputs: 1, MaxOutputs: 1,
		Infer: func(n *ops.Inference) error {
			past, ok := n.Input(0).Dims()
			fresh, known := n.Input(1).Dims()
			if !ok || !known || len(past) != 4 || len(fresh) != 4 {
				n.SetDType(0, tensor.Float32)
				return nil
			}
			n.Set(0, tensor.Float32, append([]onnx.Dim{}, fresh[0], fresh[1], dims.Add(past[2], fresh[2]), fresh[3])...)
			return nil
		},
		Compile: func(*ops.Node) (ops.Compiled, error) { return ops.RunFunc(appendToCache), nil },
	}}
}

func appendToCache(c *ops.Call) error {
	fresh, err := c.Need(1)
	if err != nil {
		return err
	}
	past, err := cacheAt(c, 0)
	if err != nil {
		return err
	}
	present, err := past.Append(fresh)
	if err != nil {
		return err
	}
	c.Set(0, present)
	return nil
}

// cacheAt is input i as a cache.
func cacheAt(c *ops.Call, i int) (*tensor.Cache, error) {
	switch v := c.Inputs[i].(type) {
	case *tensor.Cache:
		return v, nil
	case *tensor.Tensor:
		return tensor.CacheOf(v)
	}
	return nil, fmt.Errorf("input %d is missing, expected a cache", i)
}

// cached is a cache as an operand of attention.
func cached(c *tensor.Cache) (operand, error) {
	data, err := tensor.Wrap(tensor.Float32, c.Bytes(), len(c.Bytes())/4)
	if err != nil || c.DType() != tensor.Float32 {
		return operand{}, fmt.Errorf("cache has elements of %v, expected float32", c.DType())
	}
	values, err := tensor.Data[float32](data)
	s := c.Shape()
	return operand{
		batch: s[0], heads: s[1], rows: s[2], size: s[3],
		view: kernel.HeadsFirst(values, s[1], c.Room(), s[3]),
	}, err
}
