package gen

import (
	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
)

// VPDPBUSD adds to each int32 of acc the four products of unsigned bytes of u
// and signed bytes of s, which may be in memory. The generator's library ends
// before VNNI; the Go assembler knows the instruction.
func VPDPBUSD(s, u, acc Op) {
	Instruction(&ir.Instruction{
		Opcode:   "VPDPBUSD",
		Operands: []Op{s, u, acc},
		Inputs:   []Op{s, u, acc},
		Outputs:  []Op{acc},
		ISA:      []string{"AVX512VNNI"},
	})
}
