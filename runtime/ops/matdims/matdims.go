// Package matdims holds the shape rules of a matrix product as ONNX takes them
// from numpy.matmul: the last two dimensions are matrices, those before them
// broadcast, and a vector is a row on the left and a column on the right, whose
// dimension of 1 the result drops.
package matdims

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

var errScalar = errors.New("an operand is a scalar, expected at least one dimension")

// Infer gives the shape of the product of a and b, whose matrices are
// transposed first where the flags say so.
func Infer(a, b []onnx.Dim, transA, transB bool) ([]onnx.Dim, error) {
	if len(a) == 0 || len(b) == 0 {
		return nil, errScalar
	}
	rowA, colB := len(a) == 1, len(b) == 1
	m, ka := onnx.Known(1), a[len(a)-1]
	if !rowA {
		m = a[len(a)-2]
		if transA {
			m, ka = ka, m
		}
	}
	kb, n := b[len(b)-1], onnx.Known(1)
	if !colB {
		kb, n = b[len(b)-2], kb
		if transB {
			kb, n = n, kb
		}
	}
	if dims.Differ(ka, kb) {
		return nil, fmt.Errorf("input A has %d columns, B has %d rows; expected as many", ka.Value, kb.Value)
	}
	out, err := dims.Broadcast(a[:max(0, len(a)-2)], b[:max(0, len(b)-2)])
	if err != nil {
		return nil, err
	}
	if !rowA {
		out = append(out, m)
	}
	if !colB {
		out = append(out, n)
	}
	return out, nil
}

// Plan says how to compute the product of two concrete shapes: a batch of
// products of [M,K] and [K,N] matrices.
type Plan struct {
	M, N, K int
	// Batch counts the products. Where B is the same for all of them and A is
	// not transposed, they are joined into one with more rows.
	Batch int
	Shape []int // of the result

	lead     []int // the broadcast dimensions
	a, b     []int // how far apart, in matrices, neighbours along them lie in A and B
	lda, ldb int
}

// Of plans the product of shapes a and b.
func Of(a, b []int, transA, transB bool) (*Plan, error) {
	if len(a) == 0 || len(b) == 0 {
		return nil, errScalar
	}
	p := &Plan{Batch: 1}
	rows := p.matrices(a, b, transA, transB)
	la, lb := a[:max(0, len(a)-2)], b[:max(0, len(b)-2)]
	lead := max(len(la), len(lb))
	fit := rows == p.K
	p.Shape = make([]int, lead, lead+2)
	for i := range p.Shape {
		da, db := broadcast(la, i, lead), broadcast(lb, i, lead)
		p.Shape[i] = da
		if da == 1 {
			p.Shape[i] = db
		}
		fit = fit && (da == db || da == 1 || db == 1)
	}
	if !fit {
		_, err := Infer(dims.Of(a), dims.Of(b), transA, transB)
		return nil, fmt.Errorf("shapes %s and %s: %w", tensor.FormatShape(a), tensor.FormatShape(b), err)
	}
	p.lead = p.Shape
	if len(a) > 1 {
		p.Shape = append(p.Shape, p.M)
	}
	if len(b) > 1 {
		p.Shape = append(p.Shape, p.N)
	}
	size, err := tensor.NumElements(p.Shape)
	if err != nil {
		return nil, err
	}
	if size == 0 {
		p.Batch = 0
		return p, nil
	}
	for _, d := range p.lead {
		p.Batch *= d
	}
	p.a, p.b = steps(la, lead), steps(lb, lead)
	p.join(transA)
	return p, nil
}

// broadcast is dimension i of rank of a shape that may have fewer.
func broadcast(shape []int, i, rank int) int {
	if i -= rank - len(shape); i >= 0 {
		return shape[i]
	}
	return 1
}

// matrices sets the sizes of a single product, and tells how many rows B has.
func (p *Plan) matrices(a, b []int, transA, transB bool) (rows int) {
	p.M, p.K = 1, a[len(a)-1]
	if len(a) > 1 {
		p.M = a[len(a)-2]
		if transA {
			p.M, p.K = p.K, p.M
		}
	}
	p.lda, p.ldb = a[len(a)-1], 1
	p.N, rows = 1, b[len(b)-1]
	if len(b) > 1 {
		p.N, rows, p.ldb = rows, b[len(b)-2], rows
		if transB {
			p.N, rows = rows, p.N
		}
	}
	return rows
}

// steps are the distances, in matrices, between neighbours along the leading
// dimensions of an operand, 0 where it is broadcast.
func steps(lead []int, rank int) []int {
	out := make([]int, rank)
	step := 1
	for i, size := range slices.Backward(lead) {
		if size != 1 {
			out[rank-len(lead)+i] = step
		}
		step *= size
	}
	return out
}

// join makes one product of a batch in which B is always the same.
func (p *Plan) join(transA bool) {
	if transA || p.Batch == 1 || p.Batch == 0 {
		return
	}
	rows := 1
	for i, size := range slices.Backward(p.lead) {
		if p.b[i] != 0 || (size > 1 && p.a[i] != rows) {
			return
		}
		rows *= size
	}
	p.M, p.Batch = p.M*p.Batch, 1
	p.lead, p.a, p.b = nil, nil, nil
}

// LDA and LDB are the distances of the rows of the matrices as they are stored.
func (p *Plan) LDA() int { return p.lda }

// LDB: see [Plan.LDA].
func (p *Plan) LDB() int { return p.ldb }

// At tells which matrix of A and of B the i-th product takes, counted from the
// start of their buffers.
func (p *Plan) At(i int) (a, b int) {
	for d, size := range slices.Backward(p.lead) {
		k := i % size
		i /= size
		a += k * p.a[d]
		b += k * p.b[d]
	}
	return a, b
}

// Flops counts the operations of the product of two shapes, a multiply-add as
// two; 0 where a dimension is not known.
func Flops(a, b []onnx.Dim, transA, transB bool) int64 {
	out, err := Infer(a, b, transA, transB)
	if err != nil {
		return 0
	}
	k := a[len(a)-1]
	if transA && len(a) > 1 {
		k = a[len(a)-2]
	}
	n := dims.Mul(dims.Mul(dims.Product(out), k), onnx.Known(2))
	return max(0, n.Value)
}
