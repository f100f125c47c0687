package movement_test

import (
	"context"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/movement"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// TestPlansFollowTheirInputs runs one compiled Slice on inputs whose shapes and
// parts change, back and forth: a plan of an earlier run must not serve another.
func TestPlansFollowTheirInputs(t *testing.T) {
	registry, err := ops.NewRegistry(movement.Ops)
	if err != nil {
		t.Fatal(err)
	}
	n := opstest.NewNode("Slice", "", 3, 1)
	compiled, err := registry.Find("", "Slice", 13).Compile(&ops.Node{
		Attrs: ops.NewAttrs(n), Opset: 13, Outputs: n.Outputs,
		Inputs: []ops.Arg{{Name: "x0"}, {Name: "x1"}, {Name: "x2"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c := &ops.Call{Context: context.Background(), Memory: ops.Heap{}, Outputs: make([]tensor.Value, 1)}
	matrix := of(shape(2, 2), int64(1), 2, 3, 4)
	// the same numbers in all, cut up in another way: shape [2,2], starts [1,1],
	// ends [2,2]; shape [2,2,1,1], start 2, end 2; and parts that change alone
	cube := of(shape(2, 2, 1, 1), int64(1), 2, 3, 4)
	for range 2 {
		for _, tt := range []struct{ in, starts, ends, want *tensor.Tensor }{
			{matrix, ints(1, 1), ints(2, 2), of(shape(1, 1), int64(4))},
			{cube, ints(2), ints(2), of[int64](shape(0, 2, 1, 1))},
			{matrix, ints(0, 1), ints(2, 2), of(shape(2, 1), int64(2), 4)},
			{matrix, ints(0, 1), ints(1, 2), of(shape(1, 1), int64(2))},
		} {
			c.Inputs = []tensor.Value{tt.in, tt.starts, tt.ends}
			if err := compiled.Run(c); err != nil {
				t.Fatal(err)
			}
			if !tensor.Equal(c.Outputs[0], tt.want) {
				t.Errorf("%v from %v to %v: got %v, want %v", tt.in, tt.starts, tt.ends, c.Outputs[0], tt.want)
			}
		}
	}
}
