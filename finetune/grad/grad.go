package grad

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed6700ada1/infer/finetune/grad/emit"
	"github.com/seed6700ada1/infer/finetune/grad/rule"
	"github.com/seed6700ada1/infer/runtime/onnx"
)

// MissingError lists the nodes between trainable values and the loss that have
// no gradient.
type MissingError struct{ Nodes []*onnx.Node }

// Error is one line that names operators and nodes.
func (e *MissingError) Error() string {
	byOp := map[string][]string{}
	for _, n := range e.Nodes {
		op := strings.TrimPrefix(onnx.CanonicalDomain(n.Domain)+"."+n.OpType, ".")
		byOp[op] = append(byOp[op], n.Label())
	}
	var list []string
	for op, nodes := range byOp {
		const shown = 3
		var text strings.Builder
		text.WriteString(fmt.Sprintf("%s (%q", op, nodes[0]))
		for _, n := range nodes[1:min(shown, len(nodes))] {
			text.WriteString(fmt.Sprintf(", %q", n))
		}
		if more := len(nodes) - shown; more > 0 {
			text.WriteString(fmt.Sprintf(" and %d more", more))
		}
		list = append(list, text.String()+")")
	}
	slices.Sort(list)
	return "grad: no gradient for operators between trainable values and the loss: " + strings.Join(list, "; ")
}

// Backward adds to the graph the gradients of a loss, a single number, with
// respect to the values wrt, and names them in the same order. What the loss
// does not depend on has a gradient of zeros.
func Backward(b *emit.Builder, loss string, wrt []string) ([]string, error) {
	p, err := newPath(b, loss, wrt)
	if err != nil {
		return nil, err
	}
	defer b.Prefix(b.Prefix("grad"))
	p.add(loss, b.Filled(loss, 1))
	if err := p.walk(); err != nil {
		return nil, err
	}
	out := make([]string, len(wrt))
	for i, v := range wrt {
		if out[i] = p.total(v); out[i] == "" {
			out[i] = b.Zeros(v)
		}
	}
	return out, b.Err()
}

// path is the part of a graph through which gradients flow: from the trainable
// values to the loss.
type path struct {
	b      *emit.Builder
	rules  *Rules
	nodes  []*onnx.Node    // on the path, in order
	active map[string]bool // values on the path
	flows  map[string][]string
}

// newPath finds the path and sees that each of its nodes has a rule.
func newPath(b *emit.Builder, loss string, wrt []string) (*path, error) {
	p := &path{b: b, rules: AllRules(), flows: map[string][]string{}}
	g := b.Model().Graph
	p.nodes, p.active = between(b, g.Nodes, loss, wrt)
	if len(p.nodes) == 0 && !slices.Contains(wrt, loss) {
		return nil, fmt.Errorf("grad: the loss %q depends on none of the %d trainable values", loss, len(wrt))
	}
	var missing []*onnx.Node
	for _, n := range p.nodes {
		if r := p.rules.Find(n); r == nil || r.Expand != nil {
			missing = append(missing, n)
		}
	}
	if missing != nil {
		return nil, &MissingError{missing}
	}
	return p, nil
}

// between finds the nodes that stand between the values from and the value to,
// and all floating-point values on the way.
func between(b *emit.Builder, nodes []*onnx.Node, to string, from []string) ([]*onnx.Node, map[string]bool) {
	reached := map[string]bool{}
	for _, v := range from {
		reached[v] = true
	}
	isReached := func(v string) bool { return reached[v] }
	for _, n := range nodes {
		if slices.ContainsFunc(reads(n), isReached) {
			for _, o := range n.Outputs {
				// integers and booleans have no derivative; what is not known may have
				if d := b.DType(o); o != "" && (d.IsFloat() || b.Type(o) == nil) {
					reached[o] = true
				}
			}
		}
	}
	useful := map[string]bool{to: true}
	active := map[string]bool{}
	var list []*onnx.Node
	for _, n := range slices.Backward(nodes) {
		used := slices.ContainsFunc(n.Outputs, func(o string) bool { return useful[o] && reached[o] })
		if !used || !slices.ContainsFunc(reads(n), isReached) {
			continue
		}
		list = append(list, n)
		for _, v := range n.Outputs {
			active[v] = active[v] || reached[v] && useful[v]
		}
		for _, v := range reads(n) {
			if v != "" && reached[v] {
				useful[v], active[v] = true, true
			}
		}
	}
	slices.Reverse(list)
	return list, active
}

// reads lists what a node reads, its subgraphs included.
func reads(n *onnx.Node) []string {
	list := n.Inputs
	for g := range n.Subgraphs() {
		list = append(slices.Clip(list), onnx.Captures(g)...)
	}
	return list
}

// walk applies the rules from the loss backwards.
func (p *path) walk() error {
	for _, n := range slices.Backward(p.nodes) {
		r := p.rules.Find(n)
		if r.Constant {
			continue
		}
		grads, some := make([]string, len(n.Outputs)), false
		for i, o := range n.Outputs {
			if o != "" {
				grads[i] = p.total(o)
				some = some || grads[i] != ""
			}
		}
		if !some {
			continue
		}
		want := make([]bool, len(n.Inputs))
		for i, v := range n.Inputs {
			want[i] = v != "" && p.active[v]
		}
		p.b.Prefix("grad/" + n.Label())
		result, err := rule.New(p.b, n, grads, want).Apply(r)
		if err != nil {
			return fmt.Errorf("grad: %w", err)
		}
		for i, g := range result {
			if want[i] && g != "" {
				p.add(n.Inputs[i], g)
			}
		}
	}
	p.b.Prefix("grad")
	return nil
}

// add notes that a gradient flows into a value.
func (p *path) add(value, g string) { p.flows[value] = append(p.flows[value], g) }

// total is the sum of what flowed into a value; "" where nothing did.
func (p *path) total(value string) string {
	flows := p.flows[value]
	if len(flows) > 1 {
		p.flows[value] = []string{p.b.Like(p.b.Total(flows...), value)}
	}
	if len(flows) == 0 {
		return ""
	}
	return p.flows[value][0]
}

// Missing reports, before anything is built, which nodes between the trainable
// values and the loss have no gradient; nil where all have one.
func Missing(m *onnx.Model, loss string, wrt []string) error {
	b, err := emit.New(m)
	if err != nil {
		return err
	}
	nodes, _ := between(b, m.Graph.Nodes, loss, wrt)
	rules := AllRules()
	var missing []*onnx.Node
	for _, n := range nodes {
		if rules.Find(n) == nil {
			missing = append(missing, n)
		}
	}
	if missing != nil {
		return &MissingError{missing}
	}
	return nil
}
