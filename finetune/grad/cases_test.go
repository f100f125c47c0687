package grad_test

import "slices"

// gradCases is every case, by family.
func gradCases() []gradCase {
	return slices.Concat(unaryCases(), arithCases(), linearCases(), reduceCases(), normCases(),
		movementCases(), convCases(), poolCases(), affineCases(), attentionCases())
}

// unaryCases are functions of one variable: the operator with its attributes,
// and the range of x.
func unaryCases() []gradCase {
	var list []gradCase
	for _, f := range []struct {
		op        string
		low, high float64
	}{
		{"Neg", -2, 2},
		{"Abs", -2, 2},
		{"Exp", -2, 2},
		{"Log", 0.1, 3},
		{"Sqrt", 0.1, 3},
		{"Reciprocal", 0.3, 3},
		{"Sin", -3, 3},
		{"Cos", -3, 3},
		{"Tan", -1, 1},
		{"Asin", -0.9, 0.9},
		{"Acos", -0.9, 0.9},
		{"Atan", -2, 2},
		{"Sinh", -2, 2},
		{"Cosh", -2, 2},
		{"Asinh", -2, 2},
		{"Acosh", 1.2, 3},
		{"Atanh", -0.9, 0.9},
		{"Tanh", -2, 2},
		{"Sigmoid", -3, 3},
		{"Relu", -2, 2},
		{"LeakyRelu", -2, 2},
		{"LeakyRelu<alpha = 0.3>", -2, 2},
		{"Elu", -2, 2},
		{"Elu<alpha = 0.5>", -2, 2},
		{"Selu", -2, 2},
		{"Celu<alpha = 1.5>", -2, 2},
		{"Softplus", -2, 2},
		{"Softsign", -2, 2},
		{"HardSigmoid", -4, 4},
		{"HardSwish", -5, 5},
		{"Mish", -2, 2},
		{"Erf", -2, 2},
		{"Gelu", -2, 2},
		{`Gelu<approximate = "tanh">`, -2, 2},
		{"ThresholdedRelu", -2, 2},
		{"Shrink<lambd = 0.7, bias = 0.2>", -2, 2},
		{"Identity", -2, 2},
		{"Floor", -2, 2},
		{"Round", -2, 2},
		{"Sign", -2, 2},
		{"Cast<to = 11>", -2, 2},
		{"Dropout", -2, 2},
	} {
		list = append(list, gradCase{
			name: f.op, opset: 22, graph: "(f[2,5] x) => (f[2,5] y) { y = " + f.op + "(x) }",
			values: map[string]any{"x": [2]float64{f.low, f.high}},
		})
	}
	return list
}

func arithCases() []gradCase {
	positive := map[string]any{"x": [2]float64{0.3, 3}, "z": [2]float64{0.3, 2}}
	return []gradCase{
		{name: "Add", graph: "(f[2,3] x, f[2,3] z) => (y) { y = Add(x, z) }"},
		{name: "Add/broadcast", graph: "(f[2,3] x, f[3] z) => (y) { y = Add(x, z) }"},
		{name: "Add/broadcast both", graph: "(f[2,1,3] x, f[4,1] z) => (y) { y = Add(x, z) }"},
		{name: "Add/scalar", graph: "(f[2,3] x, double z) => (y) { y = Add(x, z) }"},
		{name: "Add/symbolic", graph: "(f[a,b] x, f[c] z) => (y) { y = Add(x, z) }"},
		{name: "Add/same twice", graph: "(f[2,3] x) => (y) { y = Add(x, x) }"},
		{name: "Sub", graph: "(f[2,3] x, f[2,1] z) => (y) { y = Sub(x, z) }"},
		{name: "Mul", graph: "(f[2,3] x, f[1,3] z) => (y) { y = Mul(x, z) }"},
		{name: "Div", graph: "(f[2,3] x, f[3] z) => (y) { y = Div(x, z) }", values: positive},
		{name: "Pow", graph: "(f[2,3] x, f[3] z) => (y) { y = Pow(x, z) }", values: positive},
		{name: "Pow/square", graph: "(f[2,3] x, double two = {2}) => (y) { y = Pow(x, two) }"},
		{name: "Pow/cube", graph: "(f[2,3] x, int64 three = {3}) => (y) { y = Pow(x, three) }"},
		{name: "Sum", graph: "(f[2,3] x, f[3] z, f[2,1] w) => (y) { y = Sum(x, z, w) }"},
		{name: "Mean", graph: "(f[2,3] x, f[3] z, f[2,1] w) => (y) { y = Mean(x, z, w) }"},
		{name: "Max", graph: "(f[2,3] x, f[3] z, f[2,1] w) => (y) { y = Max(x, z, w) }"},
		{name: "Min", graph: "(f[2,3] x, f[2,3] z) => (y) { y = Min(x, z) }"},
		{name: "PRelu", graph: "(f[2,3,4] x, f[3,1] z) => (y) { y = PRelu(x, z) }"},
		{
			name: "Where", graph: "(bool[2,3] c, f[2,3] x, f[3] z) => (y) { y = Where(c, x, z) }",
			values: map[string]any{"c": []bool{true, false, true, true, false, false}},
		},
		{name: "Clip", graph: "(f[2,8] x, double lo = {-1}, double hi = {0.5}) => (y) { y = Clip(x, lo, hi) }"},
		{name: "Clip/6", opset: 10, graph: "(f[2,8] x) => (y) { y = Clip<min = -1.0, max = 0.5>(x) }"},
		{
			name: "CastLike", graph: "(float[2,3] like, f[2,3] x) => (f[2,3] y) { a = CastLike(x, like) b = CastLike(a, x) y = Mul(x, x) }",
			values: map[string]any{"like": make([]float32, 6)},
		},
		{name: "Swish", opset: 24, graph: "(f[2,5] x) => (y) { y = Swish<alpha = 1.5>(x) }"},
		{name: "chain", graph: "(f[2,3] x) => (y) { a = Exp(x) b = Mul(a, x) c = Add(a, b) y = Tanh(c) }"},
	}
}

func linearCases() []gradCase {
	return []gradCase{
		{name: "MatMul", graph: "(f[2,3] x, f[3,4] z) => (y) { y = MatMul(x, z) }"},
		{name: "MatMul/stack", graph: "(f[5,2,3] x, f[3,4] z) => (y) { y = MatMul(x, z) }"},
		{name: "MatMul/symbolic stack", graph: "(f[b,t,3] x, f[3,4] z) => (y) { y = MatMul(x, z) }"},
		{name: "MatMul/broadcast", graph: "(f[2,1,2,3] x, f[5,3,4] z) => (y) { y = MatMul(x, z) }"},
		{name: "MatMul/vector left", graph: "(f[3] x, f[3,4] z) => (y) { y = MatMul(x, z) }"},
		{name: "MatMul/vector right", graph: "(f[2,3] x, f[3] z) => (y) { y = MatMul(x, z) }"},
		{name: "MatMul/vectors", graph: "(f[3] x, f[3] z) => (y) { y = MatMul(x, z) }"},
		{name: "Gemm", graph: "(f[2,3] x, f[3,4] z) => (y) { y = Gemm(x, z) }"},
		{name: "Gemm/bias", graph: "(f[2,3] x, f[3,4] z, f[4] w) => (y) { y = Gemm<alpha = 0.5, beta = 2.0>(x, z, w) }"},
		{name: "Gemm/transA", graph: "(f[3,2] x, f[3,4] z, f[2,1] w) => (y) { y = Gemm<transA = 1>(x, z, w) }"},
		{name: "Gemm/transB", graph: "(f[2,3] x, f[4,3] z, f[2,4] w) => (y) { y = Gemm<transB = 1>(x, z, w) }"},
		{name: "Gemm/both", graph: "(f[3,2] x, f[4,3] z, double w) => (y) { y = Gemm<transA = 1, transB = 1, alpha = 0.5>(x, z, w) }"},
		{name: "Einsum/product", graph: `(f[2,3] x, f[3,4] z) => (y) { y = Einsum<equation = "ij,jk->ik">(x, z) }`},
		{name: "Einsum/attention", graph: `(f[2,3,2,4] x, f[2,5,2,4] z) => (y) { y = Einsum<equation = "bqhd,bkhd->bhqk">(x, z) }`},
		{name: "Einsum/sum", graph: `(f[2,3] x) => (y) { y = Einsum<equation = "ij->i">(x) }`},
		{name: "Einsum/implied", graph: `(f[2,3] x, f[3,4] z) => (y) { y = Einsum<equation = "ij,jk">(x, z) }`},
		{name: "Einsum/three", graph: `(f[2,3] x, f[3,4] z, f[4] w) => (y) { y = Einsum<equation = "ij,jk,k->i">(x, z, w) }`},
	}
}

func reduceCases() []gradCase {
	var list []gradCase
	for _, op := range []string{"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp"} {
		var values map[string]any
		if op == "ReduceLogSum" || op == "ReduceProd" {
			values = map[string]any{"x": [2]float64{0.3, 2}}
		}
		list = append(list,
			gradCase{name: op, values: values, graph: "(f[2,3,4] x, int64[2] a = {0, -1}) => (y) { y = " + op + "(x, a) }"},
			gradCase{name: op + "/all, flat", values: values, graph: "(f[2,3] x) => (y) { y = " + op + "<keepdims = 0>(x) }"},
			gradCase{name: op + "/flat", opset: 12, values: values, graph: "(f[2,3,4] x) => (y) { y = " + op + "<axes = [1], keepdims = 0>(x) }"},
		)
	}
	return list
}

func normCases() []gradCase {
	return []gradCase{
		{name: "Softmax", graph: "(f[2,3,4] x) => (y) { y = Softmax(x) }"},
		{name: "Softmax/axis", graph: "(f[2,3,4] x) => (y) { y = Softmax<axis = 1>(x) }"},
		{name: "Softmax/11", opset: 11, graph: "(f[2,3,4] x) => (y) { y = Softmax<axis = 1>(x) }"},
		{name: "LogSoftmax", graph: "(f[2,3,4] x) => (y) { y = LogSoftmax(x) }"},
		{name: "LogSoftmax/11", opset: 11, graph: "(f[2,3,4] x) => (y) { y = LogSoftmax<axis = 1>(x) }"},
	}
}
