package onnxtext

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed6700ada1/infer/runtime/onnx"
	"github.com/seed6700ada1/infer/runtime/tensor"
)

// mostElements is how many elements of a constant are written out.
const mostElements = 16

// Format writes a model's graph. Constants of more than 16 elements are
// shortened to "{…}", which [Parse] does not read.
func Format(m *onnx.Model) string {
	w := &writer{}
	w.printf("<ir_version: %d, opset_import: [", m.IRVersion)
	for i, o := range m.Opsets {
		w.printf("%s%q: %d", comma(i), o.Domain, o.Version)
	}
	w.printf("]>\n")
	w.graph(m.Graph)
	w.printf("\n")
	return w.b.String()
}

// FormatGraph writes a graph.
func FormatGraph(g *onnx.Graph) string {
	w := &writer{}
	w.graph(g)
	w.printf("\n")
	return w.b.String()
}

type writer struct {
	b      strings.Builder
	indent string
}

func (w *writer) printf(format string, args ...any) { fmt.Fprintf(&w.b, format, args...) }

func comma(i int) string {
	if i == 0 {
		return ""
	}
	return ", "
}

func (w *writer) graph(g *onnx.Graph) {
	w.printf("%s (", name(orDefault(g.Name, "graph")))
	w.values(g.Inputs)
	w.printf(") => (")
	w.values(g.Outputs)
	w.printf(")\n%s", w.indent)
	if len(g.Initializers) > 0 {
		w.printf("<")
		for i, t := range g.Initializers {
			if i > 0 {
				w.printf(",\n%s ", w.indent)
			}
			w.tensor(t, name(t.Name)+" = ")
		}
		w.printf(">\n%s", w.indent)
	}
	w.printf("{\n")
	outer := w.indent
	w.indent += "   "
	for _, n := range g.Nodes {
		w.node(n)
	}
	w.indent = outer
	w.printf("%s}", w.indent)
}

func orDefault(s, def string) string {
	if s == "" {
		return def
	}
	return s
}

func (w *writer) values(list []*onnx.ValueInfo) {
	for i, v := range list {
		w.printf("%s", comma(i))
		if v.Type != nil {
			w.printf("%s ", typ(v.Type))
		}
		w.printf("%s", name(v.Name))
	}
}

// typ writes a type in the syntax's way: a scalar has no brackets, unknown rank
// has empty ones.
func typ(t *onnx.Type) string {
	switch {
	case t.Kind == onnx.TypeSequence:
		return "seq(" + typ(t.Elem) + ")"
	case t.Kind == onnx.TypeOptional:
		return "optional(" + typ(t.Elem) + ")"
	case t.Kind != onnx.TypeTensor:
		return t.String()
	}
	d := dtype(t.DType)
	switch {
	case t.Shape == nil:
		return d + "[]"
	case len(t.Shape.Dims) == 0:
		return d
	}
	parts := make([]string, len(t.Shape.Dims))
	for i, dim := range t.Shape.Dims {
		if parts[i] = dim.String(); !dim.IsKnown() && dim.Param != "" {
			parts[i] = name(dim.Param)
		}
	}
	return d + "[" + strings.Join(parts, ",") + "]"
}

func dtype(d tensor.DType) string {
	switch d {
	case tensor.Float32:
		return "float"
	case tensor.Float64:
		return "double"
	default:
		return d.String()
	}
}

func (w *writer) node(n *onnx.Node) {
	w.printf("%s", w.indent)
	if n.Name != "" {
		w.printf("[%s] ", name(n.Name))
	}
	w.names(n.Outputs)
	op := n.OpType
	if n.Domain != "" {
		op = n.Domain + "." + op
	}
	w.printf(" = %s", op)
	if len(n.Attributes) > 0 {
		w.printf("<")
		for i, a := range n.Attributes {
			w.printf("%s%s", comma(i), a.Name)
			w.attribute(a)
		}
		w.printf(">")
	}
	w.printf("(")
	w.names(n.Inputs)
	w.printf(")\n")
}

func (w *writer) names(list []string) {
	for i, s := range list {
		w.printf("%s%s", comma(i), name(s))
	}
}

func (w *writer) attribute(a *onnx.Attribute) {
	w.printf(" = ")
	switch a.Type {
	case onnx.AttrInt:
		w.printf("%d", a.Int)
	case onnx.AttrFloat:
		w.printf("%s", float(float64(a.Float), 32))
	case onnx.AttrString:
		w.printf("%q", a.String)
	case onnx.AttrInts:
		w.printf("[%s]", join(a.Ints, func(v int64) string { return strconv.FormatInt(v, 10) }))
	case onnx.AttrFloats:
		w.printf("[%s]", join(a.Floats, func(v float32) string { return float(float64(v), 32) }))
	case onnx.AttrStrings:
		w.printf("[%s]", join(a.Strings, func(v []byte) string { return strconv.Quote(string(v)) }))
	case onnx.AttrTensor:
		w.tensor(a.Tensor, "")
	case onnx.AttrGraph:
		w.graph(a.Graph)
	default:
		w.printf("<%v>", a.Type)
	}
}

// tensor writes "type name = {elements}".
func (w *writer) tensor(t *onnx.Tensor, name string) {
	dims := make([]onnx.Dim, len(t.Dims))
	for i, d := range t.Dims {
		dims[i] = onnx.Dim{Value: d}
	}
	w.printf("%s ", typ(onnx.TensorOf(t.DType, dims...)))
	w.printf("%s{%s}", name, elements(t))
}

func elements(t *onnx.Tensor) string {
	v, err := t.Value()
	if err != nil || v.Len() > mostElements {
		return "…"
	}
	switch v.DType() {
	case tensor.Float32:
		data, _ := tensor.Data[float32](v)
		return join(data, func(v float32) string { return float(float64(v), 32) })
	case tensor.Float64:
		data, _ := tensor.Data[float64](v)
		return join(data, func(v float64) string { return float(v, 64) })
	case tensor.String:
		data, _ := tensor.Data[string](v)
		return join(data, strconv.Quote)
	case tensor.Int64:
		return integers[int64](v)
	case tensor.Int32:
		return integers[int32](v)
	case tensor.Uint8:
		return integers[uint8](v)
	case tensor.Int8:
		return integers[int8](v)
	case tensor.Bool:
		data, _ := tensor.Data[bool](v)
		return join(data, func(b bool) string { return map[bool]string{false: "0", true: "1"}[b] })
	default:
		return "…"
	}
}

func integers[T int8 | uint8 | int32 | int64](v *tensor.Tensor) string {
	data, _ := tensor.Data[T](v)
	return join(data, func(v T) string { return strconv.FormatInt(int64(v), 10) })
}

func join[T any](list []T, f func(T) string) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = f(v)
	}
	return strings.Join(parts, ", ")
}

// float writes a number so that it reads as a float again.
func float(v float64, bits int) string {
	s := strconv.FormatFloat(v, 'g', -1, bits)
	switch {
	case strings.ContainsAny(s, ".e"):
		return s
	case s == "NaN":
		return "nan"
	case s == "+Inf" || s == "-Inf":
		return strings.ToLower(strings.TrimPrefix(s, "+"))
	}
	return s + ".0"
}

// name writes a name, quoted where it is no identifier.
func name(s string) string {
	r := newReader(s)
	if s != "" && r.text == s && r.err == nil && !strings.ContainsAny(s[:1], `"0123456789`) {
		return s
	}
	return strconv.Quote(s)
}
