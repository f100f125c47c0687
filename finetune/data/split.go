package data

import (
	"math/rand/v2"
	"slices"
)

// Split divides a set in two by label, so that each class is divided alike: the
// second has that share of each class, and at least one of a class that has two.
// The same seed divides alike. Both keep the order of the set.
func (s *Set) Split(share float64, seed uint64) (first, second *Set) {
	random := rand.New(rand.NewPCG(seed, 0x73706c6974))
	byLabel := map[string][]int{}
	for i, e := range s.Examples {
		byLabel[e.Label] = append(byLabel[e.Label], i)
	}
	taken := make([]bool, len(s.Examples))
	for _, label := range s.Labels() {
		list := slices.Clone(byLabel[label])
		random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		n := int(share*float64(len(list)) + 0.5)
		if share > 0 && n == 0 && len(list) > 1 {
			n = 1
		}
		for _, i := range list[:min(n, max(len(list)-1, 0))] {
			taken[i] = true
		}
	}
	first, second = &Set{File: s.File}, &Set{File: s.File}
	for i, e := range s.Examples {
		if taken[i] {
			second.Examples = append(second.Examples, e)
		} else {
			first.Examples = append(first.Examples, e)
		}
	}
	return first, second
}
