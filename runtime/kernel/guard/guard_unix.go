//go:build unix

package guard

import (
	"syscall"
	"testing"
	"unsafe"
)

// Slice makes n elements of zeros that end where a page begins that nobody may
// read or write: a kernel that goes past their end does not go unseen.
func Slice[T any](tb testing.TB, n int) []T {
	tb.Helper()
	var zero T
	size, page := n*int(unsafe.Sizeof(zero)), syscall.Getpagesize()
	pages := (size + page - 1) / page * page
	memory, err := syscall.Mmap(-1, 0, pages+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		tb.Fatalf("guarded memory: %v", err)
	}
	if err := syscall.Mprotect(memory[pages:], syscall.PROT_NONE); err != nil {
		tb.Fatalf("guarded memory: %v", err)
	}
	tb.Cleanup(func() {
		if err := syscall.Munmap(memory); err != nil {
			tb.Errorf("guarded memory: %v", err)
		}
	})
	if n == 0 {
		return []T{}
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&memory[pages-size])), n)
}

// Copy is a copy of s in such memory.
func Copy[T any](tb testing.TB, s []T) []T {
	tb.Helper()
	guarded := Slice[T](tb, len(s))
	copy(guarded, s)
	return guarded
}
