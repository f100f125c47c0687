package chat

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/seed6700ada1/infer/models/folder"
)

// ErrNone is the error of Load where a model has no template: it is none for chat.
var ErrNone = errors.New("chat: the model has no chat template")

// Load reads the template of a model's folder: chat_template.jinja, or chat_template of
// tokenizer_config.json, where there may be several of which name picks one ("" is
// "default").
func Load(f *folder.Folder, name string) (*Template, error) {
	var fields map[string]json.RawMessage
	if _, err := f.JSON("tokenizer_config.json", &fields); err != nil {
		return nil, fmt.Errorf("chat: %w", err)
	}
	vars := map[string]any{}
	for _, key := range []string{"bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token"} {
		if token := content(fields[key]); token != "" {
			vars[key] = token
		}
	}
	source, err := f.Read("chat_template.jinja")
	if err != nil {
		return nil, fmt.Errorf("chat: %w", err)
	}
	if source != nil {
		return New(string(source), vars)
	}
	text, err := choose(fields["chat_template"], name)
	if err != nil {
		return nil, err
	}
	return New(text, vars)
}

// content is the text of a token, which a file gives by itself or with its properties.
func content(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var token struct {
		Content string `json:"content"`
	}
	if json.Unmarshal(raw, &token) == nil {
		return token.Content
	}
	return ""
}

// choose picks a template of one or several.
func choose(raw json.RawMessage, name string) (string, error) {
	var one *string
	var several []struct {
		Name     string `json:"name"`
		Template string `json:"template"`
	}
	switch {
	case raw == nil:
		return "", ErrNone
	case json.Unmarshal(raw, &one) == nil:
		if one == nil {
			return "", ErrNone
		}
		return *one, nil
	case json.Unmarshal(raw, &several) != nil:
		return "", errors.New("chat: tokenizer_config.json: chat_template is neither a text nor a list of names and templates")
	}
	if name == "" {
		name = "default"
	}
	for _, t := range several {
		if t.Name == name {
			return t.Template, nil
		}
	}
	return "", fmt.Errorf("chat: the model has no template %q among its %d", name, len(several))
}
