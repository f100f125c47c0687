package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	binding "github.com/yalue/onnxruntime_go"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// ortModel is a contender of ONNX Runtime. It uses the binding itself: the
// project's engine copies what a run returns into Go's memory, which for a
// decoder's cache takes longer than the run.
type ortModel struct {
	row       *row
	session   *binding.DynamicAdvancedSession
	ins, outs []string
	pairs     []runtime.Pair
	first     map[string]*tensor.Tensor
	now       map[string]binding.Value
	done      int // runs since restart
}

// openORT opens the file as it was published, or where it lists initializers
// among its inputs, without those: ONNX Runtime takes them for constants then.
func openORT(r *row, m *onnx.Model, threads int) (_ *ortModel, err error) {
	specs := runtime.InputSpecs(m.Graph)
	o := &ortModel{row: r, pairs: r.pairs(specs), now: map[string]binding.Value{}}
	if o.first, err = r.inputs(specs); err != nil {
		return nil, err
	}
	for _, s := range specs {
		if !s.Optional {
			o.ins = append(o.ins, s.Name)
		}
	}
	for _, out := range m.Graph.Outputs {
		o.outs = append(o.outs, out.Name)
	}
	options, err := binding.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	err = errors.Join(
		options.SetIntraOpNumThreads(threads),
		options.SetInterOpNumThreads(1),
		options.SetGraphOptimizationLevel(binding.GraphOptimizationLevelEnableAll),
		options.SetLogSeverityLevel(binding.LoggingLevelFatal),
	)
	if err != nil {
		return nil, err
	}
	if len(o.ins) == len(specs) {
		o.session, err = binding.NewDynamicAdvancedSession(r.path, o.ins, o.outs, options)
		return o, err
	}
	data, err := stripped(m)
	if err != nil {
		return nil, err
	}
	o.session, err = binding.NewDynamicAdvancedSessionWithONNXData(data, o.ins, o.outs, options)
	return o, err
}

// stripped is the file of a model whose initializers are not inputs.
func stripped(m *onnx.Model) ([]byte, error) {
	model, graph := *m, *m.Graph
	model.Graph = &graph
	model.IRVersion = max(m.IRVersion, 4) // the first that allows it
	graph.Inputs = slices.DeleteFunc(slices.Clone(graph.Inputs), func(in *onnx.ValueInfo) bool {
		return graph.Initializer(in.Name) != nil
	})
	return model.Marshal()
}

// set makes t the value of an input.
func (o *ortModel) set(name string, t *tensor.Tensor) error {
	v, err := toORT(t)
	if err != nil {
		return fmt.Errorf("input %q: %w", name, err)
	}
	return o.replace(name, v)
}

func (o *ortModel) replace(name string, v binding.Value) error {
	old := o.now[name]
	o.now[name] = v
	if old == nil {
		return nil
	}
	return old.Destroy()
}

func (o *ortModel) restart() error {
	o.done = 0
	for name, t := range o.first {
		if err := o.set(name, t); err != nil {
			return err
		}
	}
	return nil
}

func (o *ortModel) run(context.Context) (time.Duration, error) {
	in, out := make([]binding.Value, len(o.ins)), make([]binding.Value, len(o.outs))
	for i, name := range o.ins {
		in[i] = o.now[name]
	}
	start := time.Now()
	err := o.session.Run(in, out)
	took := time.Since(start)
	if err != nil {
		return 0, err
	}
	for i, v := range out {
		p := slices.IndexFunc(o.pairs, func(p runtime.Pair) bool { return p.Output == o.outs[i] })
		if p >= 0 {
			err = o.replace(o.pairs[p].Input, v)
		} else {
			err = v.Destroy()
		}
		if err != nil {
			return 0, err
		}
	}
	o.done++
	changed, err := o.row.later(o.done)
	if err != nil {
		return 0, err
	}
	for name, t := range changed {
		if err := o.set(name, t); err != nil {
			return 0, err
		}
	}
	return took, nil
}

func (o *ortModel) close() error {
	err := o.session.Destroy()
	for _, v := range o.now {
		err = errors.Join(err, v.Destroy())
	}
	return err
}

// toORT makes a value over the memory of t, which lives as long as the value.
func toORT(t *tensor.Tensor) (binding.Value, error) {
	switch t.DType() {
	case tensor.Float32:
		return overMemory[float32](t)
	case tensor.Int32:
		return overMemory[int32](t)
	case tensor.Int64:
		return overMemory[int64](t)
	default:
		return nil, fmt.Errorf("values of %v are not handed over", t.DType())
	}
}

func overMemory[T float32 | int32 | int64](t *tensor.Tensor) (binding.Value, error) {
	data, err := tensor.Data[T](t)
	if err != nil {
		return nil, err
	}
	if t.Rank() == 0 {
		return binding.NewScalar(data[0])
	}
	shape := make(binding.Shape, t.Rank())
	for i, d := range t.Shape() {
		shape[i] = int64(d)
	}
	return binding.NewTensor(shape, data)
}
