package signal

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/fft"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/widen"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// stftDefs defines STFT (ONNX operator spec, STFT-17): the Fourier transforms of
// frames of a signal, frame_step apart, each weighed by a window.
//
//	signal [N, length, 1 or 2], frame_step (scalar), window [frame], frame_length (scalar)
//	→  output [N, frames, frame/2+1, 2], or with onesided 0 [N, frames, frame, 2]
//
// Window and frame_length are optional; without both, a frame is the whole signal.
func stftDefs() []ops.Def {
	return []ops.Def{{
		Name: "STFT", Since: 17,
		MinInputs: 2, MaxInputs: 4, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferSTFT, Compile: compileSTFT,
	}}
}

func inferSTFT(n *ops.Inference) error {
	oneSided := n.Bool("onesided", true)
	if err := n.Err(); err != nil {
		return err
	}
	out := []onnx.Dim{onnx.UnknownDim(), onnx.UnknownDim(), onnx.UnknownDim(), onnx.Known(2)}
	length := onnx.UnknownDim()
	if x, ok := n.Input(0).Dims(); ok && len(x) == 3 {
		out[0], length = x[0], x[1]
	}
	frame := length
	if window, ok := n.Input(2).Dims(); ok && len(window) == 1 {
		frame = window[0]
	} else if n.Has(2) {
		frame = onnx.UnknownDim()
	}
	if n.Has(3) {
		frame = onnx.UnknownDim()
		if list, ok := n.Ints(3); ok && len(list) == 1 {
			frame = onnx.Known(max(list[0], 0))
		}
	}
	if frame.IsKnown() {
		out[2] = frame
		if oneSided {
			out[2].Value = frame.Value/2 + 1
		}
		step, ok := n.Ints(1)
		if ok && len(step) == 1 && step[0] > 0 && length.IsKnown() && length.Value >= frame.Value {
			out[1] = onnx.Dim{Value: (length.Value-frame.Value)/int64(step[0]) + 1}
		}
	}
	n.Set(0, n.Input(0).DType(), out...)
	return nil
}

func compileSTFT(n *ops.Node) (ops.Compiled, error) {
	oneSided := n.Bool("onesided", true)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return widen.Func(func(c *ops.Call) error {
		x, err := c.Need(0)
		if err != nil {
			return err
		}
		switch x.DType() {
		case tensor.Float32:
			return runSTFT[float32](c, x, oneSided)
		case tensor.Float64:
			return runSTFT[float64](c, x, oneSided)
		}
		return fmt.Errorf("signal is %v, expected a float type", x.DType())
	}), nil
}

func runSTFT[T float32 | float64](c *ops.Call, x *tensor.Tensor, oneSided bool) error {
	if x.Rank() != 3 || x.Dim(2) != 1 && x.Dim(2) != 2 {
		return fmt.Errorf("signal is %v, expected [batch, length, 1 or 2]", x)
	}
	step, frame, err := frames(c, x)
	if err != nil {
		return err
	}
	var window []T
	if t := c.Input(2); t != nil {
		if window, err = tensor.Data[T](t); err != nil {
			return fmt.Errorf("window: %w", err)
		}
	}
	components := x.Dim(2)
	l := &fft.Lines{Outer: 1, In: frame, Inner: 1, N: frame, Complex: components == 2, OneSided: oneSided}
	if oneSided && l.Complex {
		return fmt.Errorf("signal is %v: a one-sided transform takes real values", x)
	}
	count := (x.Dim(1)-frame)/step + 1
	y, err := c.Output(0, x.DType(), x.Dim(0), count, l.Out(), 2)
	if err != nil {
		return err
	}
	src, err := tensor.Data[T](x)
	if err != nil {
		return err
	}
	dst, err := tensor.Data[T](y)
	if err != nil || len(dst) == 0 {
		return err
	}
	fft.Frames(c.Pool, l, fft.Framing{Batch: x.Dim(0), Length: x.Dim(1), Step: step, Count: count}, window, src, dst)
	return nil
}

// frames reads the distance and the length of frames.
func frames(c *ops.Call, x *tensor.Tensor) (step, frame int, err error) {
	if step, err = intScalar(c, 1, "frame_step"); err != nil {
		return 0, 0, err
	}
	frame = x.Dim(1)
	window := c.Input(2)
	if window != nil {
		frame = window.Len()
	}
	if c.Has(3) {
		if frame, err = intScalar(c, 3, "frame_length"); err != nil {
			return 0, 0, err
		}
	}
	if window != nil && window.Len() != frame {
		return 0, 0, fmt.Errorf("window is %v, expected the length of a frame, %d", window, frame)
	}
	if step < 1 || frame < 1 || frame > x.Dim(1) || frame > fft.MaxLength {
		return 0, 0, fmt.Errorf("frames are %d long and %d apart in a signal of %d", frame, step, x.Dim(1))
	}
	return step, frame, nil
}
