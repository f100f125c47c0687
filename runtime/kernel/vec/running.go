package vec

// RunningRows is the largest number of rows that [Running] takes at once.
const RunningRows = 16

// maxRunning bounds the length of rows that assembly takes: it is not to be
// interrupted for long.
const maxRunning = 1 << 13

// Running gives the mean of each of len(mean) rows of n values, and the sum of
// the squares of differences from it, by Welford's method: both are brought up
// to date with each value in turn, and each step is rounded. Bits are the same on
// all machines, and those of ONNX Runtime's SkipLayerNormalization.
func Running(x []float32, n int, mean, sum []float32) {
	rows := len(mean)
	x, sum = x[:rows*n], sum[:rows]
	for n > 0 && rows > 0 {
		done := 0
		if n <= maxRunning {
			done = fastRunning(x, n, mean, sum)
		}
		if done == 0 {
			done = plainRunning(x, n, mean, sum)
		}
		x, mean, sum = x[done*n:], mean[done:], sum[done:]
		rows -= done
	}
}

// together is the number of rows that plain Go takes at once: each value waits
// for the one before it, so that one row alone would leave most of the machine
// idle.
const together = 4

// plainRunning is [Running] of the first rows; it returns how many.
func plainRunning(x []float32, n int, mean, sum []float32) int {
	var row [together][]float32
	rows := min(together, len(mean))
	for k := range row {
		i := min(k, rows-1) // the last row serves for those that are not there
		row[k] = x[i*n : (i+1)*n]
	}
	r0, r1, r2, r3 := row[0], row[1][:n], row[2][:n], row[3][:n]
	var m0, m1, m2, m3, s0, s1, s2, s3 float32
	for i, v0 := range r0 {
		count := float32(i + 1)
		v1, v2, v3 := r1[i], r2[i], r3[i]
		d0, d1, d2, d3 := v0-m0, v1-m1, v2-m2, v3-m3
		m0 += d0 / count
		m1 += d1 / count
		m2 += d2 / count
		m3 += d3 / count
		s0 += float32(d0 * (v0 - m0))
		s1 += float32(d1 * (v1 - m1))
		s2 += float32(d2 * (v2 - m2))
		s3 += float32(d3 * (v3 - m3))
	}
	copy(mean[:rows], []float32{m0, m1, m2, m3})
	copy(sum[:rows], []float32{s0, s1, s2, s3})
	return rows
}
