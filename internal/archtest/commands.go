package archtest

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// command is one line of a shell block in a page: a program and its first argument.
type command struct {
	line      int
	program   string
	firstWord string
}

// target matches the rule of a Makefile that the user is meant to call.
var target = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):.*## \S`)

// CheckCommands returns the commands in the shell blocks of a Markdown page that do
// not exist: targets that the Makefile lacks, and sub-commands that cmd/infer does not
// register. A tree without cmd/infer has no sub-commands to compare with.
func CheckCommands(tree *Tree, name, page, makefile string) []Violation {
	var targets []string
	for _, match := range target.FindAllStringSubmatch(makefile, -1) {
		targets = append(targets, match[1])
	}
	subcommands, haveCLI := registered(tree)
	var found []Violation
	for _, c := range shellCommands(page) {
		pos := fmt.Sprintf("%s:%d", name, c.line)
		switch c.program {
		case "make":
			if !slices.Contains(targets, c.firstWord) {
				found = append(found, Violation{
					Pos: pos, What: fmt.Sprintf("make %s is no target of the Makefile", c.firstWord),
					Do: "name one that make help lists, or add it there",
				})
			}
		case "infer", "./bin/infer":
			if haveCLI && !slices.Contains(subcommands, c.firstWord) {
				found = append(found, Violation{
					Pos: pos, What: fmt.Sprintf("infer %s is no sub-command", c.firstWord),
					Do: "name one that infer --help lists, or register it in cmd/infer",
				})
			}
		}
	}
	return found
}

// shellCommands returns the commands of the page's blocks that are marked sh, bash,
// shell or console, without comments, prompts and environment settings.
func shellCommands(page string) []command {
	var found []command
	inShell := false
	for i, line := range strings.Split(page, "\n") {
		if lang, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			inShell = !inShell && slices.Contains([]string{"sh", "bash", "shell", "console"}, lang)
			continue
		}
		if !inShell {
			continue
		}
		line, _, _ = strings.Cut(line, "#")
		for part := range strings.FieldsFuncSeq(line, func(r rune) bool { return r == '|' || r == ';' || r == '&' }) {
			words := strings.Fields(strings.TrimPrefix(strings.TrimSpace(part), "$ "))
			words = slices.DeleteFunc(words, func(w string) bool { return strings.Contains(w, "=") && !strings.HasPrefix(w, "-") })
			if len(words) > 1 {
				found = append(found, command{line: i + 1, program: words[0], firstWord: words[1]})
			}
		}
	}
	return found
}

// registered returns the names of the sub-commands of cmd/infer: the first words of
// the Use fields in its composite literals, as cobra reads them.
func registered(tree *Tree) (names []string, haveCLI bool) {
	for _, pkg := range tree.Packages {
		if !below(pkg.Dir, "cmd/infer") {
			continue
		}
		if !haveCLI {
			haveCLI, names = true, append(names, "help", "completion") // cobra's own
		}
		for file := range pkg.Sources {
			for node := range ast.Preorder(file.AST) {
				if use, ok := useField(node); ok {
					names = append(names, use)
				}
			}
		}
	}
	return names, haveCLI
}

// useField returns the first word of the value where node is Use: "…".
func useField(node ast.Node) (string, bool) {
	field, ok := node.(*ast.KeyValueExpr)
	if !ok {
		return "", false
	}
	key, ok := field.Key.(*ast.Ident)
	if !ok || key.Name != "Use" {
		return "", false
	}
	value, ok := field.Value.(*ast.BasicLit)
	if !ok {
		return "", false
	}
	text, err := strconv.Unquote(value.Value)
	if err != nil {
		return "", false
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return "", false
	}
	return words[0], true
}
