package onnx

import (
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed6700ada1/infer/runtime/tensor"
)

// schema holds a table for each message of onnx.proto, with its field numbers
// and names. It is built for each reader or writer, which takes microseconds:
// the tables refer to each other in circles, and the package keeps no state.
type schema struct {
	model    message[Model]
	opset    message[OpsetID]
	pair     message[StringPair]
	graph    message[Graph]
	node     message[Node]
	attr     message[Attribute]
	info     message[ValueInfo]
	typ      message[Type]
	shape    message[Shape]
	dim      message[Dim]
	tensor   message[Tensor]
	sparse   message[SparseTensor]
	function message[Function]
	training message[TrainingInfo]
	sequence message[sequenceProto]
	optional message[optionalProto]
	dict     message[mapProto]
}

func newSchema() *schema {
	s := new(schema)
	s.small()
	s.models()
	s.graphs()
	s.attributes()
	s.types()
	s.tensors()
	s.values()
	return s
}

func (s *schema) small() {
	// messages that come from no file hold all of their fields, as those of every
	// exporter do
	newOpset := func(m *OpsetID) bool { return !m.present.fromFile() }
	newPair := func(m *StringPair) bool { return !m.present.fromFile() }
	s.opset = message[OpsetID]{unknown: func(m *OpsetID) *[]byte { return &m.Unknown }, present: func(m *OpsetID) *presence { return &m.present }, fields: []field[OpsetID]{
		text(1, "domain", func(m *OpsetID) *string { return &m.Domain }, newOpset),
		scalar(2, "version", integer[int64](), func(m *OpsetID) *int64 { return &m.Version }, newOpset),
	}}
	s.pair = message[StringPair]{unknown: func(m *StringPair) *[]byte { return &m.Unknown }, present: func(m *StringPair) *presence { return &m.present }, fields: []field[StringPair]{
		text(1, "key", func(m *StringPair) *string { return &m.Key }, newPair),
		text(2, "value", func(m *StringPair) *string { return &m.Value }, newPair),
	}}
}

func (s *schema) models() {
	s.model = message[Model]{unknown: func(m *Model) *[]byte { return &m.Unknown }, present: func(m *Model) *presence { return &m.present }, fields: []field[Model]{
		scalar(1, "ir_version", integer[int64](), func(m *Model) *int64 { return &m.IRVersion }, nil),
		text(2, "producer_name", func(m *Model) *string { return &m.ProducerName }, nil),
		text(3, "producer_version", func(m *Model) *string { return &m.ProducerVersion }, nil),
		text(4, "domain", func(m *Model) *string { return &m.Domain }, nil),
		scalar(5, "model_version", integer[int64](), func(m *Model) *int64 { return &m.ModelVersion }, nil),
		text(6, "doc_string", func(m *Model) *string { return &m.Doc }, nil),
		one(7, "graph", &s.graph, func(m *Model) **Graph { return &m.Graph }),
		values(8, "opset_import", &s.opset, func(m *Model) *[]OpsetID { return &m.Opsets }),
		values(14, "metadata_props", &s.pair, func(m *Model) *[]StringPair { return &m.Metadata }),
		many(20, "training_info", &s.training, func(m *Model) *[]*TrainingInfo { return &m.Training }),
		many(25, "functions", &s.function, func(m *Model) *[]*Function { return &m.Functions }),
		texts(26, "configuration", func(m *Model) *[]RawMessage { return &m.Devices }),
	}}
	s.function = message[Function]{unknown: func(m *Function) *[]byte { return &m.Unknown }, present: func(m *Function) *presence { return &m.present }, fields: []field[Function]{
		text(1, "name", func(m *Function) *string { return &m.Name }, nil),
		texts(4, "input", func(m *Function) *[]string { return &m.Inputs }),
		texts(5, "output", func(m *Function) *[]string { return &m.Outputs }),
		texts(6, "attribute", func(m *Function) *[]string { return &m.Attributes }),
		many(7, "node", &s.node, func(m *Function) *[]*Node { return &m.Nodes }),
		text(8, "doc_string", func(m *Function) *string { return &m.Doc }, nil),
		values(9, "opset_import", &s.opset, func(m *Function) *[]OpsetID { return &m.Opsets }),
		text(10, "domain", func(m *Function) *string { return &m.Domain }, nil),
		many(11, "attribute_proto", &s.attr, func(m *Function) *[]*Attribute { return &m.Defaults }),
		many(12, "value_info", &s.info, func(m *Function) *[]*ValueInfo { return &m.ValueInfo }),
		text(13, "overload", func(m *Function) *string { return &m.Overload }, nil),
		values(14, "metadata_props", &s.pair, func(m *Function) *[]StringPair { return &m.Metadata }),
	}}
	s.training = message[TrainingInfo]{unknown: func(m *TrainingInfo) *[]byte { return &m.Unknown }, fields: []field[TrainingInfo]{
		one(1, "initialization", &s.graph, func(m *TrainingInfo) **Graph { return &m.Initialization }),
		one(2, "algorithm", &s.graph, func(m *TrainingInfo) **Graph { return &m.Algorithm }),
		values(3, "initialization_binding", &s.pair, func(m *TrainingInfo) *[]StringPair { return &m.InitializationBinding }),
		values(4, "update_binding", &s.pair, func(m *TrainingInfo) *[]StringPair { return &m.UpdateBinding }),
	}}
}

func (s *schema) graphs() {
	s.graph = message[Graph]{unknown: func(m *Graph) *[]byte { return &m.Unknown }, present: func(m *Graph) *presence { return &m.present }, fields: []field[Graph]{
		many(1, "node", &s.node, func(m *Graph) *[]*Node { return &m.Nodes }),
		text(2, "name", func(m *Graph) *string { return &m.Name }, nil),
		many(5, "initializer", &s.tensor, func(m *Graph) *[]*Tensor { return &m.Initializers }),
		text(10, "doc_string", func(m *Graph) *string { return &m.Doc }, nil),
		many(11, "input", &s.info, func(m *Graph) *[]*ValueInfo { return &m.Inputs }),
		many(12, "output", &s.info, func(m *Graph) *[]*ValueInfo { return &m.Outputs }),
		many(13, "value_info", &s.info, func(m *Graph) *[]*ValueInfo { return &m.ValueInfo }),
		texts(14, "quantization_annotation", func(m *Graph) *[]RawMessage { return &m.Quantization }),
		many(15, "sparse_initializer", &s.sparse, func(m *Graph) *[]*SparseTensor { return &m.SparseInitializers }),
		values(16, "metadata_props", &s.pair, func(m *Graph) *[]StringPair { return &m.Metadata }),
	}}
	s.node = message[Node]{unknown: func(m *Node) *[]byte { return &m.Unknown }, present: func(m *Node) *presence { return &m.present }, fields: []field[Node]{
		texts(1, "input", func(m *Node) *[]string { return &m.Inputs }),
		texts(2, "output", func(m *Node) *[]string { return &m.Outputs }),
		text(3, "name", func(m *Node) *string { return &m.Name }, nil),
		text(4, "op_type", func(m *Node) *string { return &m.OpType }, nil),
		many(5, "attribute", &s.attr, func(m *Node) *[]*Attribute { return &m.Attributes }),
		text(6, "doc_string", func(m *Node) *string { return &m.Doc }, nil),
		text(7, "domain", func(m *Node) *string { return &m.Domain }, nil),
		text(8, "overload", func(m *Node) *string { return &m.Overload }, nil),
		values(9, "metadata_props", &s.pair, func(m *Node) *[]StringPair { return &m.Metadata }),
		texts(10, "device_configurations", func(m *Node) *[]RawMessage { return &m.Devices }),
	}}
	s.info = message[ValueInfo]{unknown: func(m *ValueInfo) *[]byte { return &m.Unknown }, fields: []field[ValueInfo]{
		text(1, "name", func(m *ValueInfo) *string { return &m.Name }, nil),
		one(2, "type", &s.typ, func(m *ValueInfo) **Type { return &m.Type }),
		text(3, "doc_string", func(m *ValueInfo) *string { return &m.Doc }, nil),
		values(4, "metadata_props", &s.pair, func(m *ValueInfo) *[]StringPair { return &m.Metadata }),
	}}
}

func (s *schema) attributes() {
	// the field that the type names is written even where it is zero or empty
	is := func(t AttributeType) func(*Attribute) bool {
		return func(a *Attribute) bool { return a.Type == t && a.RefName == "" && !a.present.fromFile() }
	}
	s.attr = message[Attribute]{unknown: func(m *Attribute) *[]byte { return &m.Unknown }, present: func(m *Attribute) *presence { return &m.present }, fields: []field[Attribute]{
		text(1, "name", func(m *Attribute) *string { return &m.Name }, nil),
		scalar(2, "f", float(), func(m *Attribute) *float32 { return &m.Float }, is(AttrFloat)),
		scalar(3, "i", integer[int64](), func(m *Attribute) *int64 { return &m.Int }, is(AttrInt)),
		text(4, "s", func(m *Attribute) *[]byte { return &m.String }, is(AttrString)),
		one(5, "t", &s.tensor, func(m *Attribute) **Tensor { return &m.Tensor }),
		one(6, "g", &s.graph, func(m *Attribute) **Graph { return &m.Graph }),
		numbers(7, "floats", float(), false, func(m *Attribute) *[]float32 { return &m.Floats }),
		numbers(8, "ints", integer[int64](), false, func(m *Attribute) *[]int64 { return &m.Ints }),
		texts(9, "strings", func(m *Attribute) *[][]byte { return &m.Strings }),
		many(10, "tensors", &s.tensor, func(m *Attribute) *[]*Tensor { return &m.Tensors }),
		many(11, "graphs", &s.graph, func(m *Attribute) *[]*Graph { return &m.Graphs }),
		text(13, "doc_string", func(m *Attribute) *string { return &m.Doc }, nil),
		one(14, "tp", &s.typ, func(m *Attribute) **Type { return &m.TypeProto }),
		many(15, "type_protos", &s.typ, func(m *Attribute) *[]*Type { return &m.TypeProtos }),
		scalar(20, "type", integer[AttributeType](), func(m *Attribute) *AttributeType { return &m.Type }, nil),
		text(21, "ref_attr_name", func(m *Attribute) *string { return &m.RefName }, nil),
		one(22, "sparse_tensor", &s.sparse, func(m *Attribute) **SparseTensor { return &m.SparseTensor }),
		many(23, "sparse_tensors", &s.sparse, func(m *Attribute) *[]*SparseTensor { return &m.SparseTensors }),
	}}
}

func (s *schema) types() {
	s.typ = message[Type]{unknown: func(m *Type) *[]byte { return &m.Unknown }, fields: []field[Type]{
		s.alternative(1, "tensor_type", TypeTensor),
		s.alternative(4, "sequence_type", TypeSequence),
		s.alternative(5, "map_type", TypeMap),
		text(6, "denotation", func(m *Type) *string { return &m.Denotation }, nil),
		s.alternative(7, "opaque_type", TypeOpaque),
		s.alternative(8, "sparse_tensor_type", TypeSparseTensor),
		s.alternative(9, "optional_type", TypeOptional),
	}}
	s.shape = message[Shape]{unknown: func(m *Shape) *[]byte { return &m.Unknown }, fields: []field[Shape]{
		values(1, "dim", &s.dim, func(m *Shape) *[]Dim { return &m.Dims }),
	}}
	s.dim = dimMessage()
}

// alternative is one of the messages that a TypeProto is made of. Where a file
// holds several, the last counts, as for every oneof.
func (s *schema) alternative(num protowire.Number, name string, kind TypeKind) field[Type] {
	inner := s.inner(kind)
	return field[Type]{
		num: num, name: name,
		read: func(d *decoder, m *Type, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			if m.Kind != kind {
				*m = Type{Kind: kind, Denotation: m.Denotation, Unknown: m.Unknown}
			}
			if kind == TypeOpaque {
				m.Opaque = append(m.Opaque, w.bytes...) // merging messages is joining their bytes
				return nil
			}
			return inner.read(d, w.bytes, m)
		},
		write: func(b []byte, m *Type) []byte {
			switch {
			case m.Kind != kind:
				return b
			case kind == TypeOpaque:
				b = protowire.AppendTag(b, num, protowire.BytesType)
				return protowire.AppendBytes(b, m.Opaque)
			default:
				return inner.nested(b, num, m)
			}
		},
	}
}

// inner is the message of one alternative, kept in the fields of [Type].
func (s *schema) inner(kind TypeKind) *message[Type] {
	msg := &message[Type]{unknown: func(m *Type) *[]byte { return &m.InnerUnknown }}
	dtype := func(m *Type) *tensor.DType { return &m.DType }
	switch kind {
	case TypeTensor, TypeSparseTensor:
		msg.fields = []field[Type]{
			scalar(1, "elem_type", integer[tensor.DType](), dtype, nil),
			one(2, "shape", &s.shape, func(m *Type) **Shape { return &m.Shape }),
		}
	case TypeSequence, TypeOptional:
		msg.fields = []field[Type]{one(1, "elem_type", &s.typ, func(m *Type) **Type { return &m.Elem })}
	case TypeMap:
		msg.fields = []field[Type]{
			scalar(1, "key_type", integer[tensor.DType](), dtype, nil),
			one(2, "value_type", &s.typ, func(m *Type) **Type { return &m.Elem }),
		}
	default: // an opaque type is kept as its bytes
	}
	return msg
}

// dimMessage is TensorShapeProto.Dimension, whose value is a oneof: reading a
// number forgets a symbol and the other way round.
func dimMessage() message[Dim] {
	number := scalar(1, "dim_value", integer[int64](), func(m *Dim) *int64 { return &m.Value }, nil)
	symbol := text(2, "dim_param", func(m *Dim) *string { return &m.Param }, nil)
	k := integer[int64]()
	return message[Dim]{
		unknown: func(m *Dim) *[]byte { return &m.Unknown },
		begin:   func(_ *decoder, m *Dim) { m.Value = -1 },
		fields: []field[Dim]{
			{
				num: 1, name: number.name,
				read: func(d *decoder, m *Dim, w wire) error { m.Param = ""; return number.read(d, m, w) },
				write: func(b []byte, m *Dim) []byte {
					if m.Value == -1 || m.Value < 0 && m.Param != "" {
						return b
					}
					return k.append(protowire.AppendTag(b, 1, protowire.VarintType), m.Value)
				},
			},
			{
				num: 2, name: symbol.name,
				read: func(d *decoder, m *Dim, w wire) error { m.Value = -1; return symbol.read(d, m, w) },
				write: func(b []byte, m *Dim) []byte {
					if m.Value >= 0 {
						return b
					}
					return symbol.write(b, m)
				},
			},
			text(3, "denotation", func(m *Dim) *string { return &m.Denotation }, nil),
		},
	}
}

func (s *schema) tensors() {
	s.tensor = message[Tensor]{
		unknown: func(m *Tensor) *[]byte { return &m.Unknown },
		present: func(m *Tensor) *presence { return &m.present },
		begin:   func(d *decoder, m *Tensor) { m.source = d.source },
		fields: []field[Tensor]{
			numbers(1, "dims", integer[int64](), false, func(m *Tensor) *[]int64 { return &m.Dims }),
			scalar(2, "data_type", integer[tensor.DType](), func(m *Tensor) *tensor.DType { return &m.DType }, nil),
			text(3, "segment", func(m *Tensor) *RawMessage { return &m.Segment }, nil),
			numbers(4, "float_data", float(), true, func(m *Tensor) *[]float32 { return &m.Floats }),
			numbers(5, "int32_data", integer[int32](), true, func(m *Tensor) *[]int32 { return &m.Int32s }),
			texts(6, "string_data", func(m *Tensor) *[][]byte { return &m.Strings }),
			numbers(7, "int64_data", integer[int64](), true, func(m *Tensor) *[]int64 { return &m.Int64s }),
			text(8, "name", func(m *Tensor) *string { return &m.Name }, nil),
			rawData(),
			numbers(10, "double_data", double(), true, func(m *Tensor) *[]float64 { return &m.Doubles }),
			numbers(11, "uint64_data", integer[uint64](), true, func(m *Tensor) *[]uint64 { return &m.Uint64s }),
			text(12, "doc_string", func(m *Tensor) *string { return &m.Doc }, nil),
			values(13, "external_data", &s.pair, func(m *Tensor) *[]StringPair { return &m.External }),
			scalar(14, "data_location", integer[int32](), func(m *Tensor) *int32 { return &m.Location }, nil),
			values(16, "metadata_props", &s.pair, func(m *Tensor) *[]StringPair { return &m.Metadata }),
		},
	}
	s.sparse = message[SparseTensor]{unknown: func(m *SparseTensor) *[]byte { return &m.Unknown }, fields: []field[SparseTensor]{
		one(1, "values", &s.tensor, func(m *SparseTensor) **Tensor { return &m.Values }),
		one(2, "indices", &s.tensor, func(m *SparseTensor) **Tensor { return &m.Indices }),
		numbers(3, "dims", integer[int64](), false, func(m *SparseTensor) *[]int64 { return &m.Dims }),
	}}
}

// rawData is the one field that is not copied out of the file.
func rawData() field[Tensor] {
	return field[Tensor]{
		num: 9, name: "raw_data",
		read: func(d *decoder, m *Tensor, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			m.Raw, m.HasRaw = slices.Clip(w.bytes), true
			return nil
		},
		write: func(b []byte, m *Tensor) []byte {
			if !m.HasRaw {
				return b
			}
			b = protowire.AppendTag(b, 9, protowire.BytesType)
			return protowire.AppendBytes(b, m.Raw)
		},
	}
}
