// Package linear has the rules of matrix products.
package linear

import "github.com/seed6700ada1/infer/finetune/grad/rule"

// Rules is the list of this family.
var Rules = []rule.Rule{matmul, gemm, einsum}
