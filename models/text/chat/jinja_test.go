package chat

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestAsJinja renders what the template library alone reads otherwise than Jinja does.
func TestAsJinja(t *testing.T) {
	tools := []any{json.RawMessage(`{"type": "f", "b": {"z": 1, "a": [true, null, 2.5, 1e30, "é<'\"\n"]}, "e": {}, "l": []}`)}
	for template, want := range map[string]string{
		// White space before a tag goes where the tag begins a line, and only there.
		"{# a note #}\n{% for m in messages %}\n  {% if m.role == 'user' %}\n<{{ m.role }}>\n  {% endif %}\n{% endfor %}\nend": "<user>\n<user>\nend",
		"{{ 'a' }} {% if true %}b{% endif %} {% if true %}c{% endif %}":                                                        "a b c",
		// Indexes from the end.
		"{{ [7][-1] }} {{ messages[-1].content }} {{ 'x y'.split(' ')[-2] }} {{ 'abc'[-1] }} [-1]": "7 日本? x c [-1]",
		// JSON as Python writes it, fields in the order they came in.
		"{{ tools | tojson }}":                                   `[{"type": "f", "b": {"z": 1, "a": [true, null, 2.5, 1e+30, "é<'\"` + `\n"]}, "e": {}, "l": []}]`,
		"{{ tools[0].b.a[:2] | tojson(indent=2) }}":              "[\n  true,\n  null\n]",
		"{{ tools[0].b | tojson(sort_keys=true) }}":              `{"a": [true, null, 2.5, 1e+30, "é<'\"` + `\n"], "z": 1}`,
		"{{ tools[0].b.a[4] | tojson(ensure_ascii=true) }}":      `"\u00e9<'\"\n"`,
		"{{ messages[0] | tojson }}":                             `{"role": "system", "content": "Be brief."}`,
		"{% for k, v in tools[0].items() %}{{ k }},{% endfor %}": "type,b,e,l,",
		// Methods and functions.
		"{{ 'a-b-c'.replace('-', '+') }} {{ 'a-b-c'.replace('-', '+', 1) }}":                                          "a+b+c a+b-c",
		"{% for i in range(5, 0, -2) %}{{ i }}{% endfor %}{{ range(2)|list|length }}":                                 "5312",
		"{% macro t(m, mark='#') %}{{ mark }}{{ m.role }}{% endmacro %}{{ t(messages[0]) }}{{ t(messages[1], '*') }}": "#system*user",
	} {
		tpl, err := New(template, nil)
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		if got, err := tpl.Render(talk, Options{Tools: tools, Now: time.Unix(0, 0)}); err != nil || got != want {
			t.Errorf("%s\n got %q, %v\nwant %q", template, got, err, want)
		}
	}
}

// TestBounds renders templates that would end the process, or never end.
func TestBounds(t *testing.T) {
	for _, c := range []struct{ template, want string }{
		{"{% include 'chat_template' %}", `cannot read "chat_template"`},
		{"{% import '/etc/hostname' as x %}", `cannot read "/etc/hostname"`},
		{"{% extends '/etc/hostname' %}", `cannot read "/etc/hostname"`},
		{"{% for i in range(1000000000) %}{% endfor %}", "more than 100000 numbers"},
		{"{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}", "262144 in all"},
		{"{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "macro f: more than 64 calls"},
		{"\n{{ " + strings.Repeat("(", 1000), "line 2: brackets stand in each other more than 200 deep"},
		{strings.Repeat("\n{% if x %}", 1000), "line 202: statements stand in each other"},
		{"{{ 'a' % 'b' }}", "cannot be run"},
		{"{% for %}", "line 1"},
	} {
		tpl, err := New(c.template, nil)
		if err == nil {
			_, err = tpl.Render(talk, Options{})
		}
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.want)) {
			t.Errorf("%.60q: %v, want %s", c.template, err, c.want)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, s := range []string{chatML, brackets, tools, "{% macro f(x) %}{{ x }}{% endmacro %}{{ f(1) }}", "{% set x = [1][-1] %}{{ x // 2 }}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if len(source) > 1<<12 {
			return
		}
		tpl, err := New(source, nil)
		if err != nil {
			return
		}
		if text, err := tpl.Render(talk, Options{}); err == nil && len(text) > mostText {
			t.Errorf("%d bytes", len(text))
		}
	})
}
