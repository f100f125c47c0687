// Package dims is arithmetic with dimensions of which some are only symbols.
//
// A result is a number where both operands are, the same symbol where an
// identity allows it, an expression such as "past + 1" where both are at least
// symbols, and unknown otherwise. Expressions are kept as text in one spelling
// (operands of sums and products sorted, numbers last), so that equal
// expressions that were written alike compare equal.
package dims

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
)

// maxExpr bounds the length of an expression; a longer one is given up as
// unknown.
const maxExpr = 128

// Equal reports whether two dimensions are known to be the same.
func Equal(a, b onnx.Dim) bool {
	if a.IsKnown() || b.IsKnown() {
		return a.Value == b.Value
	}
	return a.Param != "" && a.Param == b.Param
}

// Differ reports whether two dimensions are known not to be the same.
func Differ(a, b onnx.Dim) bool { return a.IsKnown() && b.IsKnown() && a.Value != b.Value }

// number is a known value, which in shape arithmetic may be negative: the
// sizes of [onnx.Dim] are not, so negative ones are given up.
func number(v int64) onnx.Dim {
	if v < 0 {
		return onnx.UnknownDim()
	}
	return onnx.Dim{Value: v}
}

// Add is a + b.
func Add(a, b onnx.Dim) onnx.Dim {
	switch {
	case a.IsKnown() && b.IsKnown():
		return number(a.Value + b.Value)
	case b.IsKnown() && b.Value == 0:
		return a
	case a.IsKnown() && a.Value == 0:
		return b
	}
	return commute(a, b, " + ")
}

// Sub is a - b, unknown where it may be negative.
func Sub(a, b onnx.Dim) onnx.Dim {
	switch {
	case a.IsKnown() && b.IsKnown():
		return number(a.Value - b.Value)
	case b.IsKnown() && b.Value == 0:
		return a
	case Equal(a, b):
		return onnx.Known(0)
	}
	// (x + y) - y is x, for the way past and present lengths are written
	if a.Param != "" && !strings.ContainsAny(a.Param, "()*/-") {
		terms, sub := strings.Split(a.Param, " + "), text(b)
		if i := slices.Index(terms, sub); i >= 0 && len(terms) > 1 {
			return onnx.Symbol(strings.Join(slices.Delete(terms, i, i+1), " + "))
		}
	}
	return binary(a, b, " - ")
}

// Mul is a · b.
func Mul(a, b onnx.Dim) onnx.Dim {
	switch {
	case a.IsKnown() && b.IsKnown():
		if a.Value != 0 && b.Value > (1<<62)/a.Value {
			return onnx.UnknownDim()
		}
		return number(a.Value * b.Value)
	case b.IsKnown() && b.Value <= 1:
		return pick(b.Value == 1, a, b)
	case a.IsKnown() && a.Value <= 1:
		return pick(a.Value == 1, b, a)
	}
	return commute(a, b, "*")
}

// Div is a / b rounded down; unknown where b is 0.
func Div(a, b onnx.Dim) onnx.Dim {
	switch {
	case b.IsKnown() && b.Value == 0:
		return onnx.UnknownDim()
	case a.IsKnown() && b.IsKnown():
		return number(a.Value / b.Value)
	case b.IsKnown() && b.Value == 1:
		return a
	}
	return binary(a, b, "/")
}

// Min is the smaller of a and b, which are sizes.
func Min(a, b onnx.Dim) onnx.Dim {
	switch {
	case a.IsKnown() && b.IsKnown():
		return onnx.Dim{Value: min(a.Value, b.Value)}
	case Equal(a, b):
		return a
	case text(a) == "" || text(b) == "":
		return onnx.UnknownDim()
	case a.IsKnown(): // the number stands last, as in sums and products
		a, b = b, a
	}
	return symbol("min(" + text(a) + ", " + text(b) + ")")
}

// isMinWith reports whether d is the smaller of s and a number above 1. Where d
// and s must be the same, or one of them 1, they are s: if the number is the
// smaller, they are not the same and neither is 1.
func isMinWith(d, s onnx.Dim) bool {
	number, ok := strings.CutPrefix(d.Param, "min("+s.Param+", ")
	number, closed := strings.CutSuffix(number, ")")
	n, err := strconv.Atoi(number)
	return ok && closed && err == nil && n > 1 && s.Param != ""
}

// Product multiplies all of list; 1 where it is empty.
func Product(list []onnx.Dim) onnx.Dim {
	p := onnx.Known(1)
	for _, d := range list {
		p = Mul(p, d)
	}
	return p
}

// Count multiplies all of a shape, or of a part of one that a tensor has, so that it
// cannot overflow; 1 where it is empty.
func Count(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func pick(first bool, a, b onnx.Dim) onnx.Dim {
	if first {
		return a
	}
	return b
}

func text(d onnx.Dim) string {
	if d.IsKnown() {
		return strconv.FormatInt(d.Value, 10)
	}
	return d.Param
}

// commute writes a commutative expression with its operands sorted.
func commute(a, b onnx.Dim, op string) onnx.Dim {
	if text(a) == "" || text(b) == "" {
		return onnx.UnknownDim()
	}
	terms := append(operands(a, op), operands(b, op)...)
	slices.SortFunc(terms, func(x, y string) int {
		nx, ny := isNumber(x), isNumber(y)
		switch {
		case nx && !ny:
			return 1
		case ny && !nx:
			return -1
		}
		return strings.Compare(x, y)
	})
	return symbol(strings.Join(terms, op))
}

func operands(d onnx.Dim, op string) []string {
	s := text(d)
	if strings.ContainsAny(s, "()-/,") || (op == "*" && strings.Contains(s, " + ")) {
		return []string{"(" + s + ")"}
	}
	return strings.Split(s, op)
}

func binary(a, b onnx.Dim, op string) onnx.Dim {
	if text(a) == "" || text(b) == "" {
		return onnx.UnknownDim()
	}
	return symbol(group(a) + op + group(b))
}

func group(d onnx.Dim) string {
	if s := text(d); strings.ContainsAny(s, " */()") {
		return "(" + s + ")"
	}
	return text(d)
}

func symbol(expr string) onnx.Dim {
	if len(expr) > maxExpr {
		return onnx.UnknownDim()
	}
	return onnx.Symbol(expr)
}

func isNumber(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// Broadcast is the shape of the result of an elementwise operator under
// numpy's rules (ONNX, "Multidirectional Broadcasting").
func Broadcast(shapes ...[]onnx.Dim) ([]onnx.Dim, error) {
	rank := 0
	for _, s := range shapes {
		rank = max(rank, len(s))
	}
	out := make([]onnx.Dim, rank)
	for i := range out {
		out[i] = onnx.Known(1)
		for _, s := range shapes {
			k := len(s) - rank + i
			if k < 0 {
				continue
			}
			d, err := broadcastDim(out[i], s[k])
			if err != nil {
				return nil, fmt.Errorf("shapes %s do not broadcast: dimension %d is %w", formatAll(shapes), i, err)
			}
			out[i] = d
		}
	}
	return out, nil
}

func broadcastDim(a, b onnx.Dim) (onnx.Dim, error) {
	one := onnx.Known(1)
	switch {
	case Equal(a, one):
		return b, nil
	case Equal(b, one), Equal(a, b):
		return a, nil
	case a.IsKnown() && b.IsKnown():
		return a, fmt.Errorf("%d and %d", a.Value, b.Value)
	case a.IsKnown(): // the unknown one must turn out to be 1 or a
		return a, nil
	case b.IsKnown():
		return b, nil
	case isMinWith(b, a):
		return a, nil
	case isMinWith(a, b):
		return b, nil
	}
	return onnx.UnknownDim(), nil
}

func formatAll(shapes [][]onnx.Dim) string {
	list := make([]string, len(shapes))
	for i, s := range shapes {
		list[i] = (&onnx.Shape{Dims: s}).String()
	}
	return strings.Join(list, " and ")
}

// Merge joins two opinions of one dimension; it fails where they contradict.
func Merge(a, b onnx.Dim) (onnx.Dim, error) {
	switch {
	case Differ(a, b):
		return a, fmt.Errorf("dimension is both %d and %d", a.Value, b.Value)
	case a.IsKnown() || (a.Param != "" && !b.IsKnown()):
		return a, nil
	}
	return b, nil
}

// Of is a concrete shape as dimensions.
func Of(shape []int) []onnx.Dim {
	out := make([]onnx.Dim, len(shape))
	for i, d := range shape {
		out[i] = onnx.Known(d)
	}
	return out
}

// Concrete is the shape as numbers where all of it is known.
func Concrete(list []onnx.Dim) ([]int, bool) {
	out := make([]int, len(list))
	for i, d := range list {
		if !d.IsKnown() {
			return nil, false
		}
		out[i] = int(d.Value)
	}
	return out, true
}

// Unknown is a shape of that rank with nothing else known.
func Unknown(rank int) []onnx.Dim {
	out := make([]onnx.Dim, rank)
	for i := range out {
		out[i] = onnx.UnknownDim()
	}
	return out
}

// Axis turns an axis that may count from the end into an index below rank.
func Axis(axis int64, rank int) (int, error) {
	if axis < -int64(rank) || axis >= int64(rank) {
		return 0, fmt.Errorf("axis %d is out of range for rank %d", axis, rank)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), nil
}

// Axes is [Axis] for a list, which must not name an axis twice.
func Axes(axes []int, rank int) ([]int, error) {
	out := make([]int, len(axes))
	for i, a := range axes {
		axis, err := Axis(int64(a), rank)
		if err != nil {
			return nil, err
		}
		if slices.Contains(out[:i], axis) {
			return nil, fmt.Errorf("axis %d is named twice", axis)
		}
		out[i] = axis
	}
	return out, nil
}
