// Package tree evaluates ensembles of decision trees.
//
// The trees of an ensemble share one list of nodes and one of leaves. A node
// compares a feature with a value and goes on to one of two places, each a node
// or a leaf; a leaf votes for targets. Rows of features are looked at one by one
// and shared among threads; the trees of a row are added up in order.
package tree

import (
	"fmt"
	"math"
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// Mode is the comparison that a node makes.
type Mode uint8

// The comparisons, numbered as TreeEnsemble-5 does.
const (
	LessEqual Mode = iota
	Less
	GreaterEqual
	Greater
	Equal
	NotEqual
	Member // the feature is one of the node's members
)

// Node is an inner node.
type Node struct {
	Feature     int
	Mode        Mode
	MissingTrue bool // a feature that is NaN counts as true
	Value       float64
	Members     []float64
	True, False Place
}

// Place is where a branch leads: node number n, or leaf number n written as
// [AtLeaf](n).
type Place int

// AtLeaf is the place of leaf n.
func AtLeaf(n int) Place { return Place(^n) }

// Vote adds a weight to the score of a target.
type Vote struct {
	Target int
	Weight float64
}

// Aggregate says how the votes of all trees for a target are put together.
type Aggregate uint8

// The aggregates, numbered as TreeEnsemble-5 does.
const (
	Average Aggregate = iota // the sum over the number of trees
	Sum
	Min
	Max
)

// Ensemble is a set of trees. Call [Ensemble.Check] before the first use.
type Ensemble struct {
	Nodes     []Node
	Roots     []Place
	Leaves    [][]Vote
	Targets   int
	Aggregate Aggregate
	Base      []float64 // added to the scores, one for each target; or none
}

// Check fails where a place, feature or target does not exist, or where a branch
// leads back to a node above. It gives the number of features that the trees
// look at.
func (e *Ensemble) Check() (features int, err error) {
	for i, n := range e.Nodes {
		if n.Feature < 0 {
			return 0, fmt.Errorf("tree node %d looks at feature %d", i, n.Feature)
		}
		features = max(features, n.Feature+1)
		if n.Mode > Member {
			return 0, fmt.Errorf("tree node %d has comparison %d, which is not known", i, n.Mode)
		}
	}
	for i, votes := range e.Leaves {
		for _, v := range votes {
			if v.Target < 0 || v.Target >= e.Targets {
				return 0, fmt.Errorf("tree leaf %d votes for target %d of %d", i, v.Target, e.Targets)
			}
		}
	}
	if e.Base != nil && len(e.Base) != e.Targets {
		return 0, fmt.Errorf("there are %d base values for %d targets", len(e.Base), e.Targets)
	}
	return features, e.checkPaths()
}

// checkPaths walks every path from the roots.
func (e *Ensemble) checkPaths() error {
	const (
		open = 1 + iota // on the path that is being walked
		done
	)
	state := make([]uint8, len(e.Nodes))
	type step struct {
		node  int
		taken int // branches already looked at
	}
	for _, root := range e.Roots {
		path := []step{}
		next := root
		for {
			switch {
			case next < 0:
				if int(^next) >= len(e.Leaves) {
					return fmt.Errorf("a branch leads to tree leaf %d of %d", ^next, len(e.Leaves))
				}
			case int(next) >= len(e.Nodes):
				return fmt.Errorf("a branch leads to tree node %d of %d", next, len(e.Nodes))
			case state[next] == open:
				return fmt.Errorf("tree node %d leads back to itself", next)
			case state[next] != done:
				state[next] = open
				path = append(path, step{node: int(next)})
			}
			for len(path) > 0 && path[len(path)-1].taken == 2 {
				state[path[len(path)-1].node] = done
				path = path[:len(path)-1]
			}
			if len(path) == 0 {
				break
			}
			last := &path[len(path)-1]
			next = e.Nodes[last.node].True
			if last.taken++; last.taken == 2 {
				next = e.Nodes[last.node].False
			}
		}
	}
	return nil
}

// Run writes the scores of rows of features, [rows, Targets], to dst, and how
// many votes each had to votes. Each row must have as many features as Check
// says, or more.
func (e *Ensemble) Run(workers *pool.Pool, dst []float64, votes []int, rows []float64, features int) {
	if e.Targets == 0 {
		return
	}
	workers.For(len(dst)/e.Targets, 1+4096/(1+16*len(e.Roots)), func(lo, hi int) {
		for r := lo; r < hi; r++ {
			from, to := r*e.Targets, (r+1)*e.Targets
			e.row(dst[from:to], rows[r*features:(r+1)*features], votes[from:to])
		}
	})
}

// row scores one row and counts the votes.
func (e *Ensemble) row(scores, x []float64, votes []int) {
	clear(scores)
	clear(votes)
	for _, at := range e.Roots {
		for at >= 0 {
			n := &e.Nodes[at]
			if n.holds(x[n.Feature]) {
				at = n.True
			} else {
				at = n.False
			}
		}
		for _, v := range e.Leaves[^at] {
			s := &scores[v.Target]
			switch {
			case e.Aggregate <= Sum:
				*s += v.Weight
			case votes[v.Target] == 0:
				*s = v.Weight
			case e.Aggregate == Min:
				*s = min(*s, v.Weight)
			default:
				*s = max(*s, v.Weight)
			}
			votes[v.Target]++
		}
	}
	for i := range scores {
		if e.Aggregate == Average {
			scores[i] /= float64(max(len(e.Roots), 1))
		}
		if e.Base != nil {
			scores[i] += e.Base[i]
		}
	}
}

// holds makes the comparison.
func (n *Node) holds(v float64) bool {
	if n.MissingTrue && math.IsNaN(v) {
		return true
	}
	switch n.Mode {
	case LessEqual:
		return v <= n.Value
	case Less:
		return v < n.Value
	case GreaterEqual:
		return v >= n.Value
	case Greater:
		return v > n.Value
	case Equal:
		return v == n.Value
	case NotEqual:
		return v != n.Value
	default:
		return slices.Contains(n.Members, v)
	}
}
