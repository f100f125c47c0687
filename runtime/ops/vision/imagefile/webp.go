package imagefile

import "image"

// webpColors turns the components of a lossy WebP file to RGB, by the equations
// of ITU-R BT.601 (levels 16 to 235) in fixed point.
func webpColors(img *image.YCbCr) *Pixels {
	luma, blue, red := planes(img)
	cb, cr := diamond(blue, luma.width, luma.height), diamond(red, luma.width, luma.height)
	out := newPixels(luma.width, luma.height)
	for y := range luma.height {
		l, b, r := luma.row(y), cb.row(y), cr.row(y)
		dst := out.RGB[3*y*out.Width:][:3*out.Width]
		for x, v := range l {
			y1, u, w := int(v)*19077>>8, int(b[x]), int(r[x])
			dst[3*x] = clamp((y1 + w*26149>>8 - 14234) >> 6)
			dst[3*x+1] = clamp((y1 - u*6419>>8 - w*13320>>8 + 8708) >> 6)
			dst[3*x+2] = clamp((y1 + u*33050>>8 - 17685) >> 6)
		}
	}
	return out
}

// diamond brings a component that has half as many values on both axes to the
// full size: nine parts of the nearest value, three of the next on either axis,
// one of the next on both.
func diamond(p plane, width, height int) plane {
	out := plane{make([]uint8, width*height), width, width, height}
	for y := range height {
		near, far := p.row(y/2), p.row(y/2-1+y%2*2)
		dst := out.row(y)
		for x := range dst {
			i := x / 2
			j := min(max(i-1+x%2*2, 0), p.width-1)
			a, b, c, d := int(near[i]), int(near[j]), int(far[i]), int(far[j])
			between := (a + 3*(b+c) + d + 8) >> 3 // rounded twice, as decoders do
			dst[x] = uint8((between + a) >> 1)
		}
	}
	return out
}
