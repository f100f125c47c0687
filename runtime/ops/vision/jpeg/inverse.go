package jpeg

// The constants of the inverse transform of Loeffler, Ligtenberg and Moschytz, in
// 13-bit fixed point.
const (
	fix0298 = 2446
	fix0390 = 3196
	fix0541 = 4433
	fix0765 = 6270
	fix0899 = 7373
	fix1175 = 9633
	fix1501 = 12299
	fix1847 = 15137
	fix1961 = 16069
	fix2053 = 16819
	fix2562 = 20995
	fix3072 = 25172

	constBits = 13
	passBits  = 2 // kept between columns and rows
)

// inverse transforms a block to samples. It does not hurt that coefficients of a
// bad file overflow.
func inverse(b *[64]int32, dst []uint8, stride int) {
	for x := range 8 {
		line(b, x, 8, constBits-passBits)
	}
	for y := range 8 {
		line(b, 8*y, 1, constBits+passBits+3)
		row := dst[y*stride:][:8]
		for x := range row {
			row[x] = uint8(min(max(b[8*y+x]+128, 0), 255))
		}
	}
}

// line transforms eight values, step apart from at on, and drops so many bits.
func line(b *[64]int32, at, step, drop int) {
	v := func(i int) int32 { return b[at+i*step] }
	even := (v(2) + v(6)) * fix0541
	even2, even3 := even-v(6)*fix1847, even+v(2)*fix0765
	even0, even1 := (v(0)+v(4))<<constBits, (v(0)-v(4))<<constBits
	sums := [4]int32{even0 + even3, even1 + even2, even1 - even2, even0 - even3}

	odd0, odd1, odd2, odd3 := v(7), v(5), v(3), v(1)
	z1, z2, z3, z4 := odd0+odd3, odd1+odd2, odd0+odd2, odd1+odd3
	z5 := (z3 + z4) * fix1175
	z1, z2 = -z1*fix0899, -z2*fix2562
	z3, z4 = z5-z3*fix1961, z5-z4*fix0390
	odds := [4]int32{
		odd3*fix1501 + z1 + z4,
		odd2*fix3072 + z2 + z3,
		odd1*fix2053 + z2 + z4,
		odd0*fix0298 + z1 + z3,
	}
	round := int32(1) << (drop - 1)
	for i, s := range sums {
		b[at+i*step] = (s + odds[i] + round) >> drop
		b[at+(7-i)*step] = (s - odds[i] + round) >> drop
	}
}
