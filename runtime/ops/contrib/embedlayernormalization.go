package contrib

import (
	"errors"
	"fmt"

	kernel "github.com/seed6700ada1/infer/runtime/kernel/norm"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// EmbedLayerNormalization is the beginning of a BERT: the sum of the embeddings
// of words, of positions (by position_ids, or 0, 1, … in each sequence) and,
// where they are given, of segments, normalised over its last dimension. Outputs
// are the result, the number of words in each sequence by mask (0 without one),
// and the sum.
func embedLayerNormalizationDefs() []ops.Def {
	return []ops.Def{{
		Name: "EmbedLayerNormalization", Domain: domain, Since: 1,
		MinInputs: 1, MaxInputs: 9, MinOutputs: 1, MaxOutputs: 3,
		Infer: inferEmbed, Compile: compileEmbed,
	}}
}

// The inputs of EmbedLayerNormalization; segment ids and embeddings may be left
// out.
const (
	emWords = iota
	emSegments
	emWordTable
	emPositionTable
	emSegmentTable
	emGamma
	emBeta
	emMask
	emPositions
)

func inferEmbed(n *ops.Inference) error {
	d := n.Input(emWordTable).DType()
	n.SetDType(0, d)
	n.SetDType(1, tensor.Int32)
	n.SetDType(2, d)
	ids, ok := n.Input(emWords).Dims()
	table, known := n.Input(emWordTable).Dims()
	if !ok || !known || len(ids) != 2 || len(table) != 2 {
		return nil
	}
	shape := []onnx.Dim{ids[0], ids[1], table[1]}
	n.Set(0, d, shape...)
	n.Set(1, tensor.Int32, ids[0])
	n.Set(2, d, shape...)
	return nil
}

func compileEmbed(n *ops.Node) (ops.Compiled, error) {
	epsilon := n.Float("epsilon", 1e-12)
	if err := n.Err(); err != nil {
		return nil, err
	}
	if n.Has(emSegments) != n.Has(emSegmentTable) {
		return nil, errors.New("segment_ids and segment_embedding must be given together")
	}
	for _, i := range []int{emWordTable, emPositionTable, emGamma, emBeta} {
		if !n.Has(i) {
			return nil, fmt.Errorf("input %d is missing", i)
		}
	}
	return ops.RunFunc(func(c *ops.Call) error { return runEmbed(c, epsilon) }), nil
}

func runEmbed(c *ops.Call, epsilon float32) error {
	ids, err := c.Need(emWords)
	if err != nil {
		return err
	}
	table, err := c.Need(emWordTable)
	if err != nil {
		return err
	}
	if ids.Rank() != 2 || table.Rank() != 2 {
		return fmt.Errorf("input_ids has rank %d and word_embedding %d, expected 2", ids.Rank(), table.Rank())
	}
	shape := []int{ids.Dim(0), ids.Dim(1), table.Dim(1)}
	y, err := c.Output(0, table.DType(), shape...)
	if err != nil {
		return err
	}
	out := floats.Target[float32](y)
	if err := embed(c, out, shape); err != nil {
		return err
	}
	if c.Wants(2) {
		if err := putSum(c, out, table.DType(), shape); err != nil {
			return err
		}
	}
	gamma, err := vector(c, emGamma, shape[2], "gamma")
	if err != nil {
		return err
	}
	beta, err := vector(c, emBeta, shape[2], "beta")
	if err != nil {
		return err
	}
	kernel.Layer(c.Pool, out, out, shape[2], epsilon, kernel.Affine[float32]{Scale: gamma, Bias: beta}, nil, nil)
	if err := floats.Flush(y, out); err != nil {
		return err
	}
	return putMaskIndex(c, shape)
}

// embed adds up the embeddings.
func embed(c *ops.Call, out []float32, shape []int) error {
	clear(out)
	for _, part := range []struct{ ids, table int }{{emWords, emWordTable}, {emPositions, emPositionTable}, {emSegments, emSegmentTable}} {
		table := c.Input(part.table)
		if table == nil {
			continue
		}
		if table.Rank() != 2 || table.Dim(1) != shape[2] {
			return fmt.Errorf("input %d has shape %s, expected rows of %d", part.table, tensor.FormatShape(table.Shape()), shape[2])
		}
		rows, err := floats.View[float32](table)
		if err != nil {
			return err
		}
		ids, err := embedIDs(c, part.ids, shape)
		if err != nil {
			return err
		}
		for i, id := range ids {
			if id < 0 || id >= table.Dim(0) {
				return fmt.Errorf("input %d names row %d of a table of %d", part.ids, id, table.Dim(0))
			}
			row := out[i*shape[2]:][:shape[2]]
			kernel.AddRows(nil, row, row, rows[id*shape[2]:][:shape[2]], shape[2], nil)
		}
	}
	return nil
}

// embedIDs reads ids for [batch, sequence], which may be one sequence for the
// whole batch; positions that are left out are counted.
func embedIDs(c *ops.Call, i int, shape []int) ([]int, error) {
	n := shape[0] * shape[1]
	t := c.Input(i)
	if t == nil {
		out := make([]int, n)
		for k := range out {
			out[k] = k % shape[1]
		}
		return out, nil
	}
	ids, err := ops.IntsOf(t)
	if err != nil {
		return nil, fmt.Errorf("input %d: %w", i, err)
	}
	switch {
	case len(ids) == n:
		return ids, nil
	case len(ids) != shape[1]:
		return nil, fmt.Errorf("input %d has %d values, expected %d", i, len(ids), n)
	}
	out := make([]int, 0, n)
	for range shape[0] {
		out = append(out, ids...)
	}
	return out, nil
}

// putSum copies the sum of embeddings to output 2.
func putSum(c *ops.Call, sum []float32, d tensor.DType, shape []int) error {
	t, err := c.Output(2, d, shape...)
	if err != nil {
		return err
	}
	out := floats.Target[float32](t)
	copy(out, sum)
	return floats.Flush(t, out)
}

// putMaskIndex counts the words that the mask leaves in each sequence.
func putMaskIndex(c *ops.Call, shape []int) error {
	if !c.Wants(1) {
		return nil
	}
	t, err := c.Output(1, tensor.Int32, shape[0])
	if err != nil {
		return err
	}
	out, err := tensor.Data[int32](t)
	if err != nil {
		return err
	}
	clear(out)
	mask := c.Input(emMask)
	if mask == nil {
		return nil
	}
	ids, err := ops.IntsOf(mask)
	if err != nil {
		return fmt.Errorf("mask: %w", err)
	}
	if len(ids) != shape[0]*shape[1] {
		return fmt.Errorf("mask has %d values, expected %d", len(ids), shape[0]*shape[1])
	}
	for i, v := range ids {
		if v == 1 {
			out[i/shape[1]]++
		}
	}
	return nil
}
