package quantize

import (
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// matrix is a constant of a graph.
type matrix struct {
	name       string
	values     []float32 // [rows, columns]
	rows, cols int
}

// matrix returns the constant of that name, or one that a node only turns around; nil
// where it is no float32 matrix, or too small to be worth it.
func (q *quantizer) matrix(name string) (*matrix, error) {
	g := q.m.Graph
	turned := false
	if n := q.index.Producer[name]; n != nil && n.OpType == "Transpose" && onnx.CanonicalDomain(n.Domain) == "" {
		perm := n.Attribute("perm")
		if perm != nil && !slices.Equal(perm.Ints, []int64{1, 0}) {
			return nil, nil
		}
		name, turned = n.Inputs[0], true
	}
	t := g.Initializer(name)
	if t == nil || q.inputs[name] || t.DType != tensor.Float32 || len(t.Dims) != 2 {
		return nil, nil
	}
	rows, cols := int(t.Dims[0]), int(t.Dims[1])
	if rows < 1 || cols < 1 || rows*cols < q.o.Least {
		return nil, nil
	}
	v, err := t.Value()
	if err != nil {
		return nil, err
	}
	values, err := tensor.Data[float32](v)
	if err != nil {
		return nil, err
	}
	for i, x := range values {
		if x-x != 0 {
			return nil, fmt.Errorf("constant %q has %v at %d: it cannot be quantised", name, x, i)
		}
	}
	m := &matrix{name: name, values: values, rows: rows, cols: cols}
	if turned {
		m = m.transposed()
	}
	return m, nil
}

// transposed is the matrix turned around.
func (m *matrix) transposed() *matrix {
	t := &matrix{name: m.name + "_t", rows: m.cols, cols: m.rows, values: make([]float32, len(m.values))}
	for r := range m.rows {
		for c := range m.cols {
			t.values[c*m.rows+r] = m.values[r*m.cols+c]
		}
	}
	return t
}

// column copies rows from..to of a column to dst, and zeros behind them.
func (m *matrix) column(dst []float32, c, from, to int) {
	clear(dst)
	for r := from; r < min(to, m.rows); r++ {
		dst[r-from] = m.values[r*m.cols+c]
	}
}
