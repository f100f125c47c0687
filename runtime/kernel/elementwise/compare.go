package elementwise

// Ordered lists the element types that compare with <.
type Ordered interface{ Number }

// Equal is a == b, false where either is NaN.
func Equal[T comparable]() Binary[T, bool] {
	return Binary[T, bool]{
		VV: func(dst []bool, a, b []T) {
			a, b = a[:len(dst)], b[:len(dst)]
			for i := range dst {
				dst[i] = a[i] == b[i]
			}
		},
		VS: equalVS[T],
		SV: func(dst []bool, a T, b []T) { equalVS(dst, b, a) },
	}
}

func equalVS[T comparable](dst []bool, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] == b
	}
}

// Less is a < b.
func Less[T Ordered]() Binary[T, bool] {
	return Binary[T, bool]{VV: lessVV[T], VS: lessVS[T], SV: lessSV[T]}
}

// Greater is a > b.
func Greater[T Ordered]() Binary[T, bool] { return swapped(Less[T]()) }

// LessOrEqual is a <= b.
func LessOrEqual[T Ordered]() Binary[T, bool] {
	return Binary[T, bool]{VV: lessEqualVV[T], VS: lessEqualVS[T], SV: lessEqualSV[T]}
}

// GreaterOrEqual is a >= b.
func GreaterOrEqual[T Ordered]() Binary[T, bool] { return swapped(LessOrEqual[T]()) }

// swapped is op with its inputs exchanged.
func swapped[T, R any](op Binary[T, R]) Binary[T, R] {
	return Binary[T, R]{
		VV: func(dst []R, a, b []T) { op.VV(dst, b, a) },
		VS: func(dst []R, a []T, b T) { op.SV(dst, b, a) },
		SV: func(dst []R, a T, b []T) { op.VS(dst, b, a) },
	}
}

func lessVV[T Ordered](dst []bool, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] < b[i]
	}
}

func lessVS[T Ordered](dst []bool, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] < b
	}
}

func lessSV[T Ordered](dst []bool, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = a < b[i]
	}
}

func lessEqualVV[T Ordered](dst []bool, a, b []T) {
	a, b = a[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] = a[i] <= b[i]
	}
}

func lessEqualVS[T Ordered](dst []bool, a []T, b T) {
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = a[i] <= b
	}
}

func lessEqualSV[T Ordered](dst []bool, a T, b []T) {
	b = b[:len(dst)]
	for i := range dst {
		dst[i] = a <= b[i]
	}
}
