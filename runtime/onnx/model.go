package onnx

import (
	"slices"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// Model is a whole file (ModelProto).
type Model struct {
	IRVersion       int64
	Opsets          []OpsetID
	ProducerName    string
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Doc             string
	Graph           *Graph
	Metadata        []StringPair
	Training        []*TrainingInfo
	Functions       []*Function
	Devices         []RawMessage // DeviceConfigurationProto, uninterpreted
	Unknown         []byte       // fields this package does not know, as read

	source  *source // where the bytes came from; nil for a model made in memory
	present presence
}

// OpsetID names the version of an operator domain that a model or function
// uses. The default domain is "", which files may also spell "ai.onnx".
type OpsetID struct {
	Domain  string
	Version int64
	Unknown []byte

	present presence
}

// StringPair is one entry of a metadata list (StringStringEntryProto).
type StringPair struct {
	Key, Value string
	Unknown    []byte

	present presence
}

// RawMessage is a nested message kept as its encoded bytes.
type RawMessage []byte

// Graph is a computation (GraphProto).
type Graph struct {
	Name               string
	Doc                string
	Nodes              []*Node // in topological order
	Initializers       []*Tensor
	SparseInitializers []*SparseTensor
	Inputs, Outputs    []*ValueInfo
	ValueInfo          []*ValueInfo // types of values between
	Quantization       []RawMessage // TensorAnnotation, uninterpreted
	Metadata           []StringPair
	Unknown            []byte

	present presence
}

// Node is one application of an operator or function (NodeProto). An empty
// name in Inputs or Outputs is an optional one left out.
type Node struct {
	Name            string
	OpType          string
	Domain          string
	Overload        string
	Doc             string
	Inputs, Outputs []string
	Attributes      []*Attribute
	Metadata        []StringPair
	Devices         []RawMessage
	Unknown         []byte

	present presence
}

// AttributeType is the type tag of an attribute; the numbers are the
// standard's.
type AttributeType int32

// The attribute types of AttributeProto.
const (
	AttrUndefined     AttributeType = 0
	AttrFloat         AttributeType = 1
	AttrInt           AttributeType = 2
	AttrString        AttributeType = 3
	AttrTensor        AttributeType = 4
	AttrGraph         AttributeType = 5
	AttrFloats        AttributeType = 6
	AttrInts          AttributeType = 7
	AttrStrings       AttributeType = 8
	AttrTensors       AttributeType = 9
	AttrGraphs        AttributeType = 10
	AttrSparseTensor  AttributeType = 11
	AttrSparseTensors AttributeType = 12
	AttrType          AttributeType = 13
	AttrTypes         AttributeType = 14
)

// Attribute is a named constant of a node (AttributeProto). Only the field that
// Type names is meaningful. RefName, inside a function's body, names the
// function attribute that the value comes from.
type Attribute struct {
	Name          string
	RefName       string
	Doc           string
	Type          AttributeType
	Float         float32
	Int           int64
	String        []byte
	Tensor        *Tensor
	Graph         *Graph
	SparseTensor  *SparseTensor
	TypeProto     *Type
	Floats        []float32
	Ints          []int64
	Strings       [][]byte
	Tensors       []*Tensor
	Graphs        []*Graph
	SparseTensors []*SparseTensor
	TypeProtos    []*Type
	Unknown       []byte

	present presence
}

// ValueInfo is the name and type of an edge of the graph (ValueInfoProto). Type
// is nil where the file says nothing.
type ValueInfo struct {
	Name     string
	Type     *Type
	Doc      string
	Metadata []StringPair
	Unknown  []byte
}

// TypeKind tells the alternatives of [Type] apart.
type TypeKind uint8

// The alternatives of TypeProto.
const (
	TypeNone TypeKind = iota
	TypeTensor
	TypeSequence
	TypeMap
	TypeOptional
	TypeSparseTensor
	TypeOpaque
)

// Type is the type of a value (TypeProto).
type Type struct {
	Kind       TypeKind
	DType      tensor.DType // element type of a tensor or sparse tensor, key type of a map
	Shape      *Shape       // of a tensor; nil where not even the rank is known
	Elem       *Type        // of a sequence, optional, or a map's values
	Denotation string
	Opaque     RawMessage // the Opaque message, where Kind says so
	Unknown    []byte

	// InnerUnknown holds the unknown fields of the message of the alternative,
	// such as TypeProto.Tensor.
	InnerUnknown []byte
}

// Shape is a list of dimensions, each of which may be unknown.
type Shape struct {
	Dims    []Dim
	Unknown []byte
}

// Dim is one dimension: a number, a symbol, or nothing known. The zero Dim is
// the known dimension 0; use [Known], [Symbol] and [UnknownDim].
type Dim struct {
	Value      int64  // the size where it is known, else negative
	Param      string // the symbol where it is not, possibly an expression such as "past + 1"
	Denotation string
	Unknown    []byte
}

// Known is a dimension of n.
func Known(n int) Dim { return Dim{Value: int64(n)} }

// Symbol is a dimension known by name only.
func Symbol(name string) Dim { return Dim{Value: -1, Param: name} }

// UnknownDim is a dimension of which nothing is known.
func UnknownDim() Dim { return Dim{Value: -1} }

// IsKnown reports whether the size is a number.
func (d Dim) IsKnown() bool { return d.Value >= 0 }

// IsNamed reports whether the size is a symbol, which stands for one size
// wherever it is written. "?" is none: exporters write it for each size that
// they know nothing of.
func (d Dim) IsNamed() bool { return d.Value < 0 && d.Param != "" && d.Param != "?" }

// TensorOf is the type of a tensor with that element type and those
// dimensions.
func TensorOf(d tensor.DType, dims ...Dim) *Type {
	return &Type{Kind: TypeTensor, DType: d, Shape: &Shape{Dims: dims}}
}

// SparseTensor is a tensor as its values other than zero and their places
// (SparseTensorProto).
type SparseTensor struct {
	Values  *Tensor // rank 1; its name is the name of the sparse tensor
	Indices *Tensor // int64, linear [n] or coordinates [n, rank]
	Dims    []int64
	Unknown []byte
}

// Function is a model-local operator with a body (FunctionProto).
type Function struct {
	Name            string
	Domain          string
	Overload        string
	Doc             string
	Inputs, Outputs []string
	Attributes      []string     // without a default
	Defaults        []*Attribute // with one
	Nodes           []*Node
	Opsets          []OpsetID
	ValueInfo       []*ValueInfo
	Metadata        []StringPair
	Unknown         []byte

	present presence
}

// TrainingInfo describes how a model is trained (TrainingInfoProto).
type TrainingInfo struct {
	Initialization        *Graph
	Algorithm             *Graph
	InitializationBinding []StringPair
	UpdateBinding         []StringPair
	Unknown               []byte
}

// Opset is the version of a domain that the model imports; 0 where it does
// not. The names "" and "ai.onnx" are one.
func (m *Model) Opset(domain string) int { return opsetOf(m.Opsets, domain) }

// Opset is the version of a domain that the function imports; 0 where it does
// not.
func (f *Function) Opset(domain string) int { return opsetOf(f.Opsets, domain) }

func opsetOf(list []OpsetID, domain string) int {
	domain = CanonicalDomain(domain)
	i := slices.IndexFunc(list, func(o OpsetID) bool { return CanonicalDomain(o.Domain) == domain })
	if i < 0 {
		return 0
	}
	return int(list[i].Version)
}

// CanonicalDomain spells the default domain "".
func CanonicalDomain(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

// Attribute finds a node's attribute by name; nil where it has none.
func (n *Node) Attribute(name string) *Attribute {
	for _, a := range n.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// Initializer finds a dense initializer by name; nil where there is none.
func (g *Graph) Initializer(name string) *Tensor {
	for _, t := range g.Initializers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Label names a node for a message: its name, or else its first output.
func (n *Node) Label() string {
	if n.Name != "" {
		return n.Name
	}
	for _, o := range n.Outputs {
		if o != "" {
			return "→" + o
		}
	}
	return "(unnamed)"
}
