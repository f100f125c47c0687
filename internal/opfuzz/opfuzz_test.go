package opfuzz_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/internal/opfuzz"
	"github.com/seed6700ada1/infer/runtime"
	"github.com/seed6700ada1/infer/runtime/native"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/ort"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

var (
	cases = flag.Int("cases", 0, "how many cases of the fuzzer to run; 0 is what the test runs by default")
	start = flag.Uint64("seed", 1, "seed of the first case; case i has seed + i")
	only  = flag.String("op", "", "operators to make cases of, with commas between; all by default")
)

func operators() []string {
	if *only == "" {
		return nil
	}
	return strings.Split(*only, ",")
}

// number is how many cases to run.
func number(byDefault int) int {
	if *cases > 0 {
		return *cases
	}
	if v, err := strconv.Atoi(os.Getenv("INFER_FUZZ_CASES")); err == nil {
		return v
	}
	return byDefault
}

// run opens and runs a case.
func run(ctx context.Context, e runtime.Engine, c *opfuzz.Case) (map[string]tensor.Value, error) {
	s, err := e.Open(ctx, c.Model, runtime.Options{Threads: 1, MemoryLimit: 64 << 20})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Run(ctx, c.Inputs)
}

// show prints a case, so that it can be understood and run again.
func show(c *opfuzz.Case) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-seed %d -cases 1\n%s", c.Seed, onnxtext.Format(c.Model))
	for _, in := range c.Model.Graph.Inputs {
		t, ok := c.Inputs[in.Name].(*tensor.Tensor)
		if !ok {
			continue
		}
		fmt.Fprintf(&b, "%s = %v", in.Name, t)
		if values, err := tensor.Float64s(t); err == nil && len(values) <= 40 {
			fmt.Fprintf(&b, " %v", values)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestHostile runs models that need not mean anything: the engine may refuse them, but
// neither panics, nor catches a panic of its own, nor takes long.
func TestHostile(t *testing.T) {
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	faults := map[string]int{}
	for i := range uint64(number(4000)) {
		c := opfuzz.Hostile(*start+i, operators()...)
		began := time.Now()
		_, err := run(t.Context(), e, c)
		took := time.Since(began)
		if err != nil && strings.Contains(err.Error(), "internal fault") || took > 5*time.Second {
			faults[c.Op]++
			if faults[c.Op] <= 2 {
				t.Errorf("%s: after %v: %v\n%s", c.Op, took, err, show(c))
			}
		}
	}
}

// TestSeed sees that a case follows from its seed.
func TestSeed(t *testing.T) {
	for seed := range uint64(200) {
		a, b := opfuzz.Generate(seed), opfuzz.Generate(seed)
		if show(a) != show(b) {
			t.Fatalf("seed %d gives two cases:\n%s\n%s", seed, show(a), show(b))
		}
	}
}

// TestDifferential compares the native engine with ONNX Runtime, where that is. Cases
// that ONNX Runtime refuses tell nothing; those whose difference is explained are
// counted.
func TestDifferential(t *testing.T) {
	other := ort.New()
	if err := other.Available(); err != nil {
		t.Skip(err)
	}
	e, err := native.New()
	if err != nil {
		t.Fatal(err)
	}
	refused, compared := map[string]int{}, map[string]int{}
	explained, wrong := map[string]int{}, map[string]int{}
	for i := range uint64(number(1000)) {
		c := opfuzz.Generate(*start+i, operators()...)
		reference := *c
		if c.Reference != nil {
			reference.Model = c.Reference
		}
		want, err := run(t.Context(), other, &reference)
		if err != nil {
			if refused[c.Op]++; *only != "" && refused[c.Op] <= 3 {
				t.Logf("%s refused: %v\n%s", c.Op, err, show(c))
			}
			continue
		}
		compared[c.Op]++
		got, err := run(t.Context(), e, c)
		if err == nil {
			err = compare(c, got, want)
		}
		if err == nil {
			continue
		}
		var shape []int
		if y, ok := want["y0"].(*tensor.Tensor); ok {
			shape = y.Shape()
		}
		if d, ok := explain(c, err, shape); ok {
			explained[fmt.Sprintf("%s: %s", strings.Join(d.Operators, ", "), d.What)]++
			continue
		}
		if wrong[c.Op]++; wrong[c.Op] <= 2 {
			t.Errorf("%s: %v\n%s", c.Op, err, show(c))
		}
	}
	for why, n := range explained {
		t.Logf("%d differences explained: %s", n, why)
	}
	for _, op := range opfuzz.Operators() {
		if compared[op] == 0 && number(1000) >= 10000 && *only == "" {
			t.Logf("%s: nothing compared, %d refused", op, refused[op])
		}
	}
	sum := func(m map[string]int) (n int) {
		for _, v := range m {
			n += v
		}
		return n
	}
	t.Logf("%d cases compared, %d refused by ONNX Runtime, %d differences explained, %d not", sum(compared), sum(refused), sum(explained), sum(wrong))
	if sum(wrong) > 0 {
		var ops []string
		for op, n := range wrong {
			ops = append(ops, fmt.Sprintf("%s %d", op, n))
		}
		slices.Sort(ops)
		t.Logf("differences by operator: %s", strings.Join(ops, ", "))
	}
}

// compare holds the outputs of two engines against each other: numbers within a
// thousandth, relative to themselves or to the largest of the tensor.
func compare(c *opfuzz.Case, got, want map[string]tensor.Value) error {
	for _, o := range c.Model.Graph.Outputs {
		w, ok := want[o.Name].(*tensor.Tensor)
		if !ok {
			if err := tensor.AllClose(got[o.Name], want[o.Name], 1e-3, 1e-5); err != nil {
				return fmt.Errorf("output %q: %w", o.Name, err)
			}
			continue
		}
		rtol, atol := 1e-3, 1e-5*largest(w)
		switch w.DType() {
		case tensor.Float16, tensor.BFloat16:
			rtol, atol = 1e-2, 5e-3*largest(w)
		case tensor.Float32, tensor.Float64:
		default:
			rtol, atol = 0, 0
		}
		if err := tensor.AllClose(got[o.Name], w, rtol, atol); err != nil {
			return fmt.Errorf("output %q: %w", o.Name, err)
		}
	}
	return nil
}

// largest is the largest magnitude of a tensor that is finite, and at least 1.
func largest(t *tensor.Tensor) float64 {
	most := 1.0
	values, err := tensor.Float64s(t)
	if err != nil {
		return most
	}
	for _, v := range values {
		if v = math.Abs(v); v > most && !math.IsInf(v, 0) {
			most = v
		}
	}
	return most
}

// explain finds the known difference that a case shows, if there is one. shape is that of
// the other engine's first output.
func explain(c *opfuzz.Case, err error, shape []int) (d opfuzz.Difference, ok bool) {
	n := c.Model.Graph.Nodes[0]
	attr := func(name string) onnx.Attribute {
		if a := n.Attribute(name); a != nil {
			return *a
		}
		return onnx.Attribute{}
	}
	says := func(text string) bool { return strings.Contains(err.Error(), text) }
	same := strings.HasPrefix(string(attr("auto_pad").String), "SAME")
	x, given := first(c)
	switch c.Op {
	case "ReduceMean":
		return opfuzz.EmptyMean, says("NaN, expected ")
	case "ReduceL2", "ReduceLogSumExp", "ReduceMin", "ReduceMax", "ReduceSum", "ReduceSumSquare":
		return opfuzz.EmptyReduction, given && slices.Contains(x.Shape(), 0) && says("value is ") // a shape, not a number
	case "MatMul":
		return opfuzz.EmptyProduct, given && slices.Contains(x.Shape(), 0) && says("is 0, expected ")
	case "NonZero":
		return opfuzz.ScalarNonZero, given && x.Rank() == 0
	case "MaxPool", "AveragePool", "LpPool":
		if attr("dilations").Ints != nil {
			return opfuzz.DilatedSame, same
		}
		return opfuzz.StridedSame, same && attr("strides").Ints != nil
	case "Resize", "Upsample":
		if given && slices.Equal(x.Shape(), shape) {
			return opfuzz.ScaleNearOne, c.Op == "Upsample" || n.Inputs[2] != ""
		}
		return opfuzz.AlignedScales, c.Op == "Resize" && n.Inputs[2] != "" && string(attr("coordinate_transformation_mode").String) == "align_corners"
	case "HannWindow", "HammingWindow", "BlackmanWindow":
		return opfuzz.WindowOfOne, says("expected NaN") && slices.Equal(shape, []int{1})
	case "Attention":
		return opfuzz.CappedMask, attr("softcap").Float > 0 && len(n.Inputs) > 3 && n.Inputs[3] != ""
	case "Col2Im":
		return opfuzz.DilatedFold, slices.Max(attr("dilations").Ints) > 1
	case "ai.onnx.ml.CastMap":
		return opfuzz.SparseText, true
	case "ai.onnx.ml.LinearRegressor":
		return opfuzz.OneTarget, attr("targets").Int == 1 && string(attr("post_transform").String) != "NONE"
	case "ai.onnx.ml.TreeEnsembleRegressor":
		if attr("n_targets").Int > 1 {
			return opfuzz.NoLeafForTarget, attr("base_values").Floats != nil
		}
		return opfuzz.OneTarget, attr("n_targets").Int == 1 && attr("post_transform").String != nil
	case "ai.onnx.ml.TreeEnsembleClassifier":
		two := len(attr("classlabels_strings").Strings) == 2 || len(attr("classlabels_int64s").Ints) == 2
		return opfuzz.TwoClasses, two && len(slices.Compact(slices.Sorted(slices.Values(attr("class_ids").Ints)))) == 2
	case "ai.onnx.ml.TreeEnsemble":
		if attr("n_targets").Int == 1 {
			return opfuzz.OneTarget, attr("post_transform").Int != 0
		}
		return opfuzz.OrderOfTransforms, attr("post_transform").Int == 1 || attr("post_transform").Int == 2
	case "StringSplit":
		if len(attr("delimiter").String) == 0 {
			return opfuzz.WhiteSpace, true
		}
		return opfuzz.PartsOfNothing, attr("delimiter").String != nil && says("is 1, expected 0")
	case "Mish":
		return opfuzz.MishOfInfinity, says("is 0, expected NaN") || says("is -0, expected NaN")
	case "MeanVarianceNormalization":
		return opfuzz.NoVariance, says("is 0, expected NaN") || says("is -0, expected NaN")
	}
	return d, false
}

// first is the first input of a case's node, where it has one.
func first(c *opfuzz.Case) (*tensor.Tensor, bool) {
	name := c.Model.Graph.Nodes[0].Inputs[0]
	if t, ok := c.Inputs[name].(*tensor.Tensor); ok {
		return t, true
	}
	t := c.Model.Graph.Initializer(name)
	if t == nil {
		return nil, false
	}
	v, err := t.Value()
	return v, err == nil
}
