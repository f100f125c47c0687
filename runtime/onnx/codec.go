package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// message describes one protobuf message whose Go type is T: how each of its
// fields is read and written. Reader and writer are the same table, so that
// what one knows the other does.
type message[T any] struct {
	fields  []field[T] // ascending by number, the order that fields are written in
	unknown func(*T) *[]byte
	begin   func(d *decoder, m *T) // called before the fields are read; may be nil
	present func(*T) *presence     // which fields the file had; nil where that is not kept
}

// field is one field of a message.
type field[T any] struct {
	num   protowire.Number
	name  string // as in onnx.proto
	read  func(d *decoder, m *T, w wire) error
	write func(b []byte, m *T) []byte // appends nothing for zero and for what is empty

	// A file may hold a single number or string though it is zero or empty:
	empty  func(b []byte) []byte // appends that; nil for other fields
	always func(m *T) bool       // says that it is to be; nil where it need not
}

// presence remembers which fields a message had in its file, a bit for each
// number, so that those which are zero or empty are written again. Bit 0 tells
// that the message came from a file.
type presence uint32

func (p presence) has(num protowire.Number) bool { return p>>num&1 != 0 }

func (p presence) fromFile() bool { return p&1 != 0 }

// read decodes buf into m, merging with what m already holds as protobuf
// prescribes for a message field that occurs twice.
func (s *message[T]) read(d *decoder, buf []byte, m *T) error {
	if d.depth >= maxDepth {
		return d.errorf(buf, "messages nest deeper than %d levels", maxDepth)
	}
	d.depth++
	defer func() { d.depth-- }()
	if s.begin != nil {
		s.begin(d, m)
	}
	var p presence = 1
	defer func() {
		if s.present != nil {
			*s.present(m) |= p
		}
	}()
	for len(buf) > 0 {
		w, n, err := d.next(buf)
		if err != nil {
			return err
		}
		if f := s.field(w.num); f == nil {
			u := s.unknown(m)
			*u = append(*u, buf[:n]...)
		} else if err := f.read(d, m, w); err != nil {
			return under(err, f.name)
		} else {
			p |= 1 << f.num
		}
		buf = buf[n:]
	}
	return nil
}

func (s *message[T]) field(num protowire.Number) *field[T] {
	for i := range s.fields {
		if s.fields[i].num == num {
			return &s.fields[i]
		}
	}
	return nil
}

// write appends m's fields to b.
func (s *message[T]) write(b []byte, m *T) []byte {
	var p presence
	if s.present != nil {
		p = *s.present(m)
	}
	for i := range s.fields {
		f, start := &s.fields[i], len(b)
		b = f.write(b, m)
		if len(b) == start && f.empty != nil && (p.has(f.num) || f.always != nil && f.always(m)) {
			b = f.empty(b)
		}
	}
	return append(b, *s.unknown(m)...)
}

// nested appends a whole field: tag, length, m's fields.
func (s *message[T]) nested(b []byte, num protowire.Number, m *T) []byte {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	start := len(b)
	b = s.write(b, m)
	// the length is known only now: make room for it in front
	var length [binary.MaxVarintLen64]byte
	k := binary.PutUvarint(length[:], uint64(len(b)-start))
	return slices.Insert(b, start, length[:k]...)
}

// one is a single message field.
func one[T, M any](num protowire.Number, name string, s *message[M], at func(*T) **M) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			p := at(m)
			if *p == nil {
				*p = new(M)
			}
			return s.read(d, w.bytes, *p)
		},
		write: func(b []byte, m *T) []byte {
			if p := *at(m); p != nil {
				return s.nested(b, num, p)
			}
			return b
		},
	}
}

// many is a repeated message field.
func many[T, M any](num protowire.Number, name string, s *message[M], at func(*T) *[]*M) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			list, item := at(m), new(M)
			if err := s.read(d, w.bytes, item); err != nil {
				return under(err, fmt.Sprintf("[%d]", len(*list)))
			}
			*list = append(*list, item)
			return nil
		},
		write: func(b []byte, m *T) []byte {
			for _, item := range *at(m) {
				if item != nil {
					b = s.nested(b, num, item)
				}
			}
			return b
		},
	}
}

// values is [many] for small messages that are kept by value.
func values[T, M any](num protowire.Number, name string, s *message[M], at func(*T) *[]M) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			list := at(m)
			var item M
			if err := s.read(d, w.bytes, &item); err != nil {
				return under(err, fmt.Sprintf("[%d]", len(*list)))
			}
			*list = append(*list, item)
			return nil
		},
		write: func(b []byte, m *T) []byte {
			list := *at(m)
			for i := range list {
				b = s.nested(b, num, &list[i])
			}
			return b
		},
	}
}

// text is a string or bytes field.
func text[T any, S ~string | ~[]byte](num protowire.Number, name string, at func(*T) *S, always func(*T) bool) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			*at(m) = S(string(w.bytes)) // a copy: the file may be unmapped
			return nil
		},
		write: func(b []byte, m *T) []byte {
			s := *at(m)
			if len(s) == 0 {
				return b
			}
			b = protowire.AppendTag(b, num, protowire.BytesType)
			return protowire.AppendString(b, string(s))
		},
		empty: func(b []byte) []byte {
			return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), nil)
		},
		always: always,
	}
}

// texts is a repeated string, bytes or uninterpreted message field.
func texts[T any, S ~string | ~[]byte](num protowire.Number, name string, at func(*T) *[]S) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			if err := d.want(w, protowire.BytesType); err != nil {
				return err
			}
			list := at(m)
			*list = append(*list, S(string(w.bytes)))
			return nil
		},
		write: func(b []byte, m *T) []byte {
			for _, s := range *at(m) {
				b = protowire.AppendTag(b, num, protowire.BytesType)
				b = protowire.AppendString(b, string(s))
			}
			return b
		},
	}
}

// number says how the wire carries a Go number.
type number[N any] struct {
	typ protowire.Type
	get func(uint64) N
	put func(N) uint64
}

// integer is how int32, int64, uint64 and enum fields travel.
func integer[N ~int32 | ~int64 | ~uint64]() number[N] {
	return number[N]{
		protowire.VarintType,
		func(u uint64) N { return N(u) },
		func(n N) uint64 { return uint64(n) },
	} // negative int32 are sign-extended
}

func float() number[float32] {
	return number[float32]{
		protowire.Fixed32Type,
		func(u uint64) float32 { return math.Float32frombits(uint32(u)) },
		func(f float32) uint64 { return uint64(math.Float32bits(f)) },
	}
}

func double() number[float64] {
	return number[float64]{protowire.Fixed64Type, math.Float64frombits, math.Float64bits}
}

// width is the size in bytes of a number of fixed size, else 0.
func (k number[N]) width() int {
	switch k.typ {
	case protowire.Fixed32Type:
		return 4
	case protowire.Fixed64Type:
		return 8
	default:
		return 0
	}
}

func (k number[N]) append(b []byte, n N) []byte {
	switch k.typ {
	case protowire.Fixed32Type:
		return protowire.AppendFixed32(b, uint32(k.put(n)))
	case protowire.Fixed64Type:
		return protowire.AppendFixed64(b, k.put(n))
	default:
		return protowire.AppendVarint(b, k.put(n))
	}
}

// unpack appends the numbers of a packed list to dst.
func (k number[N]) unpack(d *decoder, buf []byte, dst []N) ([]N, error) {
	width := k.width()
	if width > 0 {
		if len(buf)%width != 0 {
			return dst, d.errorf(buf, "packed list of %d bytes, wanted a multiple of %d", len(buf), width)
		}
		dst = slices.Grow(dst, len(buf)/width)
	}
	for len(buf) > 0 {
		var u uint64
		n := width
		switch width {
		case 4:
			u = uint64(binary.LittleEndian.Uint32(buf))
		case 8:
			u = binary.LittleEndian.Uint64(buf)
		default:
			if u, n = protowire.ConsumeVarint(buf); n < 0 {
				return dst, d.errorf(buf, "wanted a number of a packed list, found %s", wireProblem(n))
			}
		}
		dst = append(dst, k.get(u))
		buf = buf[n:]
	}
	return dst, nil
}

// pack appends the length and the numbers of a packed list to b.
func (k number[N]) pack(b []byte, list []N) []byte {
	size := k.width() * len(list)
	if k.width() == 0 {
		for _, n := range list {
			size += protowire.SizeVarint(k.put(n))
		}
	}
	b = protowire.AppendVarint(b, uint64(size))
	for _, n := range list {
		b = k.append(b, n)
	}
	return b
}

// scalar is a single number. -0 is not zero: all bits must be.
func scalar[T, N any](num protowire.Number, name string, k number[N], at func(*T) *N, always func(*T) bool) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			if err := d.want(w, k.typ); err != nil {
				return err
			}
			*at(m) = k.get(w.n)
			return nil
		},
		write: func(b []byte, m *T) []byte {
			n := *at(m)
			if k.put(n) == 0 {
				return b
			}
			return k.append(protowire.AppendTag(b, num, k.typ), n)
		},
		empty: func(b []byte) []byte {
			var zero N
			return k.append(protowire.AppendTag(b, num, k.typ), zero)
		},
		always: always,
	}
}

// numbers is a repeated number: both forms are read, the one that onnx.proto
// declares is written.
func numbers[T, N any](num protowire.Number, name string, k number[N], packed bool, at func(*T) *[]N) field[T] {
	return field[T]{
		num: num, name: name,
		read: func(d *decoder, m *T, w wire) error {
			list := at(m)
			if w.typ == protowire.BytesType {
				var err error
				*list, err = k.unpack(d, w.bytes, *list)
				return err
			}
			if err := d.want(w, k.typ); err != nil {
				return err
			}
			*list = append(*list, k.get(w.n))
			return nil
		},
		write: func(b []byte, m *T) []byte {
			list := *at(m)
			if packed && len(list) > 0 {
				return k.pack(protowire.AppendTag(b, num, protowire.BytesType), list)
			}
			for _, n := range list {
				b = k.append(protowire.AppendTag(b, num, k.typ), n)
			}
			return b
		},
	}
}
