package ops_test

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

type packed [64]byte

func vector(t *testing.T, values ...float32) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(values, len(values))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Many nodes that ask at once for the same get one value, made once; any
// difference of layout, shape, type or bytes gets another.
func TestPackShares(t *testing.T) {
	n := &ops.Node{Packs: ops.NewPacks()}
	var made atomic.Int64
	pack := func(layout string, of ...*tensor.Tensor) *packed {
		p, err := ops.Pack(n, layout, of, func() (*packed, error) {
			made.Add(1)
			time.Sleep(time.Millisecond)
			return &packed{}, nil
		})
		if err != nil {
			t.Error(err)
		}
		return p
	}
	var wait sync.WaitGroup
	got := make([]*packed, 16)
	for i := range got {
		wait.Go(func() { got[i] = pack("rows", vector(t, 1, 2), nil) })
	}
	wait.Wait()
	for _, p := range got {
		if p != got[0] {
			t.Fatal("equal constants were packed apart")
		}
	}
	if made.Load() != 1 {
		t.Errorf("packed %d times, expected once", made.Load())
	}
	reshaped, err := vector(t, 1, 2).Reshape(2, 1)
	if err != nil {
		t.Fatal(err)
	}
	ints, err := tensor.Wrap(tensor.Int32, vector(t, 1, 2).Bytes(), 2)
	if err != nil {
		t.Fatal(err)
	}
	others := []*packed{
		pack("columns", vector(t, 1, 2), nil), pack("rows", vector(t, 1, 3), nil), pack("rows", reshaped, nil),
		pack("rows", ints, nil), pack("rows", nil, vector(t, 1, 2)), pack("rows", vector(t, 1, 2)),
	}
	for i, p := range others {
		if p == got[0] {
			t.Errorf("case %d shares what differs", i)
		}
	}
	if n.Packs.Len() != 1+len(others) {
		t.Errorf("%d entries, expected %d", n.Packs.Len(), 1+len(others))
	}
	runtime.KeepAlive(others)
}

// What nobody has any more is collected, and made again when it is asked for.
func TestPackLetsGo(t *testing.T) {
	n := &ops.Node{Packs: ops.NewPacks()}
	made := 0
	pack := func() *packed {
		p, err := ops.Pack(n, "", []*tensor.Tensor{vector(t, 1)}, func() (*packed, error) {
			made++
			return &packed{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := pack()
	runtime.GC()
	if pack() != p || made != 1 {
		t.Fatal("what is in use was packed again")
	}
	runtime.KeepAlive(p)
	for range 100 {
		if runtime.GC(); n.Packs.Len() == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n.Packs.Len() != 0 {
		t.Fatal("what nobody uses is kept")
	}
	if pack(); made != 2 {
		t.Errorf("packed %d times, expected twice", made)
	}
}

// A failure is not remembered, and without an engine that shares nothing is.
func TestPackFailsAndAlone(t *testing.T) {
	n := &ops.Node{Packs: ops.NewPacks()}
	want := errors.New("no")
	of := []*tensor.Tensor{vector(t, 1)}
	if _, err := ops.Pack(n, "", of, func() (*packed, error) { return nil, want }); !errors.Is(err, want) {
		t.Errorf("error is %v, expected %v", err, want)
	}
	if n.Packs.Len() != 0 {
		t.Error("a failure is kept")
	}
	fine := func() (*packed, error) { return &packed{}, nil }
	if p, err := ops.Pack(n, "", of, fine); err != nil || p == nil {
		t.Errorf("got %v, %v after a failure", p, err)
	}
	a, _ := ops.Pack(&ops.Node{}, "", of, fine)
	b, _ := ops.Pack(&ops.Node{}, "", of, fine)
	if a == b {
		t.Error("nodes without an engine share")
	}
}
