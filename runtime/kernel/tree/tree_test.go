package tree_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
	"github.com/seed6700ada1/infer/runtime/kernel/tree"
)

// one is an ensemble of one node that votes 1 where the comparison holds, else 0.
func one(n tree.Node) *tree.Ensemble {
	n.True, n.False = tree.AtLeaf(0), tree.AtLeaf(1)
	return &tree.Ensemble{
		Nodes: []tree.Node{n}, Roots: []tree.Place{0}, Targets: 1, Aggregate: tree.Sum,
		Leaves: [][]tree.Vote{{{Weight: 1}}, {{Weight: 0}}},
	}
}

func TestComparisons(t *testing.T) {
	nan := math.NaN()
	rows := []float64{1, 2, 3, nan}
	tests := []struct {
		node tree.Node
		want []float64
	}{
		{tree.Node{Mode: tree.LessEqual, Value: 2}, []float64{1, 1, 0, 0}},
		{tree.Node{Mode: tree.Less, Value: 2}, []float64{1, 0, 0, 0}},
		{tree.Node{Mode: tree.GreaterEqual, Value: 2}, []float64{0, 1, 1, 0}},
		{tree.Node{Mode: tree.Greater, Value: 2}, []float64{0, 0, 1, 0}},
		{tree.Node{Mode: tree.Equal, Value: 2}, []float64{0, 1, 0, 0}},
		{tree.Node{Mode: tree.NotEqual, Value: 2}, []float64{1, 0, 1, 1}},
		{tree.Node{Mode: tree.Member, Members: []float64{3, 1}}, []float64{1, 0, 1, 0}},
		{tree.Node{Mode: tree.Less, Value: 2, MissingTrue: true}, []float64{1, 0, 0, 1}},
	}
	for _, tt := range tests {
		e := one(tt.node)
		if n, err := e.Check(); err != nil || n != 1 {
			t.Fatalf("comparison %d: %d features, %v", tt.node.Mode, n, err)
		}
		got := make([]float64, 4)
		e.Run(nil, got, make([]int, 4), rows, 1)
		if !slices.Equal(got, tt.want) {
			t.Errorf("comparison %d: got %v, want %v", tt.node.Mode, got, tt.want)
		}
	}
}

func TestManyRows(t *testing.T) {
	const n = 10_000
	e := one(tree.Node{Mode: tree.Less, Value: 0.5, Feature: 1})
	rows, got := make([]float64, 2*n), make([]float64, n)
	for i := range n {
		rows[2*i+1] = float64(i % 3)
	}
	workers := pool.New(3)
	defer workers.Close()
	e.Run(workers, got, make([]int, n), rows, 2)
	for i, v := range got {
		if (v == 1) != (i%3 == 0) {
			t.Fatalf("row %d scores %v", i, v)
		}
	}
}

// TestCheckSharedBranches walks a lattice in which the number of paths is
// exponential in its depth.
func TestCheckSharedBranches(t *testing.T) {
	const depth = 60
	e := &tree.Ensemble{Roots: []tree.Place{0}, Targets: 1, Leaves: [][]tree.Vote{nil}}
	for i := range depth {
		next := tree.Place(i + 1)
		if i == depth-1 {
			next = tree.AtLeaf(0)
		}
		e.Nodes = append(e.Nodes, tree.Node{True: next, False: next})
	}
	if _, err := e.Check(); err != nil {
		t.Error(err)
	}
	e.Nodes[depth-1].False = 7
	if _, err := e.Check(); err == nil {
		t.Error("a branch to a node above passed")
	}
}
