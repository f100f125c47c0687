package recurrent

import (
	"fmt"
	"strings"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	kernel "github.com/seed6700ada1/infer/runtime/kernel/recurrent"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// The inputs of the three layers.
const (
	inX = iota
	inW
	inR
	inB
	inLens
	inH0
	inC0
	inP
)

// kind is what distinguishes the layers.
type kind struct {
	name        string
	gates       int
	activations []string // of one direction, by default
	outputs     int      // Y, Y_h and perhaps Y_c
}

// layer is a node's attributes.
type layer struct {
	kind
	hidden  int64 // 0 where the node leaves it to the weights
	reverse []bool

	batchFirst, inputForget, linearBeforeReset bool

	clip float32
	acts []activation.Func
}

// defs defines the versions of a layer, which differ in what they add: 7 is the
// first that every runtime agrees on, 14 brought layout, 22 bfloat16.
func defs(k kind, inputs int, versions ...int) []ops.Def {
	var list []ops.Def
	for _, since := range versions {
		list = append(list, ops.Def{
			Name: k.name, Since: since,
			MinInputs: 3, MaxInputs: inputs, MinOutputs: 0, MaxOutputs: k.outputs,
			Infer:   func(n *ops.Inference) error { return infer(k, n) },
			Compile: func(n *ops.Node) (ops.Compiled, error) { return compile(k, n) },
			Cost:    func(n *ops.Inference) int64 { return cost(n) },
		})
	}
	return list
}

func read(k kind, a *ops.Attrs) *layer {
	l := &layer{
		kind: k, hidden: a.Int("hidden_size", 0),
		batchFirst: a.Bool("layout", false), inputForget: a.Bool("input_forget", false),
		linearBeforeReset: a.Bool("linear_before_reset", false),
		clip:              a.Float("clip", 0),
	}
	switch a.OneOf("direction", "forward", "reverse", "bidirectional") {
	case "forward":
		l.reverse = []bool{false}
	case "reverse":
		l.reverse = []bool{true}
	default:
		l.reverse = []bool{false, true}
	}
	names := a.Strings("activations")
	if len(names) == 0 {
		for range l.reverse {
			names = append(names, k.activations...)
		}
	}
	if want := len(k.activations) * len(l.reverse); len(names) != want {
		a.Fail(fmt.Errorf("attribute %q names %d functions, expected %d", "activations", len(names), want))
		return l
	}
	var err error
	l.acts, err = activations(names, a.Floats("activation_alpha"), a.Floats("activation_beta"))
	a.Fail(err)
	return l
}

// functions lists the activations that the layers may name, in the standard's
// spelling.
var functions = []string{
	"Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu", "ThresholdedRelu", "ScaledTanh", "HardSigmoid", "Elu", "Softsign", "Softplus",
}

// activations finds the functions; each takes from alphas and betas, in order, as
// many as it needs.
func activations(names []string, alphas, betas []float32) ([]activation.Func, error) {
	var list []activation.Func
	for _, name := range names {
		for _, spelled := range functions {
			if strings.EqualFold(name, spelled) {
				name = spelled
			}
		}
		f, err := activation.Parse(name, nil)
		if err != nil {
			return nil, err
		}
		if f.Params() > 0 && len(alphas) > 0 {
			f.Alpha, alphas = alphas[0], alphas[1:]
		}
		if f.Params() > 1 && len(betas) > 0 {
			f.Beta, betas = betas[0], betas[1:]
		}
		list = append(list, f)
	}
	return list, nil
}

func infer(k kind, n *ops.Inference) error {
	l := read(k, n.Attrs)
	if err := n.Err(); err != nil {
		return err
	}
	seq, batch, hidden := onnx.UnknownDim(), onnx.UnknownDim(), onnx.UnknownDim()
	if x, ok := n.Input(inX).Dims(); ok {
		if len(x) != 3 {
			return fmt.Errorf("X has rank %d, expected 3", len(x))
		}
		seq, batch = x[0], x[1]
		if l.batchFirst {
			seq, batch = batch, seq
		}
	}
	if r, ok := n.Input(inR).Dims(); ok && len(r) == 3 {
		hidden = r[2]
	} else if l.hidden > 0 {
		hidden = onnx.Dim{Value: l.hidden}
	}
	dirs, d := onnx.Known(len(l.reverse)), n.Input(inX).DType()
	y, state := []onnx.Dim{seq, dirs, batch, hidden}, []onnx.Dim{dirs, batch, hidden}
	if l.batchFirst {
		y, state = []onnx.Dim{batch, seq, dirs, hidden}, []onnx.Dim{batch, dirs, hidden}
	}
	n.Set(0, d, y...)
	n.Set(1, d, state...)
	n.Set(2, d, state...)
	return nil
}

// cost counts the products with W and R for every row of X.
func cost(n *ops.Inference) int64 {
	x, okX := n.Input(inX).Dims()
	w, okW := n.Input(inW).Dims()
	r, okR := n.Input(inR).Dims()
	if !okX || !okW || !okR || len(x) != 3 {
		return 0
	}
	rows := dims.Mul(x[0], x[1])
	sum := dims.Add(dims.Product(w), dims.Product(r))
	return max(0, 2*dims.Mul(rows, sum).Value)
}

func compile(k kind, n *ops.Node) (ops.Compiled, error) {
	l := read(k, n.Attrs)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(inX)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return run[float32](c, l)
		case tensor.Float64:
			return run[float64](c, l)
		}
		return fmt.Errorf("X is %v, expected a float type", x.DType())
	}), nil
}

func run[T kernel.Float](c *ops.Call, l *layer) error {
	a, err := l.args(c)
	if err != nil {
		return err
	}
	k := kernel.Args[T]{
		Seq: a.seq, Batch: a.batch, In: a.in, Hidden: a.hidden,
		Reverse: l.reverse, BatchFirst: l.batchFirst, Acts: l.acts, Clip: T(l.clip),
		InputForget: l.inputForget, LinearBeforeReset: l.linearBeforeReset,
	}
	for _, in := range []struct {
		index int
		to    *[]T
	}{{inX, &k.X}, {inW, &k.W}, {inR, &k.R}, {inB, &k.B}, {inH0, &k.H0}, {inC0, &k.C0}, {inP, &k.P}} {
		if t := c.Input(in.index); t != nil {
			if *in.to, err = tensor.Data[T](t); err != nil {
				return fmt.Errorf("input %d: %w", in.index, err)
			}
		}
	}
	if t := c.Input(inLens); t != nil {
		if k.N, err = tensor.Data[int32](t); err != nil {
			return fmt.Errorf("sequence_lens: %w", err)
		}
	}
	y, state := a.shapes(l.batchFirst)
	for i, to := range []*[]T{&k.Y, &k.YH, &k.YC}[:l.outputs] {
		shape := state
		if i == 0 {
			shape = y
		}
		if *to, err = output[T](c, i, shape); err != nil {
			return err
		}
	}
	if k.Scratch, err = scratch[T](c, k.ScratchLen(l.gates)); err != nil {
		return err
	}
	switch l.name {
	case "RNN":
		kernel.RNN(c.Pool, &k)
	case "GRU":
		kernel.GRU(c.Pool, &k)
	default:
		kernel.LSTM(c.Pool, &k)
	}
	return nil
}

// output makes output i; nil where the node does not want it.
func output[T tensor.Element](c *ops.Call, i int, shape []int) ([]T, error) {
	if !c.Wants(i) {
		return nil, nil
	}
	t, err := c.Output(i, tensor.TypeOf[T](), shape...)
	if err != nil {
		return nil, err
	}
	return tensor.Data[T](t)
}

// scratch is n values of scratch memory.
func scratch[T tensor.Element](c *ops.Call, n int) ([]T, error) {
	d := tensor.TypeOf[T]()
	size, err := tensor.ByteSize(d, n)
	if err != nil {
		return nil, err
	}
	t, err := tensor.Wrap(d, c.Scratch(size), n)
	if err != nil {
		return nil, err
	}
	return tensor.Data[T](t)
}
