//go:build !linux

package cli

import "runtime"

// peakMemory is what the Go runtime took from the system, in bytes: where the
// peak of the process cannot be asked for, this is the nearest.
func peakMemory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
