package guard_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/guard"
)

func TestCopy(t *testing.T) {
	for _, n := range []int{0, 1, 1000, 5000} {
		want := make([]uint16, n)
		for i := range want {
			want[i] = uint16(i)
		}
		got := guard.Copy(t, want)
		if len(got) != n || cap(got) != n {
			t.Fatalf("%d elements: length %d, capacity %d", n, len(got), cap(got))
		}
		for i, v := range got {
			if v != want[i] {
				t.Fatalf("element %d of %d is %d", i, n, v)
			}
		}
	}
}
