package constrain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// JSON texts as expressions. Between tokens of JSON there may be one space.
const (
	gap        = ` ?`
	anyChar    = `([^"\\\x00-\x1F]|\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4})`
	anyString  = `"` + anyChar + `*"`
	anyInteger = `-?(0|[1-9][0-9]{0,17})`
	anyNumber  = anyInteger + `(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,3})?`
	anyScalar  = `(` + anyString + `|` + anyNumber + `|true|false|null)`
)

// How deep values go of which a schema says nothing, and schemas that refer to each other.
const (
	freeDepth   = 2
	mostDepth   = 32
	mostPattern = 1 << 20 // bytes of an expression
)

// Schema makes a constraint of a JSON schema: type, enum, const, anyOf, oneOf, $ref within
// the schema, properties and required, items, prefixItems, minItems and maxItems,
// minLength, maxLength and pattern. Objects have the properties that are named, in their
// order, and no others. What an expression cannot say is an error: recursion, bounds of
// numbers, allOf, not.
func Schema(v *Vocabulary, schema []byte) (*Constraint, error) {
	expr, err := SchemaExpression(schema)
	if err != nil {
		return nil, err
	}
	return Regexp(v, expr)
}

// SchemaExpression returns the regular expression of a JSON schema.
func SchemaExpression(schema []byte) (string, error) {
	c := compiler{}
	if err := json.Unmarshal(schema, &c.root); err != nil {
		return "", fmt.Errorf("constrain: the schema is no JSON: %w", err)
	}
	expr, err := c.value(schema, 0)
	if err != nil {
		return "", fmt.Errorf("constrain: schema: %w", err)
	}
	return expr, nil
}

type compiler struct{ root json.RawMessage }

// node is a schema.
type node struct {
	Type        json.RawMessage   `json:"type"`
	Enum        []json.RawMessage `json:"enum"`
	Const       json.RawMessage   `json:"const"`
	AnyOf       []json.RawMessage `json:"anyOf"`
	OneOf       []json.RawMessage `json:"oneOf"`
	Ref         string            `json:"$ref"`
	Properties  json.RawMessage   `json:"properties"`
	Required    []string          `json:"required"`
	Items       json.RawMessage   `json:"items"`
	PrefixItems []json.RawMessage `json:"prefixItems"`
	MinItems    int               `json:"minItems"`
	MaxItems    *int              `json:"maxItems"`
	MinLength   int               `json:"minLength"`
	MaxLength   *int              `json:"maxLength"`
	Pattern     string            `json:"pattern"`
}

// unsupported are the words that would be ignored if they were not refused.
var unsupported = []string{
	"allOf", "not", "if", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
	"uniqueItems", "contains", "patternProperties", "dependentRequired", "dependentSchemas", "minProperties", "maxProperties",
}

// value returns the expression of a schema.
func (c *compiler) value(schema []byte, depth int) (string, error) {
	if depth > mostDepth {
		return "", fmt.Errorf("deeper than %d, or it refers to itself: an expression cannot say that", mostDepth)
	}
	switch text := string(bytes.TrimSpace(schema)); text {
	case "true":
		return free(freeDepth), nil
	case "false":
		return "", errors.New("nothing matches the schema false")
	}
	var words map[string]json.RawMessage
	var n node
	if err := errors.Join(json.Unmarshal(schema, &words), json.Unmarshal(schema, &n)); err != nil {
		return "", fmt.Errorf("%.40s: %w", schema, err)
	}
	for _, word := range unsupported {
		if _, ok := words[word]; ok {
			return "", fmt.Errorf("%q is not supported", word)
		}
	}
	switch {
	case n.Ref != "":
		target, err := c.resolve(n.Ref)
		if err != nil {
			return "", err
		}
		return c.value(target, depth+1)
	case n.Const != nil:
		return literal(n.Const)
	case n.Enum != nil:
		return oneOf(n.Enum, literal)
	case n.AnyOf != nil || n.OneOf != nil:
		return oneOf(append(n.AnyOf, n.OneOf...), func(s json.RawMessage) (string, error) { return c.value(s, depth+1) })
	}
	types, err := n.types()
	if err != nil {
		return "", err
	}
	return oneOf(types, func(t string) (string, error) { return c.typed(t, &n, depth) })
}

// types lists the types that a schema allows. Without the word they are told from others.
func (n *node) types() ([]string, error) {
	if n.Type == nil {
		switch {
		case n.Properties != nil:
			return []string{"object"}, nil
		case n.Items != nil || n.PrefixItems != nil:
			return []string{"array"}, nil
		case n.Pattern != "" || n.MaxLength != nil || n.MinLength > 0:
			return []string{"string"}, nil
		}
		return []string{"any"}, nil
	}
	var one string
	if json.Unmarshal(n.Type, &one) == nil {
		return []string{one}, nil
	}
	var list []string
	if err := json.Unmarshal(n.Type, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("type %s: expected a name or a list of names", n.Type)
	}
	return list, nil
}

func (c *compiler) typed(t string, n *node, depth int) (string, error) {
	switch t {
	case "any":
		return free(freeDepth), nil
	case "null":
		return "null", nil
	case "boolean":
		return "(true|false)", nil
	case "integer":
		return anyInteger, nil
	case "number":
		return anyNumber, nil
	case "string":
		return n.text()
	case "array":
		return c.array(n, depth)
	case "object":
		return c.object(n, depth)
	}
	return "", fmt.Errorf("type %q is not known", t)
}

// text is the expression of a string.
func (n *node) text() (string, error) {
	if n.Pattern != "" {
		if _, err := regexp.Compile(n.Pattern); err != nil {
			return "", fmt.Errorf("pattern %q: %w", n.Pattern, err)
		}
		if strings.ContainsAny(n.Pattern, `"`) {
			return "", fmt.Errorf("pattern %q: quotes are not supported", n.Pattern)
		}
		return `"(` + strings.TrimSuffix(strings.TrimPrefix(n.Pattern, "^"), "$") + `)"`, nil
	}
	count, err := bounds(n.MinLength, n.MaxLength)
	return `"` + anyChar + count + `"`, err
}

// bounds is the count of an expression's repetition; the syntax ends at 1000.
func bounds(least int, most *int) (string, error) {
	const limit = 1000
	if least < 0 || least > limit || most != nil && (*most < least || *most > limit) {
		return "", fmt.Errorf("bounds of %d and more: expected 0 to %d, in order", least, limit)
	}
	switch {
	case most != nil:
		return fmt.Sprintf("{%d,%d}", least, *most), nil
	case least > 0:
		return fmt.Sprintf("{%d,}", least), nil
	}
	return "*", nil
}

func (c *compiler) array(n *node, depth int) (string, error) {
	var fixed []string
	for _, s := range n.PrefixItems {
		item, err := c.value(s, depth+1)
		if err != nil {
			return "", err
		}
		fixed = append(fixed, item)
	}
	if len(fixed) > 0 {
		return `\[` + gap + strings.Join(fixed, ","+gap) + gap + `\]`, nil
	}
	item := free(freeDepth - 1)
	if n.Items != nil {
		var err error
		if item, err = c.value(n.Items, depth+1); err != nil {
			return "", err
		}
	}
	if n.MaxItems != nil && *n.MaxItems == 0 {
		return `\[` + gap + `\]`, nil
	}
	var rest *int
	if n.MaxItems != nil {
		rest = new(int)
		*rest = *n.MaxItems - 1
	}
	count, err := bounds(max(n.MinItems-1, 0), rest)
	list := item + "(," + gap + item + ")" + count
	if n.MinItems == 0 {
		list = "(" + list + ")?"
	}
	return sized(`\[`+gap+list+gap+`\]`, err)
}

func sized(expr string, err error) (string, error) {
	if err == nil && len(expr) > mostPattern {
		err = fmt.Errorf("the expression has more than %d bytes", mostPattern)
	}
	return expr, err
}

// property is a named value of an object.
type property struct {
	expr     string
	required bool
}

func (c *compiler) object(n *node, depth int) (string, error) {
	if n.Properties == nil {
		return object(free(freeDepth - 1)), nil
	}
	dec := json.NewDecoder(bytes.NewReader(n.Properties)) // keeps the order
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return "", errors.New("properties: expected an object")
	}
	var list []property
	names := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return "", err
		}
		name, _ := key.(string)
		var s json.RawMessage
		if err := dec.Decode(&s); err != nil {
			return "", fmt.Errorf("property %q: %w", name, err)
		}
		value, err := c.value(s, depth+1)
		if err != nil {
			return "", fmt.Errorf("property %q: %w", name, err)
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return "", err
		}
		names[name] = true
		list = append(list, property{regexp.QuoteMeta(string(quoted)) + gap + ":" + gap + value, slices.Contains(n.Required, name)})
	}
	for _, name := range n.Required {
		if !names[name] {
			return "", fmt.Errorf("required property %q is not among the properties", name)
		}
	}
	return sized(`\{`+gap+members(list)+gap+`\}`, nil)
}

// members is the expression of an object's members: one alternative for each that may be
// the first, behind which the others follow with a comma.
func members(list []property) string {
	var starts []string
	for i, p := range list {
		var text strings.Builder
		text.WriteString(p.expr)
		for _, q := range list[i+1:] {
			more := "(," + gap + q.expr + ")"
			if !q.required {
				more += "?"
			}
			text.WriteString(more)
		}
		if starts = append(starts, text.String()); p.required {
			return "(" + strings.Join(starts, "|") + ")"
		}
	}
	if len(starts) == 0 {
		return ""
	}
	return "(" + strings.Join(starts, "|") + ")?"
}

func object(value string) string {
	member := anyString + gap + ":" + gap + value
	return `\{` + gap + "(" + member + "(," + gap + member + ")*)?" + gap + `\}`
}

// free is any value that goes depth objects or lists deep.
func free(depth int) string {
	if depth <= 0 {
		return anyScalar
	}
	inner := free(depth - 1)
	return "(" + anyScalar + `|\[` + gap + "(" + inner + "(," + gap + inner + ")*)?" + gap + `\]|` + object(inner) + ")"
}

// literal is the expression of one value.
func literal(value json.RawMessage) (string, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, value); err != nil {
		return "", err
	}
	return regexp.QuoteMeta(compact.String()), nil
}

// oneOf is the expression of alternatives.
func oneOf[T any](list []T, of func(T) (string, error)) (string, error) {
	exprs := make([]string, len(list))
	for i, x := range list {
		var err error
		if exprs[i], err = of(x); err != nil {
			return "", err
		}
	}
	if len(exprs) == 0 {
		return "", errors.New("no alternatives: nothing matches")
	}
	return "(" + strings.Join(exprs, "|") + ")", nil
}

// resolve finds what #/a/b refers to.
func (c *compiler) resolve(ref string) ([]byte, error) {
	path, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return nil, fmt.Errorf("$ref %q: expected a place in the schema, as #/$defs/name", ref)
	}
	at := c.root
	for word := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if word == "" {
			continue
		}
		var object map[string]json.RawMessage
		word = strings.NewReplacer("~1", "/", "~0", "~").Replace(word)
		if err := json.Unmarshal(at, &object); err != nil || object[word] == nil {
			return nil, fmt.Errorf("$ref %q: the schema has no such place", ref)
		}
		at = object[word]
	}
	return at, nil
}
