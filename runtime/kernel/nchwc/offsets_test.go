package nchwc

import (
	"testing"
	"unsafe"
)

// TestTileOffsets compares the struct with the offsets that the generator
// (runtime/kernel/asm/nchwc) was written with.
func TestTileOffsets(t *testing.T) {
	var x tile
	for name, pair := range map[string][2]uintptr{
		"in": {unsafe.Offsetof(x.in), 0}, "w": {unsafe.Offsetof(x.w), 8}, "out": {unsafe.Offsetof(x.out), 16},
		"bias": {unsafe.Offsetof(x.bias), 24}, "res": {unsafe.Offsetof(x.res), 32},
		"blocks": {unsafe.Offsetof(x.blocks), 40}, "rows": {unsafe.Offsetof(x.rows), 48}, "taps": {unsafe.Offsetof(x.taps), 56},
		"blockStep": {unsafe.Offsetof(x.blockStep), 64}, "rowStep": {unsafe.Offsetof(x.rowStep), 72},
		"tapStep": {unsafe.Offsetof(x.tapStep), 80}, "next": {unsafe.Offsetof(x.next), 88},
		"inAt": {unsafe.Offsetof(x.inAt), 96}, "outAt": {unsafe.Offsetof(x.outAt), 104},
		"tiles": {unsafe.Offsetof(x.tiles), 112}, "left": {unsafe.Offsetof(x.left), 120}, "lines": {unsafe.Offsetof(x.lines), 128},
		"inLine": {unsafe.Offsetof(x.inLine), 136}, "outLine": {unsafe.Offsetof(x.outLine), 144},
		"lo": {unsafe.Offsetof(x.lo), 152}, "hi": {unsafe.Offsetof(x.hi), 156},
		"slope": {unsafe.Offsetof(x.slope), 160}, "leaky": {unsafe.Offsetof(x.leaky), 164},
		"turns": {unsafe.Offsetof(x.turns), 168}, "lastTurns": {unsafe.Offsetof(x.lastTurns), 176},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is at offset %d, the kernels read it at %d", name, pair[0], pair[1])
		}
	}
}
