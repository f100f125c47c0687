package plan_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native/plan"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/shapeinfer"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// buffers records, for each output made, the address of its first element.
type buffers map[string]*float32

// testOps are operators that show what the plan does:
// Inc adds 1 and may work in place, Sum adds its inputs, View reshapes to a
// vector, Keep makes a sequence that holds its inputs, Last takes the last item
// out, Call runs a body, Crash panics, Twice is Inc into a tensor twice as long.
func testOps(seen buffers) []ops.Def {
	def := func(name string, min, max int, infer func(*ops.Inference) error, run ops.RunFunc) ops.Def {
		return ops.Def{
			Name: name, Since: 1, MinInputs: min, MaxInputs: max, MinOutputs: 1, MaxOutputs: 1, Infer: infer,
			Compile: func(n *ops.Node) (ops.Compiled, error) {
				return ops.RunFunc(func(c *ops.Call) error {
					if err := run(c); err != nil {
						return err
					}
					if t, ok := c.Outputs[0].(*tensor.Tensor); ok && t.Len() > 0 {
						data, err := tensor.Data[float32](t)
						if err != nil {
							return err
						}
						seen[n.Outputs[0]] = &data[0]
					}
					return nil
				}), nil
			},
		}
	}
	inc := def("Inc", 1, 1, ops.InferLike, func(c *ops.Call) error { return add(c, 1, 1) })
	inc.InPlace = []int{0}
	view := def("View", 1, 1, inferVector, func(c *ops.Call) error {
		return c.Forward(0, c.Input(0), c.Input(0).Len())
	})
	view.View = true
	keep := def("Keep", 1, ops.Variadic, func(n *ops.Inference) error {
		n.SetType(0, &onnx.Type{Kind: onnx.TypeSequence, Elem: n.Input(0).Type})
		return nil
	}, func(c *ops.Call) error {
		c.Set(0, &tensor.Sequence{DType: tensor.Float32, Items: slices.Clone(c.Inputs)})
		return nil
	})
	last := def("Last", 1, 1, func(n *ops.Inference) error { n.SetDType(0, tensor.Float32); return nil }, func(c *ops.Call) error {
		items := c.Inputs[0].(*tensor.Sequence).Items
		c.Set(0, items[len(items)-1])
		return nil
	})
	return []ops.Def{
		inc, view, keep, last, callDef(),
		def("Sum", 1, ops.Variadic, ops.InferLike, func(c *ops.Call) error { return add(c, 1, 0) }),
		def("Twice", 1, 1, func(n *ops.Inference) error { n.SetDType(0, tensor.Float32); return nil }, func(c *ops.Call) error { return add(c, 2, 1) }),
		def("Crash", 1, 1, ops.InferLike, func(c *ops.Call) error { return crash(c.Inputs[7:]) }),
		def("Silent", 1, 1, ops.InferLike, func(*ops.Call) error { return nil }),
	}
}

func crash(v []tensor.Value) error { _ = v[0]; return nil }

func inferVector(n *ops.Inference) error {
	n.Set(0, tensor.Float32, onnx.UnknownDim())
	return nil
}

// callDef is an operator that runs its body on its input.
func callDef() ops.Def {
	return ops.Def{
		Name: "Call", Since: 1, MinInputs: 1, MaxInputs: 1, MinOutputs: 1, MaxOutputs: 1, Infer: ops.InferLike,
		Compile: func(n *ops.Node) (ops.Compiled, error) {
			body, err := n.Sub.Subgraph("body")
			if err != nil {
				return nil, err
			}
			return ops.RunFunc(func(c *ops.Call) error {
				out, err := body.Run(c, c.Inputs)
				if err != nil {
					return err
				}
				c.Set(0, out[0])
				return nil
			}), nil
		},
	}
}

// add writes times copies of the sum of the inputs plus a constant.
func add(c *ops.Call, times int, plus float32) error {
	n := c.Input(0).Len()
	out, err := c.Output(0, tensor.Float32, n*times)
	if err != nil {
		return err
	}
	dst, _ := tensor.Data[float32](out)
	var inputs [][]float32
	for i := range c.Inputs {
		data, err := tensor.Data[float32](c.Input(i))
		if err != nil {
			return err
		}
		inputs = append(inputs, data)
	}
	for i := range dst {
		s := plus
		for _, in := range inputs {
			s += in[i%n]
		}
		dst[i] = s
	}
	return nil
}

func compile(t *testing.T, seen buffers, src string) (*plan.Program, error) {
	t.Helper()
	m, err := onnxtext.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	registry, err := ops.NewRegistry(testOps(seen))
	if err != nil {
		t.Fatal(err)
	}
	scope, err := shapeinfer.New(m, registry, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := scope.Graph(m.Graph); err != nil {
		t.Fatal(err)
	}
	return plan.Compile(m.Graph, scope, plan.Config{Registry: registry, Engine: "test", Limit: 1 << 20})
}

func runOn(t *testing.T, src string, in ...float32) ([]tensor.Value, buffers, error) {
	t.Helper()
	seen := buffers{}
	p, err := compile(t, seen, src)
	if err != nil {
		t.Fatal(err)
	}
	out, err := plan.NewFrame(p).Run(plan.Env{Context: context.Background()}, []tensor.Value{tensor.Vector(in...)})
	return out, seen, err
}

func want(t *testing.T, v tensor.Value, values ...float32) {
	t.Helper()
	if err := tensor.AllClose(v, tensor.Vector(values...), 0, 0); err != nil {
		t.Error(err)
	}
}

func TestSlotsAreShared(t *testing.T) {
	out, seen, err := runOn(t, `g (float[2] x) => (float[2] y) {
		a = Sum(x)
		b = Sum(a)
		c = Sum(b, b)
		d = Sum(c)
		y = Sum(d)
	}`, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	want(t, out[0], 2, 4)
	if seen["a"] != seen["c"] || seen["b"] != seen["d"] {
		t.Error("values whose lives do not overlap do not share a buffer")
	}
	if seen["a"] == seen["b"] {
		t.Error("a value was written over the input of its own node")
	}
	if seen["y"] == seen["c"] || seen["y"] == seen["d"] {
		t.Error("a graph output lies in a buffer of the frame")
	}
}

func TestInPlace(t *testing.T) {
	out, seen, err := runOn(t, `g (float[2] x) => (float[2] y) {
		a = Sum(x)
		b = Inc(a)
		c = Inc(b)
		d = Sum(b, c)
		y = Sum(d)
	}`, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	want(t, out[0], 5, 7)
	if seen["a"] != seen["b"] {
		t.Error("the last reader of a did not take over its buffer")
	}
	if seen["b"] == seen["c"] {
		t.Error("c was written over b, which is read again")
	}
}

func TestInputsAndConstantsAreOnlyRead(t *testing.T) {
	seen := buffers{}
	p, err := compile(t, seen, `g (float[2] x) => (float[2] y, float[2] x, float[2] w, float[2] v)
	<float[2] w = {5, 6}> {
		a = Inc(x)
		b = Inc(w)
		y = Sum(a, b)
		v = View(x)
	}`)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.Vector[float32](1, 2)
	f := plan.NewFrame(p)
	for range 2 {
		out, err := f.Run(plan.Env{Context: context.Background()}, []tensor.Value{x})
		if err != nil {
			t.Fatal(err)
		}
		want(t, out[0], 8, 10)
		for i, expect := range [][]float32{1: {1, 2}, 2: {5, 6}, 3: {1, 2}} {
			if expect == nil {
				continue
			}
			want(t, out[i], expect...)
			data, _ := tensor.Data[float32](out[i].(*tensor.Tensor))
			data[0] = 99 // the caller's to change
		}
		want(t, x, 1, 2)
	}
}

func TestViewsKeepTheirBufferAlive(t *testing.T) {
	out, seen, err := runOn(t, `g (float[2] x) => (float[4] y) {
		a = Sum(x)
		v = View(a)
		b = Sum(x)
		c = Inc(b)
		y = Sum(v, c)
	}`, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	want(t, out[0], 3, 5)
	if seen["v"] != seen["a"] {
		t.Error("the view has a buffer of its own")
	}
	if seen["b"] == seen["a"] {
		t.Error("the buffer of a was given away while its view was still to be read")
	}
}

func TestOutputsOutliveTheFrame(t *testing.T) {
	seen := buffers{}
	p, err := compile(t, seen, `g (float[2] x) => (float[2] y, float[2] z) {
		y = Sum(x)
		z = Inc(y)
	}`)
	if err != nil {
		t.Fatal(err)
	}
	f := plan.NewFrame(p)
	first, err := f.Run(plan.Env{Context: context.Background()}, []tensor.Value{tensor.Vector[float32](1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Run(plan.Env{Context: context.Background()}, []tensor.Value{tensor.Vector[float32](7, 8)}); err != nil {
		t.Fatal(err)
	}
	want(t, first[0], 1, 2)
	want(t, first[1], 2, 3)
}

func TestSequencesHoldWhatTheyWereGiven(t *testing.T) {
	out, _, err := runOn(t, `g (float[2] x) => (float[2] y) {
		a = Sum(x)
		s = Keep(x, a)
		b = Sum(x, x)
		c = Sum(b, b)
		l = Last(s)
		y = Sum(l, c)
	}`, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	want(t, out[0], 5, 10)
}

func TestOtherSizesNeedNoOtherProgram(t *testing.T) {
	seen := buffers{}
	p, err := compile(t, seen, `g (float[n] x) => (float[m] y) { a = Sum(x) b = Twice(a) c = Inc(b) y = Sum(c) }`)
	if err != nil {
		t.Fatal(err)
	}
	f := plan.NewFrame(p)
	for _, n := range []int{1, 5, 2, 0, 9} {
		out, err := f.Run(plan.Env{Context: context.Background()}, []tensor.Value{tensor.Vector(make([]float32, n)...)})
		if err != nil {
			t.Fatal(err)
		}
		want(t, out[0], slices.Repeat([]float32{2}, 2*n)...)
	}
}

func TestSubgraphsSeeTheGraphAround(t *testing.T) {
	out, _, err := runOn(t, `g (float[2] x) => (float[2] y, float[2] z) <float[2] w = {10, 20}> {
		a = Inc(x)
		b = Call<body = outer (float[2] p) => (float[2] q) {
			r = Call<body = inner (float[2] i) => (float[2] o) { o = Sum(i, a, w, p) }>(p)
			q = Inc(r)
		}>(x)
		c = Inc(a)
		y = Sum(b, c)
		z = Call<body = same (float[2] i) => (float[2] a) {}>(x)
	}`, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	// q = i + a + w + p + 1 = 1+2+10+1+1, y = q + a + 1
	want(t, out[0], 15+3, 28+4)
	want(t, out[1], 2, 3)
}

func TestErrorsNameTheNode(t *testing.T) {
	tests := []struct{ src, says string }{
		{`g (float[1] x) => (float[1] y) { [n1] y = Crash(x) }`, `onnx: node "n1" (Crash, opset 21): internal fault: runtime error: slice bounds`},
		{`g (float[1] x) => (float[1] y) { y = Silent(x) }`, `onnx: node "→y" (Silent, opset 21): output 0 was not made`},
		{`g (float[1] x) => (float[1] y) { y = Call<body = b (float[1] p) => (float[1] q) { [deep] q = Crash(p) }>(x) }`, `node "deep" (Crash`},
	}
	for _, tt := range tests {
		_, _, err := runOn(t, tt.src, 1)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("got %v, want %q", err, tt.says)
		}
	}
}

func TestCompileErrors(t *testing.T) {
	tests := []struct{ src, says string }{
		{`g (float[1] x) => (float[1] y) { [n] y = Inc(x, x) }`, `onnx: node "n" (Inc, opset 21): node has 2 inputs, expected 1`},
		{`g (float[1] x) => (float[1] y) { [n] y = Inc("") }`, `input 0 is left out, but Inc-1 needs it`},
		{`g (float[1] x) => (float[1] y) { [n] y = Inc(z) }`, `value "z" is not defined before it is used`},
		{`g (float[1] x) => (float[1] y) { [n] z = Inc(x) }`, `onnx: graph output "y": value "y" is not defined`},
		{`g (float[1] x) => (float[1] y) { [n] y = Call(x) }`, `attribute "body" holds no graph`},
	}
	for _, tt := range tests {
		_, err := compile(t, buffers{}, tt.src)
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("got %v, want %q", err, tt.says)
		}
	}
}

func TestUnsupportedNodesAreAllListed(t *testing.T) {
	_, err := compile(t, buffers{}, `g (float[1] x) => (float[1] y) {
		[n1] a = Nope(x)
		[n2] b = Nope(a)
		[n3] c = com.example.Other(b)
		y = Call<body = b (float[1] p) => (float[1] q) { [deep] q = Nope(p) }>(c)
	}`)
	var u *runtime.UnsupportedError
	if !errors.As(err, &u) || len(u.Nodes) != 4 {
		t.Fatalf("got %v, want four unsupported nodes", err)
	}
	const says = `test: 4 nodes cannot be run: Nope (opset 21) at "n1", "n2", "deep"; com.example.Other (opset 0) at "n3"`
	if err.Error() != says {
		t.Errorf("got %q, want %q", err, says)
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	p, err := compile(t, buffers{}, `g (float[1] x) => (float[1] y) { y = Inc(x) }`)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = plan.NewFrame(p).Run(plan.Env{Context: ctx}, []tensor.Value{tensor.Vector[float32](1)})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

func TestLimit(t *testing.T) {
	_, _, err := runOn(t, `g (float[n] x) => (float[m] y) { y = Twice(x) }`, make([]float32, 1<<18)...)
	if err == nil || !strings.Contains(err.Error(), "more than the limit of 1048576") {
		t.Errorf("got %v, want the limit", err)
	}
}
