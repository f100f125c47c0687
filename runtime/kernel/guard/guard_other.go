//go:build !unix

package guard

import "testing"

// Slice makes n elements of zeros. On Unix a page follows that nobody may touch.
func Slice[T any](tb testing.TB, n int) []T {
	tb.Helper()
	return make([]T, n)
}

// Copy is a copy of s in such memory.
func Copy[T any](tb testing.TB, s []T) []T {
	tb.Helper()
	return append([]T(nil), s...)
}
