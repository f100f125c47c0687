package chat

import (
	"fmt"
	"strings"

	"github.com/nikolalohinski/gonja/v2/builtins"
	controls "github.com/nikolalohinski/gonja/v2/builtins/control_structures"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/nodes"
	"github.com/nikolalohinski/gonja/v2/parser"
)

// Bounds of what macros may do: one that calls itself would otherwise end the process.
const (
	maxMacroDepth = 64
	maxMacroCalls = 1 << 16
)

// callsKey is the variable that holds a rendering's *calls; no template can name it.
const callsKey = " calls"

// calls counts the calls of macros in a rendering.
type calls struct{ depth, total int }

// controlStructures returns the library's statements, with macros that are counted and
// errors that tell the line.
func controlStructures() *exec.ControlStructureSet {
	set := exec.NewControlStructureSet(map[string]parser.ControlStructureParser{}).Update(builtins.ControlStructures)
	wrapped := map[string]parser.ControlStructureParser{}
	for _, name := range []string{
		"block", "break", "call", "continue", "do", "filter", "for", "if", "macro", "raw", "set", "with",
	} {
		if parse, ok := set.Get(name); ok {
			wrapped[name] = withLine(parse)
		}
	}
	return set.Update(exec.NewControlStructureSet(wrapped))
}

// withLine is the parser of a statement whose errors tell the line, and whose macros are
// counted.
func withLine(parse parser.ControlStructureParser) parser.ControlStructureParser {
	return func(p, args *parser.Parser) (nodes.ControlStructure, error) {
		line := 0
		if token := p.Current(); token != nil {
			line = token.Line
		}
		node, err := parse(p, args)
		if err != nil && line > 0 && !strings.Contains(err.Error(), "Line: ") {
			return nil, fmt.Errorf("%w (Line: %d)", err, line)
		}
		if m, ok := node.(*controls.MacroControlStructure); ok && err == nil {
			return &countedMacro{m}, nil
		}
		return node, err
	}
}

// countedMacro is the statement macro.
type countedMacro struct {
	*controls.MacroControlStructure
}

// Execute implements [exec.ControlStructure].
func (m *countedMacro) Execute(r *exec.Renderer, tag *nodes.ControlStructureBlock) error {
	if err := m.MacroControlStructure.Execute(r, tag); err != nil {
		return err
	}
	ctx := r.Environment.Context
	made, _ := ctx.Get(m.Name)
	macro, ok := made.(exec.Macro)
	counter, _ := ctx.Get(callsKey)
	count, ok2 := counter.(*calls)
	if !ok || !ok2 {
		return fmt.Errorf("macro %s cannot be counted", m.Name)
	}
	ctx.Set(m.Name, exec.Macro(func(params *exec.VarArgs) *exec.Value {
		if count.depth >= maxMacroDepth || count.total >= maxMacroCalls {
			return exec.AsValue(fmt.Errorf("macro %s: more than %d calls within each other, or %d in all", m.Name, maxMacroDepth, maxMacroCalls))
		}
		count.depth++
		count.total++
		defer func() { count.depth-- }()
		return macro(params)
	}))
	return nil
}
