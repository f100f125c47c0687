package chat

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
)

// mostText bounds in bytes a template, and what it may write.
const mostText = 64 << 20

// Message is a turn of a conversation.
type Message struct {
	Role    string `json:"role"` // system, user, assistant, or what else the template knows
	Content string `json:"content"`
	// More holds fields beside these that the template may ask for, such as tool_calls.
	More map[string]any `json:"-"`
}

// Options say what a template gets beside the messages.
type Options struct {
	Continue bool           // end where the assistant's next turn begins (add_generation_prompt)
	Tools    []any          // that the model may call, as JSON values; a json.RawMessage keeps the order of its fields
	More     map[string]any // other variables, such as enable_thinking
	Now      time.Time      // for strftime_now; zero is the time of the call
}

// Template is a chat template. It is safe for concurrent use.
type Template struct {
	source string
	vars   map[string]any // such as bos_token
}

// New reads a template. vars are variables that it gets each time, such as bos_token and
// eos_token. An error names the line.
func New(source string, vars map[string]any) (*Template, error) {
	if len(source) > mostText {
		return nil, fmt.Errorf("chat: a template of %d bytes, expected at most %d", len(source), mostText)
	}
	if err := checkNesting(source); err != nil {
		return nil, fmt.Errorf("chat: template, %w", err)
	}
	t := &Template{source: prepare(source), vars: vars}
	if _, err := t.parse(source, time.Time{}, nil); err != nil { // refuse what is broken
		return nil, t.located(err)
	}
	return t, nil
}

// Render writes a conversation.
func (t *Template) Render(messages []Message, o Options) (string, error) {
	now := o.Now
	if now.IsZero() {
		now = time.Now()
	}
	// parsed anew each time: what gonja makes of a template is changed by running it
	raised := new(RaisedError)
	parsed, err := t.parse(t.source, now, raised)
	if err != nil {
		return "", t.explain(err)
	}
	vars, err := t.variables(messages, o)
	if err != nil {
		return "", err
	}
	var out limited
	err = guard(func() error { return parsed.Execute(&out, exec.NewContext(vars)) })
	switch {
	case err != nil && raised.Message != "":
		return "", fmt.Errorf("chat: the template refuses the conversation: %w", raised)
	case err != nil:
		return "", t.explain(err)
	}
	return out.String(), nil
}

// variables returns what the template gets, as it sees it.
func (t *Template) variables(messages []Message, o Options) (map[string]any, error) {
	vars := map[string]any{callsKey: &calls{}}
	maps.Copy(vars, t.vars)
	more := maps.Clone(o.More)
	if more == nil {
		more = map[string]any{}
	}
	if o.Tools != nil {
		more["tools"] = o.Tools
	}
	for name, v := range more {
		var err error
		if vars[name], err = value(v); err != nil {
			return nil, fmt.Errorf("chat: %s: %w", name, err)
		}
	}
	list := make([]any, len(messages))
	for i := range messages {
		var err error
		if list[i], err = messages[i].value(); err != nil {
			return nil, fmt.Errorf("chat: message %d: %w", i, err)
		}
	}
	vars["messages"], vars["add_generation_prompt"] = list, o.Continue
	return vars, nil
}

// parse reads a template, or a part of it. now is the time that strftime_now tells, and
// raised gets what raise_exception says.
func (t *Template) parse(source string, now time.Time, raised *RaisedError) (parsed *exec.Template, err error) {
	cfg := config.New()
	cfg.TrimBlocks = true // LeftStripBlocks is done by prepare
	err = guard(func() error {
		parsed, err = exec.NewTemplate("chat_template", cfg, &once{source: source}, environment(now, raised))
		return err
	})
	return parsed, err
}

// environment is what templates may use.
func environment(now time.Time, raised *RaisedError) *exec.Environment {
	context := exec.EmptyContext().Update(builtins.GlobalFunctions).Update(builtins.GlobalVariables)
	context.Set("raise_exception", func(message string) (string, error) {
		raised.Message = message
		return "", raised
	})
	context.Set("range", numbers())
	context.Set("strftime_now", func(format string) string { return strftime(now, format) })
	filters := exec.NewFilterSet(map[string]exec.FilterFunction{}).Update(builtins.Filters).
		Update(exec.NewFilterSet(map[string]exec.FilterFunction{"tojson": toJSON}))
	return &exec.Environment{
		Context:           context,
		Filters:           filters,
		Tests:             builtins.Tests,
		ControlStructures: controlStructures(),
		Methods:           methods(),
	}
}

// once is a loader that gives a template to itself: it cannot include, import or extend
// another, nor itself without end.
type once struct {
	source string
	read   bool
}

var _ loaders.Loader = (*once)(nil)

// Read implements [loaders.Loader].
func (l *once) Read(name string) (io.Reader, error) {
	if l.read {
		return nil, fmt.Errorf("a chat template cannot read %q", name)
	}
	l.read = true
	return strings.NewReader(l.source), nil
}

// Resolve implements [loaders.Loader].
func (l *once) Resolve(name string) (string, error) { return name, nil }

// Inherit implements [loaders.Loader].
func (l *once) Inherit(string) (loaders.Loader, error) { return l, nil }

// RaisedError is what a template says with raise_exception: that it cannot write such a
// conversation.
type RaisedError struct{ Message string }

// Error is the template's message.
func (e *RaisedError) Error() string { return e.Message }

// guard turns a panic of the template engine into an error.
func guard(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the template cannot be run: %v", r)
		}
	}()
	return f()
}

// linePattern is how gonja says where in a template something is.
var linePattern = regexp.MustCompile(`(?i)\bline:? ?(\d+)`)

// explain makes an error of one of gonja's, which may quote the whole template: what the
// template raised, or the last of its reasons, and the line.
func (t *Template) explain(err error) error {
	reason := reasonOf(err, t.source)
	if m := linePattern.FindAllStringSubmatch(reason, -1); m != nil {
		if n, e := strconv.Atoi(m[len(m)-1][1]); e == nil {
			return fmt.Errorf("chat: template, line %d: %s", n, reason)
		}
	}
	return fmt.Errorf("chat: template: %s", reason)
}

// reasonOf is what gonja says without the template, which it quotes.
func reasonOf(err error, source string) string {
	reason := strings.TrimSpace(strings.ReplaceAll(err.Error(), source, "…"))
	if i := strings.LastIndex(reason, "…': "); i >= 0 {
		reason = reason[i+len("…': "):]
	}
	return reason
}

// located is explain for what does not parse. Where gonja does not say the line, it is
// the last of the fewest lines that are wrong in the same way.
func (t *Template) located(err error) error {
	reason := reasonOf(err, t.source)
	if linePattern.MatchString(reason) {
		return t.explain(err)
	}
	const most = 5000 // lines that are tried
	part, number := "", 0
	for line := range strings.Lines(t.source) {
		if number++; number > most {
			break
		}
		part += line
		if _, e := t.parse(part, time.Time{}, nil); e != nil && reasonOf(e, part) == reason {
			return fmt.Errorf("chat: template, line %d: %s", number, reason)
		}
	}
	return t.explain(err)
}

// limited is a text that may not grow without end.
type limited struct{ strings.Builder }

var errTooLong = fmt.Errorf("the template writes more than %d bytes", mostText)

// Write adds to the text.
func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > mostText {
		return 0, errTooLong
	}
	return l.Builder.Write(p)
}

// WriteString adds to the text.
func (l *limited) WriteString(s string) (int, error) { return l.Write([]byte(s)) }

var _ io.Writer = (*limited)(nil)
