package tensor_test

import (
	"fmt"
	"testing"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// rows makes [2, 1, n, 1] of which batch entry b has b·1000 + first, + 1, ….
func rows(t *testing.T, first, n int) *tensor.Tensor {
	t.Helper()
	v := make([]float32, 2*n)
	for i := range n {
		v[i], v[n+i] = float32(first+i), float32(1000+first+i)
	}
	x, err := tensor.FromSlice(v, 2, 1, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func wantCache(t *testing.T, c *tensor.Cache, n int) {
	t.Helper()
	got, err := c.Tensor()
	if err != nil {
		t.Fatal(err)
	}
	if err := tensor.AllClose(got, rows(t, 0, n), 0, 0); err != nil {
		t.Errorf("cache of %d rows: %v", n, err)
	}
}

func TestCacheGrows(t *testing.T) {
	c, err := tensor.NewCache(tensor.Float32, 2, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	moved := 0
	for n := 0; n < 300; {
		more := 1 + n%7
		room := c.Room()
		if c, err = c.Append(rows(t, n, more)); err != nil {
			t.Fatal(err)
		}
		if n += more; c.Room() != room {
			moved++
		}
		wantCache(t, c, n)
	}
	if moved > 4 {
		t.Errorf("the memory moved %d times on the way to 300 rows", moved)
	}
}

func TestCacheGoesTwoWays(t *testing.T) {
	c, err := tensor.CacheOf(rows(t, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	one, err := c.Append(rows(t, 3, 2))
	if err != nil {
		t.Fatal(err)
	}
	other, err := c.Append(rows(t, 77, 2))
	if err != nil {
		t.Fatal(err)
	}
	wantCache(t, c, 3)
	wantCache(t, one, 5)
	if v, _ := other.Tensor(); tensor.Equal(v, rows(t, 0, 5)) {
		t.Error("the second way has the rows of the first")
	}
	cut, err := one.Truncate(4)
	if err != nil {
		t.Fatal(err)
	}
	again, err := cut.Append(rows(t, 4, 3))
	if err != nil {
		t.Fatal(err)
	}
	wantCache(t, again, 7)
	wantCache(t, one, 5)
}

func TestCacheRefuses(t *testing.T) {
	c, err := tensor.NewCache(tensor.Float32, 2, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []*tensor.Tensor{tensor.Vector[float32](1), tensor.Scalar[int64](1)} {
		if _, err := c.Append(bad); err == nil {
			t.Errorf("%s was appended", bad)
		}
	}
	if _, err := c.Truncate(1); err == nil {
		t.Error("an empty cache was cut to 1 row")
	}
	if _, err := tensor.NewCache(tensor.String, 1, 1, 1); err == nil {
		t.Error("a cache of strings was made")
	}
	if _, err := tensor.CacheOf(tensor.Vector[float32](1)); err == nil {
		t.Error("a vector became a cache")
	}
}

func ExampleCache() {
	c, err := tensor.NewCache(tensor.Float32, 1, 1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	row, err := tensor.FromSlice([]float32{1, 2}, 1, 1, 1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	if c, err = c.Append(row); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Shape())
	// Output: [1 1 1 2]
}
