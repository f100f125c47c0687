// Package testdata is the short name of [fixture] for tests: see there.
package testdata

import (
	"testing"

	"github.com/seed6700ada1/infer/internal/fixture"
)

// Shared is [fixture.Shared].
func Shared(tb testing.TB, rel string) string {
	tb.Helper()
	return fixture.Shared(tb, rel)
}

// Root is [fixture.Root].
func Root(tb testing.TB) string {
	tb.Helper()
	return fixture.Root(tb)
}

// Golden is [fixture.Golden].
func Golden(tb testing.TB, name string, got []byte) {
	tb.Helper()
	fixture.Golden(tb, name, got)
}
