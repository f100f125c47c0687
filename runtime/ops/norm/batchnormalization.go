package norm

import (
	"math"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// BatchNormalization computes Y = (X - mean)/√(var + epsilon)·scale + B for each
// channel, X being [N,C,…]. Outside training, mean and var are inputs; in
// training they are those of the batch, and the running ones come out as
//
//	running = input·momentum + batch·(1 - momentum)
//
// ONNX operator spec:
//   - BatchNormalization-14 and -15 (types of their own for the parameters) train
//     where training_mode says so, and have the outputs Y, running_mean and
//     running_var;
//   - -9 trains where the node has more outputs than Y: running mean and
//     variance, then those of the batch;
//   - -7 has the attribute spatial, which where 0 gives every element of an image
//     parameters of its own;
//   - -6 and -1 have is_test too, which where 0 means training; -1 also has
//     consumed_inputs, which nothing depends on.
func batchNormalizationDefs() []ops.Def {
	d := ops.Def{
		Name: "BatchNormalization", MinInputs: 5, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 5,
		InPlace: []int{0}, Infer: inferBatchNormalization, Compile: compileBatchNormalization,
	}
	list := versions(d, 1, 6, 7, 9)
	d.MaxOutputs = 3
	return append(list, versions(d, 14, 15)...)
}

func inferBatchNormalization(n *ops.Inference) error {
	n.Like(0, 0)
	for i := 1; i < len(n.Outputs); i++ {
		n.Like(i, 3+(i-1)%2) // means like input 3, variances like input 4
	}
	return nil
}

// batch holds what BatchNormalization's attributes come to.
type batch struct {
	epsilon, momentum float32
	training          bool
	spatial           bool
}

func compileBatchNormalization(n *ops.Node) (ops.Compiled, error) {
	b := batch{epsilon: n.Float("epsilon", 1e-5), momentum: n.Float("momentum", 0.9), spatial: n.Bool("spatial", true)}
	switch {
	case n.Def.Since >= 14:
		b.training = n.Bool("training_mode", false)
	default:
		for i := 1; i < len(n.Outputs); i++ {
			b.training = b.training || n.Wants(i)
		}
	}
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		return same(c,
			func(x *tensor.Tensor, in, out []float32) error { return runBatch(c, b, x, in, out) },
			func(x *tensor.Tensor, in, out []float64) error { return runBatch(c, b, x, in, out) })
	}), nil
}

func runBatch[T floats.Float](c *ops.Call, b batch, x *tensor.Tensor, in, out []T) error {
	channels, size := 1, 1
	if x.Rank() > 1 { // a vector is a batch of images of one channel
		channels, size = x.Dim(1), inner(x.Shape())
	}
	if !b.spatial {
		channels, size = channels*size, 1
	}
	var params [4][]T
	for i, name := range []string{"scale", "B", "mean", "var"} {
		v, err := perChannel[T](c, i+1, channels, name)
		if err != nil {
			return err
		}
		params[i] = v
	}
	scale, bias, mean, variance := params[0], params[1], params[2], params[3]
	if b.training {
		current := [2][]T{make([]T, channels), make([]T, channels)}
		kernel.Moments(c.Pool, in, size, current[0], current[1])
		if err := runningMoments(c, b, [2][]T{mean, variance}, current); err != nil {
			return err
		}
		mean, variance = current[0], current[1]
	}
	factor := make([]T, channels)
	for i, v := range variance {
		factor[i] = scale[i] / T(math.Sqrt(float64(v+T(b.epsilon))))
	}
	kernel.Channels(c.Pool, out, in, size, mean, factor, bias)
	return nil
}

// runningMoments writes the outputs after Y: the running moments, then those of
// the batch.
func runningMoments[T floats.Float](c *ops.Call, b batch, before, current [2][]T) error {
	for i := 1; i < 5; i++ {
		if !c.Wants(i) {
			continue
		}
		which := (i - 1) % 2
		in := c.Input(3 + which)
		t, err := c.Output(i, in.DType(), in.Shape()...)
		if err != nil {
			return err
		}
		out := floats.Target[T](t)
		m := T(b.momentum)
		if i > 2 {
			m = 0
		}
		for k := range out {
			out[k] = before[which][k]*m + current[which][k]*(1-m)
		}
		if err := floats.Flush(t, out); err != nil {
			return err
		}
	}
	return nil
}
