package nn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/nn"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// count makes a float32 tensor of 1, 2, 3, ….
func count(t *testing.T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.New(tensor.Float32, shape...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range values[float32](t, v) {
		values[float32](t, v)[i] = float32(i + 1)
	}
	return v
}

func values[T tensor.Element](t *testing.T, v tensor.Value) []T {
	t.Helper()
	data, err := tensor.Data[T](v.(*tensor.Tensor))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func as[T tensor.Element](t *testing.T, list []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(list, shape...)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestFusedConv: 1·x over [1 2 3] plus bias 1 and residual −4 is −2, −1, 0.
func TestFusedConv(t *testing.T) {
	one := as(t, []float32{1}, 1, 1, 1)
	bias, residual := tensor.Vector[float32](1), as(t, []float32{-4, -4, -4}, 1, 1, 3)
	tests := []struct {
		name  string
		attrs []*onnx.Attribute
		want  []float32
	}{
		{"none", nil, []float32{-2, -1, 0}},
		{"Relu", []*onnx.Attribute{opstest.Str("activation", "Relu")}, []float32{0, 0, 0}},
		{"LeakyRelu", []*onnx.Attribute{opstest.Str("activation", "LeakyRelu"), opstest.Floats("activation_params", 0.5)}, []float32{-1, -0.5, 0}},
		{"Clip", []*onnx.Attribute{opstest.Str("activation", "Clip"), opstest.Floats("activation_params", -1, 1)}, []float32{-1, -1, 0}},
		{"PRelu", []*onnx.Attribute{opstest.Str("activation", "PRelu"), opstest.Floats("activation_params", 2)}, []float32{-4, -2, 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			node := opstest.NewNode("FusedConv", nn.Domain, 4, 1, tt.attrs...)
			y := opstest.Node(t, nn.Ops, node, 1, count(t, 1, 1, 3), one, bias, residual)
			if got := values[float32](t, y[0]); !slices.Equal(got, tt.want) {
				t.Errorf("y = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestConvWithoutOutputs: no channels come out of weights [0, 3, 2].
func TestConvWithoutOutputs(t *testing.T) {
	y := opstest.Node(t, nn.Ops, opstest.NewNode("Conv", "", 2, 1), 11, as(t, make([]float32, 42), 2, 3, 7), as(t, []float32{}, 0, 3, 2))
	if got := y[0].(*tensor.Tensor).Shape(); !slices.Equal(got, []int{2, 0, 6}) {
		t.Errorf("y is %v, want [2 0 6]", got)
	}
}

// TestConvOfEveryFloat: 1 + 2, 2 + 3 in every type.
func TestConvOfEveryFloat(t *testing.T) {
	node := func() *onnx.Node { return opstest.NewNode("Conv", "", 2, 1) }
	f16, bf16 := tensor.F16From, tensor.BF16From
	check := func(x, w, want *tensor.Tensor) {
		t.Helper()
		y := opstest.Node(t, nn.Ops, node(), 22, x, w)
		if err := tensor.AllClose(y[0], want, 0, 0); err != nil {
			t.Errorf("%v: %v", x.DType(), err)
		}
	}
	check(as(t, []float64{1, 2, 3}, 1, 1, 3), as(t, []float64{1, 1}, 1, 1, 2), as(t, []float64{3, 5}, 1, 1, 2))
	check(as(t, []tensor.F16{f16(1), f16(2), f16(3)}, 1, 1, 3), as(t, []tensor.F16{f16(1), f16(1)}, 1, 1, 2), as(t, []tensor.F16{f16(3), f16(5)}, 1, 1, 2))
	check(as(t, []tensor.BF16{bf16(1), bf16(2), bf16(3)}, 1, 1, 3), as(t, []tensor.BF16{bf16(1), bf16(1)}, 1, 1, 2), as(t, []tensor.BF16{bf16(3), bf16(5)}, 1, 1, 2))
}

// TestAutoPad gives the output size, and the first value, of a kernel of ones over
// 1…5. SAME pads by two in all; with stride 2 the output is ⌈5/2⌉ long.
func TestAutoPad(t *testing.T) {
	ones := as(t, []float32{1, 1, 1}, 1, 1, 3)
	tests := []struct {
		pad    string
		stride int64
		want   []float32
	}{
		{"VALID", 1, []float32{6, 9, 12}},
		{"SAME_UPPER", 1, []float32{3, 6, 9, 12, 9}},
		{"SAME_LOWER", 1, []float32{3, 6, 9, 12, 9}},
		{"SAME_UPPER", 2, []float32{3, 9, 9}},
		{"SAME_UPPER", 4, []float32{3, 9}}, // windows at −1 and 3: 4 + 3 − 5 is padded
	}
	for _, tt := range tests {
		node := opstest.NewNode("Conv", "", 2, 1, opstest.Str("auto_pad", tt.pad), opstest.Ints("strides", tt.stride))
		got := values[float32](t, opstest.Node(t, nn.Ops, node, 11, count(t, 1, 1, 5), ones)[0])
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s by %d: %v, want %v", tt.pad, tt.stride, got, tt.want)
		}
	}
}

// TestDropoutVersions: inference hands data through and keeps everything; the type
// of the mask changed with version 10.
func TestDropoutVersions(t *testing.T) {
	x := count(t, 2)
	for _, opset := range []int{6, 7, 10, 12, 13, 22} {
		node := opstest.NewNode("Dropout", "", 1, 2)
		if opset == 6 {
			node.Attributes = append(node.Attributes, opstest.Int("is_test", 1))
		}
		y := opstest.Node(t, nn.Ops, node, opset, x)
		if !slices.Equal(values[float32](t, y[0]), []float32{1, 2}) {
			t.Errorf("opset %d: %v", opset, values[float32](t, y[0]))
		}
		if opset < 10 {
			if !slices.Equal(values[float32](t, y[1]), []float32{1, 1}) {
				t.Errorf("opset %d: mask %v", opset, values[float32](t, y[1]))
			}
		} else if !slices.Equal(values[bool](t, y[1]), []bool{true, true}) {
			t.Errorf("opset %d: mask %v", opset, values[bool](t, y[1]))
		}
	}
}

// TestDropoutUnseeded: of many values about the ratio is dropped, and the rest are
// scaled.
func TestDropoutUnseeded(t *testing.T) {
	const n, ratio = 20000, 0.25
	x := as(t, slices.Repeat([]float32{3}, n), n)
	node := opstest.NewNode("Dropout", "", 3, 2)
	y := opstest.Node(t, nn.Ops, node, 13, x, tensor.Scalar[float32](ratio), tensor.Scalar(true))
	dropped := 0
	mask := values[bool](t, y[1])
	for i, v := range values[float32](t, y[0]) {
		if !mask[i] {
			dropped++
		}
		if want := map[bool]float32{true: 4, false: 0}[mask[i]]; v != want {
			t.Fatalf("value %d is %v where the mask is %v", i, v, mask[i])
		}
	}
	// six standard deviations of a binomial distribution
	if math.Abs(float64(dropped)-n*ratio) > 6*math.Sqrt(n*ratio*(1-ratio)) {
		t.Errorf("%d of %d values were dropped", dropped, n)
	}
}

// TestRefusals lists nodes that cannot run: each must give an error, not a panic.
func TestRefusals(t *testing.T) {
	x := count(t, 1, 2, 4)
	w := count(t, 2, 2, 3)
	i64 := func(list ...int64) *tensor.Tensor { return as(t, list, len(list)) }
	tests := []struct {
		name   string
		node   *onnx.Node
		inputs []tensor.Value
	}{
		{"weights of other channels", opstest.NewNode("Conv", "", 2, 1), []tensor.Value{x, count(t, 2, 3, 3)}},
		{"weights of another rank", opstest.NewNode("Conv", "", 2, 1), []tensor.Value{x, count(t, 2, 2, 3, 3)}},
		{"window larger than its input", opstest.NewNode("Conv", "", 2, 1), []tensor.Value{x, count(t, 2, 2, 5)}},
		{"another kernel_shape", opstest.NewNode("Conv", "", 2, 1, opstest.Ints("kernel_shape", 2)), []tensor.Value{x, w}},
		{"stride of zero", opstest.NewNode("Conv", "", 2, 1, opstest.Ints("strides", 0)), []tensor.Value{x, w}},
		{"strides of another rank", opstest.NewNode("Conv", "", 2, 1, opstest.Ints("strides", 1, 1)), []tensor.Value{x, w}},
		{"negative padding", opstest.NewNode("Conv", "", 2, 1, opstest.Ints("pads", -1, 0)), []tensor.Value{x, w}},
		{"gigantic padding", opstest.NewNode("Conv", "", 2, 1, opstest.Ints("pads", 1<<30, 1<<30)), []tensor.Value{x, w}},
		{"no groups", opstest.NewNode("Conv", "", 2, 1, opstest.Int("group", 0)), []tensor.Value{x, w}},
		{"bias of another length", opstest.NewNode("Conv", "", 3, 1), []tensor.Value{x, w, count(t, 3)}},
		{"unknown auto_pad", opstest.NewNode("Conv", "", 2, 1, opstest.Str("auto_pad", "BEST")), []tensor.Value{x, w}},
		{"integers", opstest.NewNode("Conv", "", 2, 1), []tensor.Value{as(t, make([]int32, 8), 1, 2, 4), as(t, make([]int32, 12), 2, 2, 3)}},
		{"pool without kernel_shape", opstest.NewNode("MaxPool", "", 1, 1), []tensor.Value{x}},
		{"pool of strings", opstest.NewNode("MaxPool", "", 1, 1, opstest.Ints("kernel_shape", 1)), []tensor.Value{as(t, []string{"a"}, 1, 1, 1)}},
		{"norm of zero", opstest.NewNode("LpPool", "", 1, 1, opstest.Ints("kernel_shape", 1), opstest.Int("p", 0)), []tensor.Value{x}},
		{"transposed strides of another rank", opstest.NewNode("ConvTranspose", "", 2, 1, opstest.Ints("strides", 1, 1)), []tensor.Value{x, w}},
		{"transposed output_shape of another rank", opstest.NewNode("ConvTranspose", "", 2, 1, opstest.Ints("output_shape", 1, 1)), []tensor.Value{x, w}},
		{"index beyond the output", opstest.NewNode("MaxUnpool", "", 2, 1, opstest.Ints("kernel_shape", 1)), []tensor.Value{count(t, 1, 1, 2), as(t, []int64{0, 5}, 1, 1, 2)}},
		{"ratio of one", opstest.NewNode("Dropout", "", 3, 1), []tensor.Value{x, tensor.Scalar[float32](1), tensor.Scalar(true)}},
		{"columns of another block", opstest.NewNode("Col2Im", "", 3, 1), []tensor.Value{count(t, 1, 5, 4), i64(3, 3), i64(2, 2)}},
		{"block of zero", opstest.NewNode("Col2Im", "", 3, 1), []tensor.Value{count(t, 1, 4, 4), i64(3, 3), i64(0, 2)}},
		{"offset of another shape", opstest.NewNode("DeformConv", "", 3, 1), []tensor.Value{count(t, 1, 1, 3, 3), count(t, 1, 1, 2, 2), count(t, 1, 8, 3, 3)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if y, err := opstest.Try(nn.Ops, tt.node, 22, tt.inputs...); err == nil {
				t.Errorf("it ran: %v", y)
			}
		})
	}
}

// TestEmpty runs batches of nothing and images without channels.
func TestEmpty(t *testing.T) {
	kernel := opstest.Ints("kernel_shape", 2)
	tests := []struct {
		node   *onnx.Node
		inputs []tensor.Value
		want   []int
	}{
		{opstest.NewNode("Conv", "", 2, 1), []tensor.Value{count(t, 0, 2, 4), count(t, 3, 2, 2)}, []int{0, 3, 3}},
		{opstest.NewNode("Conv", "", 2, 1), []tensor.Value{count(t, 1, 0, 4), count(t, 3, 0, 2)}, []int{1, 3, 3}},
		{opstest.NewNode("ConvTranspose", "", 2, 1), []tensor.Value{count(t, 0, 2, 4), count(t, 2, 3, 2)}, []int{0, 3, 5}},
		{opstest.NewNode("MaxPool", "", 1, 2, kernel), []tensor.Value{count(t, 0, 2, 4)}, []int{0, 2, 3}},
		{opstest.NewNode("AveragePool", "", 1, 1, kernel), []tensor.Value{count(t, 2, 0, 4)}, []int{2, 0, 3}},
		{opstest.NewNode("GlobalMaxPool", "", 1, 1), []tensor.Value{count(t, 0, 2, 4)}, []int{0, 2, 1}},
		{opstest.NewNode("Dropout", "", 1, 1), []tensor.Value{count(t, 0)}, []int{0}},
	}
	for _, tt := range tests {
		y := opstest.Node(t, nn.Ops, tt.node, 22, tt.inputs...)[0].(*tensor.Tensor)
		if !slices.Equal(y.Shape(), tt.want) {
			t.Errorf("%s of %v is %v, want %v", tt.node.OpType, tt.inputs[0], y, tt.want)
		}
	}
}
