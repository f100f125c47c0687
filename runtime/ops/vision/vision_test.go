package vision_test

import (
	"math"
	"slices"
	"testing"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/vision"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func as[T tensor.Element](t *testing.T, list []T, shape ...int) *tensor.Tensor {
	t.Helper()
	v, err := tensor.FromSlice(list, shape...)
	if err != nil {
		t.Fatal(err)
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

func f32(list ...float32) *tensor.Tensor { return tensor.Vector(list...) }

// TestResizeVersions doubles [1 2] and shrinks [1 2 3 4] as each version has it:
// before version 11 positions are x/scale, rounded down, or up where the axis
// shrinks; then half-pixel positions, rounded to the nearest.
func TestResizeVersions(t *testing.T) {
	tests := []struct {
		name   string
		opset  int
		node   *onnx.Node
		inputs func(scale float32) []tensor.Value
	}{
		{"Upsample-9", 9, opstest.NewNode("Upsample", "", 2, 1), func(s float32) []tensor.Value { return []tensor.Value{f32(s)} }},
		{"Resize-10", 10, opstest.NewNode("Resize", "", 2, 1), func(s float32) []tensor.Value { return []tensor.Value{f32(s)} }},
		{"Resize-11", 11, opstest.NewNode("Resize", "", 3, 1), func(s float32) []tensor.Value { return []tensor.Value{f32(), f32(s)} }},
		{"Resize-13", 13, opstest.NewNode("Resize", "", 3, 1), func(s float32) []tensor.Value { return []tensor.Value{nil, f32(s)} }},
		{"Resize-19", 19, opstest.NewNode("Resize", "", 3, 1), func(s float32) []tensor.Value { return []tensor.Value{nil, f32(s)} }},
	}
	for _, tt := range tests {
		y := opstest.Node(t, vision.Ops, tt.node, tt.opset, append([]tensor.Value{f32(1, 2)}, tt.inputs(2)...)...)
		if got := values[float32](t, y[0]); !slices.Equal(got, []float32{1, 1, 2, 2}) {
			t.Errorf("%s doubles [1 2] to %v", tt.name, got)
		}
		// positions 0 and 1⅔, or ⅓ and 2
		want := []float32{1, 3}
		y = opstest.Node(t, vision.Ops, tt.node, tt.opset, append([]tensor.Value{f32(1, 2, 3, 4)}, tt.inputs(0.6)...)...)
		if got := values[float32](t, y[0]); !slices.Equal(got, want) {
			t.Errorf("%s shrinks [1 2 3 4] to %v, want %v", tt.name, got, want)
		}
	}
	node := opstest.NewNode("Upsample", "", 1, 1, opstest.Floats("scales", 2), opstest.Str("mode", "linear"))
	y := opstest.Node(t, vision.Ops, node, 7, f32(1, 2))
	if got := values[float32](t, y[0]); !slices.Equal(got, []float32{1, 1.5, 2, 2}) {
		t.Errorf("Upsample-7 doubles [1 2] to %v", got)
	}
}

// TestResizeOfEveryType doubles [1 3] linearly: 1, 1½, 2½, 3, where integers are
// rounded to even.
func TestResizeOfEveryType(t *testing.T) {
	node := func() *onnx.Node { return opstest.NewNode("Resize", "", 3, 1, opstest.Str("mode", "linear")) }
	run := func(x *tensor.Tensor) tensor.Value { return opstest.Node(t, vision.Ops, node(), 19, x, nil, f32(2))[0] }
	if got := values[uint8](t, run(as(t, []uint8{1, 3}, 2))); !slices.Equal(got, []uint8{1, 2, 2, 3}) {
		t.Errorf("uint8: %v", got)
	}
	if got := values[int32](t, run(as(t, []int32{-1, -3}, 2))); !slices.Equal(got, []int32{-1, -2, -2, -3}) {
		t.Errorf("int32: %v", got)
	}
	if got := values[float64](t, run(as(t, []float64{1, 3}, 2))); !slices.Equal(got, []float64{1, 1.5, 2.5, 3}) {
		t.Errorf("float64: %v", got)
	}
	half := values[tensor.F16](t, run(as(t, []tensor.F16{tensor.F16From(1), tensor.F16From(3)}, 2)))
	for i, want := range []float32{1, 1.5, 2.5, 3} {
		if got := half[i].Float32(); got != want {
			t.Errorf("float16 element %d is %v, want %v", i, got, want)
		}
	}
	nearest := opstest.NewNode("Resize", "", 3, 1)
	y := opstest.Node(t, vision.Ops, nearest, 19, tensor.Vector("a", "b"), nil, f32(2))
	if got := values[string](t, y[0]); !slices.Equal(got, []string{"a", "a", "b", "b"}) {
		t.Errorf("string: %q", got)
	}
}

// TestIntegersSaturate: a cubic overshoots what a byte holds.
func TestIntegersSaturate(t *testing.T) {
	node := opstest.NewNode("Resize", "", 3, 1, opstest.Str("mode", "cubic"))
	y := opstest.Node(t, vision.Ops, node, 19, as(t, []uint8{0, 0, 255, 255}, 4), nil, f32(4))
	got := values[uint8](t, y[0])
	if slices.Min(got) != 0 || slices.Max(got) != 255 || !slices.IsSorted(got) {
		t.Errorf("a step becomes %v", got)
	}
}

// TestGridSampleOutside reads one place in the middle and one far outside.
func TestGridSampleOutside(t *testing.T) {
	x := as(t, []float32{1, 2, 3, 4}, 1, 1, 2, 2)
	nan := float32(math.NaN())
	grid := as(t, []float32{0, 0, 9, 9, nan, 0}, 1, 1, 3, 2)
	for padding, want := range map[string]float32{"zeros": 0, "border": 4} {
		node := opstest.NewNode("GridSample", "", 2, 1, opstest.Str("padding_mode", padding))
		got := values[float32](t, opstest.Node(t, vision.Ops, node, 20, x, grid)[0])
		if got[0] != 2.5 || got[1] != want {
			t.Errorf("%s: %v, want 2.5 and %v", padding, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	image := as(t, make([]float32, 4), 1, 1, 2, 2)
	none := as(t, []float32{}, 1, 1, 0, 2)
	i64 := func(list ...int64) *tensor.Tensor { return as(t, list, len(list)) }
	resize := func(attrs ...*onnx.Attribute) *onnx.Node { return opstest.NewNode("Resize", "", 4, 1, attrs...) }
	tests := []struct {
		name   string
		node   *onnx.Node
		inputs []tensor.Value
	}{
		{"neither scales nor sizes", resize(), []tensor.Value{image}},
		{"both scales and sizes", resize(), []tensor.Value{image, nil, f32(1, 1, 1, 1), i64(1, 1, 2, 2)}},
		{"scales of another rank", resize(), []tensor.Value{image, nil, f32(1, 1)}},
		{"scale of zero", resize(), []tensor.Value{image, nil, f32(1, 1, 0, 1)}},
		{"scale that is no number", resize(), []tensor.Value{image, nil, f32(1, 1, float32(math.NaN()), 1)}},
		{"gigantic scale", resize(), []tensor.Value{image, nil, f32(1, 1, 1e30, 1)}},
		{"negative size", resize(), []tensor.Value{image, nil, nil, i64(1, 1, -2, 2)}},
		{"gigantic sizes", resize(), []tensor.Value{image, nil, nil, i64(1, 1, 1<<30, 1<<30)}},
		{"something from nothing", resize(), []tensor.Value{none, nil, nil, i64(1, 1, 2, 2)}},
		{"axis out of range", resize(opstest.Ints("axes", 4)), []tensor.Value{image, nil, f32(2)}},
		{"axis twice", resize(opstest.Ints("axes", 2, -2)), []tensor.Value{image, nil, f32(2, 2)}},
		{"crop without a region", resize(opstest.Str("coordinate_transformation_mode", "tf_crop_and_resize")), []tensor.Value{image, nil, f32(1, 1, 2, 2)}},
		{"sums of strings", resize(opstest.Str("mode", "linear")), []tensor.Value{tensor.Vector("a"), nil, f32(2)}},
		{"grid of another batch", opstest.NewNode("GridSample", "", 2, 1), []tensor.Value{image, as(t, make([]float32, 4), 2, 1, 1, 2)}},
		{"grid over nothing", opstest.NewNode("GridSample", "", 2, 1), []tensor.Value{none, as(t, make([]float32, 2), 1, 1, 1, 2)}},
		{"matrix of another size", opstest.NewNode("AffineGrid", "", 2, 1), []tensor.Value{as(t, make([]float32, 6), 1, 2, 3), i64(1, 1, 2, 2, 2)}},
		{"region on no map", opstest.NewNode("RoiAlign", "", 3, 1), []tensor.Value{image, as(t, make([]float32, 4), 1, 4), i64(1)}},
		{"gigantic region", opstest.NewNode("RoiAlign", "", 3, 1), []tensor.Value{image, as(t, []float32{0, 0, 1e30, 1e30}, 1, 4), i64(0)}},
		{"region that is no number", opstest.NewNode("RoiAlign", "", 3, 1), []tensor.Value{image, as(t, []float32{0, 0, float32(math.NaN()), 1}, 1, 4), i64(0)}},
		{"scores of other boxes", opstest.NewNode("NonMaxSuppression", "", 2, 1), []tensor.Value{as(t, make([]float32, 8), 1, 2, 4), as(t, make([]float32, 3), 1, 1, 3)}},
		{"no image", opstest.NewNode("ImageDecoder", "", 1, 1), []tensor.Value{as(t, []uint8{1, 2, 3}, 3)}},
		{"image header alone", opstest.NewNode("ImageDecoder", "", 1, 1), []tensor.Value{as(t, []uint8("P6 2 2 255\n"), 11)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if y, err := opstest.Try(vision.Ops, tt.node, 20, tt.inputs...); err == nil {
				t.Errorf("it ran: %v", y)
			}
		})
	}
}

// TestSuppression: boxes 0 and 1 are the same, 2 is elsewhere; of equal scores the
// first is kept.
func TestSuppression(t *testing.T) {
	boxes := as(t, []float32{0, 0, 1, 1, 1, 1, 0, 0, 2, 2, 3, 3}, 1, 3, 4)
	scores := as(t, []float32{0.5, 0.5, 0.4}, 1, 1, 3)
	node := opstest.NewNode("NonMaxSuppression", "", 5, 1)
	tests := []struct {
		name   string
		inputs []tensor.Value
		want   []int64
	}{
		{"none are wanted by default", nil, nil},
		{"both places", []tensor.Value{tensor.Scalar[int64](5), tensor.Scalar[float32](0.5)}, []int64{0, 0, 0, 0, 0, 2}},
		{"one", []tensor.Value{tensor.Scalar[int64](1), tensor.Scalar[float32](0.5)}, []int64{0, 0, 0}},
		{"by score", []tensor.Value{tensor.Scalar[int64](5), tensor.Scalar[float32](0.5), tensor.Scalar[float32](0.4)}, []int64{0, 0, 0}},
	}
	for _, tt := range tests {
		y := opstest.Node(t, vision.Ops, node, 11, append([]tensor.Value{boxes, scores}, tt.inputs...)...)
		if got := values[int64](t, y[0]); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestMaxRoiPool pools regions of the map 0…15, by hand: parts of a region of three
// elements overlap by one when there are two of them.
func TestMaxRoiPool(t *testing.T) {
	data := make([]float32, 16)
	for i := range data {
		data[i] = float32(i)
	}
	x := as(t, data, 1, 1, 4, 4)
	node := opstest.NewNode("MaxRoiPool", "", 2, 1, opstest.Ints("pooled_shape", 2, 2), opstest.Float("spatial_scale", 0.5))
	rois := as(t, []float32{
		0, 0, 0, 4, 4, // elements 0 to 2
		0, 0, 0, 6, 2, // 4 columns, 2 rows
		0, 6, 6, 20, 20, // only the last element lies inside
		0, 2, 2, 2, 2, // one element
	}, 4, 5)
	y := opstest.Node(t, vision.Ops, node, 22, x, rois)
	want := []float32{5, 6, 9, 10, 1, 3, 5, 7, 15, 0, 0, 0, 5, 5, 5, 5}
	if got := values[float32](t, y[0]); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, bad := range map[string]*tensor.Tensor{
		"no such map": as(t, []float32{1, 0, 0, 1, 1}, 1, 5),
		"infinity":    as(t, []float32{float32(math.Inf(1)), 0, 0, 1, 1}, 1, 5),
		"NaN":         as(t, []float32{float32(math.NaN()), 0, 0, 1, 1}, 1, 5),
		"four values": as(t, []float32{0, 0, 1, 1}, 1, 4),
	} {
		if _, err := opstest.Try(vision.Ops, node, 22, x, bad); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
