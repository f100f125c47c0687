package chat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// value returns m as templates see it: role and content first.
func (m *Message) value() (any, error) {
	d := exec.NewDict()
	put(d, "role", m.Role)
	put(d, "content", m.Content)
	for _, name := range slices.Sorted(maps.Keys(m.More)) {
		v, err := value(m.More[name])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if name == "content" { // a list of parts rather than a text
			d.Pairs[1].Value = exec.AsValue(v)
			continue
		}
		put(d, name, v)
	}
	return d, nil
}

func put(d *exec.Dict, name string, v any) {
	d.Pairs = append(d.Pairs, &exec.Pair{Key: exec.AsValue(name), Value: exec.AsValue(v)})
}

// value returns v as templates see it: objects are dicts in the order of their fields,
// by name where v is a map.
func value(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, bool, int, float64:
		return v, nil
	case json.RawMessage:
		return fromJSON(v)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return fromJSON(data)
}

// maxDepth bounds how deep objects stand in each other.
const maxDepth = 100

// fromJSON reads data, keeping the order of fields.
func fromJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := read(dec, 0)
	if err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	return v, nil
}

func read(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("objects stand in each other more than %d deep", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		if n, err := strconv.Atoi(token.String()); err == nil {
			return n, nil
		}
		return token.Float64()
	case json.Delim:
		if token == '[' {
			return readList(dec, depth)
		}
		return readDict(dec, depth)
	default:
		return token, nil
	}
}

func readList(dec *json.Decoder, depth int) (any, error) {
	list := []any{}
	for dec.More() {
		v, err := read(dec, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	_, err := dec.Token()
	return list, err
}

func readDict(dec *json.Decoder, depth int) (any, error) {
	d := exec.NewDict()
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		s, ok := name.(string)
		if !ok {
			return nil, errors.New("a field without a name")
		}
		v, err := read(dec, depth+1)
		if err != nil {
			return nil, err
		}
		put(d, s, v)
	}
	_, err := dec.Token()
	return d, err
}
