package chat

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed6700ada1/infer/models/folder"
)

// Templates in the styles of the families, with the constructs that each is known for.
const (
	chatML = `{% for m in messages %}
{{ '<|im_start|>' + m['role'] + '\n' + m.content | trim + '<|im_end|>' }}
{% endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant' }}
{% endif %}`

	brackets = `{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Turns must alternate') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\n' + system_message + '\n<</SYS>>\n\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}`

	tools = `{%- set ns = namespace(found=false) -%}
{%- if tools is defined and tools %}
Tools: {{ tools | tojson }}
{%- endif -%}
{%- for m in messages -%}
    {%- if m.role == 'user' %}{% set ns.found = true %}{% endif -%}
    {%- if not loop.first %}|{% endif -%}
    {{- m.role | upper }}:{{ m.content.split('\n')[0] -}}
    {%- if loop.last and ns.found %}!{% endif -%}
{%- endfor -%}
{{ '\n' ~ strftime_now('%d %b %Y') }}`
)

var talk = []Message{{Role: "system", Content: "Be brief."}, {Role: "user", Content: " Hi \nthere"}, {Role: "assistant", Content: "Hello."}, {Role: "user", Content: "日本?"}}

func TestRender(t *testing.T) {
	for name, tt := range map[string]struct {
		template string
		opts     Options
		want     string
	}{
		"chatml":   {chatML, Options{Continue: true}, "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi \nthere<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\n日本?<|im_end|>\n<|im_start|>assistant\n"},
		"brackets": {brackets, Options{}, "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n Hi \nthere [/INST] Hello. </s><s>[INST] 日本? [/INST]"},
		"tools": {
			tools,
			Options{Tools: []any{map[string]any{"name": "f", "text": "a, <b>: é"}}, Now: time.Date(2024, 7, 3, 0, 0, 0, 0, time.UTC)},
			`Tools: [{"name": "f", "text": "a, <b>: é"}]SYSTEM:Be brief.|USER: Hi |ASSISTANT:Hello.|USER:日本?!` + "\n03 Jul 2024",
		},
		"more": {"{{ thinking }}{{ messages[0].extra }}{{ unknown }}{% if unknown is not defined %}-{% endif %}", Options{More: map[string]any{"thinking": 1}}, "1-"},
	} {
		tpl, err := New(tt.template, map[string]any{"bos_token": "<s>", "eos_token": "</s>"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for range 2 { // running it changes nothing
			got, err := tpl.Render(talk, tt.opts)
			if err != nil || got != tt.want {
				t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
			}
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	for template, line := range map[string]string{
		"a\nb\n{% for m in messages %}\n":  "line ",
		"a\n{% if %}{% endif %}":           "line 2",
		"a\n\n{{ messages[0]['content' }}": "line 3",
		"a\n{{ messages | nosuchfilter }}": "line 2",
		"a\n{% include '/etc/hostname' %}": "",
		"{{ messages.nothing.at.all() }}":  "",
	} {
		tpl, err := New(template, nil)
		if err == nil {
			_, err = tpl.Render(talk, Options{})
		}
		if err == nil || !strings.Contains(err.Error(), line) || len(err.Error()) > 500 {
			t.Errorf("%q: %v, want an error with %q", template, err, line)
		}
	}
}

func TestRaise(t *testing.T) {
	tpl, err := New(brackets, map[string]any{"bos_token": "<s>", "eos_token": "</s>"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpl.Render([]Message{{Role: "assistant", Content: "I begin."}}, Options{})
	if raised := new(RaisedError); !errors.As(err, &raised) || raised.Message != "Turns must alternate" {
		t.Errorf("%v, want what the template raised", err)
	}
}

func TestLoad(t *testing.T) {
	for name, tt := range map[string]struct {
		config, jinja, pick string
		want, says          string
	}{
		"one":     {`{"bos_token": {"content": "<b>"}, "chat_template": "{{ bos_token }}{{ messages|length }}"}`, "", "", "<b>4", ""},
		"several": {`{"chat_template": [{"name": "default", "template": "d"}, {"name": "rag", "template": "r"}]}`, "", "rag", "r", ""},
		"absent":  {`{"chat_template": [{"name": "default", "template": "d"}]}`, "", "rag", "", `no template "rag"`},
		"file":    {`{"eos_token": "<e>", "chat_template": "no"}`, "{{ eos_token }}", "", "<e>", ""},
		"none":    {`{}`, "", "", "", "no chat template"},
		"broken":  {`{"chat_template": 3}`, "", "", "", "neither a text nor a list"},
	} {
		dir := t.TempDir()
		files := map[string]string{"model.onnx": "", "tokenizer_config.json": tt.config}
		if tt.jinja != "" {
			files["chat_template.jinja"] = tt.jinja
		}
		for file, content := range files {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		f, err := folder.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		tpl, err := Load(f, tt.pick)
		got := ""
		if err == nil {
			got, err = tpl.Render(talk, Options{})
		}
		if got != tt.want || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, %v, want %q %s", name, got, err, tt.want, tt.says)
		}
	}
}
