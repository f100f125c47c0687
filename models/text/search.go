package text

import (
	"fmt"
	"math"
	"slices"
)

// Index finds the nearest of many vectors, exactly: it looks at each.
type Index struct {
	size    int
	vectors []float32 // [n, size]
}

// NewIndex makes an index of vectors of one size. Nearest goes by the dot product, which
// is the cosine where vectors have length one.
func NewIndex(vectors []Embedding) (*Index, error) {
	x := &Index{}
	for i := range vectors {
		if i == 0 {
			x.size = len(vectors[0].Vector)
		}
		if err := x.Add(vectors[i].Vector); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// Add adds a vector.
func (x *Index) Add(v []float32) error {
	if x.size == 0 {
		x.size = len(v)
	}
	if len(v) != x.size || x.size == 0 {
		return fmt.Errorf("text: a vector of %d numbers, expected %d", len(v), x.size)
	}
	x.vectors = append(x.vectors, v...)
	return nil
}

// Len is the number of vectors.
func (x *Index) Len() int {
	if x.size == 0 {
		return 0
	}
	return len(x.vectors) / x.size
}

// Nearest returns the k vectors with the largest dot product with v, the largest first,
// of equal ones the first.
func (x *Index) Nearest(v []float32, k int) ([]Ranked, error) {
	if x.Len() == 0 || k <= 0 {
		return nil, nil
	}
	if len(v) != x.size {
		return nil, fmt.Errorf("text: a vector of %d numbers, expected %d", len(v), x.size)
	}
	top := make([]Ranked, 0, min(k, x.Len())+1)
	for i := range x.Len() {
		score := Dot(v, x.vectors[i*x.size:(i+1)*x.size])
		if len(top) == k && score <= top[k-1].Score {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, score, func(r Ranked, s float64) int {
			if r.Score >= s { // behind equal ones, which came first
				return -1
			}
			return 1
		})
		if top = slices.Insert(top, at, Ranked{i, score}); len(top) > k {
			top = top[:k]
		}
	}
	return top, nil
}

// Dot is the dot product of two vectors of one length, added up in four sums, in an
// order that does not depend on the machine.
func Dot(a, b []float32) float64 {
	var s0, s1, s2, s3 float32
	n := min(len(a), len(b))
	i := 0
	for ; i+4 <= n; i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	sum := float64(s0) + float64(s1) + float64(s2) + float64(s3)
	for ; i < n; i++ {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

// Cosine is the cosine of the angle between two vectors of one length; 0 where one is
// all zeros.
func Cosine(a, b []float32) float64 {
	lengths := math.Sqrt(Dot(a, a) * Dot(b, b))
	if lengths == 0 {
		return 0
	}
	return Dot(a, b) / lengths
}
