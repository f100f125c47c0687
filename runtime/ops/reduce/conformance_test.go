package reduce_test

import (
	"testing"

	"github.com/seed6700ada1/infer/runtime/ops/opstest"
	"github.com/seed6700ada1/infer/runtime/ops/reduce"
)

func TestConformance(t *testing.T) {
	opstest.Conformance(t, reduce.Ops,
		"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
		"ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare", "ArgMax", "ArgMin", "CumSum",
		"TopK", "Softmax", "LogSoftmax", "Hardmax")
}
