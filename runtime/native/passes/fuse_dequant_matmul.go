package passes

import (
	"math/bits"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/floats"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// fuseDequantMatMul keeps quantised weights as they are: a MatMul whose right
// side is a DequantizeLinear of a constant matrix of 4-bit integers, or of a
// large one of 8-bit integers, becomes one com.microsoft.MatMulNBits.
var fuseDequantMatMul = Pass{
	Name: "fuse-dequant-matmul",
	Why:  "as float32, weights take four or eight times the memory and the time to read it",
	Run:  runFuseDequantMatMul,
}

func runFuseDequantMatMul(g *Graph) (int, error) {
	if g.Registry.Find(microsoft, "MatMulNBits", 1) == nil {
		return 0, nil
	}
	made := map[string]*blockWeights{} // by the value that was their float32 form
	count := 0
	for _, product := range g.Nodes() {
		if !Is(product, "MatMul") || len(product.Inputs) != 2 || !isFloat32(g, product.Inputs[0]) {
			continue
		}
		name := product.Inputs[1]
		w := made[name]
		if w == nil {
			if w = readBlockWeights(g, g.Maker(name)); w == nil {
				continue
			}
			w.add(g, name)
			made[name] = w
		}
		product.OpType, product.Domain, product.Inputs = "MatMulNBits", microsoft, append([]string{product.Inputs[0]}, w.names...)
		product.Attributes = []*onnx.Attribute{intAttr("K", w.k), intAttr("N", w.n), intAttr("bits", w.bits), intAttr("block_size", w.block)}
		g.users[name]--
		count++
	}
	if count == 0 {
		return 0, nil
	}
	gone := map[*onnx.Node]bool{}
	for name := range made {
		if g.users[name] == 0 {
			gone[g.Maker(name)] = true
		}
	}
	g.Remove(gone)
	g.RequireOpset(microsoft, 1)
	return count, g.Refresh()
}

// blockWeights is a matrix as MatMulNBits takes it.
type blockWeights struct {
	k, n, bits, block int
	x                 *tensor.Tensor // [k,n]
	scales, zeros     []float32      // [blocks,n], [n] or one; zeros as x has them, nil where there are none
	names             []string       // of the initializers made of them
}

// readBlockWeights reads what a DequantizeLinear makes a matrix of; nil where
// MatMulNBits has no such matrix, or is not worth it.
func readBlockWeights(g *Graph, n *onnx.Node) *blockWeights {
	if !Is(n, "DequantizeLinear") || !isFloat32(g, n.Outputs[0]) {
		return nil
	}
	x, scale := g.Known(n.Inputs[0]).Const, g.Known(n.Inputs[1]).Const
	if x == nil || x.Rank() != 2 || x.Len() == 0 || scale == nil || scale.DType() != tensor.Float32 {
		return nil
	}
	w := &blockWeights{k: x.Dim(0), n: x.Dim(1), x: x}
	switch x.DType() {
	case tensor.Int4, tensor.Uint4:
		w.bits = 4
	case tensor.Int8, tensor.Uint8:
		w.bits = 8
		if x.Len()*4 < growLimit { // small: as float32, it can have bias and activation
			return nil
		}
	default:
		return nil
	}
	if !w.readBlocks(n, scale) {
		return nil
	}
	var err error
	if w.scales, err = tensor.Data[float32](scale); err != nil {
		return nil
	}
	if len(n.Inputs) > 2 && n.Inputs[2] != "" {
		zero := g.Known(n.Inputs[2]).Const
		if zero == nil || zero.Len() != scale.Len() {
			return nil
		}
		if w.zeros, err = floats.View[float32](zero); err != nil {
			return nil
		}
	} else if x.DType() == tensor.Uint4 || x.DType() == tensor.Uint8 {
		w.zeros = make([]float32, len(w.scales))
	}
	return w
}

// minBlock is the smallest block that MatMulNBits has.
const minBlock = 16

// readBlocks finds out how long blocks are; whole columns are one block.
func (w *blockWeights) readBlocks(n *onnx.Node, scale *tensor.Tensor) bool {
	axis := intOf(n, "axis", 1)
	if axis < 0 {
		axis += 2
	}
	size := intOf(n, "block_size", 0)
	if size == 0 {
		w.block = max(minBlock, 1<<bits.Len(uint(w.k-1)))
		return scale.Len() == 1 || scale.Rank() == 1 && scale.Len() == w.n && axis == 1
	}
	w.block = size
	return axis == 0 && size >= minBlock && bits.OnesCount(uint(size)) == 1 &&
		scale.Rank() == 2 && scale.Dim(0) == w.blocks() && scale.Dim(1) == w.n
}

func intOf(n *onnx.Node, name string, def int) int {
	if a := n.Attribute(name); a != nil && a.Type == onnx.AttrInt {
		return int(a.Int)
	}
	return def
}

func (w *blockWeights) blocks() int { return (w.k + w.block - 1) / w.block }

// signed is what moves a signed integer to where an unsigned one is; 0 for those
// that are.
func (w *blockWeights) signed() byte {
	if d := w.x.DType(); d == tensor.Int4 || d == tensor.Int8 {
		return 1 << (w.bits - 1)
	}
	return 0
}

// add makes the initializers.
func (w *blockWeights) add(g *Graph, hint string) {
	blocks, size := w.blocks(), w.block*w.bits/8
	data := make([]uint8, w.n*blocks*size)
	row := make([]uint8, w.n)
	for k := range w.k {
		w.codes(row, k*w.n)
		at, shift := k/w.block*size+k%w.block*w.bits/8, k%(8/w.bits)*w.bits
		for j, q := range row {
			data[j*blocks*size+at] |= q << shift
		}
	}
	scales := make([]float32, w.n*blocks)
	for i := range scales {
		scales[i] = w.of(w.scales, i/blocks, i%blocks)
	}
	w.initializer(g, hint+"/q", tensor.Vector(data...), w.n, blocks, size)
	w.initializer(g, hint+"/scales", tensor.Vector(scales...), w.n, blocks)
	if w.zeros == nil {
		return
	}
	width := (blocks*w.bits + 7) / 8
	zeros := make([]uint8, w.n*width)
	for i := range scales {
		j, bit := i/blocks, i%blocks*w.bits
		zero := byte(int(w.of(w.zeros, j, i%blocks))+int(w.signed())) & (1<<w.bits - 1)
		zeros[j*width+bit/8] |= zero << (bit % 8)
	}
	w.initializer(g, hint+"/zeros", tensor.Vector(zeros...), w.n, width)
}

// initializer adds one of another shape.
func (w *blockWeights) initializer(g *Graph, hint string, t *tensor.Tensor, shape ...int) {
	shaped, err := tensor.Wrap(t.DType(), t.Bytes(), shape...)
	if err != nil {
		return
	}
	w.names = append(w.names, g.AddInitializer(hint, onnx.NewTensor("", shaped)))
}

// of is the value of block b of column j.
func (w *blockWeights) of(values []float32, j, b int) float32 {
	switch len(values) {
	case 1:
		return values[0]
	case w.n:
		return values[j]
	default:
		return values[b*w.n+j]
	}
}

// codes writes the integers from element first on, as unsigned ones.
func (w *blockWeights) codes(dst []uint8, first int) {
	data, flip := w.x.Bytes(), w.signed()
	if w.bits == 8 {
		for i, v := range data[first:][:len(dst)] {
			dst[i] = v ^ flip
		}
		return
	}
	for i := range dst {
		at := first + i
		dst[i] = data[at/2]>>(at%2*4)&15 ^ flip
	}
}
