package movement_test

import (
	"math"
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

func TestPad(t *testing.T) {
	row := tensor.Vector[float32](1, 2, 3)
	runCases(t, []testCase{
		{"version 1", "Pad", 1, attrs(opstest.Ints("paddings", 1, 1), opstest.Float("value", 9)), list(row), list(tensor.Vector[float32](9, 1, 2, 3, 9))},
		{"version 2", "Pad", 2, attrs(opstest.Ints("pads", 2, -1), opstest.Str("mode", "edge")), list(row), list(tensor.Vector[float32](1, 1, 1, 2))},
		{"zeros", "Pad", 11, nil, list(ints(1, 2), ints(1, 0)), list(ints(0, 1, 2))},
		{"strings", "Pad", 13, nil, list(tensor.Vector("a"), ints(0, 1), tensor.Scalar("b")), list(tensor.Vector("a", "b"))},
		{"reflect over and over", "Pad", 13, attrs(opstest.Str("mode", "reflect")), list(row, ints(5, 3)), list(tensor.Vector[float32](2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2))},
		{"reflect of one", "Pad", 13, attrs(opstest.Str("mode", "reflect")), list(ints(7), ints(1, 1)), list(ints(7, 7, 7))},
		{"wrap", "Pad", 19, attrs(opstest.Str("mode", "wrap")), list(row, ints(4, 1)), list(tensor.Vector[float32](3, 1, 2, 3, 1, 2, 3, 1))},
		{"wrap in version 18", "Pad", 18, attrs(opstest.Str("mode", "wrap")), list(row, ints(4, 1)), nil},
		{"axes", "Pad", 18, nil, list(of(shape(1, 2), 1, 2.0), ints(1, 0), nil, ints(-1)), list(of(shape(1, 3), 0, 1, 2.0))},
		{"crop", "Pad", 13, nil, list(row, ints(-1, -1)), list(tensor.Vector[float32](2))},
		{"to nothing", "Pad", 13, nil, list(row, ints(-1, -2)), list(tensor.Vector[float32]())},
		{"int4", "Pad", 21, nil, list(packed(tensor.Int4, shape(2), -1, 2), ints(1, 0)), list(packed(tensor.Int4, shape(3), 0, -1, 2))},
		{"less than nothing", "Pad", 13, nil, list(row, ints(-1, -3)), nil},
		{"edge of nothing", "Pad", 13, attrs(opstest.Str("mode", "edge")), list(ints(), ints(1, 0)), nil},
		{"count", "Pad", 13, nil, list(row, ints(1, 1, 1)), nil},
		{"too much", "Pad", 13, nil, list(row, ints(math.MaxInt64, 1)), nil},
		{"much", "Pad", 13, nil, list(row, ints(1<<40, 1)), nil},
		{"fill type", "Pad", 13, nil, list(row, ints(0, 1), tensor.Scalar(1.0)), nil},

		{"crop and pad", "CenterCropPad", 18, nil, list(of(shape(3, 1), 1, 2, 3.0), ints(1, 4)), list(of(shape(1, 4), 0, 2, 0, 0.0))},
		{"negative", "CenterCropPad", 18, nil, list(row, ints(-1)), nil},
		{"counts", "CenterCropPad", 18, nil, list(row, ints(1, 1)), nil},
	})
}

func TestRepeats(t *testing.T) {
	column := of(shape(2, 1), 1, 2.0)
	runCases(t, []testCase{
		{"both ways", "Expand", 8, nil, list(column, ints(1, 2)), list(of(shape(2, 2), 1, 1, 2, 2.0))},
		{"longer", "Expand", 13, nil, list(ints(1, 2), ints(2, 1)), list(of(shape(2, 2), int64(1), 2, 1, 2))},
		{"to nothing", "Expand", 13, nil, list(column, ints(2, 0)), list(of[float64](shape(2, 0)))},
		{"scalar", "Expand", 13, nil, list(tensor.Scalar("a"), ints(2)), list(tensor.Vector("a", "a"))},
		{"misfit", "Expand", 13, nil, list(column, ints(3, 1)), nil},
		{"negative", "Expand", 13, nil, list(column, ints(-1, 1)), nil},
		{"too large", "Expand", 13, nil, list(column, ints(1<<40, 1<<40, 1, 1)), nil},

		{"one axis", "Tile", 1, nil, list(column, tensor.Scalar(2.0), tensor.Scalar(1.0)), list(of(shape(2, 2), 1, 1, 2, 2.0))},
		{"every axis", "Tile", 6, nil, list(of(shape(1, 2), 1, 2.0), ints(2, 2)), list(of(shape(2, 4), 1, 2, 1, 2, 1, 2, 1, 2.0))},
		{"none", "Tile", 13, nil, list(column, ints(0, 3)), list(of[float64](shape(0, 3)))},
		{"uint4", "Tile", 13, nil, list(packed(tensor.Uint4, shape(3), 1, 2, 3), ints(2)), list(packed(tensor.Uint4, shape(6), 1, 2, 3, 1, 2, 3))},
		{"negative", "Tile", 13, nil, list(column, ints(-1, 1)), nil},
		{"counts", "Tile", 13, nil, list(column, ints(1)), nil},
		{"too large", "Tile", 13, nil, list(column, ints(math.MaxInt64, 2)), nil},

		{"in front", "OneHot", 11, attrs(opstest.Int("axis", 0)), list(tensor.Vector[float32](1, -1), tensor.Scalar[int32](2), ints(7, 9)), list(of(shape(2, 2), int64(7), 7, 9, 9))},
		{"negative in version 9", "OneHot", 9, nil, list(ints(-1, 5), tensor.Scalar(2.0), tensor.Vector(false, true)), list(of(shape(2, 2), false, false, false, false))},
		{"strings", "OneHot", 11, nil, list(tensor.Scalar[uint8](1), ints(3), tensor.Vector("off", "on")), list(tensor.Vector("off", "on", "off"))},
		{"negative depth", "OneHot", 11, nil, list(ints(0), ints(-1), ints(0, 1)), nil},
		{"one value", "OneHot", 11, nil, list(ints(0), ints(3), ints(1)), nil},
		{"axis", "OneHot", 11, attrs(opstest.Int("axis", 2)), list(ints(0), ints(3), ints(0, 1)), nil},
	})
}

func TestRearrangements(t *testing.T) {
	image := of(shape(1, 4, 1, 2), 0, 1, 10, 11, 20, 21, 30, 31.0)
	crd := attrs(opstest.Int("blocksize", 2), opstest.Str("mode", "CRD"))
	block := attrs(opstest.Int("blocksize", 2))
	matrix := of(shape(2, 2), 1, 2, 3, 4.0)
	runCases(t, []testCase{
		{"DCR", "DepthToSpace", 1, block, list(image), list(of(shape(1, 1, 2, 4), 0, 10, 1, 11, 20, 30, 21, 31.0))},
		{"CRD", "DepthToSpace", 11, crd, list(image), list(of(shape(1, 1, 2, 4), 0, 10, 1, 11, 20, 30, 21, 31.0))},
		{"CRD in version 1", "DepthToSpace", 1, crd, list(image), nil},
		{"channels", "DepthToSpace", 13, attrs(opstest.Int("blocksize", 3)), list(image), nil},
		{"no block", "DepthToSpace", 13, nil, list(image), nil},
		{"rank", "DepthToSpace", 13, block, list(matrix), nil},
		{"back", "SpaceToDepth", 13, block, list(of(shape(1, 1, 2, 4), 0, 10, 1, 11, 20, 30, 21, 31.0)), list(image)},
		{"back from CRD", "SpaceToDepth", 28, crd, list(of(shape(1, 1, 2, 4), 0, 10, 1, 11, 20, 30, 21, 31.0)), list(image)},
		{"CRD in version 13", "SpaceToDepth", 13, crd, list(image), nil},
		{"odd", "SpaceToDepth", 13, block, list(image), nil},

		{"upper", "Trilu", 14, nil, list(matrix), list(of(shape(2, 2), 1, 2, 0, 4.0))},
		{"lower, far above", "Trilu", 14, attrs(opstest.Int("upper", 0)), list(matrix, tensor.Scalar[int64](math.MaxInt64)), list(matrix)},
		{"upper, far above", "Trilu", 14, nil, list(matrix, tensor.Scalar[int64](math.MaxInt64)), list(of(shape(2, 2), 0, 0, 0, 0.0))},
		{"vector", "Trilu", 14, nil, list(ints(1)), nil},

		{"lengths", "ReverseSequence", 10, nil, list(of(shape(3, 2), 1, 2, 3, 4, 5, 6.0), ints(3, 0)), list(of(shape(3, 2), 5, 2, 3, 4, 1, 6.0))},
		{"too long", "ReverseSequence", 10, nil, list(matrix, ints(3, 1)), nil},
		{"count", "ReverseSequence", 10, nil, list(matrix, ints(1)), nil},
		{"one axis", "ReverseSequence", 10, attrs(opstest.Int("time_axis", 1)), list(matrix, ints(1, 1)), nil},

		{"scalar", "NonZero", 13, nil, list(tensor.Scalar(1.0)), list(of[int64](shape(0, 1)))},
		{"nothing", "NonZero", 9, nil, list(of[float32](shape(2, 0))), list(of[int64](shape(2, 0)))},
		{"coordinates", "NonZero", 13, nil, list(of(shape(2, 2), true, false, true, true)), list(of(shape(2, 3), int64(0), 1, 1, 0, 0, 1))},

		{"strings", "Unique", 11, nil, list(tensor.Vector("b", "a", "b")), list(tensor.Vector("a", "b"), ints(1, 0), ints(1, 0, 1), ints(1, 2))},
		{"columns", "Unique", 11, attrs(opstest.Int("axis", 1)), list(of(shape(2, 3), 2, 1, 2, 0, 5, 0.0)), list(of(shape(2, 2), 1, 2, 5, 0.0), ints(1, 0), ints(1, 0, 1), ints(1, 2))},
		{"nothing", "Unique", 11, nil, list(ints()), list(ints(), ints(), ints(), ints())},
	})
}
