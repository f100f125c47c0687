// Package gradcheck compares the gradients that package grad builds with finite
// differences.
//
// Of the outputs of a model, weighted by random numbers and summed, it takes the
// derivative by each element of a value twice: from the graph that grad makes,
// and as (f(x + h) − f(x − h)) / 2h. In float64 the two agree to about 1e-8.
package gradcheck

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"

	"github.com/seed6700ada1/infer/finetune/grad"
	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Options are the choices of a check.
type Options struct {
	// Step is the h of the difference; 0 is 1e-5, which suits float64.
	Step float64
	// Most bounds how many elements of a value are tried, spread evenly; 0 is all.
	Most int
	// Seed picks the weights of the outputs.
	Seed uint64
}

// Result is what was found for one value.
type Result struct {
	Name    string
	Checked int // elements
	// Error is the largest difference, relative to the larger of 1 and the
	// gradient's own size, and Worst the element where it is.
	Error      float64
	Worst      int
	Analytic   float64 // there
	Difference float64 // there
}

// Run checks the gradients of a model by the values wrt, which are inputs of it
// and have values among inputs. All of them are float64, or differences are
// mostly rounding.
func Run(ctx context.Context, e runtime.Engine, m *onnx.Model, inputs map[string]tensor.Value, wrt []string, opts Options) ([]Result, error) {
	if opts.Step == 0 {
		opts.Step = 1e-5
	}
	graph, scalar, err := build(ctx, e, m, inputs, wrt, opts.Seed)
	if err != nil {
		return nil, err
	}
	backward, err := e.Open(ctx, graph, runtime.Options{})
	if err != nil {
		return nil, fmt.Errorf("gradcheck: the graph of the gradient: %w", err)
	}
	defer backward.Close()
	forward, err := e.Open(ctx, scalar, runtime.Options{})
	if err != nil {
		return nil, fmt.Errorf("gradcheck: %w", err)
	}
	defer forward.Close()
	out, err := backward.Run(ctx, inputs)
	if err != nil {
		return nil, fmt.Errorf("gradcheck: the graph of the gradient: %w", err)
	}
	var results []Result
	for i, name := range wrt {
		g, err := tensor.Float64s(out[gradientName(i)].(*tensor.Tensor))
		if err != nil {
			return nil, err
		}
		res, err := compare(ctx, forward, inputs, name, g, opts)
		if err != nil {
			return nil, fmt.Errorf("gradcheck: %w", err)
		}
		results = append(results, res)
	}
	return results, nil
}

func gradientName(i int) string { return fmt.Sprintf("gradcheck/gradient_%d", i) }

const lossName = "gradcheck/loss"

// build makes the graph of the gradients, and that of the loss alone, from the
// model as it is.
func build(ctx context.Context, e runtime.Engine, m *onnx.Model, inputs map[string]tensor.Value, wrt []string, seed uint64) (backward, forward *onnx.Model, err error) {
	s, err := e.Open(ctx, m, runtime.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("gradcheck: %w", err)
	}
	defer s.Close()
	sample, err := s.Run(ctx, inputs)
	if err != nil {
		return nil, nil, fmt.Errorf("gradcheck: %w", err)
	}
	plain, err := emit.New(m.Clone())
	if err != nil {
		return nil, nil, err
	}
	plain.Output(lossName, total(plain, sample, seed))
	if err := plain.Err(); err != nil {
		return nil, nil, err
	}
	keepOutputs(plain.Model(), lossName)

	b, err := grad.Expand(m, "", wrt)
	if err != nil {
		return nil, nil, err
	}
	gradients, err := grad.Backward(b, total(b, sample, seed), wrt)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	for i, g := range gradients {
		b.Output(gradientName(i), g)
		names = append(names, gradientName(i))
	}
	keepOutputs(b.Model(), names...)
	return b.Model(), plain.Model(), b.Err()
}

// total adds to a graph the sum of its outputs, weighted by random numbers.
func total(b *emit.Builder, sample map[string]tensor.Value, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 1))
	var terms []string
	for _, o := range b.Model().Graph.Outputs {
		t, ok := sample[o.Name].(*tensor.Tensor)
		if !ok || !t.DType().IsFloat() {
			continue
		}
		weights := make([]float64, t.Len())
		for i := range weights {
			weights[i] = random.Float64()*2 - 1
		}
		w, err := tensor.FromSlice(weights, t.Shape()...)
		if err != nil {
			b.Failf("gradcheck: %v", err)
			return ""
		}
		weighted := b.Mul(o.Name, b.Cast(b.Initializer("weights", w), t.DType()))
		terms = append(terms, b.ReduceSum(b.Cast(weighted, tensor.Float64), nil, false))
	}
	if terms == nil {
		b.Failf("gradcheck: no output of the model is of a floating-point type")
	}
	return b.Total(terms...)
}

func keepOutputs(m *onnx.Model, names ...string) {
	var kept []*onnx.ValueInfo
	for _, o := range m.Graph.Outputs {
		for _, n := range names {
			if o.Name == n {
				kept = append(kept, o)
			}
		}
	}
	m.Graph.Outputs = kept
}

// compare takes the differences by the elements of one value.
func compare(ctx context.Context, s runtime.Session, inputs map[string]tensor.Value, name string, g []float64, opts Options) (Result, error) {
	res := Result{Name: name, Worst: -1}
	value, ok := inputs[name].(*tensor.Tensor)
	if !ok {
		return res, fmt.Errorf("value %q has no tensor among the inputs", name)
	}
	moved := value.Clone()
	at := make(map[string]tensor.Value, len(inputs))
	maps.Copy(at, inputs)
	at[name] = moved
	f := func() (float64, error) {
		out, err := s.Run(ctx, at)
		if err != nil {
			return 0, err
		}
		v, err := tensor.Float64s(out[lossName].(*tensor.Tensor))
		if err != nil {
			return 0, err
		}
		return v[0], nil
	}
	stride := 1
	if opts.Most > 0 && len(g) > opts.Most {
		stride = (len(g) + opts.Most - 1) / opts.Most
	}
	for i := 0; i < len(g); i += stride {
		d, e, err := closest(moved, i, g[i], opts.Step, f)
		if err != nil {
			return res, err
		}
		res.Checked++
		if !(e <= res.Error) || res.Worst < 0 {
			res.Error, res.Worst, res.Analytic, res.Difference = e, i, g[i], d
		}
	}
	return res, nil
}

// closest is the central difference that is closest to a gradient, and how far
// off it is, among three steps: a long one may reach over the kink of a ReLU
// somewhere in the network, and a short one has fewer digits.
func closest(t *tensor.Tensor, i int, g, h float64, f func() (float64, error)) (d, off float64, err error) {
	const enough = 1e-7
	off = math.Inf(1)
	for range 3 {
		next, err := difference(t, i, h, f)
		if err != nil {
			return 0, 0, err
		}
		e := math.Abs(next-g) / max(1, math.Abs(next), math.Abs(g))
		if math.IsInf(off, 1) || e < off {
			d, off = next, e
		}
		if off < enough {
			break
		}
		h /= 10
	}
	return d, off, nil
}

// difference is the central difference of f by element i of t, which it leaves
// as it was.
func difference(t *tensor.Tensor, i int, h float64, f func() (float64, error)) (float64, error) {
	set, err := setter(t, i)
	if err != nil {
		return 0, err
	}
	defer set(0)
	up := set(h)
	above, err := f()
	if err != nil {
		return 0, err
	}
	down := set(-h)
	below, err := f()
	return (above - below) / (up - down), err
}

// setter gives a function that moves element i of t away from where it is now,
// and returns how far it got.
func setter(t *tensor.Tensor, i int) (func(h float64) float64, error) {
	if t.DType() == tensor.Float32 {
		data, err := tensor.Data[float32](t)
		if err != nil {
			return nil, err
		}
		x := data[i]
		return func(h float64) float64 { data[i] = x + float32(h); return float64(data[i]) - float64(x) }, nil
	}
	data, err := tensor.Data[float64](t)
	if err != nil {
		return nil, fmt.Errorf("elements of %v cannot be moved a little: %w", t.DType(), err)
	}
	x := data[i]
	return func(h float64) float64 { data[i] = x + h; return data[i] - x }, nil
}
