package signal

import (
	"fmt"
	"math"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// melWeightMatrixDefs defines MelWeightMatrix (ONNX operator spec,
// MelWeightMatrix-17): the matrix by which a spectrum becomes a mel spectrum, each
// column a triangle between places evenly spaced on the mel scale,
// 2595·log10(1 + f/700).
//
//	num_mel_bins, dft_length, sample_rate, lower_edge_hertz, upper_edge_hertz: scalars
//	→  output [dft_length/2 + 1, num_mel_bins] of the type output_datatype
func melWeightMatrixDefs() []ops.Def {
	return []ops.Def{{
		Name: "MelWeightMatrix", Since: 17,
		MinInputs: 5, MaxInputs: 5, MinOutputs: 1, MaxOutputs: 1,
		Infer: inferMelWeightMatrix, Compile: compileMelWeightMatrix,
	}}
}

func inferMelWeightMatrix(n *ops.Inference) error {
	d := n.DType("output_datatype", tensor.Float32)
	if err := n.Err(); err != nil {
		return err
	}
	out := []onnx.Dim{onnx.UnknownDim(), onnx.UnknownDim()}
	if list, ok := n.Ints(1); ok && len(list) == 1 && list[0] >= 0 {
		out[0] = onnx.Known(list[0]/2 + 1)
	}
	if list, ok := n.Ints(0); ok && len(list) == 1 && list[0] >= 0 {
		out[1] = onnx.Known(list[0])
	}
	n.Set(0, d, out...)
	return nil
}

func compileMelWeightMatrix(n *ops.Node) (ops.Compiled, error) {
	d := n.DType("output_datatype", tensor.Float32)
	if err := n.Err(); err != nil {
		return nil, err
	}
	return ops.RunFunc(func(c *ops.Call) error {
		m, err := readMel(c)
		if err != nil {
			return err
		}
		y, err := c.Output(0, d, m.rows(), m.bins)
		if err != nil {
			return err
		}
		if err := ops.CheckSize(tensor.Float64, y.Shape(), 1<<30); err != nil {
			return err
		}
		return convert(c, y, m.weights())
	}), nil
}

// mel is the inputs of a MelWeightMatrix.
type mel struct {
	bins, length, rate int
	lower, upper       float64 // Hz
}

func readMel(c *ops.Call) (*mel, error) {
	m := new(mel)
	for i, in := range []struct {
		name string
		to   *int
	}{{"num_mel_bins", &m.bins}, {"dft_length", &m.length}, {"sample_rate", &m.rate}} {
		v, err := intScalar(c, i, in.name)
		if err != nil {
			return nil, err
		}
		if v < 1 || v > math.MaxInt32 {
			return nil, fmt.Errorf("%s is %d, expected 1 to %d", in.name, v, math.MaxInt32)
		}
		*in.to = v
	}
	for i, in := range []struct {
		name string
		to   *float64
	}{{"lower_edge_hertz", &m.lower}, {"upper_edge_hertz", &m.upper}} {
		t, err := c.Need(3 + i)
		if err != nil {
			return nil, err
		}
		v, err := tensor.Float64s(t)
		if err != nil || len(v) != 1 {
			return nil, fmt.Errorf("%s is %v, expected one number", in.name, t)
		}
		*in.to = v[0]
	}
	if !(m.lower >= 0 && m.upper >= m.lower && m.upper <= float64(m.rate)/2+1) {
		return nil, fmt.Errorf("the edges are %v and %v Hz, expected them in order between 0 and half the sample rate, %v",
			m.lower, m.upper, float64(m.rate)/2)
	}
	return m, nil
}

// rows counts the values of a one-sided spectrum.
func (m *mel) rows() int { return m.length/2 + 1 }

// edges are the rows at which the triangles begin, peak and end.
func (m *mel) edges() []int {
	low, high := 2595*math.Log10(1+m.lower/700), 2595*math.Log10(1+m.upper/700)
	edges := make([]int, m.bins+2)
	for i := range edges {
		at := low + float64(i)*(high-low)/float64(len(edges))
		hertz := 700 * (math.Pow(10, at/2595) - 1)
		edges[i] = int(math.Floor(float64(m.length+1) * hertz / float64(m.rate)))
	}
	return edges
}

// weights is the matrix, row by row.
func (m *mel) weights() []float64 {
	w := make([]float64, m.rows()*m.bins)
	set := func(row, bin int, v float64) {
		if row >= 0 && row < m.rows() {
			w[row*m.bins+bin] = v
		}
	}
	edges := m.edges()
	for bin := range m.bins {
		begin, peak, end := edges[bin], edges[bin+1], edges[bin+2]
		set(peak, bin, 1)
		for row := begin; row < peak; row++ {
			set(row, bin, float64(row-begin)/float64(peak-begin))
		}
		for row := peak + 1; row < end; row++ {
			set(row, bin, float64(end-row)/float64(end-peak))
		}
	}
	return w
}
