// Package trilu keeps one triangle of matrices and clears the other.
package trilu

// Run copies matrices of rows × cols cells of size bytes each from src to dst,
// which may be the same buffer. Cell (i, j) is kept where upper and j >= i + k,
// or not upper and j <= i + k, and cleared elsewhere.
func Run(dst, src []byte, rows, cols, size, k int, upper bool) {
	stride := cols * size
	if stride == 0 {
		return
	}
	for r := 0; r*stride < len(dst); r++ {
		to, from := dst[r*stride:(r+1)*stride], src[r*stride:(r+1)*stride]
		i := r % rows
		if upper {
			cut := min(max(i+k, 0), cols) * size
			clear(to[:cut])
			copy(to[cut:], from[cut:])
		} else {
			cut := min(max(i+k+1, 0), cols) * size
			copy(to[:cut], from[:cut])
			clear(to[cut:])
		}
	}
}
