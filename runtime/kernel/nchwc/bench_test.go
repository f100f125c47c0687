package nchwc

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkConv reports GFLOP/s of layers that face detectors are made of, on
// one thread.
func BenchmarkConv(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, l := range []struct {
		name            string
		kind            Kind
		in, out         int
		h, w, k, stride int
	}{
		{"3x3", Dense, 16, 16, 120, 160, 3, 1},
		{"3x3", Dense, 32, 64, 60, 80, 3, 1},
		{"3x3", Dense, 64, 64, 30, 40, 3, 1},
		{"1x1", Dense, 32, 64, 60, 80, 1, 1},
		{"1x1", Dense, 64, 64, 30, 40, 1, 1},
		{"1x1", Dense, 128, 128, 10, 10, 1, 1},
		{"depthwise", Depthwise, 64, 64, 30, 40, 3, 1},
		{"depthwise", Depthwise, 32, 32, 60, 80, 3, 1},
		{"stem", Stem, 3, 16, 240, 320, 3, 2},
	} {
		b.Run(fmt.Sprintf("%s/%dto%d/%dx%d", l.name, l.in, l.out, l.h, l.w), func(b *testing.B) {
			p := Params{
				Kind: l.kind, In: l.in, Out: l.out, KernelH: l.k, KernelW: l.k, StrideH: l.stride, StrideW: l.stride,
				DilationH: 1, DilationW: 1, PadTop: l.k / 2, PadLeft: l.k / 2, Act: NoAct(),
			}
			in := Layout{Channels: l.in, H: l.h, W: l.w, Border: 1}
			out := Layout{Channels: l.out, H: l.h / l.stride, W: l.w / l.stride, Border: 1}
			inputs := l.in
			if l.kind == Depthwise {
				inputs = 1
			}
			c := NewConv(p, random(r, l.out*inputs*l.k*l.k), nil)
			x, y := random(r, in.Len()), random(r, out.Len())
			for b.Loop() {
				c.Run(nil, x, in, nil, y, out)
			}
			flops := 2 * float64(l.out*inputs*l.k*l.k*out.H*out.W)
			b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
