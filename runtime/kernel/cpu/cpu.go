// Package cpu tells which vector instructions kernels may use.
//
// The answer is found once, when the program starts, and is the only state
// that packages of this project share. The environment variable INFER_CPU
// lowers it: "generic", "avx2" or "avx512". A rung that the machine lacks
// cannot be asked for, and a build with the tag purego has none but the first.
package cpu

import (
	"os"

	"golang.org/x/sys/cpu"
)

// Rung is a step of the ladder of instruction sets; a higher one includes the
// lower ones.
type Rung uint8

// The rungs on amd64.
const (
	Generic Rung = iota // plain Go
	AVX2                // AVX2 and FMA
	AVX512              // AVX-512 F, BW, VL and DQ
)

// String is the rung's name, as INFER_CPU takes it.
func (r Rung) String() string {
	switch r {
	case AVX512:
		return "avx512"
	case AVX2:
		return "avx2"
	default:
		return "generic"
	}
}

var (
	// Level is the highest rung that may be used.
	Level = choose(os.Getenv("INFER_CPU"), detect())
	// VNNI says that AVX-512 is there with its integer dot products.
	VNNI = Level == AVX512 && cpu.X86.HasAVX512VNNI
)

// detect is the highest rung that the build and the machine have.
func detect() Rung {
	switch x := cpu.X86; {
	case !assembly || !x.HasAVX2 || !x.HasFMA:
		return Generic
	case x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ:
		return AVX512
	default:
		return AVX2
	}
}

// choose lowers what the machine has to what was asked for. A name that is none
// changes nothing.
func choose(asked string, has Rung) Rung {
	for r := range has {
		if r.String() == asked {
			return r
		}
	}
	return has
}
