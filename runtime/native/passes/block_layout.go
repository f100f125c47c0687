package passes

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/kernel/nchwc"
	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/ops/blocked"
)

// blockLayout puts convolutions and what stands between them into blocks of 16
// channels, and reorders only at the borders of these regions.
//
// It works in three steps. First it walks the graph and decides which values
// will be blocked: the results of convolutions that the blocked kernels can do,
// and of nodes that work on blocks alike (pooling, enlarging, elementwise
// operators that keep zeros, concatenation of whole blocks). Then it gives each
// value its border: as wide as the padding of the convolutions that read it,
// values that an elementwise node joins having one in common. Last it rewrites
// the nodes, and puts reorders where a blocked value is read by a node that is
// not, or the other way round; each value is reordered at most once a way.
var blockLayout = Pass{
	Name: "block-layout",
	Why:  "channels side by side fill a vector register, and one layout serves convolution after convolution",
	Run:  runBlockLayout,
}

func runBlockLayout(g *Graph) (int, error) {
	if g.Registry.Find(blocked.Domain, "BlockedConv", 1) == nil {
		return 0, nil
	}
	l := &layouter{g: g, values: map[string]*blockedValue{}, plans: map[*onnx.Node]blockPlan{}}
	for _, n := range g.Nodes() {
		l.decide(n)
	}
	if len(l.plans) == 0 {
		return 0, nil
	}
	g.RequireOpset(blocked.Domain, 1)
	l.rewrite()
	return len(l.plans), g.Refresh()
}

// layouter is the pass at work.
type layouter struct {
	g      *Graph
	values map[string]*blockedValue // by their names outside of blocks
	plans  map[*onnx.Node]blockPlan
	nodes  []*onnx.Node // the graph being written
	// names of reorders made so far
	entered map[reorderKey]string
	left    map[string]string
}

// blockedValue is a value that will be in blocks.
type blockedValue struct {
	channels int
	group    *borderGroup
	name     string // of the blocked tensor, once written
}

// borderGroup is a set of values with one border, found by following next.
type borderGroup struct {
	border int
	next   *borderGroup
}

func (b *borderGroup) root() *borderGroup {
	for b.next != nil {
		b = b.next
	}
	return b
}

// join makes two groups one.
func (b *borderGroup) join(other *borderGroup) {
	x, y := b.root(), other.root()
	if x != y {
		x.border = max(x.border, y.border)
		y.next = x
	}
}

// need widens the border.
func (b *borderGroup) need(border int) {
	r := b.root()
	r.border = max(r.border, border)
}

// blockPlan says how a node will work on blocks: write adds the node that does.
type blockPlan interface {
	write(l *layouter, n *onnx.Node)
}

// decide plans a node, if it can work on blocks.
func (l *layouter) decide(n *onnx.Node) {
	if len(n.Outputs) != 1 {
		return
	}
	for _, plan := range []func(*onnx.Node) (blockPlan, *blockedValue){l.planConv, l.planPool, l.planEnlarge, l.planAlike, l.planConcat} {
		if p, v := plan(n); p != nil {
			l.plans[n], l.values[n.Outputs[0]] = p, v
			return
		}
	}
}

// blockedInput is the blocked value that an input will be; nil where it is not.
func (l *layouter) blockedInput(n *onnx.Node, i int) *blockedValue {
	if i >= len(n.Inputs) {
		return nil
	}
	return l.values[n.Inputs[i]]
}

func (l *layouter) newValue(channels int) *blockedValue {
	return &blockedValue{channels: channels, group: &borderGroup{}}
}

// rewrite writes the graph anew.
func (l *layouter) rewrite() {
	l.entered, l.left = map[reorderKey]string{}, map[string]string{}
	for _, n := range l.g.Nodes() {
		if p := l.plans[n]; p != nil {
			name := n.Outputs[0]
			l.values[name].name = l.g.Fresh(name)
			p.write(l, n)
			if l.g.IsOutput(name) || l.usedInside(name) {
				l.leave(name)
			}
			continue
		}
		if !l.transposed(n) {
			for i, in := range n.Inputs {
				if l.values[in] != nil {
					n.Inputs[i] = l.leave(in)
				}
			}
			l.nodes = append(l.nodes, n)
		}
	}
	l.g.Model.Graph.Nodes = l.nodes
}

// usedInside reports whether a subgraph reads a value: it does so by the name
// that the value has outside of blocks.
func (l *layouter) usedInside(name string) bool {
	for _, n := range l.g.Nodes() {
		for inner := range n.Subgraphs() {
			if slices.Contains(onnx.Captures(inner), name) {
				return true
			}
		}
	}
	return false
}

// reorderKey names a value and the border that it is wanted with.
type reorderKey struct {
	name   string
	border int
}

// enter gives the blocked form of a value that is not, with that border.
func (l *layouter) enter(name string, border int) string {
	key := reorderKey{name, border}
	if l.entered[key] == "" {
		l.entered[key] = l.g.Fresh(name)
		l.add("ToBlocked", []string{name}, l.entered[key], intAttr("border", border))
	}
	return l.entered[key]
}

// leave gives a blocked value its form outside of blocks, under its old name.
func (l *layouter) leave(name string) string {
	if l.left[name] == "" {
		l.left[name] = name
		v := l.values[name]
		l.add("FromBlocked", []string{v.name}, name, intAttr("channels", v.channels), intAttr("border", v.group.root().border))
	}
	return name
}

// transposed writes a Transpose to pixels as a way out of blocks, if n is one.
func (l *layouter) transposed(n *onnx.Node) bool {
	perm := n.Attribute("perm")
	if !Is(n, "Transpose") || l.values[n.Inputs[0]] == nil || perm == nil || !slices.Equal(perm.Ints, []int64{0, 2, 3, 1}) {
		return false
	}
	v := l.values[n.Inputs[0]]
	l.add("FromBlocked", []string{v.name}, n.Outputs[0],
		intAttr("channels", v.channels), intAttr("border", v.group.root().border), stringAttr("layout", "nhwc"))
	return true
}

// add writes a node of the project's domain.
func (l *layouter) add(op string, inputs []string, output string, attrs ...*onnx.Attribute) {
	l.nodes = append(l.nodes, &onnx.Node{
		Name: op + "/" + output, OpType: op, Domain: blocked.Domain,
		Inputs: inputs, Outputs: []string{output}, Attributes: attrs,
	})
}

func intAttr(name string, v int) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrInt, Int: int64(v)}
}

func intsAttr(name string, v ...int) *onnx.Attribute {
	a := &onnx.Attribute{Name: name, Type: onnx.AttrInts, Ints: make([]int64, len(v))}
	for i := range v {
		a.Ints[i] = int64(v[i])
	}
	return a
}

func stringAttr(name, v string) *onnx.Attribute {
	return &onnx.Attribute{Name: name, Type: onnx.AttrString, String: []byte(v)}
}

// wholeBlocks reports whether channels fill their last block.
func wholeBlocks(channels int) bool { return channels%nchwc.Block == 0 }
