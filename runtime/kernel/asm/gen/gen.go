// Package gen holds what the generators of kernels share.
package gen

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Rung is a set of vector instructions that kernels are made for.
type Rung struct {
	Name  string // as it ends the names of kernels
	Bytes int    // width of a register
	Vec   func() reg.VecVirtual
}

// The rungs of the ladder on amd64.
var (
	AVX2   = Rung{"AVX2", 32, YMM}
	AVX512 = Rung{"AVX512", 64, ZMM}
)

// Lanes is how many float32 a register holds.
func (r Rung) Lanes() int { return r.Bytes / 4 }

// Zero gives n registers of zeros.
func (r Rung) Zero(n int) []reg.VecVirtual {
	list := make([]reg.VecVirtual, n)
	for i := range list {
		list[i] = r.Vec()
		if r.Bytes == 64 {
			VPXORD(list[i], list[i], list[i])
		} else {
			VXORPS(list[i], list[i], list[i])
		}
	}
	return list
}

// Num is the shortest immediate operand that holds n.
func Num(n int) Op {
	if n < 128 {
		return U8(n)
	}
	return U32(n)
}

// Rows addresses rows that lie a stride in bytes apart, three to a base
// register: base, base+stride, base+2·stride.
type Rows struct {
	bases  []reg.GPVirtual
	stride reg.Register
}

// NewRows computes the base registers for n rows; first becomes one of them.
func NewRows(n int, first reg.GPVirtual, stride reg.Register) Rows {
	r := Rows{bases: []reg.GPVirtual{first}, stride: stride}
	for i := 3; i < n; i += 3 {
		p := GP64()
		LEAQ(Mem{Base: r.bases[len(r.bases)-1], Index: stride, Scale: 2}, p)
		ADDQ(stride, p)
		r.bases = append(r.bases, p)
	}
	return r
}

// At is the operand disp bytes into row i.
func (r Rows) At(i, disp int) Mem {
	m := Mem{Base: r.bases[i/3], Disp: disp}
	if s := i % 3; s > 0 {
		m.Index, m.Scale = r.stride, uint8(s)
	}
	return m
}

// Advance moves all rows by n bytes.
func (r Rows) Advance(n int) {
	for _, b := range r.bases {
		ADDQ(Num(n), b)
	}
}
