package cast

import (
	"fmt"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Widen writes the exact values of src to dst, which is as long.
func Widen[T tensor.F16 | tensor.BF16](dst []float32, src []T) {
	dst = dst[:len(src)]
	switch src := any(src).(type) {
	case []tensor.F16:
		for i, v := range src {
			dst[i] = v.Float32()
		}
	case []tensor.BF16:
		for i, v := range src {
			dst[i] = v.Float32()
		}
	}
}

// Narrow writes src to dst, which is as long, rounded to nearest, ties to
// even.
func Narrow[T tensor.F16 | tensor.BF16](dst []T, src []float32) {
	src = src[:len(dst)]
	switch dst := any(dst).(type) {
	case []tensor.F16:
		for i, v := range src {
			dst[i] = tensor.F16From(v)
		}
	case []tensor.BF16:
		for i, v := range src {
			dst[i] = tensor.BF16From(v)
		}
	}
}

// ToFloat32 writes the elements of src, of any real type, to dst, which is as
// long.
func ToFloat32(p *pool.Pool, dst []float32, src *tensor.Tensor) error {
	t, err := tensor.FromSlice(dst, len(dst))
	if err != nil {
		return err
	}
	return Convert(p, t, src, Options{})
}

// FromFloat32 writes src to dst, of any real type and as long, rounded as
// [Convert] does; float8 types saturate.
func FromFloat32(p *pool.Pool, dst *tensor.Tensor, src []float32) error {
	t, err := tensor.FromSlice(src, len(src))
	if err != nil {
		return err
	}
	return Convert(p, dst, t, Options{})
}

// LoadFloat32 writes elements lo to lo+len(dst) of src, of any real type, to
// dst. For packed types lo must begin a byte.
func LoadFloat32(dst []float32, src *tensor.Tensor, lo int) error {
	d := src.DType()
	switch {
	case lo < 0 || lo > src.Len()-len(dst):
		return fmt.Errorf("cast: elements %d to %d of %d", lo, lo+len(dst), src.Len())
	case d.Packed() && lo*d.Bits()%8 != 0:
		return fmt.Errorf("cast: element %d of %v is inside a byte", lo, d)
	case d == tensor.String || isComplex(d):
		return fmt.Errorf("cast: no conversion from %v to float32", d)
	}
	switch d {
	case tensor.Float32:
		copy(dst, data[float32](src)[lo:])
	case tensor.Float16:
		Widen(dst, data[tensor.F16](src)[lo:lo+len(dst)])
	case tensor.BFloat16:
		Widen(dst, data[tensor.BF16](src)[lo:lo+len(dst)])
	default:
		loadAsFloat32(dst, src, lo)
	}
	return nil
}

func loadAsFloat32(dst []float32, src *tensor.Tensor, lo int) {
	var floats [chunk]float64
	var ints [chunk]int64
	for done := 0; done < len(dst); done += chunk {
		out := dst[done:min(done+chunk, len(dst))]
		if src.DType().IsFloat() {
			loadFloats(floats[:len(out)], src, lo+done)
			for i := range out {
				out[i] = float32(floats[i])
			}
			continue
		}
		loadInts(ints[:len(out)], src, lo+done)
		for i := range out {
			out[i] = float32(ints[i])
			if src.DType() == tensor.Uint64 {
				out[i] = float32(uint64(ints[i]))
			}
		}
	}
}
