package vision

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/kernel/resample"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// resizePlan is a resize of one shape by given scales or sizes: kept from one run
// to the next and made anew where these change.
type resizePlan struct {
	in     []int
	scales []float32
	sizes  []int
	roi    []float64

	out     []int
	axes    []resample.Axis // one for each axis of the tensor
	index   [][]int         // for nearest, one for each axis
	tables  any             // for sums: []*resample.Table[T], nil for axes that stay
	outside []bool          // whether an axis has positions to extrapolate
	buffers [2]any          // []T between axes
}

func (k *resize) run(c *ops.Call) error {
	x, err := c.Need(0)
	if err != nil {
		return err
	}
	p, err := k.planFor(c, x)
	if err != nil {
		return err
	}
	y, err := c.Output(0, x.DType(), p.out...)
	if err != nil || y.Len() == 0 {
		return err
	}
	if !k.linear && !k.cubic {
		if p.index == nil {
			for i := range p.axes {
				p.index = append(p.index, p.axes[i].Nearest(k.rounding))
			}
		}
		dst := cells.Dest(y)
		resample.Nearest(c.Pool, x.Shape(), p.index, cells.Load(x), dst)
		dst.Flush()
		return k.extrapolateAny(p, y)
	}
	switch x.DType() {
	case tensor.Float32:
		return runSums(c, k, p, x, y, data[float32], store[float32])
	case tensor.Float64:
		return runSums(c, k, p, x, y, data[float64], store[float64])
	case tensor.Int8:
		return runSums(c, k, p, x, y, load[int8], round[int8])
	case tensor.Uint8:
		return runSums(c, k, p, x, y, load[uint8], round[uint8])
	case tensor.Int16:
		return runSums(c, k, p, x, y, load[int16], round[int16])
	case tensor.Uint16:
		return runSums(c, k, p, x, y, load[uint16], round[uint16])
	case tensor.Int32:
		return runSums(c, k, p, x, y, load[int32], round[int32])
	case tensor.Uint32:
		return runSums(c, k, p, x, y, load[uint32], round[uint32])
	case tensor.Int64:
		return runSums(c, k, p, x, y, load[int64], round[int64])
	case tensor.Uint64:
		return runSums(c, k, p, x, y, load[uint64], round[uint64])
	}
	return fmt.Errorf("data is %v, of which there are no weighted sums", x.DType())
}

// planFor is the plan for a run: the last one, where shape, scales, sizes and
// region are the same.
func (k *resize) planFor(c *ops.Call, x *tensor.Tensor) (*resizePlan, error) {
	var scales []float32
	var sizes []int
	var roi []float64
	var err error
	if t := c.Input(max(k.scalesAt, 0)); t != nil && k.scalesAt > 0 {
		if scales, err = tensor.Data[float32](t); err != nil {
			return nil, fmt.Errorf("scales: %w", err)
		}
	} else {
		scales = k.scales
	}
	if t := c.Input(max(k.sizesAt, 0)); t != nil && k.sizesAt > 0 {
		if sizes, err = ops.IntsOf(t); err != nil {
			return nil, fmt.Errorf("sizes: %w", err)
		}
	}
	if t := c.Input(max(k.roi, 0)); t != nil && k.roi > 0 && k.transform == resample.CropAndResize {
		if roi, err = floats(t); err != nil {
			return nil, fmt.Errorf("roi: %w", err)
		}
	}
	last := c.State(func() any { return new(resizePlan) }).(*resizePlan)
	if last.out != nil && slices.Equal(last.in, x.Shape()) && slices.Equal(last.scales, scales) &&
		slices.Equal(last.sizes, sizes) && slices.Equal(last.roi, roi) {
		return last, nil
	}
	p, err := k.plan(x.Shape(), scales, sizes, roi)
	if err != nil {
		return nil, err
	}
	p.scales = slices.Clone(scales) // the inputs' own memory changes
	*last = *p
	return last, nil
}

// plan works out output sizes and the geometry of each axis.
func (k *resize) plan(in []int, scales []float32, sizes []int, roi []float64) (*resizePlan, error) {
	axes, err := k.resolveAxes(len(in))
	if err != nil {
		return nil, err
	}
	p := &resizePlan{in: slices.Clone(in), scales: scales, sizes: sizes, roi: roi, out: slices.Clone(in)}
	p.outside = make([]bool, len(in))
	for _, n := range in {
		p.axes = append(p.axes, resample.Axis{In: n, Out: n, Scale: 1})
	}
	switch {
	case len(sizes) > 0 && len(scales) > 0:
		return nil, fmt.Errorf("both scales and sizes are given, expected one of them")
	case len(sizes) > 0:
		err = k.bySizes(p, axes, sizes)
	case len(scales) > 0 || len(axes) == 0:
		err = k.byScales(p, axes, scales)
	default:
		err = fmt.Errorf("neither scales nor sizes are given, expected one of them")
	}
	if err != nil {
		return nil, err
	}
	if k.transform == resample.CropAndResize && len(roi) != 2*len(axes) {
		return nil, fmt.Errorf("roi has %d values, expected %d: starts and ends of %d axes", len(roi), 2*len(axes), len(axes))
	}
	for i, d := range axes {
		a := &p.axes[d]
		a.Transform = k.transform
		if k.transform == resample.CropAndResize {
			a.Start, a.End = roi[i], roi[len(axes)+i]
		}
		if a.In == 0 && a.Out > 0 {
			return nil, fmt.Errorf("axis %d is empty and cannot become %d", d, a.Out)
		}
		p.out[d] = a.Out
	}
	return p, nil
}

func (k *resize) byScales(p *resizePlan, axes []int, scales []float32) error {
	if len(scales) != len(axes) {
		return fmt.Errorf("scales has %d values, expected %d", len(scales), len(axes))
	}
	for i, d := range axes {
		a := &p.axes[d]
		size := float32(a.In) * scales[i]
		if !(scales[i] > 0) || size >= math.MaxInt32 {
			return fmt.Errorf("scale %v of axis %d is out of range for %d elements", scales[i], d, a.In)
		}
		a.Scale, a.Out = float64(scales[i]), int(size)
	}
	return nil
}

func (k *resize) bySizes(p *resizePlan, axes, sizes []int) error {
	if len(sizes) != len(axes) {
		return fmt.Errorf("sizes has %d values, expected %d", len(sizes), len(axes))
	}
	scale := math.NaN() // of all axes, where the ratio is kept
	for i, d := range axes {
		a := &p.axes[d]
		if sizes[i] < 0 || sizes[i] >= math.MaxInt32 {
			return fmt.Errorf("size %d of axis %d is out of range", sizes[i], d)
		}
		a.Out, a.Scale = sizes[i], float64(sizes[i])/float64(max(a.In, 1))
		switch {
		case math.IsNaN(scale),
			k.policy == "not_larger" && a.Scale < scale,
			k.policy == "not_smaller" && a.Scale > scale:
			scale = a.Scale
		}
	}
	if k.policy == "stretch" {
		return nil
	}
	for _, d := range axes {
		a := &p.axes[d]
		size := math.Floor(scale*float64(a.In) + 0.5)
		if size >= math.MaxInt32 {
			return fmt.Errorf("size %v of axis %d is out of range", size, d)
		}
		a.Scale, a.Out = scale, int(size)
	}
	return nil
}

// runSums resizes by weighted sums in type T, to which get brings the elements
// and from which put takes them.
func runSums[T resample.Float](c *ops.Call, k *resize, p *resizePlan, x, y *tensor.Tensor,
	get func(*tensor.Tensor) ([]T, error), put func(*tensor.Tensor, []T) ([]T, error),
) error {
	tables, ok := p.tables.([]*resample.Table[T])
	if !ok {
		tables = make([]*resample.Table[T], len(p.axes))
		for d := range p.axes {
			if !p.axes[d].Identity() {
				tables[d] = resample.NewTable[T](&p.axes[d], k.filter)
			}
		}
		p.tables = tables
	}
	src, err := get(x)
	if err != nil {
		return err
	}
	dst, err := put(y, nil)
	if err != nil {
		return err
	}
	shape := slices.Clone(p.in)
	left := len(tables)
	for left > 0 && tables[left-1] == nil {
		left--
	}
	first := slices.IndexFunc(tables, func(t *resample.Table[T]) bool { return t != nil })
	if first < 0 {
		copy(dst, src)
	}
	for d, turn := left-1, 0; d >= 0; d-- {
		if tables[d] == nil {
			continue
		}
		outer, inner := dims.Count(shape[:d]), dims.Count(shape[d+1:])
		shape[d] = tables[d].Out
		to := dst
		if d != first {
			if to, err = between[T](p, turn, outer, shape[d], inner); err != nil {
				return err
			}
			turn = 1 - turn
		}
		resample.Apply(c.Pool, tables[d], outer, inner, src, to)
		src = to
	}
	if extrapolates(p) {
		extrapolate(p, dst, T(k.extrapolation))
	}
	_, err = put(y, dst)
	return err
}

// between is a buffer for what lies between two axes.
func between[T resample.Float](p *resizePlan, turn int, sizes ...int) ([]T, error) {
	if err := ops.CheckSize(tensor.TypeOf[T](), sizes, maxBetween); err != nil {
		return nil, err
	}
	n := dims.Count(sizes)
	buf, ok := p.buffers[turn].([]T)
	if !ok || len(buf) < n {
		buf = make([]T, n)
		p.buffers[turn] = buf
	}
	return buf[:n], nil
}

// maxBetween bounds the bytes of a buffer between two axes.
const maxBetween = 1<<31 - 1
