package vision

import (
	"errors"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/vision/imagefile"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// imageDecoderDefs defines ImageDecoder (ONNX operator spec, ImageDecoder-20): an
// image file as pixels.
//
//	encoded_stream [bytes], uint8  →  image [height, width, 3 (RGB or BGR) or 1 (Grayscale)], uint8
func imageDecoderDefs() []ops.Def {
	return []ops.Def{{
		Name: "ImageDecoder", Since: 20,
		MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferImageDecoder, Compile: compileImageDecoder,
	}}
}

// readFormat reads the attribute pixel_format and how many channels it has.
func readFormat(a *ops.Attrs) (format string, channels int) {
	format = a.OneOf("pixel_format", "RGB", "BGR", "Grayscale")
	if format == "Grayscale" {
		return format, 1
	}
	return format, 3
}

func inferImageDecoder(n *ops.Inference) error {
	_, channels := readFormat(n.Attrs)
	n.Set(0, tensor.Uint8, onnx.UnknownDim(), onnx.UnknownDim(), onnx.Known(channels))
	return n.Err()
}

func compileImageDecoder(n *ops.Node) (ops.Compiled, error) {
	format, channels := readFormat(n.Attrs)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		t, err := c.Need(0)
		if err != nil {
			return err
		}
		file, err := tensor.Data[uint8](t)
		if err != nil {
			return err
		}
		width, height, err := imagefile.Size(file)
		if errors.Is(err, imagefile.ErrFormat) {
			return ops.Unsupported("%v", err)
		}
		if err != nil {
			return err
		}
		y, err := c.Output(0, tensor.Uint8, height, width, channels) // which checks the size
		if err != nil {
			return err
		}
		dst, err := tensor.Data[uint8](y)
		if err != nil {
			return err
		}
		pixels, err := imagefile.Decode(file)
		if err != nil {
			return err
		}
		switch format {
		case "Grayscale":
			copy(dst, pixels.Gray())
		case "RGB":
			copy(dst, pixels.RGB)
		default:
			for i := 0; i+2 < len(dst); i += 3 {
				dst[i], dst[i+1], dst[i+2] = pixels.RGB[i+2], pixels.RGB[i+1], pixels.RGB[i]
			}
		}
		return nil
	}), nil
}
