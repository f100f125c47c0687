//go:build cgo

package ort

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"slices"
	"sync"

	binding "github.com/yalue/onnxruntime_go"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// environment is the ONNX Runtime of this process.
type environment struct {
	mu       sync.Mutex
	loaded   place // where the library came from; its path is "" before
	standard bool  // see elementType
}

// process is the one value of the package that all engines share, because the
// binding keeps the library and its environment in variables of its own: there
// can be one in a process, and it must be started once.
var process environment

// Available loads the library and says why the engine cannot be used; nil where
// it can.
func (e *Engine) Available() error { return process.start(e) }

// Version is the version of the loaded library.
func (e *Engine) Version() (string, error) {
	if err := process.start(e); err != nil {
		return "", err
	}
	return binding.GetVersion(), nil
}

// start loads the library where that was not done yet. A failure is not
// remembered, so that another place can be tried.
func (env *environment) start(e *Engine) (err error) {
	defer recovered(&err)
	env.mu.Lock()
	defer env.mu.Unlock()
	if env.loaded.path != "" {
		if e.library != "" && e.library != env.loaded.path {
			return fmt.Errorf("ort: this process already runs the library %s, and cannot load %s beside it", env.loaded.path, e.library)
		}
		return nil
	}
	tried := e.places()
	reasons := make([]error, len(tried))
	for i, p := range tried {
		if reasons[i] = p.exists(); reasons[i] != nil {
			continue
		}
		binding.SetSharedLibraryPath(p.path)
		// ONNX Runtime would log to standard error otherwise: what goes wrong is in the errors
		if reasons[i] = binding.InitializeEnvironment(binding.WithLogLevelFatal()); reasons[i] == nil {
			env.loaded, env.standard = p, takesStandardNumbers()
			return nil
		}
		reasons[i] = loadError(reasons[i])
	}
	return notFound(tried, reasons)
}

// loadError explains the one failure that the binding has only a number for.
func loadError(err error) error {
	if err.Error() == "Platform-specific initialization failed: Error setting ORT API base: 2" {
		return errors.New("the library is older than " + minimumVersion)
	}
	return errors.Join(errors.Unwrap(err))
}

func (e *Engine) open(m *onnx.Model, opts runtime.Options) (runtime.Session, error) {
	if err := process.start(e); err != nil {
		return nil, err
	}
	s := &session{
		model: m, opts: opts, standard: process.standard,
		inputs:   runtime.InputSpecs(m.Graph),
		variants: map[string]*variant{},
	}
	specs, err := outputs(m.Graph, opts.Outputs)
	if err != nil {
		return nil, err
	}
	if err := probe(m, specs); err != nil {
		return nil, err
	}
	s.infos = specs
	for _, info := range specs {
		s.outputs = append(s.outputs, runtime.ValueSpec{Name: info.Name, Type: info.Type})
	}
	if _, err := s.variant(nil); err != nil {
		return nil, err
	}
	return s, nil
}

// outputs are the graph's own, or else the values called names, with what is
// known of their types.
func outputs(g *onnx.Graph, names []string) ([]onnx.ValueInfo, error) {
	if len(names) == 0 {
		for _, out := range g.Outputs {
			names = append(names, out.Name)
		}
		if len(names) == 0 {
			return nil, errors.New("ort: the model has no outputs")
		}
	}
	specs := make([]onnx.ValueInfo, len(names))
	for i, name := range names {
		specs[i].Name = name
		for _, list := range [][]*onnx.ValueInfo{g.Outputs, g.Inputs, g.ValueInfo} {
			if j := slices.IndexFunc(list, func(v *onnx.ValueInfo) bool { return v.Name == name }); j >= 0 && specs[i].Type == nil {
				specs[i].Type = list[j].Type
			}
		}
		if t := g.Initializer(name); t != nil && specs[i].Type == nil {
			specs[i].Type = constantType(t)
		}
		if specs[i].Type == nil && !produced(g, name) {
			return nil, fmt.Errorf("ort: the graph has no value %q to return", name)
		}
	}
	return specs, nil
}

func constantType(t *onnx.Tensor) *onnx.Type {
	dims := make([]onnx.Dim, len(t.Dims))
	for i, d := range t.Dims {
		dims[i] = onnx.Known(int(d))
	}
	return onnx.TensorOf(t.DType, dims...)
}

// probe fills in the element types that the model leaves out, which ONNX
// Runtime infers: how an output has to cross depends on them.
func probe(m *onnx.Model, specs []onnx.ValueInfo) error {
	open := slices.ContainsFunc(specs, func(v onnx.ValueInfo) bool { return untyped(v.Type) })
	if !open {
		return nil
	}
	g, err := newGraft(m, nil, specs)
	if err != nil {
		return err
	}
	data, err := g.model.Marshal()
	if err != nil {
		return err
	}
	_, found, err := binding.GetInputOutputInfoWithONNXData(data)
	if err != nil {
		return diagnose(m, errors.Join(errors.Unwrap(err)))
	}
	for i := range found {
		// values that are not tensors keep their unknown type: they cross as they are
		if !untyped(specs[i].Type) || found[i].OrtValueType != binding.ONNXTypeTensor {
			continue
		}
		t := &onnx.Type{Kind: onnx.TypeTensor, DType: dtypeOf(found[i].DataType)}
		if dims := found[i].Dimensions; len(dims) > 0 { // none is rank 0 or unknown
			t.Shape = &onnx.Shape{}
			for _, d := range dims {
				t.Shape.Dims = append(t.Shape.Dims, onnx.Dim{Value: d})
			}
		}
		specs[i].Type = t
	}
	return nil
}

func untyped(t *onnx.Type) bool {
	return t == nil || t.Kind == onnx.TypeNone || t.Kind == onnx.TypeTensor && t.DType == tensor.Undefined
}

// settings makes the binding's options of ours.
func settings(opts runtime.Options) (*binding.SessionOptions, error) {
	o, err := binding.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	threads := opts.Threads
	if threads <= 0 {
		threads = goruntime.GOMAXPROCS(0)
	}
	level := binding.GraphOptimizationLevel(binding.GraphOptimizationLevelEnableAll)
	if slices.Contains(opts.Disable, "all") {
		level = binding.GraphOptimizationLevelDisableAll
	}
	err = errors.Join(
		o.SetIntraOpNumThreads(threads),
		o.SetInterOpNumThreads(1),
		o.SetGraphOptimizationLevel(level),
		o.SetLogSeverityLevel(binding.LoggingLevelFatal),
	)
	if err != nil {
		_ = o.Destroy() // err is what counts
		return nil, err
	}
	return o, nil
}
