//go:build !amd64 || purego

package vec

// Nothing is faster than the plain kernels here.

func fastExp([]float32, []float32) bool                                               { return false }
func fastSigmoid([]float32, []float32) bool                                           { return false }
func fastSilu([]float32, []float32) bool                                              { return false }
func fastTanh([]float32, []float32) bool                                              { return false }
func fastErf([]float32, []float32) bool                                               { return false }
func fastGelu([]float32, []float32) bool                                              { return false }
func fastGeluTanh([]float32, []float32) bool                                          { return false }
func fastSqrt([]float32, []float32) bool                                              { return false }
func fastAdd([]float32, []float32, []float32) bool                                    { return false }
func fastAddVS([]float32, []float32, float32) bool                                    { return false }
func fastAddSV([]float32, []float32, float32) bool                                    { return false }
func fastSub([]float32, []float32, []float32) bool                                    { return false }
func fastSubVS([]float32, []float32, float32) bool                                    { return false }
func fastSubSV([]float32, []float32, float32) bool                                    { return false }
func fastMul([]float32, []float32, []float32) bool                                    { return false }
func fastMulVS([]float32, []float32, float32) bool                                    { return false }
func fastMulSV([]float32, []float32, float32) bool                                    { return false }
func fastDiv([]float32, []float32, []float32) bool                                    { return false }
func fastDivVS([]float32, []float32, float32) bool                                    { return false }
func fastDivSV([]float32, []float32, float32) bool                                    { return false }
func fastSum([]float32) (float32, bool)                                               { return 0, false }
func fastDot([]float32, []float32) (float32, bool)                                    { return 0, false }
func fastSquares([]float32, float32) (float32, bool)                                  { return 0, false }
func fastTotal([]float32) (float64, bool)                                             { return 0, false }
func fastLargest([]float32) (float32, bool)                                           { return 0, false }
func fastExpSum([]float32, []float32, float32) (float32, bool)                        { return 0, false }
func fastNormalize([]float32, []float32, []float32, []float32, float32, float32) bool { return false }
func fastRunning([]float32, int, []float32, []float32) int                            { return 0 }
func fastBlend([]float32, []float32, []float32, float32, float32, float32) bool       { return false }
func fastGate([]float32, []float32, []float32) bool                                   { return false }
func fastRelu([]float32, []float32) bool                                              { return false }
func fastEverySecond([]float32, []float32) int                                        { return 0 }
func fastZip([]float32, []float32, []float32) int                                     { return 0 }
