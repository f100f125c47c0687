package window_test

import (
	"fmt"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/window"
)

// axes are geometries with every kind of border.
var axes = []window.Axis{
	{In: 5, Out: 5, Kernel: 3, Stride: 1, Dilation: 1, Begin: 1, End: 1},
	{In: 5, Out: 3, Kernel: 3, Stride: 2, Dilation: 1, Begin: 1, End: 1},
	{In: 7, Out: 3, Kernel: 2, Stride: 3, Dilation: 2, Begin: 0, End: 2},
	{In: 2, Out: 6, Kernel: 3, Stride: 1, Dilation: 3, Begin: 6, End: 4},
	{In: 1, Out: 4, Kernel: 1, Stride: 1, Dilation: 1, Begin: 3, End: 0},
	{In: 0, Out: 3, Kernel: 2, Stride: 1, Dilation: 1, Begin: 2, End: 2},
}

// TestRanges compares the ranges with a look at every single tap.
func TestRanges(t *testing.T) {
	for _, a := range axes {
		for o := range a.Out {
			lo, hi := a.Taps(o)
			for k := range a.Kernel {
				i := a.Start(o) + k*a.Dilation
				inside := i >= 0 && i < a.In
				if got := k >= lo && k < hi; got != inside {
					t.Errorf("%+v: Taps(%d) = [%d, %d), tap %d is inside: %v", a, o, lo, hi, k, inside)
				}
				from, to := a.Positions(k)
				if got := o >= from && o < to; got != inside {
					t.Errorf("%+v: Positions(%d) = [%d, %d), position %d is inside: %v", a, k, from, to, o, inside)
				}
			}
		}
	}
}

func TestOffset(t *testing.T) {
	grid := window.Axes{axes[1], axes[2]}
	in, out, kernel := grid.Sizes()
	if in != 35 || out != 9 || kernel != 6 {
		t.Fatalf("Sizes = %d, %d, %d", in, out, kernel)
	}
	for o := range out {
		for k := range kernel {
			i0 := grid[0].Start(o/3) + k/2
			i1 := grid[1].Start(o%3) + k%2*2
			inside := i0 >= 0 && i0 < 5 && i1 >= 0 && i1 < 7
			got, ok := grid.Offset(o, k)
			if ok != inside || ok && got != i0*7+i1 {
				t.Errorf("Offset(%d, %d) = %d, %v; want %d, %v", o, k, got, ok, i0*7+i1, inside)
			}
		}
	}
}

func TestPointwise(t *testing.T) {
	one := window.Axis{In: 4, Out: 4, Kernel: 1, Stride: 1, Dilation: 1}
	if !(window.Axes{one, one}).Pointwise() {
		t.Error("a 1×1 window is not taken as pointwise")
	}
	for _, a := range axes {
		if (window.Axes{one, a}).Pointwise() {
			t.Errorf("%+v is taken as pointwise", a)
		}
	}
}

func ExampleAxis_Taps() {
	a := window.Axis{In: 4, Out: 4, Kernel: 3, Stride: 1, Dilation: 1, Begin: 1, End: 1}
	fmt.Println(a.Taps(0))
	fmt.Println(a.Taps(1))
	// Output:
	// 1 3
	// 0 3
}
