package nbits

import (
	"encoding/binary"
	"math"
)

// plainPanel is panel for weights as they came.
func (w *Weights) plainPanel(dst []float32, j0, n, k, kc int) {
	clear(dst[:kc*columns])
	blocks := w.Blocks()
	for j := range n {
		first := (j0 + j) * blocks
		data := w.Data[first*w.Block*w.Bits/8:]
		for i := k; i < k+kc; {
			at := first + i/w.Block
			end := min(k+kc, (i/w.Block+1)*w.Block)
			if w.Groups != nil {
				at, end = first+int(w.Groups[i]), i+1
			}
			scale, zero := w.Scales[at], w.zero(at)
			if w.Bits == 4 && i%2 == 0 && end > i+1 {
				end -= end % 2 // the weights of a byte at a time
				unpack4(dst[(i-k)*columns+j:], data[i/2:end/2], scale, zero)
				i = end
				continue
			}
			for ; i < end; i++ {
				dst[(i-k)*columns+j] = (w.bits(data, i) - zero) * scale
			}
		}
	}
}

// zero is the zero point of a block.
func (w *Weights) zero(i int) float32 {
	if w.Zeros != nil {
		return w.Zeros[i]
	}
	return float32(int(1) << (w.Bits - 1))
}

// bits is weight i of a buffer, as an integer.
func (w *Weights) bits(data []byte, i int) float32 {
	per := 8 / w.Bits
	return float32(data[i/per] >> (i % per * w.Bits) & (1<<w.Bits - 1))
}

// unpack4 writes 4-bit weights of a block to a column of a panel, with a table of
// the sixteen values that they can have.
func unpack4(dst []float32, data []byte, scale, zero float32) {
	var table [16]float32
	for q := range table {
		table[q] = (float32(q) - zero) * scale
	}
	for i, b := range data {
		pair := dst[2*i*columns:][:columns+1]
		pair[0], pair[columns] = table[b&15], table[b>>4]
	}
}

// plainRow is what the kernels named row do.
func (l *layout) plainRow(blocks, steps int, a, sums []float32, data []byte, y *[columns]float32) {
	for b := range blocks {
		weights := data[line:]
		for j := range y {
			sum := float32(0)
			for k, x := range a[b*steps*step:][:steps*step] {
				sum += x * l.weight(weights, k, j)
			}
			switch {
			case l.zeros:
				sum += sums[b] * l.asZero(weights[steps*l.stepSize()+j])
			case l.bits == 4:
				sum += sums[b]
			}
			y[j] += sum * scaleOf(data, j)
		}
		data = data[l.blockSize(steps):]
	}
}

// plainUnpack is what the kernels named unpack do.
func (l *layout) plainUnpack(steps int, scales, data []byte, zeros *[columns]byte, dst []float32) {
	for k := range steps * step {
		for j := range columns {
			q := l.weight(data, k, j)
			if l.bits == 4 {
				q *= places[k%step]
			}
			dst[k*columns+j] = (q - l.asZero(zeros[j])) * scaleOf(scales, j)
		}
	}
}

// weight is weight k of column j of the steps in data: a signed byte, or a
// number where it lies in its word.
func (l *layout) weight(data []byte, k, j int) float32 {
	if l.bits == 8 {
		return float32(int8(data[k*columns+j]))
	}
	word := binary.LittleEndian.Uint32(data[(k/step*columns+j)*wordBytes:])
	if k%step == step-1 {
		return float32(word >> 28)
	}
	return float32(word & (15 << (k % step * 4)))
}

// asZero is the zero point that a byte stands for.
func (l *layout) asZero(b byte) float32 {
	if l.bits == 8 {
		return float32(int8(b))
	}
	return float32(b)
}

// scaleOf is the scale of column j of a block.
func scaleOf(block []byte, j int) float32 {
	return math.Float32frombits(binary.LittleEndian.Uint32(block[j*wordBytes:]))
}
