package onnx

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// maxDepth is how deep messages may nest, the top one included. Real models
// stay far below: a graph inside a graph costs four levels.
const maxDepth = 200

// decoder walks the bytes of one message. Every slice it hands out is cut from
// data with its capacity intact, which is how an error finds its offset.
type decoder struct {
	data   []byte
	depth  int
	source *source // given to every tensor
}

// wire is one field as it stands in the bytes.
type wire struct {
	num   protowire.Number
	typ   protowire.Type
	n     uint64 // value of a varint, fixed32 or fixed64
	bytes []byte // payload of a length-delimited field
	at    []byte // data from the field's tag on
}

// decodeError says where in a file something else was expected.
type decodeError struct {
	path   string // such as graph.node[3].attribute[0].t
	offset int
	msg    string
}

func (e *decodeError) Error() string {
	if e.path == "" {
		return fmt.Sprintf("byte %d: %s", e.offset, e.msg)
	}
	return fmt.Sprintf("%s at byte %d: %s", e.path, e.offset, e.msg)
}

// under puts a step before the path of a decodeError.
func under(err error, step string) error {
	var e *decodeError
	if !errors.As(err, &e) {
		return err
	}
	if e.path != "" && !strings.HasPrefix(e.path, "[") {
		step += "."
	}
	e.path = step + e.path
	return e
}

// errorf makes an error about the bytes that at begins with.
func (d *decoder) errorf(at []byte, format string, args ...any) error {
	return &decodeError{offset: cap(d.data) - cap(at), msg: fmt.Sprintf(format, args...)}
}

// next splits the first field off buf and tells how long it is.
func (d *decoder) next(buf []byte) (wire, int, error) {
	num, typ, n := protowire.ConsumeTag(buf)
	if n < 0 {
		return wire{}, 0, d.errorf(buf, "wanted a field tag, found %s", wireProblem(n))
	}
	w := wire{num: num, typ: typ, at: buf}
	rest := buf[n:]
	var m int // length of the value, or an error code
	switch typ {
	case protowire.VarintType:
		w.n, m = protowire.ConsumeVarint(rest)
	case protowire.Fixed32Type:
		var v uint32
		v, m = protowire.ConsumeFixed32(rest)
		w.n = uint64(v)
	case protowire.Fixed64Type:
		w.n, m = protowire.ConsumeFixed64(rest)
	case protowire.BytesType:
		size, k := protowire.ConsumeVarint(rest)
		if k >= 0 && size > uint64(len(rest)-k) {
			return wire{}, 0, d.errorf(buf, "field %d claims %d bytes, %d are left", num, size, len(rest)-k)
		}
		if m = k; k >= 0 {
			m = k + int(size)
			w.bytes = rest[k:m]
		}
	default:
		m = protowire.ConsumeFieldValue(num, typ, rest)
	}
	if m < 0 {
		return wire{}, 0, d.errorf(buf, "wanted the value of field %d, found %s", num, wireProblem(m))
	}
	return w, n + m, nil
}

// want checks the wire type of a field.
func (d *decoder) want(w wire, typ protowire.Type) error {
	if w.typ != typ {
		return d.errorf(w.at, "wanted a %s, found a %s", wireName(typ), wireName(w.typ))
	}
	return nil
}

// wireProblem words an error code of protowire.
func wireProblem(n int) string {
	msg := protowire.ParseError(n).Error()
	if strings.Contains(msg, "unexpected EOF") {
		return "the end of the data"
	}
	// protowire pads its messages with a no-break space in some builds
	msg = strings.ReplaceAll(msg, "\u00a0", " ")
	return strings.TrimPrefix(strings.TrimPrefix(msg, "proto: "), "proto:")
}

func wireName(t protowire.Type) string {
	switch t {
	case protowire.VarintType:
		return "varint"
	case protowire.Fixed32Type:
		return "fixed32"
	case protowire.Fixed64Type:
		return "fixed64"
	case protowire.BytesType:
		return "length-delimited field"
	default:
		return fmt.Sprintf("field of wire type %d", t)
	}
}
