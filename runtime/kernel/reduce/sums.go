package reduce

import (
	"math"

	"github.com/seed6700ada1/infer/runtime/kernel/elementwise"
	"github.com/seed6700ada1/infer/runtime/kernel/vec"
)

// Number lists the element types that are reduced.
type Number = elementwise.Number

// Sum adds up; integers in int64, which wraps around as their own type does.
func Sum[T Number, A float64 | int64]() Fold[T, A, T] {
	return Fold[T, A, T]{Row: sumRow[T, A], Col: sumCol[T, A], Final: func(acc A, _ int) T { return T(acc) }}
}

// Mean is the sum divided by the count: truncated for integers, NaN of nothing
// for floating point and 0 for integers.
func Mean[T Number, A float64 | int64]() Fold[T, A, T] {
	f := Sum[T, A]()
	f.Final = func(acc A, count int) T {
		if integral := A(1)/2 == 0; integral && count == 0 {
			return 0
		}
		return T(acc / A(count))
	}
	return f
}

// SumSquare adds up the squares.
func SumSquare[T Number, A float64 | int64]() Fold[T, A, T] {
	return Fold[T, A, T]{Row: squareRow[T, A], Col: squareCol[T, A], Final: func(acc A, _ int) T { return T(acc) }}
}

// L1 adds up the absolute values.
func L1[T Number, A float64 | int64]() Fold[T, A, T] {
	return Step(0, func(acc A, v T) A {
		if v < 0 {
			return acc - A(v)
		}
		return acc + A(v)
	}, func(acc A, _ int) T { return T(acc) })
}

// Prod multiplies.
func Prod[T Number, A float64 | int64]() Fold[T, A, T] {
	return Step(1, func(acc A, v T) A { return acc * A(v) }, func(acc A, _ int) T { return T(acc) })
}

// L2 is the root of the sum of squares.
func L2[T Number]() Fold[T, float64, T] {
	f := SumSquare[T, float64]()
	f.Final = func(acc float64, _ int) T { return T(math.Sqrt(acc)) }
	return f
}

// LogSum is the logarithm of the sum.
func LogSum[T Number]() Fold[T, float64, T] {
	f := Sum[T, float64]()
	f.Final = func(acc float64, _ int) T { return T(math.Log(acc)) }
	return f
}

// scaled is a sum of exponentials, divided by the largest so that none
// overflows: the sum stands for sum · e^top.
type scaled struct{ top, sum float64 }

// LogSumExp is the logarithm of the sum of exponentials.
func LogSumExp[T Number]() Fold[T, scaled, T] {
	return Step(scaled{top: math.Inf(-1)}, func(acc scaled, v T) scaled {
		switch x := float64(v); {
		case math.IsInf(x, -1): // adds nothing, and cannot be a divisor
			return acc
		case x > acc.top:
			return scaled{x, acc.sum*math.Exp(acc.top-x) + 1}
		case math.IsInf(x, 1): // another one: the difference would be NaN
			return acc
		default:
			return scaled{acc.top, acc.sum + math.Exp(x-acc.top)}
		}
	}, func(acc scaled, _ int) T { return T(acc.top + math.Log(acc.sum)) })
}

// Max is the largest element, NaN where one is; init of nothing.
func Max[T Number](init T) Fold[T, T, T] {
	return Fold[T, T, T]{Init: init, Row: Largest[T], Col: maxCol[T], Final: itself[T]}
}

// Min is the smallest element, NaN where one is; init of nothing.
func Min[T Number](init T) Fold[T, T, T] {
	return Fold[T, T, T]{Init: init, Row: Smallest[T], Col: minCol[T], Final: itself[T]}
}

// Any is whether one is true, All whether all are: the largest and smallest of
// booleans.
func Any() Fold[bool, bool, bool] {
	return Step(false, func(acc, v bool) bool { return acc || v }, itself[bool])
}

// All is whether all are true.
func All() Fold[bool, bool, bool] {
	return Step(true, func(acc, v bool) bool { return acc && v }, itself[bool])
}

func itself[T any](acc T, _ int) T { return acc }

// vectorRow is the length from which a call of a vector function is worth it.
const vectorRow = 32

// sumRow adds in four strands, which the processor works on at once.
func sumRow[T Number, A float64 | int64](acc A, x []T) A {
	if f, ok := any(x).([]float32); ok && len(f) >= vectorRow {
		return acc + A(vec.Total(f))
	}
	var a, b, c A
	for len(x) >= 4 {
		acc += A(x[0])
		a += A(x[1])
		b += A(x[2])
		c += A(x[3])
		x = x[4:]
	}
	for _, v := range x {
		acc += A(v)
	}
	return acc + a + (b + c)
}

func sumCol[T Number, A float64 | int64](acc []A, x []T) {
	acc = acc[:len(x)]
	for i, v := range x {
		acc[i] += A(v)
	}
}

func squareRow[T Number, A float64 | int64](acc A, x []T) A {
	var a A
	for len(x) >= 2 {
		acc += A(x[0]) * A(x[0])
		a += A(x[1]) * A(x[1])
		x = x[2:]
	}
	for _, v := range x {
		acc += A(v) * A(v)
	}
	return acc + a
}

func squareCol[T Number, A float64 | int64](acc []A, x []T) {
	acc = acc[:len(x)]
	for i, v := range x {
		acc[i] += A(v) * A(v)
	}
}

// Largest is the largest of acc and the elements of x, NaN where one is.
func Largest[T Number](acc T, x []T) T {
	a, b, c := acc, acc, acc
	for len(x) >= 4 {
		acc, a, b, c = max(acc, x[0]), max(a, x[1]), max(b, x[2]), max(c, x[3])
		x = x[4:]
	}
	for _, v := range x {
		acc = max(acc, v)
	}
	return max(acc, a, b, c)
}

func maxCol[T Number](acc, x []T) {
	acc = acc[:len(x)]
	for i, v := range x {
		acc[i] = max(acc[i], v)
	}
}

// Smallest is the smallest of acc and the elements of x, NaN where one is.
func Smallest[T Number](acc T, x []T) T {
	a, b, c := acc, acc, acc
	for len(x) >= 4 {
		acc, a, b, c = min(acc, x[0]), min(a, x[1]), min(b, x[2]), min(c, x[3])
		x = x[4:]
	}
	for _, v := range x {
		acc = min(acc, v)
	}
	return min(acc, a, b, c)
}

func minCol[T Number](acc, x []T) {
	acc = acc[:len(x)]
	for i, v := range x {
		acc[i] = min(acc[i], v)
	}
}
