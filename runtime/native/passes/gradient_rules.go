package passes

import (
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops"
	"github.com/seed6700ada1/infer/runtime/ops/dims"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// rule emits the derivatives by the inputs of a node, given dy, that by its output.
type rule func(d *differentiation, n *onnx.Node, dy string) error

// gradientRule is the rule of a node's operator; nil where there is none.
func gradientRule(n *onnx.Node) rule {
	if onnx.CanonicalDomain(n.Domain) != "" {
		return nil
	}
	switch n.OpType {
	case "Add":
		return func(d *differentiation, n *onnx.Node, dy string) error {
			return d.both(n, dy, dy)
		}
	case "Sub":
		return func(d *differentiation, n *onnx.Node, dy string) error {
			return d.both(n, dy, d.emit("Neg", dy))
		}
	case "Mul":
		return func(d *differentiation, n *onnx.Node, dy string) error {
			return d.both(n, d.emit("Mul", dy, n.Inputs[1]), d.emit("Mul", dy, n.Inputs[0]))
		}
	case "Div": // y = a/b: dy/b and -dy·y/b
		return func(d *differentiation, n *onnx.Node, dy string) error {
			by := d.emit("Div", dy, n.Inputs[1])
			return d.both(n, by, d.emit("Neg", d.emit("Mul", by, n.Outputs[0])))
		}
	case "MatMul":
		return matMulRule
	case "Shape", "ConstantOfShape", "Sign", "Floor", "Ceil", "Round": // constant, but for jumps
		return func(*differentiation, *onnx.Node, string) error { return nil }
	}
	return unaryRule(n.OpType)
}

// both counts towards both inputs of a node that broadcasts them.
func (d *differentiation) both(n *onnx.Node, da, db string) error {
	if err := d.add(n.Inputs[0], da, n.Outputs[0]); err != nil {
		return err
	}
	return d.add(n.Inputs[1], db, n.Outputs[0])
}

// unaryRule is the rule of a function of each element.
func unaryRule(op string) rule {
	var factor func(d *differentiation, x, y string) (string, error)
	switch op {
	case "Identity":
		return func(d *differentiation, n *onnx.Node, dy string) error { return d.add(n.Inputs[0], dy, n.Outputs[0]) }
	case "Neg":
		return func(d *differentiation, n *onnx.Node, dy string) error {
			return d.add(n.Inputs[0], d.emit("Neg", dy), n.Outputs[0])
		}
	case "Exp":
		factor = func(_ *differentiation, _, y string) (string, error) { return y, nil }
	case "Log":
		factor = func(d *differentiation, x, _ string) (string, error) { return d.emit("Reciprocal", x), nil }
	case "Sin":
		factor = func(d *differentiation, x, _ string) (string, error) { return d.emit("Cos", x), nil }
	case "Cos":
		factor = func(d *differentiation, x, _ string) (string, error) { return d.emit("Neg", d.emit("Sin", x)), nil }
	case "Abs":
		factor = func(d *differentiation, x, _ string) (string, error) { return d.emit("Sign", x), nil }
	case "Relu": // 0 where x is not above 0
		factor = func(d *differentiation, _, y string) (string, error) { return d.emit("Sign", y), nil }
	case "Reciprocal": // -y²
		factor = func(d *differentiation, _, y string) (string, error) { return d.emit("Neg", d.emit("Mul", y, y)), nil }
	case "Sqrt": // 1/(2y)
		factor = func(d *differentiation, _, y string) (string, error) {
			return d.emit("Reciprocal", d.emit("Add", y, y)), nil
		}
	case "Tanh": // 1 - y²
		factor = func(d *differentiation, _, y string) (string, error) {
			one, err := d.number(y, 1)
			return d.emit("Sub", one, d.emit("Mul", y, y)), err
		}
	case "Sigmoid": // y·(1 - y)
		factor = func(d *differentiation, _, y string) (string, error) {
			one, err := d.number(y, 1)
			return d.emit("Mul", y, d.emit("Sub", one, y)), err
		}
	default:
		return nil
	}
	return func(d *differentiation, n *onnx.Node, dy string) error {
		f, err := factor(d, n.Inputs[0], n.Outputs[0])
		if err != nil {
			return err
		}
		return d.add(n.Inputs[0], d.emit("Mul", dy, f), n.Outputs[0])
	}
}

// matMulRule: y = a·b: dy·bᵀ and aᵀ·dy, for matrices and stacks of them.
func matMulRule(d *differentiation, n *onnx.Node, dy string) error {
	var turned [2]string
	var shapes [2][]onnx.Dim
	for i, in := range n.Inputs {
		shape, ok := d.dims(in)
		if !ok || len(shape) < 2 {
			return ops.Unsupported("the derivative of MatMul by %q, which is not known to be of rank 2 or more", in)
		}
		perm := make([]int64, len(shape))
		for k := range perm {
			perm[k] = int64(k)
		}
		last := len(perm) - 1
		perm[last], perm[last-1] = perm[last-1], perm[last]
		turned[i], shapes[i] = d.emit("Transpose", in), shape
		made := d.nodes[len(d.nodes)-1]
		made.Attributes = []*onnx.Attribute{{Name: "perm", Type: onnx.AttrInts, Ints: perm}}
	}
	out, ok := d.dims(n.Outputs[0])
	if !ok {
		return ops.Unsupported("the derivative of MatMul at %q, whose rank is not known", n.Outputs[0])
	}
	products := [2]string{d.emit("MatMul", dy, turned[1]), d.emit("MatMul", turned[0], dy)}
	for i, in := range n.Inputs {
		// A derivative has the stack of y and the matrix of its input.
		matrix := shapes[i][len(shapes[i])-2:]
		full := append(append([]onnx.Dim{}, out[:len(out)-2]...), matrix...)
		like := products[i]
		known := d.g.Known(in)
		known.Type = onnx.TensorOf(known.Type.DType, full...)
		d.g.scope.Set(like, known)
		if err := d.add(in, products[i], like); err != nil {
			return err
		}
	}
	return nil
}

// dims is the shape of a value, where its rank is known.
func (d *differentiation) dims(name string) ([]onnx.Dim, bool) {
	t := d.g.Known(name).Type
	if t == nil || t.Kind != onnx.TypeTensor || t.Shape == nil {
		return nil, false
	}
	return t.Shape.Dims, true
}

// reduce sums a derivative, of the shape of like, over the axes that x was broadcast
// along.
func (d *differentiation) reduce(dx, x, like string) (string, error) {
	to, ok := d.dims(x)
	from, known := d.dims(like)
	if !ok || !known || len(to) > len(from) {
		return "", ops.Unsupported("the gradient by %q, whose shape is not known", x)
	}
	lead := len(from) - len(to)
	var axes []int64
	for i, n := range from {
		switch {
		case i < lead:
			axes = append(axes, int64(i))
		case dims.Equal(n, to[i-lead]):
		case to[i-lead].IsKnown() && to[i-lead].Value == 1:
			axes = append(axes, int64(i))
		default:
			return "", ops.Unsupported("the gradient by %q, of which dimension %d is not known", x, i-lead)
		}
	}
	if axes == nil {
		return dx, nil
	}
	sum := d.sum(dx, axes)
	if lead == 0 {
		return sum, nil
	}
	return d.emit("Reshape", sum, d.emit("Shape", x)), nil
}

// sum emits a ReduceSum that keeps axes, as the model's opset has it.
func (d *differentiation) sum(x string, axes []int64) string {
	if d.g.Model.Opset("") >= 13 {
		return d.emit("ReduceSum", x, d.g.AddInitializer("gradient/axes", onnx.NewTensor("", tensor.Vector(axes...))))
	}
	out := d.emit("ReduceSum", x)
	made := d.nodes[len(d.nodes)-1]
	made.Attributes = []*onnx.Attribute{{Name: "axes", Type: onnx.AttrInts, Ints: axes}}
	return out
}
