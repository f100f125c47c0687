package vision

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/resample"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// resizeDefs defines Resize (ONNX operator spec, Resize-19) and its predecessor
// Upsample (Upsample-9): a tensor of another size, whose elements are the nearest
// ones of X or weighted sums of neighbours, on all axes or those of the attribute
// axes.
//
//	X, roi (starts and ends, for tf_crop_and_resize), scales or sizes  →  Y
//
// Versions:
//   - Upsample 7 has its scales as an attribute, 9 as an input; 10 withdrew it.
//     Resize 10 is the same with sizes that may shrink.
//   - Resize 11 brought roi, sizes, cubic sums and coordinate transformations; 13
//     withdrew the transformation tf_half_pixel_for_nn.
//   - Resize 18 brought axes, antialias and keep_aspect_ratio_policy, 19 the
//     transformation half_pixel_symmetric.
func resizeDefs() []ops.Def {
	def := func(name string, since, least, most int) ops.Def {
		return ops.Def{
			Name: name, Since: since,
			MinInputs: least, MaxInputs: most, MinOutputs: 1, MaxOutputs: 1,
			Infer: inferResize, Compile: compileResize,
		}
	}
	return []ops.Def{
		def("Upsample", 7, 1, 1),
		def("Upsample", 9, 2, 2),
		{Name: "Upsample", Since: 10, Deprecated: true},
		def("Resize", 10, 2, 2),
		def("Resize", 11, 3, 4),
		def("Resize", 13, 1, 4),
		def("Resize", 18, 1, 4),
		def("Resize", 19, 1, 4),
	}
}

// resize holds the attributes of a Resize or Upsample.
type resize struct {
	linear, cubic bool // neither is nearest
	transform     resample.Transform
	rounding      resample.Rounding
	filter        resample.Filter
	extrapolation float64
	axes          []int // nil is all
	policy        string
	scales        []float32 // of Upsample-7

	roi, scalesAt, sizesAt int // inputs, -1 where the version has none
}

func readResize(a *ops.Attrs, name string, opset int) *resize {
	k := &resize{roi: -1, scalesAt: 1, sizesAt: -1, policy: "stretch"}
	switch a.OneOf("mode", "nearest", "linear", "bilinear", "cubic") {
	case "linear", "bilinear":
		k.linear = true
	case "cubic":
		k.cubic = true
	}
	if name == "Upsample" || opset < 11 {
		k.transform, k.rounding = resample.Asymmetric, resample.Simple
		if k.cubic {
			a.Fail(fmt.Errorf("attribute %q is %q, expected %q", "mode", "cubic", []string{"nearest", "linear"}))
		}
		if name == "Upsample" && opset < 9 {
			k.scalesAt, k.scales = -1, a.Floats("scales")
		}
		return k
	}
	k.roi, k.scalesAt, k.sizesAt = 1, 2, 3
	k.transform = map[string]resample.Transform{
		"half_pixel":           resample.HalfPixel,
		"pytorch_half_pixel":   resample.PytorchHalfPixel,
		"half_pixel_symmetric": resample.HalfPixelSymmetric,
		"tf_half_pixel_for_nn": resample.HalfPixelForNearest,
		"asymmetric":           resample.Asymmetric,
		"align_corners":        resample.AlignCorners,
		"tf_crop_and_resize":   resample.CropAndResize,
	}[a.OneOf("coordinate_transformation_mode", "half_pixel", "pytorch_half_pixel", "half_pixel_symmetric",
		"tf_half_pixel_for_nn", "asymmetric", "align_corners", "tf_crop_and_resize")]
	k.rounding = map[string]resample.Rounding{
		"round_prefer_floor": resample.HalfDown,
		"round_prefer_ceil":  resample.HalfUp,
		"floor":              resample.Floor,
		"ceil":               resample.Ceil,
	}[a.OneOf("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")]
	k.extrapolation = float64(a.Float("extrapolation_value", 0))
	k.filter = resample.Filter{
		Cubic: k.cubic, A: float64(a.Float("cubic_coeff_a", -0.75)),
		Antialias: a.Bool("antialias", false), ExcludeOutside: a.Bool("exclude_outside", false),
	}
	k.axes = a.Ints("axes")
	k.policy = a.OneOf("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller")
	return k
}

func inferResize(n *ops.Inference) error {
	k := readResize(n.Attrs, n.Proto().OpType, n.Opset)
	if err := n.Err(); err != nil {
		return err
	}
	shape, ok := n.Input(0).Dims()
	if !ok {
		n.SetDType(0, n.Input(0).DType())
		return nil
	}
	out, err := k.inferSizes(n, shape)
	if err != nil {
		return err
	}
	n.Set(0, n.Input(0).DType(), out...)
	return nil
}

// inferSizes works out the output's shape as far as scales or sizes are known.
func (k *resize) inferSizes(n *ops.Inference, in []onnx.Dim) ([]onnx.Dim, error) {
	axes, err := k.resolveAxes(len(in))
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in)
	for _, a := range axes {
		out[a] = onnx.UnknownDim()
	}
	scales := k.scales
	if t := n.Const(k.scalesAt); t != nil {
		if scales, err = tensor.Data[float32](t); err != nil {
			return nil, fmt.Errorf("scales: %w", err)
		}
	}
	if k.sizesAt >= 0 && n.Has(k.sizesAt) {
		sizes := n.Input(k.sizesAt).Value
		if list, ok := n.Ints(k.sizesAt); ok {
			sizes = dims.Of(list)
		}
		if shape, ok := dims.Concrete(in); ok && k.policy != "stretch" {
			if list, ok := dims.Concrete(sizes); ok && len(list) > 0 {
				plan, err := k.plan(shape, nil, list, nil)
				if err != nil {
					return nil, err
				}
				return dims.Of(plan.out), nil
			}
		}
		if k.policy == "stretch" && len(sizes) == len(axes) {
			for i, a := range axes {
				out[a] = sizes[i]
			}
			return out, nil
		}
	}
	if len(scales) == len(axes) {
		for i, a := range axes {
			out[a] = scaled(in[a], scales[i])
		}
	}
	return out, nil
}

// scaled is a dimension times a scale, rounded down.
func scaled(d onnx.Dim, scale float32) onnx.Dim {
	whole := float32(math.Round(float64(scale)))
	inverse := float32(math.Round(1 / float64(scale)))
	switch {
	case d.IsKnown():
		size := float32(d.Value) * scale
		if !(size >= 0 && size < math.MaxInt32) {
			return onnx.UnknownDim()
		}
		return onnx.Known(int(size))
	case scale == whole && scale >= 1 && scale < 1<<20:
		return dims.Mul(d, onnx.Known(int(whole)))
	case scale > 1.0/(1<<20) && scale*inverse == 1 && math.Log2(float64(inverse)) == math.Trunc(math.Log2(float64(inverse))):
		return dims.Div(d, onnx.Known(int(inverse))) // a power of two: exact in a float
	}
	return onnx.UnknownDim()
}

// resolveAxes lists the axes that are resized.
func (k *resize) resolveAxes(rank int) ([]int, error) {
	if k.axes != nil {
		return dims.Axes(k.axes, rank)
	}
	axes := make([]int, rank)
	for i := range axes {
		axes[i] = i
	}
	return axes, nil
}

func compileResize(n *ops.Node) (ops.Compiled, error) {
	k := readResize(n.Attrs, n.Def.Name, n.Opset)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(k.run), nil
}
