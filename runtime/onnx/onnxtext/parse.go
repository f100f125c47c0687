package onnxtext

import (
	"strconv"
	"text/scanner"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Parse reads a model. Without a header it is of IR version 10 and opset 21.
func Parse(src string) (*onnx.Model, error) {
	r := newReader(src)
	m := &onnx.Model{IRVersion: 10}
	if r.is('<') {
		r.header(m)
	}
	if len(m.Opsets) == 0 {
		m.Opsets = []onnx.OpsetID{{Version: 21}}
	}
	m.Graph = r.graph()
	if r.err == nil && r.tok != scanner.EOF {
		r.fail("found %q after the graph", r.text)
	}
	return m, r.err
}

func (r *reader) header(m *onnx.Model) {
	r.expect('<')
	for r.err == nil && !r.accept('>') {
		key := r.name()
		r.expect(':')
		switch key {
		case "ir_version":
			m.IRVersion = r.integer()
		case "opset_import":
			r.expect('[')
			for r.err == nil && !r.accept(']') {
				domain := r.name()
				r.expect(':')
				m.Opsets = append(m.Opsets, onnx.OpsetID{Domain: domain, Version: r.integer()})
				r.accept(',')
			}
		case "producer_name":
			m.ProducerName = r.name()
		default:
			r.fail("unknown header field %q", key)
		}
		r.accept(',')
	}
}

// graph reads: name (inputs) => (outputs) <initializers and types> { nodes }.
func (r *reader) graph() *onnx.Graph {
	g := &onnx.Graph{Name: r.name()}
	g.Inputs = r.values(g)
	r.expect('=')
	r.expect('>')
	g.Outputs = r.values(g)
	if r.accept('<') {
		for r.err == nil && !r.accept('>') {
			if v := r.value(g); v != nil {
				g.ValueInfo = append(g.ValueInfo, v)
			}
			r.accept(',')
		}
	}
	r.expect('{')
	for r.err == nil && !r.accept('}') {
		g.Nodes = append(g.Nodes, r.node())
	}
	return g
}

// values reads a list in parentheses. A value with a default is an initializer
// too.
func (r *reader) values(g *onnx.Graph) []*onnx.ValueInfo {
	var list []*onnx.ValueInfo
	r.expect('(')
	for r.err == nil && !r.accept(')') {
		before := len(g.Initializers)
		v := r.value(g)
		if v == nil && len(g.Initializers) > before {
			t := g.Initializers[before]
			dims := make([]onnx.Dim, len(t.Dims))
			for i, d := range t.Dims {
				dims[i] = onnx.Known(int(d))
			}
			v = &onnx.ValueInfo{Name: t.Name, Type: onnx.TensorOf(t.DType, dims...)}
		}
		list = append(list, v)
		r.accept(',')
	}
	return list
}

// value reads "type name", or "type name = {…}", which becomes an initializer
// and is returned as nil.
func (r *reader) value(g *onnx.Graph) *onnx.ValueInfo {
	first := r.name()
	if r.is(',') || r.is(')') { // a name without a type
		return &onnx.ValueInfo{Name: first}
	}
	typ := r.typ(first)
	name := r.name()
	if !r.accept('=') {
		return &onnx.ValueInfo{Name: name, Type: typ}
	}
	if t := r.tensor(typ); t != nil {
		t.Name = name
		g.Initializers = append(g.Initializers, t)
	}
	return nil
}

// typ reads the rest of a type whose first word was read.
func (r *reader) typ(word string) *onnx.Type {
	switch word {
	case "seq", "optional":
		r.expect('(')
		elem := r.typ(r.name())
		r.expect(')')
		kind := map[string]onnx.TypeKind{"seq": onnx.TypeSequence, "optional": onnx.TypeOptional}[word]
		return &onnx.Type{Kind: kind, Elem: elem}
	}
	d, err := tensor.ParseDType(word)
	if err != nil {
		r.fail("%q is no element type", word)
		return nil
	}
	t := &onnx.Type{Kind: onnx.TypeTensor, DType: d}
	if !r.accept('[') {
		t.Shape = &onnx.Shape{} // a scalar
		return t
	}
	if r.accept(']') { // "float[]" is of unknown rank
		return t
	}
	t.Shape = &onnx.Shape{}
	for r.err == nil {
		t.Shape.Dims = append(t.Shape.Dims, r.dim())
		if r.accept(']') {
			break
		}
		r.expect(',')
	}
	return t
}

func (r *reader) dim() onnx.Dim {
	switch r.tok {
	case scanner.Int:
		return onnx.Dim{Value: r.integer()}
	case '?':
		r.next()
		return onnx.UnknownDim()
	}
	return onnx.Symbol(r.name())
}

// tensor reads the elements of a constant of a known shape.
func (r *reader) tensor(typ *onnx.Type) *onnx.Tensor {
	t := &onnx.Tensor{}
	if typ == nil || typ.Shape == nil {
		r.fail("a constant needs a shape")
		return nil
	}
	t.DType = typ.DType
	for _, d := range typ.Shape.Dims {
		t.Dims = append(t.Dims, d.Value)
	}
	braces := r.accept('{')
	for r.err == nil && !r.is('}') {
		r.element(t)
		if !braces {
			return t
		}
		if !r.accept(',') {
			break
		}
	}
	r.expect('}')
	return t
}

// element adds one element to the list that fits the type.
func (r *reader) element(t *onnx.Tensor) {
	if t.DType == tensor.String {
		t.Strings = append(t.Strings, []byte(r.name()))
		return
	}
	text, _ := r.number()
	var err error
	switch t.DType {
	case tensor.Float32:
		var v float64
		v, err = strconv.ParseFloat(text, 32)
		t.Floats = append(t.Floats, float32(v))
	case tensor.Float64:
		var v float64
		v, err = strconv.ParseFloat(text, 64)
		t.Doubles = append(t.Doubles, v)
	case tensor.Int64:
		var v int64
		v, err = strconv.ParseInt(text, 0, 64)
		t.Int64s = append(t.Int64s, v)
	case tensor.Uint64, tensor.Uint32:
		var v uint64
		v, err = strconv.ParseUint(text, 0, 64)
		t.Uint64s = append(t.Uint64s, v)
	default:
		var v int64
		v, err = strconv.ParseInt(text, 0, 32)
		t.Int32s = append(t.Int32s, int32(v))
	}
	if err != nil {
		r.fail("%q is no %v", text, t.DType)
	}
}

// node reads: outputs = domain.Op<attributes>(inputs), the domain and the
// attributes being optional. Attributes may also follow the inputs.
func (r *reader) node() *onnx.Node {
	n := &onnx.Node{}
	if r.accept('[') { // a name for the node
		n.Name = r.name()
		r.expect(']')
	}
	for r.err == nil {
		n.Outputs = append(n.Outputs, r.name())
		if !r.accept(',') {
			break
		}
	}
	r.expect('=')
	n.Domain, n.OpType = splitDomain(r.name())
	if r.accept('<') {
		r.attributes(n)
	}
	r.expect('(')
	for r.err == nil && !r.accept(')') {
		n.Inputs = append(n.Inputs, r.name())
		r.accept(',')
	}
	if r.accept('<') {
		r.attributes(n)
	}
	return n
}

func splitDomain(op string) (domain, name string) {
	for i := len(op) - 1; i >= 0; i-- {
		if op[i] == '.' {
			return op[:i], op[i+1:]
		}
	}
	return "", op
}

func (r *reader) attributes(n *onnx.Node) {
	for r.err == nil && !r.accept('>') {
		a := &onnx.Attribute{Name: r.name()}
		if r.accept(':') { // the type is written out: "value : tensor = …"
			r.name()
		}
		r.expect('=')
		r.attribute(a)
		n.Attributes = append(n.Attributes, a)
		r.accept(',')
	}
}

func (r *reader) attribute(a *onnx.Attribute) {
	switch r.tok {
	case '[':
		r.list(a)
	case scanner.String:
		a.Type, a.String = onnx.AttrString, []byte(r.name())
	case scanner.Ident:
		if _, err := tensor.ParseDType(r.text); err == nil {
			a.Type = onnx.AttrTensor
			a.Tensor = r.tensor(r.typ(r.name()))
			return
		}
		a.Type, a.Graph = onnx.AttrGraph, r.graph()
	default:
		text, isInt := r.number()
		if isInt {
			a.Type = onnx.AttrInt
			a.Int, _ = strconv.ParseInt(text, 0, 64)
			return
		}
		a.Type = onnx.AttrFloat
		v, _ := strconv.ParseFloat(text, 32)
		a.Float = float32(v)
	}
}

// list reads an attribute that is a list: of strings, of floats where one of
// the numbers is one, else of integers.
func (r *reader) list(a *onnx.Attribute) {
	r.expect('[')
	a.Type = onnx.AttrInts
	var texts []string
	for r.err == nil && !r.accept(']') {
		if r.is(scanner.String) {
			a.Type = onnx.AttrStrings
			a.Strings = append(a.Strings, []byte(r.name()))
		} else {
			text, isInt := r.number()
			if !isInt {
				a.Type = onnx.AttrFloats
			}
			texts = append(texts, text)
		}
		r.accept(',')
	}
	for _, text := range texts {
		if a.Type == onnx.AttrFloats {
			v, _ := strconv.ParseFloat(text, 32)
			a.Floats = append(a.Floats, float32(v))
		} else {
			v, _ := strconv.ParseInt(text, 0, 64)
			a.Ints = append(a.Ints, v)
		}
	}
}
