package imagefile

import "image"

// plane is one component of a picture.
type plane struct {
	pix           []uint8
	stride        int
	width, height int
}

// row is a row, the nearest one where y is beyond the plane.
func (p *plane) row(y int) []uint8 {
	y = min(max(y, 0), p.height-1)
	return p.pix[y*p.stride:][:p.width]
}

// planes are the three components of a picture.
func planes(img *image.YCbCr) (y, cb, cr plane) {
	b := img.Rect
	w, h := b.Dx(), b.Dy()
	cw, ch := w, h
	switch img.SubsampleRatio {
	case image.YCbCrSubsampleRatio422:
		cw = (w + 1) / 2
	case image.YCbCrSubsampleRatio420:
		cw, ch = (w+1)/2, (h+1)/2
	case image.YCbCrSubsampleRatio440:
		ch = (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		cw = (w + 3) / 4
	case image.YCbCrSubsampleRatio410:
		cw, ch = (w+3)/4, (h+1)/2
	default: // 4:4:4, as large as the picture
	}
	y = plane{img.Y[img.YOffset(b.Min.X, b.Min.Y):], img.YStride, w, h}
	at := img.COffset(b.Min.X, b.Min.Y)
	return y, plane{img.Cb[at:], img.CStride, cw, ch}, plane{img.Cr[at:], img.CStride, cw, ch}
}

// smooth brings a component that has half as many values on one axis or both to
// the full size, as decoders of JPEG files do: each value is three parts of the
// nearest and one part of the next. Other ratios repeat the nearest value.
func smooth(p plane, width, height int) plane {
	wide, high := width > p.width, height > p.height
	switch {
	case !wide && !high:
		return p
	case p.width <= 2 && wide, wide && (width+1)/2 != p.width, high && (height+1)/2 != p.height:
		return repeat(p, width, height)
	}
	out := plane{make([]uint8, width*height), width, width, height}
	sums := make([]int, p.width)
	for y := range height {
		if !high {
			for i, v := range p.row(y) {
				sums[i] = int(v)
			}
			widen(out.row(y), sums, 2)
			continue
		}
		other := p.row(y/2 - 1 + y%2*2)
		for i, v := range p.row(y / 2) {
			sums[i] = 3*int(v) + int(other[i])
		}
		if wide {
			widen(out.row(y), sums, 4)
			continue
		}
		for i, s := range sums {
			out.row(y)[i] = uint8((s + 1 + y%2) >> 2)
		}
	}
	return out
}

// widen doubles a row of sums, of 16 parts (shift 4) where they come from two
// rows, rounded by 8 and 7, or of 4 parts, rounded by 1 and 2.
func widen(dst []uint8, sums []int, shift int) {
	left, right := 1, 2
	if shift == 4 {
		left, right = 8, 7
	}
	last := len(sums) - 1
	for x := range dst {
		i := x / 2
		next, round := i-1, left
		if x%2 == 1 {
			next, round = i+1, right
		}
		if next < 0 || next > last {
			next = i
			if shift == 2 {
				round = 0 // the border of a single row is the value itself
			}
		}
		dst[x] = uint8((3*sums[i] + sums[next] + round) >> shift)
	}
}

// repeat brings a component to the full size by repeating its values.
func repeat(p plane, width, height int) plane {
	out := plane{make([]uint8, width*height), width, width, height}
	across, down := max(1, (width+p.width-1)/p.width), max(1, (height+p.height-1)/p.height)
	for y := range height {
		src, dst := p.row(y/down), out.row(y)
		for x := range dst {
			dst[x] = src[min(x/across, p.width-1)]
		}
	}
	return out
}

// subsampled turns components whose chroma may be subsampled to RGB.
func subsampled(img *image.YCbCr) *Pixels {
	luma, blue, red := planes(img)
	return fullRange(luma, smooth(blue, luma.width, luma.height), smooth(red, luma.width, luma.height))
}

// fullRange turns components to RGB by the equations of JFIF, in 16-bit fixed
// point.
func fullRange(luma, cb, cr plane) *Pixels {
	out := newPixels(luma.width, luma.height)
	for y := range luma.height {
		l, b, r := luma.row(y), cb.row(y), cr.row(y)
		dst := out.RGB[3*y*out.Width:][:3*out.Width]
		for x, v := range l {
			u, w := int(b[x])-128, int(r[x])-128
			dst[3*x] = clamp(int(v) + (91881*w+32768)>>16)
			dst[3*x+1] = clamp(int(v) + (-22554*u-46802*w+32768)>>16)
			dst[3*x+2] = clamp(int(v) + (116130*u+32768)>>16)
		}
	}
	return out
}

// interleave brings components that are colours themselves together.
func interleave(p [3]plane) *Pixels {
	out := newPixels(p[0].width, p[0].height)
	for c, from := range p {
		for y := range out.Height {
			dst := out.RGB[3*y*out.Width:]
			for x, v := range from.row(y) {
				dst[3*x+c] = v
			}
		}
	}
	return out
}

func clamp(v int) uint8 { return uint8(min(max(v, 0), 255)) }
