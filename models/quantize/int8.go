package quantize

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// int8Product writes MatMul(a, w) with activations quantised as they come:
//
//	x, sx, zx = DynamicQuantizeLinear(a)
//	output = Cast(MatMulInteger(x, W, zx)) · (sx · s)
func (q *quantizer) int8Product(n *onnx.Node, a string, w *matrix, output string) error {
	p, err := q.packInt8(w)
	if err != nil {
		return err
	}
	x, ok := q.shared[a]
	if !ok { // products of one activation share it
		x = [3]string{q.name(a + "_quantized"), q.name(a + "_scale"), q.name(a + "_zero_point")}
		q.shared[a] = x
		q.nodes = append(q.nodes, &onnx.Node{Name: q.name(a + "/DynamicQuantizeLinear"), OpType: "DynamicQuantizeLinear", Inputs: []string{a}, Outputs: x[:]})
	}
	sum, wide, scale := q.name(output+"_sum"), q.name(output+"_float"), q.name(output+"_scale")
	q.add("MatMulInteger", "", []string{x[0], p.weight, x[2]}, sum)
	q.add("Cast", "", []string{sum}, wide, integer("to", int(tensor.Float32)))
	q.add("Mul", "", []string{x[1], p.scale}, scale)
	q.add("Mul", "", []string{wide, scale}, output)
	return nil
}

// packInt8 quantises each column around 0, to the full range of a signed byte less one.
func (q *quantizer) packInt8(w *matrix) (packed, error) {
	if p, ok := q.packed[w.name]; ok {
		return p, nil
	}
	most := 127.0
	if q.o.ReduceRange {
		most = 63
	}
	scales := make([]float32, w.cols)
	for i, v := range w.values {
		c := i % w.cols
		scales[c] = max(scales[c], float32(math.Abs(float64(v))))
	}
	for c := range scales {
		scales[c] = scaleOf(float64(scales[c]) / most)
	}
	bytes := make([]int8, len(w.values))
	for i, v := range w.values {
		bytes[i] = int8(min(max(round(float64(v)/float64(scales[i%w.cols])), -most), most))
	}
	t, err := tensor.FromSlice(bytes, w.rows, w.cols)
	if err != nil {
		return packed{}, err
	}
	p := packed{weight: q.constant(w.name+"_quantized", t), scale: q.constant(w.name+"_scale", tensor.Vector(scales...))}
	q.packed[w.name] = p
	return p, nil
}

// scaleOf is a scale that can be divided by: 1 where all values are 0.
func scaleOf(s float64) float32 {
	if f := float32(s); f > 0 {
		return f
	}
	return 1
}

// gather replaces a Gather of rows of a constant table:
//
//	output = Cast(Gather(T, i)) · Gather(s, i)
func (q *quantizer) gather(n *onnx.Node) (bool, error) {
	if a := n.Attribute("axis"); a != nil && a.Int != 0 {
		return false, nil
	}
	w, err := q.matrix(n.Inputs[0])
	if w == nil || err != nil {
		return false, err
	}
	const key = "rows of "
	p, ok := q.packed[key+w.name]
	if !ok {
		if p, err = q.packRows(w); err != nil {
			return false, err
		}
		q.packed[key+w.name] = p
	}
	output := n.Outputs[0]
	bytes, wide, scale := q.name(output+"_quantized"), q.name(output+"_float"), q.name(output+"_scale")
	q.add("Gather", "", []string{p.weight, n.Inputs[1]}, bytes)
	q.add("Cast", "", []string{bytes}, wide, integer("to", int(tensor.Float32)))
	q.add("Gather", "", []string{p.scale, n.Inputs[1]}, scale)
	q.add("Mul", "", []string{wide, scale}, output)
	q.report.Tables++
	return true, nil
}

// packRows quantises each row around 0. The scales are [rows, 1].
func (q *quantizer) packRows(w *matrix) (packed, error) {
	scales := make([]float32, w.rows)
	bytes := make([]int8, len(w.values))
	for r := range w.rows {
		row := w.values[r*w.cols : (r+1)*w.cols]
		most := 0.0
		for _, v := range row {
			most = max(most, math.Abs(float64(v)))
		}
		scales[r] = scaleOf(most / 127)
		for c, v := range row {
			bytes[r*w.cols+c] = int8(min(max(round(float64(v)/float64(scales[r])), -127), 127))
		}
	}
	t, err := tensor.FromSlice(bytes, w.rows, w.cols)
	if err != nil {
		return packed{}, err
	}
	s, err := tensor.FromSlice(scales, w.rows, 1)
	if err != nil {
		return packed{}, err
	}
	return packed{weight: q.constant(w.name+"_rows", t), scale: q.constant(w.name+"_row_scale", s)}, nil
}
