package onnx

import (
	"bytes"
	"math"
	"reflect"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// fill gives every exported field below v a value that is not zero and differs
// from the others, so that a field forgotten anywhere shows. Pointers to types
// that lie inside themselves stop at depth.
func fill(v reflect.Value, next *int, depth int) {
	*next++
	switch v.Kind() {
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), next, depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() {
				continue
			}
			if field.Name == "Unknown" || field.Name == "InnerUnknown" {
				raw := protowire.AppendTag(nil, 1000, protowire.VarintType)
				v.Field(i).SetBytes(protowire.AppendVarint(raw, uint64(*next)))
				*next++
				continue
			}
			fill(v.Field(i), next, depth)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Pointer && depth == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), next, depth)
		fill(v.Index(1), next, depth)
	case reflect.String:
		v.SetString("s" + string(rune('a'+*next%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*next)%99 + 1)
	case reflect.Uint8:
		v.SetUint(uint64(*next)%255 + 1)
	case reflect.Uint64:
		v.SetUint(uint64(*next))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*next) + 0.5)
	default:
		panic("fill: no value for " + v.Type().String())
	}
}

// tidy makes a filled model one that a file can hold: the alternatives of
// oneof fields exclude each other.
func tidy(v reflect.Value, kind *TypeKind) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			tidy(v.Elem(), kind)
		}
	case reflect.Slice:
		for i := range v.Len() {
			tidy(v.Index(i), kind)
		}
	case reflect.Struct:
		switch x := v.Addr().Interface().(type) {
		case *Type:
			*kind = *kind%TypeOpaque + 1
			x.Kind = *kind
			switch x.Kind {
			case TypeTensor, TypeSparseTensor:
				x.Elem, x.Opaque = nil, nil
			case TypeSequence, TypeOptional:
				x.DType, x.Shape, x.Opaque = 0, nil, nil
			case TypeMap:
				x.Shape, x.Opaque = nil, nil
			case TypeOpaque:
				x.DType, x.Shape, x.Elem, x.InnerUnknown = 0, nil, nil, nil
			default:
			}
		case *Dim:
			if x.Value%2 == 0 {
				x.Value = -1
			} else {
				x.Param = ""
			}
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				tidy(v.Field(i), kind)
			}
		}
	default: // numbers and strings are fine as they are
	}
}

func filledModel() *Model {
	m, next, kind := new(Model), 0, TypeNone
	fill(reflect.ValueOf(m).Elem(), &next, 4)
	tidy(reflect.ValueOf(m).Elem(), &kind)
	return m
}

// TestEveryFieldRoundTrips also shows that no field is missing from the tables
// of the schema.
func TestEveryFieldRoundTrips(t *testing.T) {
	m := filledModel()
	data, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	if path, ok := difference(reflect.ValueOf(*m), reflect.ValueOf(*got), "model"); !ok {
		t.Errorf("written and read differs at %s", path)
	}
}

// difference names the first field in which two values differ.
func difference(a, b reflect.Value, path string) (string, bool) {
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() || a.Pointer() == b.Pointer() {
			return path, a.Pointer() == b.Pointer()
		}
		return difference(a.Elem(), b.Elem(), path)
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if name == "present" {
				continue // shows in the bytes, where it matters
			}
			if where, ok := difference(a.Field(i), b.Field(i), path+"."+name); !ok {
				return where, false
			}
		}
		return "", true
	case reflect.Slice:
		if a.Len() != b.Len() {
			return path, false
		}
		if a.Type().Elem().Kind() == reflect.Uint8 {
			return path, bytes.Equal(a.Bytes(), b.Bytes())
		}
		for i := range a.Len() {
			if where, ok := difference(a.Index(i), b.Index(i), path+"[]"); !ok {
				return where, false
			}
		}
		return "", true
	case reflect.Float32, reflect.Float64:
		return path, math.Float64bits(a.Float()) == math.Float64bits(b.Float()) // NaN equals itself
	default:
		return path, a.Equal(b)
	}
}

func TestCloneIsEqualAndApart(t *testing.T) {
	m := filledModel()
	before, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	c := m.Clone()
	if path, ok := difference(reflect.ValueOf(*m), reflect.ValueOf(*c), "model"); !ok {
		t.Fatalf("clone differs at %s", path)
	}
	// spoil everything in the clone that is not shared on purpose
	spoil(reflect.ValueOf(c).Elem())
	after, err := m.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("changing the clone changed the model")
	}
}

// spoil overwrites every element and field in place but the data of tensors
// and bytes that are not interpreted.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Struct:
		shared := map[string]bool{"Unknown": true, "InnerUnknown": true}
		if v.Type() == reflect.TypeFor[Tensor]() {
			for _, name := range []string{"Raw", "Floats", "Int32s", "Strings", "Int64s", "Doubles", "Uint64s", "Segment"} {
				shared[name] = true
			}
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !shared[f.Name] && f.Type != reflect.TypeFor[[]RawMessage]() && f.Type != reflect.TypeFor[RawMessage]() && f.Type != reflect.TypeFor[[][]byte]() {
				spoil(v.Field(i))
			}
		}
	default:
		v.SetZero()
	}
}
