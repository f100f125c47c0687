// Package schema reads JSON objects field by field and says, where one is wrong, which
// and what was expected: `normalizer.normalizers[1].prepend: want a string, got a
// number`.
package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// Object is a JSON object that is being read. The first field that is missing or of
// another type is kept for [Object.Err]; what is read after it is of no use.
type Object struct {
	Path   string // where the object stands in its file, "" for the whole
	fields map[string]json.RawMessage
	err    error
}

// Parse reads data, which stands at path, as an object.
func Parse(data []byte, path string) (*Object, error) {
	o := &Object{Path: path}
	if err := json.Unmarshal(data, &o.fields); err != nil || o.fields == nil {
		return nil, Describe(path, "an object", data, err)
	}
	return o, nil
}

// Describe returns the error for data, which stands at path and could not be read as
// what was wanted because of err.
func Describe(path, want string, data []byte, err error) error {
	prefix := ""
	if path != "" {
		prefix = path + ": "
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte{'\n'})
		return fmt.Errorf("%snot JSON: %w (line %d, byte %d)", prefix, syntax, line, syntax.Offset)
	}
	return fmt.Errorf("%swant %s, got %s", prefix, want, kind(data))
}

// kind names what kind of value data is, with the value where it is short.
func kind(data []byte) string {
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return "nothing"
	}
	switch data[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 'n':
		return "null"
	}
	if len(data) > 40 {
		return string(bytes.ToValidUTF8(data[:40], nil)) + "…"
	}
	return string(data)
}

// Err returns the first error of the fields that were read.
func (o *Object) Err() error { return o.err }

// Failf notes that the field name is wrong.
func (o *Object) Failf(name, format string, args ...any) {
	if o.err == nil {
		o.err = fmt.Errorf("%s: %s", o.path(name), fmt.Sprintf(format, args...))
	}
}

// path returns where the field name stands in the file.
func (o *Object) path(name string) string {
	if o.Path == "" {
		return name
	}
	return o.Path + "." + name
}

// Has says whether the object has the field, with a value other than null.
func (o *Object) Has(name string) bool {
	raw, ok := o.fields[name]
	return ok && string(raw) != "null"
}

// Raw returns the field and where it stands; a field that is absent or null is nil.
func (o *Object) Raw(name string) (data json.RawMessage, path string) {
	if !o.Has(name) {
		return nil, o.path(name)
	}
	return o.fields[name], o.path(name)
}

// Read reads the field into v, and fails where it is missing or not what was wanted.
func (o *Object) Read(name, want string, v any) {
	if o.err != nil {
		return
	}
	raw, ok := o.fields[name]
	if !ok {
		o.Failf(name, "missing, want %s", want)
		return
	}
	err := json.Unmarshal(raw, v)
	if err == nil && string(raw) == "null" {
		err = errors.New("null")
	}
	if err == nil {
		return
	}
	var inner *json.UnmarshalTypeError
	if errors.As(err, &inner) && kind(raw)[0] == 'a' {
		o.Failf(name, "want %s, found a %s inside (byte %d)", want, inner.Value, inner.Offset)
		return
	}
	o.err = Describe(o.path(name), want, raw, err)
}

// String returns the string field name.
func (o *Object) String(name string) (s string) {
	o.Read(name, "a string", &s)
	return s
}

// Bool returns the field name.
func (o *Object) Bool(name string) (b bool) {
	o.Read(name, "true or false", &b)
	return b
}

// Int returns the field name, a whole number of 32 bits that is not negative.
func (o *Object) Int(name string) int {
	var n int64
	o.Read(name, "a whole number", &n)
	if n < 0 || n > math.MaxUint32 {
		o.Failf(name, "want a number from 0 to %d, got %d", uint32(math.MaxUint32), n)
		return 0
	}
	return int(n)
}

// StringOr returns the string field name, or d where it is absent or null.
func (o *Object) StringOr(name, d string) string {
	if !o.Has(name) {
		return d
	}
	return o.String(name)
}

// BoolOr returns the field name, or d where it is absent or null.
func (o *Object) BoolOr(name string, d bool) bool {
	if !o.Has(name) {
		return d
	}
	return o.Bool(name)
}

// IntOr returns the field name, or d where it is absent or null.
func (o *Object) IntOr(name string, d int) int {
	if !o.Has(name) {
		return d
	}
	return o.Int(name)
}

// Rune returns the field name, a string of one character.
func (o *Object) Rune(name string) rune {
	s := []rune(o.String(name))
	if len(s) != 1 {
		o.Failf(name, "want one character, got %q", string(s))
		return 0
	}
	return s[0]
}

// Enum returns which of the choices the string field name is.
func (o *Object) Enum(name string, choices ...string) (choice string) {
	s := o.String(name)
	for _, c := range choices {
		if s == c {
			return c
		}
	}
	o.Failf(name, "want one of %q, got %q", choices, s)
	return ""
}

// List returns the elements of the list field name, and where each stands.
func (o *Object) List(name string) (items []json.RawMessage, paths []string) {
	o.Read(name, "a list", &items)
	paths = make([]string, len(items))
	for i := range items {
		paths[i] = fmt.Sprintf("%s[%d]", o.path(name), i)
	}
	return items, paths
}

// Object returns the object field name, or an empty one.
func (o *Object) Object(name string) *Object {
	var raw json.RawMessage
	o.Read(name, "an object", &raw)
	child := &Object{Path: o.path(name)}
	if o.err == nil {
		c, err := Parse(raw, child.Path)
		if err != nil {
			o.err = err
			return child
		}
		child = c
	}
	return child
}

// MaxDepth bounds how deep components stand in each other.
const MaxDepth = 32

// Build reads each element of the list field name by parse, which gets the element,
// its place, and how deep it stands.
func Build[T any](o *Object, name string, depth int, parse func(data []byte, path string, depth int) (T, error)) ([]T, error) {
	items, paths := o.List(name)
	if err := o.Err(); err != nil {
		return nil, err
	}
	if depth >= MaxDepth {
		return nil, fmt.Errorf("%s: components stand in each other more than %d deep", o.path(name), MaxDepth)
	}
	out := make([]T, len(items))
	for i, item := range items {
		var err error
		if out[i], err = parse(item, paths[i], depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}
