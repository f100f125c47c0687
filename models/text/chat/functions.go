package chat

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/nikolalohinski/gonja/v2/exec"
)

// toJSON is the filter tojson: letters stay as they are, and there is a space behind
// commas and colons, as Python writes it.
func toJSON(_ *exec.Evaluator, in *exec.Value, params *exec.VarArgs) *exec.Value {
	if in.IsError() {
		return in
	}
	p := params.Expect(0, []*exec.KwArg{{Name: "indent", Default: nil}, {Name: "ensure_ascii", Default: false}, {Name: "sort_keys", Default: false}, {Name: "separators", Default: nil}})
	if p.IsError() {
		return exec.AsValue(p)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	indent := 0
	if v := p.KwArgs["indent"]; v != nil && !v.IsNil() {
		indent = v.Integer()
		enc.SetIndent("", strings.Repeat(" ", max(indent, 0)))
	}
	if err := enc.Encode(in.ToGoSimpleType(false)); err != nil {
		return exec.AsValue(err)
	}
	text := strings.TrimSuffix(buf.String(), "\n")
	if indent == 0 {
		text = spaced(text)
	}
	return exec.AsSafeValue(text)
}

// spaced puts a space behind the commas and colons of a compact JSON text.
func spaced(text string) string {
	var b strings.Builder
	inString := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		b.WriteByte(c)
		switch {
		case inString && c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '"':
			inString = !inString
		case !inString && (c == ',' || c == ':'):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// directives are those of strftime that templates use, as layouts of package time.
var directives = map[byte]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'B': "January", 'b': "Jan", 'A': "Monday", 'a': "Mon",
	'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'Z': "MST", 'z': "-0700", 'j': "002",
	'F': "2006-01-02", 'T': "15:04:05", 'D': "01/02/06",
}

// strftime writes a time in the way of C.
func strftime(t time.Time, format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if layout, ok := directives[format[i]]; ok {
			b.WriteString(t.Format(layout))
		} else if format[i] == '%' {
			b.WriteByte('%')
		} else {
			b.WriteString("%" + string(format[i]))
		}
	}
	return b.String()
}
