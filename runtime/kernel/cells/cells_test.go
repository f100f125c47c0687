package cells_test

import (
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/cells"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestPackedGoThroughBytes(t *testing.T) {
	for _, d := range []tensor.DType{tensor.Int4, tensor.Uint4, tensor.Float4E2M1, tensor.Int2, tensor.Uint2} {
		values := []int8{1, 0, 1, 1, 0}
		in, err := tensor.Pack(d, values, 5)
		if err != nil {
			t.Fatal(err)
		}
		out, err := tensor.New(d, 5)
		if err != nil {
			t.Fatal(err)
		}
		src, dst := cells.Load(in), cells.Dest(out)
		if src.Size != 1 || src.N != 5 || len(src.Bytes) != 5 {
			t.Fatalf("%v: %d cells of %d bytes in %d", d, src.N, src.Size, len(src.Bytes))
		}
		for i := range 5 {
			dst.Bytes[i] = src.Bytes[4-i]
		}
		dst.Flush()
		got, err := tensor.Unpack(out)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(values)
		for i, v := range got {
			if v&1 != values[i] {
				t.Errorf("%v: got %v, want the low bits of %v", d, got, values)
				break
			}
		}
	}
}

func TestOf(t *testing.T) {
	words := cells.Load(tensor.Vector[float32](1, 2))
	if got := cells.Of[uint32](words); len(got) != 2 || got[0] != 0x3f800000 {
		t.Errorf("got %x", got)
	}
	if cells.Of[uint64](words) != nil || cells.Of[uint8](words) != nil {
		t.Error("cells of another size were given")
	}
	strs := cells.Load(tensor.Vector("a", "b"))
	if got := cells.Of[string](strs); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}
