package pool

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bed is where a worker sleeps.
//
// The thread sleeps in the kernel, on a futex, and its goroutine with it. A
// goroutine that parks in Go wakes on whichever thread Go starts for it, and the
// kernel starts that one on the processor of the thread that woke it, where it
// waits until the load is balanced, some milliseconds later: in a virtual machine
// it believes that a processor that halted is taken. A thread that slept in the
// kernel wakes where it last ran, and where that is the waker's own processor,
// the waker sends it to another first.
type bed struct {
	asleep atomic.Uint32 // 1 from before the worker sleeps until it is woken
	tid    int           // of the thread that sleeps
	cpu    uint32        // that the thread last ran on
	moved  bool          // the thread may not run on the waker's processor
	mask   unix.CPUSet   // where it may run else
}

const (
	futexWait = 0 | 128 // FUTEX_WAIT_PRIVATE
	futexWake = 1 | 128 // FUTEX_WAKE_PRIVATE
)

func (*bed) init() {}

// lie announces that the worker is going to sleep. Whoever gives it work
// afterwards wakes it.
func (b *bed) lie() {
	b.tid, b.cpu, b.moved = unix.Gettid(), processor(), false
	b.asleep.Store(1)
}

// rise takes back lie.
func (b *bed) rise() {
	if !b.asleep.CompareAndSwap(1, 0) {
		b.sleep() // somebody is at waking it
	}
}

// sleep sleeps until the worker is woken.
func (b *bed) sleep() {
	for b.asleep.Load() != 0 {
		_, _, _ = syscall.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&b.asleep)), futexWait, 1, 0, 0, 0)
	}
	if b.moved {
		_ = unix.SchedSetaffinity(b.tid, &b.mask)
	}
}

// wake wakes the worker where it sleeps.
func (b *bed) wake() {
	if b.asleep.Load() != 1 || !b.asleep.CompareAndSwap(1, 2) {
		return
	}
	if here := processor(); here == b.cpu {
		b.leave(int(here))
	}
	b.asleep.Store(0)
	_, _, _ = syscall.RawSyscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&b.asleep)), futexWake, 1, 0, 0, 0)
}

// leave forbids the sleeping thread one of several processors.
func (b *bed) leave(cpu int) {
	if unix.SchedGetaffinity(b.tid, &b.mask) != nil || b.mask.Count() < 2 || !b.mask.IsSet(cpu) {
		return
	}
	other := b.mask
	other.Clear(cpu)
	b.moved = unix.SchedSetaffinity(b.tid, &other) == nil
}

// processor is the one that the calling thread runs on.
func processor() uint32 {
	var cpu uint32
	_, _, _ = syscall.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0)
	runtime.KeepAlive(&cpu)
	return cpu
}
