package jpeg

import "errors"

// zigzag is the place, row by row, of each coefficient in the order of the file.
var zigzag = [64]uint8{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// huffman is a code: for each length, the first code word and where its values
// begin.
type huffman struct {
	first, count, index [17]int
	values              []byte
}

func (d *decoder) defineHuffman(s []byte) error {
	for len(s) > 0 {
		class, id := s[0]>>4, s[0]&15
		if class > 1 || id > 3 || len(s) < 17 {
			return errors.New("jpeg: a Huffman table is not whole")
		}
		h, code, total := new(huffman), 0, 0
		for n := 1; n <= 16; n++ {
			h.first[n], h.count[n], h.index[n] = code, int(s[n]), total
			total += h.count[n]
			if code += h.count[n]; code > 1<<n {
				return errors.New("jpeg: a Huffman table has too many codes")
			}
			code <<= 1
		}
		if total > 256 || len(s) < 17+total {
			return errors.New("jpeg: a Huffman table is not whole")
		}
		h.values = s[17 : 17+total]
		d.tables[class][id] = h
		s = s[17+total:]
	}
	return nil
}

// errEnd says that a scan has fewer bits than its blocks need.
var errEnd = errors.New("jpeg: a scan ends early")

// read reads n bits, at most 16.
func (d *decoder) read(n int) (int, error) {
	for d.nbits < n {
		if d.at >= len(d.data) {
			return 0, errEnd
		}
		b := d.data[d.at]
		d.at++
		if b == 0xff {
			if d.at >= len(d.data) || d.data[d.at] != 0 {
				d.at--
				return 0, errEnd
			}
			d.at++ // a zero stuffed behind
		}
		d.bits = d.bits<<8 | uint32(b)
		d.nbits += 8
	}
	d.nbits -= n
	return int(d.bits>>d.nbits) & (1<<n - 1), nil
}

// symbol reads one value of a code.
func (d *decoder) symbol(h *huffman) (int, error) {
	code := 0
	for n := 1; n <= 16; n++ {
		bit, err := d.read(1)
		if err != nil {
			return 0, err
		}
		code = code<<1 | bit
		if i := code - h.first[n]; i < h.count[n] {
			return int(h.values[h.index[n]+i]), nil
		}
	}
	return 0, errors.New("jpeg: a scan has a code that is in no table")
}

// signed reads a number of n bits, of which the lower half are negative.
func (d *decoder) signed(n int) (int32, error) {
	if n > 16 {
		return 0, errors.New("jpeg: a coefficient has more than 16 bits")
	}
	v, err := d.read(n)
	if n > 0 && v < 1<<(n-1) {
		v -= 1<<n - 1
	}
	return int32(v), err
}
