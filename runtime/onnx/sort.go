package onnx

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Sort puts g's nodes into topological order: each after the nodes whose
// values it or its subgraphs read. Nodes that are in order keep their places
// relative to each other as far as possible. It fails, and changes nothing,
// where nodes form a cycle. Graphs inside the nodes stay as they are.
func (g *Graph) Sort() error {
	deps := dependencies(g)
	if cycle := findCycle(deps); cycle != nil {
		return fmt.Errorf("onnx: nodes form a cycle: %s", cycleOf(cycle, nodeLabel(g.Nodes)))
	}
	sorted := make([]*Node, 0, len(g.Nodes))
	done := make([]bool, len(g.Nodes))
	// depth first without recursion, nodes in their present order
	for root := range g.Nodes {
		stack := []int{root}
		for len(stack) > 0 {
			n := stack[len(stack)-1]
			if done[n] {
				stack = stack[:len(stack)-1]
				continue
			}
			ready := true
			for _, d := range slices.Backward(deps[n]) {
				if !done[d] {
					stack, ready = append(stack, d), false
				}
			}
			if ready {
				done[n] = true
				sorted = append(sorted, g.Nodes[n])
			}
		}
	}
	g.Nodes = sorted
	return nil
}

// dependencies lists for each node the nodes of the same graph whose values it
// reads, as indices.
func dependencies(g *Graph) [][]int {
	producer := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		for _, out := range n.Outputs {
			if out != "" {
				producer[out] = i
			}
		}
	}
	deps := make([][]int, len(g.Nodes))
	for i, n := range g.Nodes {
		for _, in := range n.Inputs {
			if p, ok := producer[in]; ok {
				deps[i] = append(deps[i], p)
			}
		}
		for sub := range n.Subgraphs() {
			for _, in := range Captures(sub) {
				if p, ok := producer[in]; ok {
					deps[i] = append(deps[i], p)
				}
			}
		}
	}
	return deps
}

// findCycle gives the nodes of some cycle, each reading from the one before
// it, or nil where there is none.
func findCycle(deps [][]int) []int {
	const (
		fresh = iota
		open
		done
	)
	state := make([]uint8, len(deps))
	next := make([]int, len(deps)) // how many dependencies were followed
	for root := range deps {
		if state[root] != fresh {
			continue
		}
		path := []int{root}
		state[root] = open
		for len(path) > 0 {
			n := path[len(path)-1]
			if next[n] == len(deps[n]) {
				state[n] = done
				path = path[:len(path)-1]
				continue
			}
			d := deps[n][next[n]]
			next[n]++
			switch state[d] {
			case open:
				cycle := slices.Clone(path[slices.Index(path, d):])
				slices.Reverse(cycle)
				return cycle
			case fresh:
				state[d] = open
				path = append(path, d)
			}
		}
	}
	return nil
}

// cycleOf names the members of a cycle, the first again at the end; of a long
// one only the first few.
func cycleOf(cycle []int, name func(int) string) string {
	const shown = 8
	names := make([]string, 0, shown+2)
	for _, i := range cycle[:min(len(cycle), shown)] {
		names = append(names, name(i))
	}
	if more := len(cycle) - shown; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(append(names, name(cycle[0])), " → ")
}

func nodeLabel(nodes []*Node) func(int) string {
	return func(i int) string { return strconv.Quote(nodes[i].Label()) }
}
