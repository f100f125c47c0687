package onnx

import "slices"

// Clone copies the model so that changing one leaves the other as it is. The
// data of tensors and uninterpreted bytes are shared, and with them the mapped
// files: closing either model closes both.
func (m *Model) Clone() *Model {
	c := *m
	c.Opsets = slices.Clone(m.Opsets)
	c.Graph = m.Graph.Clone()
	c.Metadata = slices.Clone(m.Metadata)
	c.Training = cloneAll(m.Training)
	c.Functions = cloneAll(m.Functions)
	c.Devices = slices.Clone(m.Devices)
	return &c
}

// cloner is a type that can copy itself.
type cloner[T any] interface{ Clone() T }

// cloneAll clones each of a list; nil stays nil.
func cloneAll[T cloner[T]](list []T) []T {
	if list == nil {
		return nil
	}
	out := make([]T, len(list))
	for i, item := range list {
		out[i] = item.Clone()
	}
	return out
}

// Clone copies the graph, sharing the data of tensors; see [Model.Clone].
func (g *Graph) Clone() *Graph {
	if g == nil {
		return nil
	}
	c := *g
	c.Nodes = cloneAll(g.Nodes)
	c.Initializers = cloneAll(g.Initializers)
	c.SparseInitializers = cloneAll(g.SparseInitializers)
	c.Inputs = cloneAll(g.Inputs)
	c.Outputs = cloneAll(g.Outputs)
	c.ValueInfo = cloneAll(g.ValueInfo)
	c.Quantization = slices.Clone(g.Quantization)
	c.Metadata = slices.Clone(g.Metadata)
	return &c
}

// Clone copies the node and what is inside it.
func (n *Node) Clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Inputs = slices.Clone(n.Inputs)
	c.Outputs = slices.Clone(n.Outputs)
	c.Attributes = cloneAll(n.Attributes)
	c.Metadata = slices.Clone(n.Metadata)
	c.Devices = slices.Clone(n.Devices)
	return &c
}

// Clone copies the attribute, graphs included.
func (a *Attribute) Clone() *Attribute {
	if a == nil {
		return nil
	}
	c := *a
	c.String = slices.Clone(a.String)
	c.Tensor = a.Tensor.Clone()
	c.Graph = a.Graph.Clone()
	c.SparseTensor = a.SparseTensor.Clone()
	c.TypeProto = a.TypeProto.Clone()
	c.Floats = slices.Clone(a.Floats)
	c.Ints = slices.Clone(a.Ints)
	c.Strings = slices.Clone(a.Strings)
	c.Tensors = cloneAll(a.Tensors)
	c.Graphs = cloneAll(a.Graphs)
	c.SparseTensors = cloneAll(a.SparseTensors)
	c.TypeProtos = cloneAll(a.TypeProtos)
	return &c
}

// Clone copies the tensor's description and shares its data.
func (t *Tensor) Clone() *Tensor {
	if t == nil {
		return nil
	}
	c := *t
	c.Dims = slices.Clone(t.Dims)
	c.External = slices.Clone(t.External)
	c.Metadata = slices.Clone(t.Metadata)
	return &c
}

// Clone copies the sparse tensor's description and shares its data.
func (s *SparseTensor) Clone() *SparseTensor {
	if s == nil {
		return nil
	}
	c := *s
	c.Values = s.Values.Clone()
	c.Indices = s.Indices.Clone()
	c.Dims = slices.Clone(s.Dims)
	return &c
}

// Clone copies the value's description.
func (v *ValueInfo) Clone() *ValueInfo {
	if v == nil {
		return nil
	}
	c := *v
	c.Type = v.Type.Clone()
	c.Metadata = slices.Clone(v.Metadata)
	return &c
}

// Clone copies the type.
func (t *Type) Clone() *Type {
	if t == nil {
		return nil
	}
	c := *t
	c.Elem = t.Elem.Clone()
	c.Shape = t.Shape.Clone()
	return &c
}

// Clone copies the shape.
func (s *Shape) Clone() *Shape {
	if s == nil {
		return nil
	}
	c := *s
	c.Dims = slices.Clone(s.Dims)
	return &c
}

// Clone copies the function and its body.
func (f *Function) Clone() *Function {
	if f == nil {
		return nil
	}
	c := *f
	c.Inputs = slices.Clone(f.Inputs)
	c.Outputs = slices.Clone(f.Outputs)
	c.Attributes = slices.Clone(f.Attributes)
	c.Defaults = cloneAll(f.Defaults)
	c.Nodes = cloneAll(f.Nodes)
	c.Opsets = slices.Clone(f.Opsets)
	c.ValueInfo = cloneAll(f.ValueInfo)
	c.Metadata = slices.Clone(f.Metadata)
	return &c
}

// Clone copies the training information and its graphs.
func (t *TrainingInfo) Clone() *TrainingInfo {
	if t == nil {
		return nil
	}
	c := *t
	c.Initialization = t.Initialization.Clone()
	c.Algorithm = t.Algorithm.Clone()
	c.InitializationBinding = slices.Clone(t.InitializationBinding)
	c.UpdateBinding = slices.Clone(t.UpdateBinding)
	return &c
}
