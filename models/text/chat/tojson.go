package chat

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// toJSON is the filter tojson, which writes JSON as Python's json.dumps does: with a
// space behind each colon and comma, or, with indent, a line for each element.
func toJSON(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	w := jsonWriter{indent: -1, item: ", ", field: ": "}
	if v, ok := params.KwArgs["indent"]; ok && v.IsInteger() {
		w.indent, w.item = min(max(v.Integer(), 0), 32), ","
	} else if len(params.Args) > 0 && params.Args[0].IsInteger() {
		w.indent, w.item = min(max(params.Args[0].Integer(), 0), 32), ","
	}
	if v, ok := params.KwArgs["separators"]; ok && v.IsList() && v.Len() == 2 {
		w.item, w.field = v.Index(0).String(), v.Index(1).String()
	}
	if v, ok := params.KwArgs["sort_keys"]; ok {
		w.sort = v.Bool()
	}
	if v, ok := params.KwArgs["ensure_ascii"]; ok {
		w.ascii = v.Bool()
	}
	if err := w.value(in, 0); err != nil {
		return exec.AsValue(err)
	}
	return exec.AsSafeValue(w.out.String())
}

// jsonWriter writes values as JSON.
type jsonWriter struct {
	out         strings.Builder
	indent      int    // spaces a level, or -1 for one line
	item, field string // behind an element, and between a name and its value
	sort, ascii bool
}

func (w *jsonWriter) value(v *exec.Value, depth int) error {
	switch {
	case depth > maxDepth:
		return fmt.Errorf("objects stand in each other more than %d deep", maxDepth)
	case v == nil || v.IsNil():
		w.out.WriteString("null")
	case v.IsBool():
		w.out.WriteString(strconv.FormatBool(v.Bool()))
	case v.IsString():
		w.string(v.String())
	case v.IsInteger():
		w.out.WriteString(strconv.Itoa(v.Integer()))
	case v.IsFloat():
		w.out.WriteString(float(v.Float()))
	case v.IsDict():
		return w.dict(v, depth)
	case v.IsList():
		return w.list(v, depth)
	default:
		return errors.New("tojson: a value that is not text, number, list or object")
	}
	return nil
}

// line begins a new line at depth.
func (w *jsonWriter) line(depth int) {
	if w.indent >= 0 {
		w.out.WriteByte('\n')
		w.out.WriteString(strings.Repeat(" ", w.indent*depth))
	}
}

func (w *jsonWriter) list(v *exec.Value, depth int) error {
	w.out.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			w.out.WriteString(w.item)
		}
		w.line(depth + 1)
		if err := w.value(v.Index(i), depth+1); err != nil {
			return err
		}
	}
	if v.Len() > 0 {
		w.line(depth)
	}
	w.out.WriteByte(']')
	return nil
}

func (w *jsonWriter) dict(v *exec.Value, depth int) error {
	pairs := dictPairs(v)
	if w.sort {
		slices.SortStableFunc(pairs, func(a, b *exec.Pair) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	}
	w.out.WriteByte('{')
	for i, pair := range pairs {
		if i > 0 {
			w.out.WriteString(w.item)
		}
		w.line(depth + 1)
		w.string(pair.Key.String())
		w.out.WriteString(w.field)
		if err := w.value(pair.Value, depth+1); err != nil {
			return err
		}
	}
	if len(pairs) > 0 {
		w.line(depth)
	}
	w.out.WriteByte('}')
	return nil
}

// dictPairs returns the names and values of a dict in order.
func dictPairs(v *exec.Value) []*exec.Pair {
	switch d := v.Interface().(type) {
	case *exec.Dict:
		return slices.Clone(d.Pairs)
	case exec.Dict:
		return slices.Clone(d.Pairs)
	}
	var pairs []*exec.Pair
	for _, key := range v.Keys() {
		item, _ := v.GetItem(key.Interface())
		pairs = append(pairs, &exec.Pair{Key: key, Value: item})
	}
	return pairs
}

// string writes s in quotes. Unlike Go's encoder it leaves <, > and & alone.
func (w *jsonWriter) string(s string) {
	w.out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			w.out.WriteByte('\\')
			w.out.WriteRune(r)
		case r == '\n':
			w.out.WriteString(`\n`)
		case r == '\r':
			w.out.WriteString(`\r`)
		case r == '\t':
			w.out.WriteString(`\t`)
		case r == '\b':
			w.out.WriteString(`\b`)
		case r == '\f':
			w.out.WriteString(`\f`)
		case r < ' ', w.ascii && r >= 0x7f && r < 0x10000:
			fmt.Fprintf(&w.out, `\u%04x`, r)
		case w.ascii && r >= utf8.RuneSelf:
			fmt.Fprintf(&w.out, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			w.out.WriteRune(r)
		}
	}
	w.out.WriteByte('"')
}

// float returns f as Python writes it.
func float(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case f != 0 && (math.Abs(f) < 1e-4 || math.Abs(f) >= 1e16):
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
