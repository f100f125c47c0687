// Package optim has the optimizers, each as a function of ONNX: a model-local
// operator with a body in standard operators, so that any engine can run it.
//
// A function takes a parameter, its gradient, what is kept of the parameter from
// step to step (moments), and numbers that all parameters share, and gives the
// next parameter and moments. The numbers depend on the step and are computed
// once, in float64, since 1 − 0.999ᵗ has no digits left in float32.
package optim

import (
	"fmt"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/onnx/onnxtext"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Domain is the domain of the functions.
const Domain = "infer.optim"

// Optimizer makes steps.
type Optimizer struct {
	Name string
	// Moments names what is kept for each parameter, of its shape, 0 at first.
	Moments []string
	// Decay is the weight decay.
	Decay float64
	// coupled says that the decay is added to the gradient, as in SGD and Adam,
	// and not taken from the parameter, as in AdamW and Lion.
	coupled bool
	// body is the function, with the inputs x, g, the moments and the numbers.
	body string
	// numbers makes what all parameters share, in float64.
	numbers func(n Numbers) []string
}

// Numbers is what the numbers of a step are made from: float64 of rank 0.
type Numbers struct {
	*emit.Builder
	Rate string // the learning rate
	Step string // 1 at the first step
}

// one is the constant 1.
func (n Numbers) one() string { return n.ScalarOf(tensor.Float64, 1) }

// number is a constant.
func (n Numbers) number(v float64) string { return n.ScalarOf(tensor.Float64, v) }

// correction is 1 − βᵗ.
func (n Numbers) correction(beta float64) string {
	return n.Sub(n.one(), n.Pow(n.number(beta), n.Step))
}

// Update is an optimizer at work on one graph.
type Update struct {
	o      *Optimizer
	b      *emit.Builder
	byType map[tensor.DType][]string // the numbers, converted
	raw    []string
	shrink string // 1 − rate·decay
}

// Start adds what all parameters share: the numbers, from the learning rate and
// the count of the step, both of rank 0; and the function.
func (o *Optimizer) Start(b *emit.Builder, rate, step string) (*Update, error) {
	n := Numbers{Builder: b, Rate: b.Cast(rate, tensor.Float64), Step: b.Cast(step, tensor.Float64)}
	u := &Update{o: o, b: b, byType: map[tensor.DType][]string{}, raw: o.numbers(n)}
	if o.Decay != 0 && !o.coupled {
		u.shrink = n.Sub(n.one(), n.Mul(n.Rate, n.number(o.Decay)))
	}
	if err := u.define(); err != nil {
		return nil, err
	}
	return u, b.Err()
}

// define adds the function to the model.
func (u *Update) define() error {
	m := u.b.Model()
	parsed, err := onnxtext.Parse(fmt.Sprintf(`<ir_version: 10, opset_import: ["": %d]> %s %s`, u.b.Opset(), u.o.Name, u.o.body))
	if err != nil {
		return fmt.Errorf("optim: %s: %w", u.o.Name, err)
	}
	f := &onnx.Function{Name: u.o.Name, Domain: Domain, Nodes: parsed.Graph.Nodes, Opsets: parsed.Opsets}
	for _, in := range parsed.Graph.Inputs {
		f.Inputs = append(f.Inputs, in.Name)
	}
	for _, out := range parsed.Graph.Outputs {
		f.Outputs = append(f.Outputs, out.Name)
	}
	m.Functions = append(m.Functions, f)
	if m.Opset(Domain) == 0 {
		m.Opsets = append(m.Opsets, onnx.OpsetID{Domain: Domain, Version: 1})
	}
	return nil
}

// Apply adds the step of one parameter, and returns its next value and those of
// its moments. decay says whether the weight decay is for this one.
func (u *Update) Apply(x, g string, moments []string, decay bool) (next string, nextMoments []string) {
	b := u.b
	numbers, ok := u.byType[b.DType(x)]
	if !ok {
		for _, n := range u.raw {
			numbers = append(numbers, b.CastLike(n, x))
		}
		u.byType[b.DType(x)] = numbers
	}
	from := x
	if decay && u.o.Decay != 0 {
		if u.o.coupled {
			g = b.Add(g, b.Scale(x, u.o.Decay))
		} else {
			from = b.Mul(x, b.CastLike(u.shrink, x))
		}
	}
	inputs := append([]string{from, g}, moments...)
	out := b.Call(Domain, u.o.Name, 1+len(moments), append(inputs, numbers...))
	for _, o := range out {
		b.SetType(o, b.Type(x))
	}
	return out[0], out[1:]
}
