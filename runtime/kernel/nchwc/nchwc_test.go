package nchwc

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed6700ada1/infer/runtime/kernel/pool"
)

// naive is the definition, over planes [In][H][W] with zeros around, in
// float64.
func naive(p Params, x []float32, h, w int, weights, bias, residual []float32, oh, ow int) []float64 {
	y := make([]float64, p.Out*oh*ow)
	for o := range p.Out {
		for r := range oh {
			for c := range ow {
				sum := float64(bias[o])
				inputs := p.In
				if p.Kind == Depthwise {
					inputs = 1
				}
				for i := range inputs {
					from := i
					if p.Kind == Depthwise {
						from = o
					}
					for ky := range p.KernelH {
						for kx := range p.KernelW {
							yy, xx := r*p.StrideH-p.PadTop+ky*p.DilationH, c*p.StrideW-p.PadLeft+kx*p.DilationW
							if yy >= 0 && yy < h && xx >= 0 && xx < w {
								sum += float64(x[(from*h+yy)*w+xx]) * float64(weights[((o*inputs+i)*p.KernelH+ky)*p.KernelW+kx])
							}
						}
					}
				}
				at := (o*oh+r)*ow + c
				if residual != nil {
					sum += float64(residual[at])
				}
				if p.Act.Leaky && sum < 0 {
					sum *= float64(p.Act.Slope)
				}
				y[at] = min(max(sum, float64(p.Act.Lo)), float64(p.Act.Hi))
			}
		}
	}
	return y
}

func random(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = r.Float32()*2 - 1
	}
	return v
}

func TestConv(t *testing.T) {
	inf := float32(math.Inf(1))
	acts := []Act{NoAct(), {Lo: 0, Hi: inf}, {Lo: -0.5, Hi: 0.5}, {Lo: -inf, Hi: inf, Leaky: true, Slope: 0.1}}
	base := Params{KernelH: 3, KernelW: 3, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1, PadTop: 1, PadLeft: 1}
	tests := []struct {
		name string
		h, w int
		set  func(*Params)
	}{
		{"dense 3x3", 9, 13, func(p *Params) { p.In, p.Out = 16, 32 }},
		{"dense odd channels", 7, 30, func(p *Params) { p.In, p.Out = 20, 24 }},
		{"dense one block", 5, 7, func(p *Params) { p.In, p.Out = 33, 16 }},
		{"dense three blocks", 40, 40, func(p *Params) { p.In, p.Out = 16, 40 }},
		{"pointwise", 12, 26, func(p *Params) { p.In, p.Out, p.KernelH, p.KernelW, p.PadTop, p.PadLeft = 40, 64, 1, 1, 0, 0 }},
		{"stride 2", 17, 22, func(p *Params) { p.In, p.Out, p.StrideH, p.StrideW = 16, 32, 2, 2 }},
		{"strides differ", 17, 22, func(p *Params) { p.In, p.Out, p.StrideH, p.StrideW = 16, 32, 3, 1 }},
		{"dilated", 20, 21, func(p *Params) { p.In, p.Out, p.DilationH, p.DilationW, p.PadTop, p.PadLeft = 16, 16, 2, 3, 2, 3 }},
		{"1x5", 8, 20, func(p *Params) { p.In, p.Out, p.KernelH, p.KernelW, p.PadTop, p.PadLeft = 16, 32, 1, 5, 0, 2 }},
		{"stem", 19, 23, func(p *Params) { p.Kind, p.In, p.Out = Stem, 3, 16 }},
		{"stem stride 2", 19, 23, func(p *Params) { p.Kind, p.In, p.Out, p.StrideH, p.StrideW = Stem, 3, 32, 2, 2 }},
		{"stem one channel", 9, 9, func(p *Params) { p.Kind, p.In, p.Out = Stem, 1, 10 }},
		{"depthwise", 11, 25, func(p *Params) { p.Kind, p.In, p.Out = Depthwise, 40, 40 }},
		{"depthwise stride 2", 11, 25, func(p *Params) { p.Kind, p.In, p.Out, p.StrideH, p.StrideW = Depthwise, 32, 32, 2, 2 }},
		{"depthwise 5x5", 11, 25, func(p *Params) {
			p.Kind, p.In, p.Out, p.KernelH, p.KernelW, p.PadTop, p.PadLeft = Depthwise, 16, 16, 5, 5, 2, 2
		}},
	}
	r := rand.New(rand.NewPCG(3, 4))
	for i, tt := range tests {
		p := base
		tt.set(&p)
		p.Act = acts[i%len(acts)]
		for _, residual := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, residual %t", tt.name, residual), func(t *testing.T) {
				checkConv(t, r, p, tt.h, tt.w, residual)
			})
		}
	}
}

func checkConv(t *testing.T, r *rand.Rand, p Params, h, w int, residual bool) {
	t.Helper()
	workers := pool.New(3)
	defer workers.Close()
	in := Layout{Channels: p.In, H: h, W: w, Border: max(p.PadTop, p.PadLeft) + 1}
	oh := (h+2*p.PadTop-p.DilationH*(p.KernelH-1)-1)/p.StrideH + 1
	ow := (w+2*p.PadLeft-p.DilationW*(p.KernelW-1)-1)/p.StrideW + 1
	out := Layout{Channels: p.Out, H: oh, W: ow, Border: 2}
	inputs := p.In
	if p.Kind == Depthwise {
		inputs = 1
	}
	x, weights, bias := random(r, p.In*h*w), random(r, p.Out*inputs*p.KernelH*p.KernelW), random(r, p.Out)
	var planes, blocks []float32
	if residual {
		planes = random(r, p.Out*oh*ow)
		blocks = make([]float32, out.Len())
		ToBlocks(nil, planes, blocks, out)
	}
	want := naive(p, x, h, w, weights, bias, planes, oh, ow)
	var input []float32
	if p.Kind == Stem {
		input = make([]float32, p.In*(h+2*in.Border)*(w+2*in.Border))
		Pad(x, input, p.In, h, w, in.Border)
	} else {
		input = make([]float32, in.Len())
		ToBlocks(nil, x, input, in)
	}
	c := NewConv(p, weights, bias)
	for _, threads := range []*pool.Pool{nil, workers} {
		y := random(r, out.Len())
		c.Run(threads, input, in, blocks, y, out)
		got := make([]float32, p.Out*oh*ow)
		FromBlocks(nil, y, out, got)
		for i := range want {
			if d := math.Abs(float64(got[i]) - want[i]); !(d <= 1e-4) {
				t.Fatalf("value %d is %v, expected %v", i, got[i], want[i])
			}
		}
		checkBorder(t, y, out)
	}
}

func checkBorder(t *testing.T, y []float32, l Layout) {
	t.Helper()
	for b := range l.Blocks() {
		for r := -l.Border; r < l.H+l.Border; r++ {
			for c := -l.Border; c < l.W+l.Border; c++ {
				if r >= 0 && r < l.H && c >= 0 && c < l.W {
					continue
				}
				for i, v := range y[l.At(b, r, c):][:Block] {
					if v != 0 {
						t.Fatalf("border of block %d at %d,%d channel %d is %v", b, r, c, i, v)
					}
				}
			}
		}
	}
}

func TestConvPassesNaNOn(t *testing.T) {
	p := Params{
		In: 16, Out: 32, KernelH: 1, KernelW: 1, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1,
		Act: Act{Lo: 0, Hi: 6},
	}
	l := Layout{Channels: 16, H: 1, W: 5}
	x := make([]float32, l.Len())
	x[l.At(0, 0, 2)+3] = float32(math.NaN())
	out := Layout{Channels: 32, H: 1, W: 5}
	y := make([]float32, out.Len())
	NewConv(p, make([]float32, 32*16), nil).Run(nil, x, l, nil, y, out)
	for i := range 5 {
		if v := y[out.At(1, 0, i)+7]; math.IsNaN(float64(v)) != (i == 2) {
			t.Errorf("pixel %d is %v", i, v)
		}
	}
}

func TestMaxPool(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, m := range []MaxPool{{2, 2, 2, 2}, {3, 3, 1, 1}, {3, 2, 3, 2}, {2, 2, 1, 3}} {
		in := Layout{Channels: 20, H: 13, W: 29, Border: 1}
		out := Layout{Channels: 20, H: (in.H-m.KernelH)/m.StrideH + 1, W: (in.W-m.KernelW)/m.StrideW + 1, Border: 1}
		planes := random(r, in.Channels*in.H*in.W)
		x, y := make([]float32, in.Len()), random(r, out.Len())
		ToBlocks(nil, planes, x, in)
		m.Run(nil, x, in, y, out)
		got := make([]float32, out.Channels*out.H*out.W)
		FromBlocks(nil, y, out, got)
		for c := range in.Channels {
			for oy := range out.H {
				for ox := range out.W {
					want := float32(math.Inf(-1))
					for ky := range m.KernelH {
						for kx := range m.KernelW {
							want = max(want, planes[(c*in.H+oy*m.StrideH+ky)*in.W+ox*m.StrideW+kx])
						}
					}
					if g := got[(c*out.H+oy)*out.W+ox]; g != want {
						t.Fatalf("%+v: channel %d at %d,%d is %v, expected %v", m, c, oy, ox, g, want)
					}
				}
			}
		}
		checkBorder(t, y, out)
	}
}

func TestReorders(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	l := Layout{Channels: 21, H: 3, W: 5, Border: 2}
	planes, blocks := random(r, l.Channels*l.H*l.W), random(r, l.Len())
	ToBlocks(nil, planes, blocks, l)
	checkBorder(t, blocks, l)
	back, pixels := make([]float32, len(planes)), make([]float32, len(planes))
	FromBlocks(nil, blocks, l, back)
	ToPixels(nil, blocks, l, pixels)
	big := Layout{Channels: 21, H: 6, W: 15, Border: 1}
	enlarged := random(r, big.Len())
	Nearest(nil, blocks, l, enlarged, big, 2, 3)
	checkBorder(t, enlarged, big)
	for c := range l.Channels {
		for y := range l.H {
			for x := range l.W {
				want := planes[(c*l.H+y)*l.W+x]
				if got := back[(c*l.H+y)*l.W+x]; got != want {
					t.Fatalf("back at %d,%d,%d: %v, expected %v", c, y, x, got, want)
				}
				if got := pixels[(y*l.W+x)*l.Channels+c]; got != want {
					t.Fatalf("pixel at %d,%d,%d: %v, expected %v", c, y, x, got, want)
				}
				if got := enlarged[big.At(c/Block, 2*y+1, 3*x+2)+c%Block]; got != want {
					t.Fatalf("enlarged at %d,%d,%d: %v, expected %v", c, y, x, got, want)
				}
			}
		}
	}
}
