package tensor

import "fmt"

// Kind tells the kinds of [Value] apart.
type Kind uint8

// The kinds of value that a model can take or give.
const (
	KindTensor Kind = iota
	KindSequence
	KindOptional
	KindMap
	KindCache
)

// String is the lower-case name of the kind.
func (k Kind) String() string {
	switch k {
	case KindTensor:
		return "tensor"
	case KindSequence:
		return "sequence"
	case KindOptional:
		return "optional"
	case KindMap:
		return "map"
	case KindCache:
		return "cache"
	default:
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
}

// Value is what flows along an edge of a graph: a *[Tensor], *[Sequence],
// *[Optional] or *[Map]; or, where an engine was asked to carry it from run to run, a
// *[Cache].
type Value interface {
	Kind() Kind
}

// Sequence is an ordered list of values of one kind. A Sequence is immutable
// once made: operators build a new one.
type Sequence struct {
	// DType is the element type where the items are tensors; it tells what an
	// empty sequence would hold.
	DType DType
	Items []Value
}

// Kind makes *Sequence a [Value].
func (*Sequence) Kind() Kind { return KindSequence }

// Optional holds a value or none.
type Optional struct {
	DType DType // element type of the tensor or of the sequence's tensors
	Value Value // nil where the optional is empty
}

// Kind makes *Optional a [Value].
func (*Optional) Kind() Kind { return KindOptional }

// Map is a dictionary as the ai.onnx.ml operators use it: Keys is a rank-1
// tensor of strings or integers, Values the value of each key, in that order.
type Map struct {
	Keys   *Tensor
	Values Value
}

// Kind makes *Map a [Value].
func (*Map) Kind() Kind { return KindMap }
