// Package chat writes a conversation as the text that a chat model was trained on, by the
// model's own template.
//
// Models come with a template in Jinja: in tokenizer_config.json, or as
// chat_template.jinja. Templates are run by gonja, set up as Hugging Face transformers
// sets up Jinja: blocks swallow the line break behind them and the white space before
// them, and there are raise_exception, strftime_now and tojson. A template comes from
// outside: it reads no files, its text is bounded, and what goes wrong in it is an error
// that names the line.
package chat
