package chat

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	// indentedTag matches a tag or comment that begins a line, with the white space
	// before it.
	indentedTag = regexp.MustCompile(`(?m)^[ \t]+(\{%[^+]|\{#)`)
	// tag matches what is code in a template.
	tag = regexp.MustCompile(`(?s)\{%.*?%\}|\{\{.*?\}\}`)
	// fromEnd matches an index that counts from the end of a list.
	fromEnd = regexp.MustCompile(`([\w)\]'"])\[\s*(-\d+)\s*\]`)
)

// prepare rewrites a template where the library reads it otherwise than Jinja does,
// without a change to its lines:
//
//   - white space before a tag that begins a line is no part of the text; the library's
//     own option takes white space between two tags of one line too;
//   - x[-1] of a list of one is its only element; the library gives nothing, but
//     reads x[-1:][0] right.
func prepare(source string) string {
	source = indentedTag.ReplaceAllString(source, "$1")
	return tag.ReplaceAllStringFunc(source, func(code string) string {
		return fromEnd.ReplaceAllString(code, "$1[$2:][0]")
	})
}

// maxNesting is how deep brackets or statements may stand in each other: the parser
// calls itself for each.
const maxNesting = 200

// statement matches the word of a statement that has an end, or of an end.
var statement = regexp.MustCompile(`\{%[-+]?\s*(end)?(if|for|macro|call|filter|with|set|block|autoescape|trans)\b`)

// checkNesting returns an error where source nests too deep.
func checkNesting(source string) error {
	depth := 0
	for i, c := range []byte(source) {
		switch c {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
		if depth > maxNesting {
			return fmt.Errorf("line %d: brackets stand in each other more than %d deep", 1+strings.Count(source[:i], "\n"), maxNesting)
		}
	}
	depth = 0
	for _, m := range statement.FindAllStringSubmatchIndex(source, -1) {
		switch {
		case m[2] >= 0:
			depth = max(depth-1, 0)
		case source[m[4]:m[5]] != "set": // most have no end
			depth++
		}
		if depth > maxNesting {
			return fmt.Errorf("line %d: statements stand in each other more than %d deep", 1+strings.Count(source[:m[0]], "\n"), maxNesting)
		}
	}
	return nil
}
