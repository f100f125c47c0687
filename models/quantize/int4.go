package quantize

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// nbitsProduct writes MatMul(a, w) as MatMulNBits.
func (q *quantizer) nbitsProduct(n *onnx.Node, a string, w *matrix, output string) error {
	p, err := q.packNBits(w)
	if err != nil {
		return err
	}
	inputs := []string{a, p.weight, p.scale}
	if p.zero != "" {
		inputs = append(inputs, p.zero)
	}
	q.add("MatMulNBits", microsoft, inputs, output,
		integer("K", w.rows), integer("N", w.cols), integer("bits", 4), integer("block_size", q.o.Block))
	return nil
}

// packNBits lays a weight out for MatMulNBits: [columns, blocks, block/2] bytes, the first
// element in the low bits; scales [columns·blocks]; zero points, two a byte, each column
// in whole bytes.
func (q *quantizer) packNBits(w *matrix) (packed, error) {
	if p, ok := q.packed[w.name]; ok {
		return p, nil
	}
	size := q.o.Block
	blocks := (w.rows + size - 1) / size
	bytes := make([]uint8, w.cols*blocks*size/2)
	scales := make([]float32, w.cols*blocks)
	zeros := make([]uint8, w.cols*((blocks+1)/2))
	block := make([]float32, size)
	for c := range w.cols {
		for b := range blocks {
			at := c*blocks + b
			w.column(block, c, b*size, (b+1)*size)
			s, zero := best(block, q.o.Symmetric)
			scales[at] = s
			zeros[c*((blocks+1)/2)+b/2] |= uint8(zero) << (4 * (b % 2))
			for i, v := range block {
				bytes[(at*size+i)/2] |= uint8(level(v, s, zero)) << (4 * (i % 2))
			}
		}
	}
	t, err := tensor.FromSlice(bytes, w.cols, blocks, size/2)
	if err != nil {
		return packed{}, err
	}
	p := packed{weight: q.constant(w.name+"_q4", t), scale: q.constant(w.name+"_scales", tensor.Vector(scales...))}
	if !q.o.Symmetric { // without zero points they are 8
		p.zero = q.constant(w.name+"_zero_points", tensor.Vector(zeros...))
	}
	q.packed[w.name] = p
	return p, nil
}

// blockProduct writes MatMul(a, w) as MatMul(a, DequantizeLinear(W, s)), symmetric.
func (q *quantizer) blockProduct(n *onnx.Node, a string, w *matrix, output string) error {
	p, err := q.packBlocks(w)
	if err != nil {
		return err
	}
	full := q.name(output + "_weight")
	q.add("DequantizeLinear", "", []string{p.weight, p.scale}, full, integer("axis", 0), integer("block_size", q.o.Block))
	q.add("MatMul", "", []string{a, full}, output)
	return nil
}

// packBlocks lays a weight out for DequantizeLinear: int4 [rows, columns], scales
// [blocks, columns].
func (q *quantizer) packBlocks(w *matrix) (packed, error) {
	if p, ok := q.packed[w.name]; ok {
		return p, nil
	}
	size := q.o.Block
	blocks := (w.rows + size - 1) / size
	levels := make([]int8, len(w.values))
	scales := make([]float32, blocks*w.cols)
	block := make([]float32, size)
	for c := range w.cols {
		for b := range blocks {
			w.column(block, c, b*size, (b+1)*size)
			s, zero := best(block, true)
			scales[b*w.cols+c] = s
			for r := b * size; r < min((b+1)*size, w.rows); r++ {
				levels[r*w.cols+c] = int8(level(block[r-b*size], s, zero) - zero)
			}
		}
	}
	t, err := tensor.Pack(tensor.Int4, levels, w.rows, w.cols)
	if err != nil {
		return packed{}, err
	}
	s, err := tensor.FromSlice(scales, blocks, w.cols)
	if err != nil {
		return packed{}, err
	}
	p := packed{weight: q.constant(w.name+"_q4", t), scale: q.constant(w.name+"_scales", s)}
	q.packed[w.name] = p
	return p, nil
}

// level is the number from 0 to 15 that stands for v.
func level(v, scale float32, zero int) int {
	return int(min(max(round(float64(v)/float64(scale))+float64(zero), 0), 15))
}

// best returns the scale and zero point of a block with the least squared error among
// those that cover its range, or a little less: one large value should not cost the
// others their precision.
func best(block []float32, symmetric bool) (scale float32, zero int) {
	low, high, extreme := 0.0, 0.0, 0.0 // 0 is always among the values
	for _, v := range block {
		x := float64(v)
		low, high = min(low, x), max(high, x)
		if math.Abs(x) > math.Abs(extreme) {
			extreme = x
		}
	}
	if extreme == 0 {
		return 1, 8
	}
	least := math.Inf(1)
	const tries, step = 8, 0.04
	for i := range tries {
		shrink := 1 - step*float64(i)
		var s float32
		z := 8
		if symmetric { // the level -8 is at the larger side
			s = float32(-extreme / 8 * shrink)
		} else {
			s = scaleOf((high - low) / 15 * shrink)
			z = int(min(max(round(-low*shrink/float64(s)), 0), 15))
		}
		if s == 0 { // smaller than a float32 can be
			continue
		}
		sum := 0.0
		for _, v := range block {
			d := float64(v) - float64(s)*float64(level(v, s, z)-z)
			sum += d * d
		}
		if sum < least {
			least, scale, zero = sum, s, z
		}
	}
	if scale == 0 {
		return 1, 8
	}
	return scale, zero
}
