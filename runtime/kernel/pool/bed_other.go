//go:build !linux

package pool

import "sync/atomic"

// bed is where a worker sleeps.
type bed struct {
	asleep atomic.Bool
	bell   chan struct{}
}

func (b *bed) init() { b.bell = make(chan struct{}, 1) }

func (b *bed) lie() { b.asleep.Store(true) }

func (b *bed) rise() {
	if !b.asleep.CompareAndSwap(true, false) {
		b.sleep()
	}
}

func (b *bed) sleep() { <-b.bell }

func (b *bed) wake() {
	if b.asleep.CompareAndSwap(true, false) {
		b.bell <- struct{}{}
	}
}
