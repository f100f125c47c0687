package constrain

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// mostStates bounds the states that are kept; where there are more, all are forgotten.
const mostStates = 1 << 14

// mostInstructions bounds the program of an expression.
const mostInstructions = 1 << 18

// automaton takes the bytes of an expression. Its states are sets of instructions of the
// expression's program, made as they are reached.
type automaton struct {
	prog   *syntax.Prog
	states map[string]*state
	start  *state
	mark   []bool // scratch, two an instruction: reached, and reached at the end only
}

// state is a place in the text.
type state struct {
	at      []uint32 // instructions that take a rune, in rising order
	pending string   // the bytes of a rune that is not whole yet
	accepts bool     // the text may end here
	next    [256]*state
	known   [256]bool
	mask    []uint64 // of the tokens that may follow, a bit each; nil until asked for
	open    bool     // some token may follow; known with mask
}

func newAutomaton(expr string) (*automaton, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("constrain: %w", err)
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return nil, fmt.Errorf("constrain: %w", err)
	}
	if len(prog.Inst) > mostInstructions {
		return nil, fmt.Errorf("constrain: the expression has %d instructions, expected at most %d", len(prog.Inst), mostInstructions)
	}
	for i := range prog.Inst {
		const ends = syntax.EmptyBeginText | syntax.EmptyEndText
		if in := &prog.Inst[i]; in.Op == syntax.InstEmptyWidth && syntax.EmptyOp(in.Arg)&^ends != 0 {
			return nil, fmt.Errorf("constrain: expression %q: word boundaries and ends of lines are not supported", expr)
		}
	}
	a := &automaton{prog: prog, states: map[string]*state{}, mark: make([]bool, 2*len(prog.Inst))}
	at, accepts := a.closure([]uint32{uint32(prog.Start)}, true)
	a.start = a.intern(at, "", accepts)
	return a, nil
}

// closure follows the instructions that take nothing. It returns those that take a rune,
// and whether the text may end there.
func (a *automaton) closure(from []uint32, atStart bool) (takes []uint32, accepts bool) {
	clear(a.mark)
	type item struct {
		pc  uint32
		end bool // behind an assertion that the text ends
	}
	stack := make([]item, 0, len(from))
	for _, pc := range from {
		stack = append(stack, item{pc, false})
	}
	for len(stack) > 0 {
		it := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		seen := &a.mark[2*it.pc]
		if it.end {
			seen = &a.mark[2*it.pc+1]
		}
		if *seen {
			continue
		}
		*seen = true
		in := &a.prog.Inst[it.pc]
		switch in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			stack = append(stack, item{in.Out, it.end}, item{in.Arg, it.end})
		case syntax.InstCapture, syntax.InstNop:
			stack = append(stack, item{in.Out, it.end})
		case syntax.InstEmptyWidth:
			op := syntax.EmptyOp(in.Arg)
			if op&syntax.EmptyBeginText != 0 && !atStart {
				continue
			}
			stack = append(stack, item{in.Out, it.end || op&syntax.EmptyEndText != 0})
		case syntax.InstMatch:
			accepts = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if !it.end {
				takes = append(takes, it.pc)
			}
		default: // nothing for the others
		}
	}
	slices.Sort(takes)
	return slices.Compact(takes), accepts
}

// intern returns the state of that description; nil where nothing can follow and the
// text cannot end.
func (a *automaton) intern(at []uint32, pending string, accepts bool) *state {
	if len(at) == 0 && !accepts {
		return nil
	}
	key := make([]byte, 0, 4*len(at)+len(pending)+1)
	for _, pc := range at {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	key = append(key, pending...)
	if key = append(key, byte(len(pending))); accepts {
		key = append(key, 1)
	}
	if s := a.states[string(key)]; s != nil {
		return s
	}
	if len(a.states) >= mostStates {
		clear(a.states) // states in use live on, and lead to new ones
	}
	s := &state{at: at, pending: pending, accepts: accepts && pending == ""}
	a.states[string(key)] = s
	return s
}

// step is the state behind a byte; nil where it cannot follow.
func (a *automaton) step(s *state, b byte) *state {
	if !s.known[b] {
		s.known[b], s.next[b] = true, a.take(s, b)
	}
	return s.next[b]
}

func (a *automaton) take(s *state, b byte) *state {
	text := s.pending + string([]byte{b})
	if !utf8.FullRuneInString(text) {
		low, high := runesWith(text)
		if low > high || !a.anyBetween(s.at, low, high) {
			return nil
		}
		return a.intern(s.at, text, false)
	}
	r, n := utf8.DecodeRuneInString(text)
	if n != len(text) || r == utf8.RuneError && n == 1 {
		return nil
	}
	var next []uint32
	for _, pc := range s.at {
		if in := &a.prog.Inst[pc]; in.MatchRune(r) {
			next = append(next, in.Out)
		}
	}
	if len(next) == 0 {
		return nil
	}
	at, accepts := a.closure(next, false)
	return a.intern(at, "", accepts)
}

// runesWith is the range of the runes whose encoding begins with text.
func runesWith(text string) (low, high rune) {
	first := text[0]
	var length int
	var bits rune
	switch {
	case first >= 0xC2 && first <= 0xDF:
		length, bits = 2, rune(first&0x1F)
	case first >= 0xE0 && first <= 0xEF:
		length, bits = 3, rune(first&0x0F)
	case first >= 0xF0 && first <= 0xF4:
		length, bits = 4, rune(first&0x07)
	default:
		return 1, 0
	}
	for i := 1; i < len(text); i++ {
		bits = bits<<6 | rune(text[i]&0x3F)
	}
	rest := 6 * (length - len(text))
	low, high = bits<<rest, (bits+1)<<rest-1
	least := []rune{0, 0, 0x80, 0x800, 0x10000}[length]
	return max(low, least), min(high, unicode.MaxRune)
}

// anyBetween says whether an instruction takes a rune of a range.
func (a *automaton) anyBetween(at []uint32, low, high rune) bool {
	for _, pc := range at {
		in := &a.prog.Inst[pc]
		switch {
		case in.Op == syntax.InstRuneAny, in.Op == syntax.InstRuneAnyNotNL:
			return true
		case len(in.Rune) == 1: // and the runes that it is equal to but for case
			for r := in.Rune[0]; ; {
				if low <= r && r <= high && in.MatchRune(r) {
					return true
				}
				if r = unicode.SimpleFold(r); r == in.Rune[0] {
					break
				}
			}
		default:
			for i := 0; i+1 < len(in.Rune); i += 2 {
				if in.Rune[i] <= high && low <= in.Rune[i+1] {
					return true
				}
			}
		}
	}
	return false
}
