package blocked

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/activation"
	"github.com/seed6700ada1/infer/runtime/kernel/nchwc"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// conv is a two-dimensional convolution with constant weights:
//
//	X blocked, or [N, C, H, W] where attribute stem is 1   W [M, C/group, kH, kW]   B [M]   Z as Y   →   Y blocked
//
// Z, which may be left out like B, is added before the activation. Attributes
// are Conv's (strides, pads, dilations, group), those of the activation
// (activation, activation_params) and in_border and out_border. group is 1 or
// the number of channels. Padding is at most the border.
var conv = ops.Def{
	Name: "BlockedConv", Domain: Domain, Since: 1,
	MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
	InPlace: []int{3}, Packed: []int{1, 2},
	Infer: inferConv, Compile: compileConv, Cost: costConv,
}

// convAttrs is what the attributes of a convolution say.
type convAttrs struct {
	nchwc.Params
	padBottom, padRight int
	inBorder, outBorder int
	act                 activation.Func
	group               int64
}

func readConv(a *ops.Attrs) (k convAttrs) {
	four := func(name string, n int, def int) []int {
		list := a.Ints(name)
		if list == nil {
			return slices.Repeat([]int{def}, n)
		}
		if len(list) != n || slices.Min(list) < def {
			a.Fail(fmt.Errorf("attribute %q is %v, expected %d values of at least %d", name, list, n, def))
			return slices.Repeat([]int{def}, n)
		}
		return list
	}
	strides, dilations, pads := four("strides", 2, 1), four("dilations", 2, 1), four("pads", 4, 0)
	k.StrideH, k.StrideW, k.DilationH, k.DilationW = strides[0], strides[1], dilations[0], dilations[1]
	k.PadTop, k.PadLeft, k.padBottom, k.padRight = pads[0], pads[1], pads[2], pads[3]
	k.inBorder, k.outBorder = border(a, "in_border"), border(a, "out_border")
	k.group = a.Int("group", 1)
	switch {
	case a.Bool("stem", false):
		k.Kind = nchwc.Stem
	case k.group > 1:
		k.Kind = nchwc.Depthwise
	}
	if slices.Max(pads) > k.inBorder {
		a.Fail(fmt.Errorf("attribute \"pads\" is %v, which the border of %d does not cover", pads, k.inBorder))
	}
	var err error
	k.act, err = activation.Parse(a.String("activation", ""), a.Floats("activation_params"))
	if err != nil {
		a.Fail(err)
	}
	return k
}

// weights reads the sizes that the weights give.
func (k *convAttrs) weights(shape []int) error {
	if len(shape) != 4 || slices.Min(shape) < 1 {
		return fmt.Errorf("weights have shape %v, expected [M,C,kH,kW]", shape)
	}
	k.Out, k.In, k.KernelH, k.KernelW = shape[0], shape[1], shape[2], shape[3]
	if k.Kind == nchwc.Dense && k.In == 1 && k.Out == 1 {
		k.Kind = nchwc.Depthwise // it is both, and this way is the shorter
	}
	if k.Kind == nchwc.Depthwise {
		if k.In != 1 || int64(k.Out) != k.group {
			return fmt.Errorf("weights have shape %v in %d groups, expected one channel in and out for each", shape, k.group)
		}
		k.In = k.Out
	}
	return nil
}

// reach is how far a kernel of n taps extends.
func reach(n, dilation int) int { return (n-1)*dilation + 1 }

func inferConv(n *ops.Inference) error {
	k := readConv(n.Attrs)
	x, ok := n.Input(0).Dims()
	w, known := n.Input(1).Dims()
	size, fixed := dims.Concrete(w)
	if !ok || !known || !fixed {
		n.SetDType(0, tensor.Float32)
		return nil
	}
	if err := k.weights(size); err != nil {
		return err
	}
	var h, wd onnx.Dim
	switch {
	case k.Kind == nchwc.Stem && len(x) == 4:
		h, wd = x[2], x[3]
	case k.Kind != nchwc.Stem && len(x) == 5:
		h, wd = spatial(x, k.inBorder)
	default:
		return fmt.Errorf("data has rank %d", len(x))
	}
	h = outDim(h, k.PadTop+k.padBottom, reach(k.KernelH, k.DilationH), k.StrideH)
	wd = outDim(wd, k.PadLeft+k.padRight, reach(k.KernelW, k.DilationW), k.StrideW)
	n.Set(0, tensor.Float32, blockedDims(x[0], onnx.Known(k.Out), h, wd, k.outBorder)...)
	return nil
}

// outDim is the number of windows along an axis.
func outDim(size onnx.Dim, pads, reach, stride int) onnx.Dim {
	if stride == 1 && pads == reach-1 {
		return size
	}
	whole := dims.Sub(dims.Add(size, onnx.Known(pads)), onnx.Known(reach))
	return dims.Add(dims.Div(whole, onnx.Known(stride)), onnx.Known(1))
}

func costConv(n *ops.Inference) int64 {
	w, ok := n.Input(1).Dims()
	size, fixed := dims.Concrete(w)
	if t := n.Outputs[0].Type; !ok || !fixed || t == nil || t.Shape == nil || len(size) != 4 || len(t.Shape.Dims) != 5 {
		return 0
	}
	y := n.Outputs[0].Type.Shape.Dims
	h, wd := spatial(y, border(n.Attrs, "out_border"))
	if !y[0].IsKnown() || !h.IsKnown() || !wd.IsKnown() {
		return 0
	}
	return 2 * y[0].Value * h.Value * wd.Value * int64(size[0]*size[1]*size[2]*size[3])
}

// convolution is a node made ready.
type convolution struct {
	convAttrs
	kernel *nchwc.Conv
	after  activation.Func // what the kernel cannot do itself
}

func compileConv(n *ops.Node) (ops.Compiled, error) {
	k := &convolution{convAttrs: readConv(n.Attrs)}
	w := n.Const(1)
	if err := n.Err(); err != nil {
		return nil, err
	}
	if w == nil {
		return nil, fmt.Errorf("weights must be constant")
	}
	if err := k.weights(w.Shape()); err != nil {
		return nil, err
	}
	weights, err := tensor.Data[float32](w)
	if err != nil {
		return nil, err
	}
	var bias []float32
	if n.Has(2) {
		if n.Const(2) == nil || n.Const(2).Len() != k.Out {
			return nil, fmt.Errorf("bias must be constant, of %d values", k.Out)
		}
		if bias, err = tensor.Data[float32](n.Const(2)); err != nil {
			return nil, err
		}
	}
	k.Act = k.activation()
	k.kernel, err = ops.Pack(n, fmt.Sprint(k.Params), []*tensor.Tensor{w, n.Const(2)}, func() (*nchwc.Conv, error) {
		return nchwc.NewConv(k.Params, weights, bias), nil
	})
	return k, err
}

// activation splits the activation into what the kernel does and the rest.
func (k *convolution) activation() nchwc.Act {
	a := nchwc.NoAct()
	switch f := k.act; f.Kind {
	case activation.None:
	case activation.Relu:
		a.Lo = 0
	case activation.Clip:
		a.Lo, a.Hi = f.Alpha, f.Beta
	case activation.LeakyRelu:
		a.Leaky, a.Slope = true, f.Alpha
	default:
		k.after = f
	}
	if a.Hi == math.MaxFloat32 { // how Clip says that there is no bound: let infinity pass
		a.Hi = float32(math.Inf(1))
	}
	if a.Lo == -math.MaxFloat32 {
		a.Lo = float32(math.Inf(-1))
	}
	return a
}

func (k *convolution) Run(c *ops.Call) error {
	x, data, err := input(c, 0)
	if err != nil {
		return err
	}
	batch, in, err := k.inputLayout(x)
	if err != nil {
		return err
	}
	out := nchwc.Layout{
		Channels: k.Out, Border: k.outBorder,
		H: (in.H+k.PadTop+k.padBottom-reach(k.KernelH, k.DilationH))/k.StrideH + 1,
		W: (in.W+k.PadLeft+k.padRight-reach(k.KernelW, k.DilationW))/k.StrideW + 1,
	}
	if in.H+k.PadTop+k.padBottom < reach(k.KernelH, k.DilationH) || in.W+k.PadLeft+k.padRight < reach(k.KernelW, k.DilationW) {
		return fmt.Errorf("data is %v, smaller than the kernel", x)
	}
	var residual []float32
	if c.Has(3) {
		z, values, err := input(c, 3)
		if err != nil {
			return err
		}
		if shape := out.Shape(batch); !slices.Equal(z.Shape(), shape[:]) {
			return fmt.Errorf("the tensor to add is %v, expected %s", z, tensor.FormatShape(shape[:]))
		}
		residual = values
	}
	y, err := output(c, batch, out)
	if err != nil {
		return err
	}
	k.pictures(c, batch, data, in, residual, y, out)
	return nil
}

// inputLayout reads the geometry of the input.
func (k *convolution) inputLayout(x *tensor.Tensor) (int, nchwc.Layout, error) {
	if k.Kind != nchwc.Stem {
		return layoutOf(x, k.In, k.inBorder)
	}
	if x.Rank() != 4 || x.Dim(1) != k.In {
		return 0, nchwc.Layout{}, fmt.Errorf("data is %v, expected [N,%d,H,W]", x, k.In)
	}
	return x.Dim(0), nchwc.Layout{Channels: k.In, H: x.Dim(2), W: x.Dim(3), Border: k.inBorder}, nil
}

// pictures convolves each picture of the batch.
func (k *convolution) pictures(c *ops.Call, batch int, x []float32, in nchwc.Layout, residual, y []float32, out nchwc.Layout) {
	size := len(x) / max(batch, 1)
	for i := range batch {
		picture := x[i*size:][:size]
		if k.Kind == nchwc.Stem && in.Border > 0 {
			picture = k.padded(c, picture, in)
		}
		to := y[i*out.Len():][:out.Len()]
		var add []float32
		if residual != nil {
			add = residual[i*out.Len():][:out.Len()]
		}
		k.kernel.Run(c.Pool, picture, in, add, to, out)
		if k.after.Kind != activation.None {
			activation.Apply(k.after, to)
			for b := range out.Blocks() {
				out.ClearBorder(to, b)
			}
		}
	}
}

// padded copies planes to where they have a border.
func (k *convolution) padded(c *ops.Call, x []float32, in nchwc.Layout) []float32 {
	n := k.In * (in.H + 2*in.Border) * (in.W + 2*in.Border)
	buf := c.State(func() any { return new([]float32) }).(*[]float32)
	if cap(*buf) < n {
		*buf = make([]float32, n)
	}
	nchwc.Pad(x, (*buf)[:n], k.In, in.H, in.W, in.Border)
	return (*buf)[:n]
}
