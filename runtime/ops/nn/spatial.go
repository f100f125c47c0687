package nn

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/window"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
)

// maxWindow bounds the attributes of a window, so that their products cannot
// overflow.
const maxWindow = 1 << 30

// spatial holds the attributes by which convolutions and pools describe their
// windows: kernel_shape, strides, dilations, pads, auto_pad and ceil_mode. A list
// that the node leaves out is nil.
type spatial struct {
	kernel, strides, dilations, pads []int

	autoPad string
	ceil    bool
}

func readSpatial(a *ops.Attrs) spatial {
	s := spatial{
		kernel:    a.Ints("kernel_shape"),
		strides:   a.Ints("strides"),
		dilations: a.Ints("dilations"),
		pads:      a.Ints("pads"),
		autoPad:   a.OneOf("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"),
		ceil:      a.Bool("ceil_mode", false),
	}
	a.Fail(positive("kernel_shape", s.kernel, 1))
	a.Fail(positive("strides", s.strides, 1))
	a.Fail(positive("dilations", s.dilations, 1))
	a.Fail(positive("pads", s.pads, 0))
	return s
}

// readGroup reads the number of groups that channels fall into.
func readGroup(a *ops.Attrs) int {
	group := int(a.Int("group", 1))
	if group < 1 || group > maxWindow {
		a.Fail(fmt.Errorf("attribute %q is %d, expected at least 1", "group", group))
	}
	return group
}

// positive checks that a list has no element below least, or large enough to
// overflow.
func positive(name string, list []int, least int) error {
	for _, v := range list {
		if v < least || v > maxWindow {
			return fmt.Errorf("attribute %q has %d, expected %d to %d", name, v, least, maxWindow)
		}
	}
	return nil
}

// check fails where a list does not suit the number of spatial axes.
func (s *spatial) check(rank int) error {
	for _, l := range []struct {
		name string
		list []int
		want int
	}{
		{"kernel_shape", s.kernel, rank},
		{"strides", s.strides, rank},
		{"dilations", s.dilations, rank},
		{"pads", s.pads, 2 * rank},
	} {
		if l.list != nil && len(l.list) != l.want {
			return fmt.Errorf("attribute %q has %d values, expected %d for %d spatial axes", l.name, len(l.list), l.want, rank)
		}
	}
	return nil
}

// axis is the window on axis i as the attributes have it, without sizes.
func (s *spatial) axis(i, rank int) window.Axis {
	a := window.Axis{Stride: 1, Dilation: 1, Kernel: 1}
	if s.kernel != nil {
		a.Kernel = s.kernel[i]
	}
	if s.strides != nil {
		a.Stride = s.strides[i]
	}
	if s.dilations != nil {
		a.Dilation = s.dilations[i]
	}
	if s.pads != nil && s.autoPad == "NOTSET" {
		a.Begin, a.End = s.pads[i], s.pads[rank+i]
	}
	return a
}

// resolve gives the windows over an input of the given spatial sizes. kernel
// counts the taps on each axis where the attributes do not. axes is memory to
// use again.
func (s *spatial) resolve(axes window.Axes, in, kernel []int) (window.Axes, error) {
	rank := len(in)
	if err := s.check(rank); err != nil {
		return nil, err
	}
	axes = axes[:0]
	for i, size := range in {
		a := s.axis(i, rank)
		if kernel != nil {
			a.Kernel = kernel[i]
		}
		a.In = size
		if err := s.place(&a); err != nil {
			return nil, fmt.Errorf("spatial axis %d: %w", i, err)
		}
		axes = append(axes, a)
	}
	return axes, nil
}

// place works out the padding where it is automatic, and the output size.
func (s *spatial) place(a *window.Axis) error {
	switch s.autoPad {
	case "SAME_UPPER", "SAME_LOWER":
		a.Out = (a.In + a.Stride - 1) / a.Stride
		pad := max((a.Out-1)*a.Stride+a.Extent()-a.In, 0)
		a.Begin = pad / 2
		if s.autoPad == "SAME_LOWER" {
			a.Begin = pad - pad/2
		}
		a.End = pad - a.Begin
		return nil
	}
	room := a.In + a.Begin + a.End - a.Extent()
	if room < 0 {
		return fmt.Errorf("the window spans %d positions, the padded input has %d", a.Extent(), a.In+a.Begin+a.End)
	}
	a.Out = room/a.Stride + 1
	if s.ceil && room%a.Stride != 0 && a.Out*a.Stride < a.In+a.Begin {
		a.Out++ // a last window that is not whole, where it begins before the padding
	}
	return nil
}

// infer gives the spatial output sizes for an input of these, of which some may
// be symbols.
func (s *spatial) infer(in []onnx.Dim, kernel []onnx.Dim) ([]onnx.Dim, error) {
	if err := s.check(len(in)); err != nil {
		return nil, err
	}
	out := make([]onnx.Dim, len(in))
	for i, size := range in {
		a := s.axis(i, len(in))
		known := true
		if kernel != nil {
			known = kernel[i].IsKnown()
			a.Kernel = int(max(kernel[i].Value, 1))
		}
		switch {
		case !known && s.autoPad != "SAME_UPPER" && s.autoPad != "SAME_LOWER":
			out[i] = onnx.UnknownDim()
		case size.IsKnown():
			a.In = int(size.Value)
			if err := s.place(&a); err != nil {
				return nil, fmt.Errorf("spatial axis %d: %w", i, err)
			}
			out[i] = onnx.Known(a.Out)
		default:
			out[i] = s.symbolic(size, a)
		}
	}
	return out, nil
}

// symbolic is the output size of an input of which only a symbol is known.
func (s *spatial) symbolic(in onnx.Dim, a window.Axis) onnx.Dim {
	stride := onnx.Known(a.Stride)
	switch {
	case s.autoPad == "SAME_UPPER" || s.autoPad == "SAME_LOWER":
		return dims.Div(dims.Add(in, onnx.Known(a.Stride-1)), stride)
	case s.ceil && a.Stride > 1:
		return onnx.UnknownDim()
	}
	// (in + room)/stride + 1, with the 1 drawn into the fraction
	room := a.Begin + a.End - a.Extent() + a.Stride
	if room >= 0 {
		in = dims.Add(in, onnx.Known(room))
	} else {
		in = dims.Sub(in, onnx.Known(-room))
	}
	return dims.Div(in, stride)
}

// spatialDims splits a shape [batch, channels, spatial…] that may be symbolic.
func spatialDims(n *ops.Inference, input int) (batch, channels onnx.Dim, sizes []onnx.Dim, ok bool, err error) {
	shape, ok := n.Input(input).Dims()
	if !ok {
		return batch, channels, nil, false, nil
	}
	if len(shape) < 2 {
		return batch, channels, nil, false, fmt.Errorf("input %d has rank %d, expected at least 2: [batch, channels, spatial…]", input, len(shape))
	}
	return shape[0], shape[1], shape[2:], true, nil
}
