package pattern

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Classes that Oniguruma reads by Unicode and others by ASCII, as the inside of a
// bracket. White space is spelled out: not every matcher knows the property.
const (
	spaceClass = "\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
	wordClass  = `\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}Ⓐ-ⓩ🄰-🅉🅐-🅩🅰-🆉`
	wordAlone  = wordClass + `²³¹¼-¾` // outside of a class Latin-1 has more words
	hexClass   = `0-9A-Fa-f`
)

// posix holds the named classes, [:name:].
var posix = map[string]string{
	"alpha": `\p{L}\p{Mc}\p{Nl}`, "digit": `\p{Nd}`, "alnum": `\p{L}\p{Mc}\p{Nl}\p{Nd}`, "upper": `\p{Lu}`, "lower": `\p{Ll}`,
	"space": spaceClass, "punct": `\p{P}\p{S}`, "word": wordClass, "xdigit": hexClass, "blank": "\\p{Zs}\t", "cntrl": `\p{Cc}`,
}

// maxExpr bounds the length of an expression.
const maxExpr = 1 << 16

// translation rewrites an expression from Oniguruma's dialect to what regexp and
// regexp2 have in common.
type translation struct {
	in         string
	pos        int
	out        strings.Builder
	backtracks bool  // needs a matcher that backtracks
	atom       int   // where in out the last atom began, or -1
	groups     []int // where in out the open groups began
}

var errTruncated = errors.New("ends within an escape, class or group")

func translate(expr string) (*translation, error) {
	if len(expr) > maxExpr {
		return nil, fmt.Errorf("longer than %d bytes", maxExpr)
	}
	t := &translation{in: expr, atom: -1}
	for t.pos < len(t.in) {
		if err := t.step(); err != nil {
			return nil, err
		}
	}
	if len(t.groups) > 0 {
		return nil, errors.New("a group is not closed")
	}
	return t, nil
}

// step translates one element.
func (t *translation) step() error {
	c := t.in[t.pos]
	switch c {
	case '\\':
		t.atom = t.out.Len()
		return t.escape()
	case '[':
		t.atom = t.out.Len()
		return t.class()
	case '(':
		return t.open()
	case ')':
		if len(t.groups) == 0 {
			return errors.New("a group is closed that was not opened")
		}
		t.atom = t.groups[len(t.groups)-1]
		t.groups = t.groups[:len(t.groups)-1]
		t.out.WriteByte(')')
	case '|':
		t.atom = -1
		t.out.WriteByte('|')
	case '^', '$': // of a line, always
		t.atom = t.out.Len()
		t.out.WriteString("(?m:" + string(c) + ")")
	case '*', '+', '?', '{':
		return t.quantifier()
	default:
		_, n := utf8.DecodeRuneInString(t.in[t.pos:])
		t.atom = t.out.Len()
		t.out.WriteString(t.in[t.pos : t.pos+n])
		t.pos += n
		return nil
	}
	t.pos++
	return nil
}

// escape translates a backslash and what belongs to it, outside of a class.
func (t *translation) escape() error {
	if t.pos+1 >= len(t.in) {
		return errTruncated
	}
	c := t.in[t.pos+1]
	switch c {
	case 's', 'w', 'h', 'd':
		t.out.WriteString("[" + alone(c) + "]")
	case 'S', 'W', 'H', 'D':
		t.out.WriteString("[^" + alone(c|0x20) + "]")
	case 'b', 'B': // the matchers know words of their own
		t.backtracks = true
		same := "(?<=[" + wordAlone + "])(?=[" + wordAlone + "])|(?<![" + wordAlone + "])(?![" + wordAlone + "])"
		if c == 'B' {
			t.out.WriteString("(?:" + same + ")")
		} else {
			t.out.WriteString("(?!" + same + ")")
		}
	case 'G', 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'Z':
		t.backtracks = true
		t.out.WriteString(t.in[t.pos : t.pos+2])
	case 'R', 'X', 'K', 'y', 'Y', 'O', 'N':
		return fmt.Errorf(`\%c is not supported`, c)
	default:
		return t.literal()
	}
	t.pos += 2
	return nil
}

// literal translates an escape that means the same inside and outside of a class.
func (t *translation) literal() error {
	if t.pos+1 >= len(t.in) {
		return errTruncated
	}
	c, rest := t.in[t.pos+1], t.in[t.pos+2:]
	switch c {
	case 'p', 'P':
		end := strings.IndexByte(rest, '}')
		if end < 1 || rest[0] != '{' {
			return errTruncated
		}
		name, negated := strings.CutPrefix(rest[1:end], "^")
		if negated {
			c ^= 'p' ^ 'P'
		}
		if unicode.Categories[name] == nil && unicode.Scripts[name] == nil {
			return fmt.Errorf(`\p{%s} is not a category or script that is known`, name)
		}
		t.out.WriteString(`\` + string(c) + "{" + name + "}")
		t.pos += 3 + end
		return nil
	case 'x', 'u':
		return t.codePoint(c, rest)
	case 'e':
		t.out.WriteByte(0x1b)
	default:
		r, n := utf8.DecodeRuneInString(t.in[t.pos+1:])
		if r >= utf8.RuneSelf {
			t.out.WriteRune(r)
			t.pos += 1 + n
			return nil
		}
		t.out.WriteString(t.in[t.pos : t.pos+2])
	}
	t.pos += 2
	return nil
}

// codePoint translates \xHH, \x{H…} and \uHHHH to the character itself.
func (t *translation) codePoint(c byte, rest string) error {
	digits, skip := "", 2
	switch {
	case strings.HasPrefix(rest, "{"):
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return errTruncated
		}
		digits, skip = rest[1:end], 3+end
	case c == 'u' && len(rest) >= 4:
		digits, skip = rest[:4], 6
	case c == 'x' && len(rest) >= 2:
		digits, skip = rest[:2], 4
	}
	r := rune(0)
	if _, err := fmt.Sscanf(digits, "%x", &r); err != nil || !utf8.ValidRune(r) {
		return fmt.Errorf(`\%c wants a code point in hexadecimal digits`, c)
	}
	if r < utf8.RuneSelf && strings.ContainsRune(`\^$.|?*+()[]{}-&`, r) {
		t.out.WriteByte('\\')
	}
	t.out.WriteRune(r)
	t.pos += skip
	return nil
}

// shorthand returns the inside of the bracket that \c stands for.
func shorthand(c byte) string {
	switch c {
	case 's':
		return spaceClass
	case 'w':
		return wordClass
	case 'h':
		return hexClass
	default:
		return `\p{Nd}`
	}
}

// alone is shorthand for \c outside of a bracket.
func alone(c byte) string {
	if c == 'w' {
		return wordAlone
	}
	return shorthand(c)
}

// class translates a bracket.
func (t *translation) class() error {
	t.out.WriteByte('[')
	t.pos++
	if t.pos < len(t.in) && t.in[t.pos] == '^' {
		t.out.WriteByte('^')
		t.pos++
	}
	for first := true; t.pos < len(t.in); first = false {
		c := t.in[t.pos]
		switch {
		case c == ']' && !first:
			t.out.WriteByte(']')
			t.pos++
			return nil
		case c == ']':
			t.out.WriteString(`\]`)
			t.pos++
		case strings.HasPrefix(t.in[t.pos:], "[:"):
			end := strings.Index(t.in[t.pos:], ":]")
			if end < 0 {
				return errTruncated
			}
			name := t.in[t.pos+2 : t.pos+end]
			inside, ok := posix[name]
			if !ok {
				return fmt.Errorf("[:%s:] is not a class that is known", name)
			}
			t.out.WriteString(inside)
			t.pos += end + 2
		case c == '[', strings.HasPrefix(t.in[t.pos:], "&&"):
			return errors.New("a class inside a class is not supported")
		case c == '\\':
			if err := t.classEscape(); err != nil {
				return err
			}
		default:
			t.out.WriteByte(c)
			t.pos++
		}
	}
	return errTruncated
}

// classEscape translates a backslash and what belongs to it, inside a class.
func (t *translation) classEscape() error {
	if t.pos+1 >= len(t.in) {
		return errTruncated
	}
	switch c := t.in[t.pos+1]; c {
	case 's', 'w', 'h', 'd':
		t.out.WriteString(shorthand(c))
		t.pos += 2
	case 'S': // the backtracking matcher has it by Unicode
		t.backtracks = true
		t.out.WriteString(`\S`)
		t.pos += 2
	case 'D':
		t.out.WriteString(`\P{Nd}`)
		t.pos += 2
	case 'W', 'H':
		return fmt.Errorf(`\%c inside a class is not supported`, c)
	default:
		return t.literal()
	}
	return nil
}

// open translates the beginning of a group.
func (t *translation) open() error {
	t.groups = append(t.groups, t.out.Len())
	t.atom = -1
	rest := t.in[t.pos:]
	for _, special := range []string{"(?=", "(?!", "(?<=", "(?<!", "(?>"} {
		if strings.HasPrefix(rest, special) {
			t.backtracks = true
			t.out.WriteString(special)
			t.pos += len(special)
			return nil
		}
	}
	if !strings.HasPrefix(rest, "(?") {
		t.out.WriteByte('(')
		t.pos++
		return nil
	}
	end := strings.IndexAny(rest, ":)>")
	if end < 0 {
		return errTruncated
	}
	if rest[2] == '<' || rest[2] == 'P' { // a name, which nothing here refers to
		t.out.WriteByte('(')
		t.pos += end + 1
		return nil
	}
	// In Oniguruma, m lets the dot match line ends.
	t.out.WriteString(strings.ReplaceAll(rest[:end+1], "m", "s"))
	t.pos += end + 1
	if rest[end] == ')' { // flags for what follows, no group
		t.groups = t.groups[:len(t.groups)-1]
	}
	return nil
}

// quantifier translates how often the last atom matches. One that is possessive
// becomes an atomic group; one on another, a group around it.
func (t *translation) quantifier() error {
	end := t.pos + 1
	if t.in[t.pos] == '{' {
		n := strings.IndexByte(t.in[t.pos:], '}')
		if n < 0 || strings.Trim(t.in[t.pos+1:t.pos+n], "0123456789,") != "" || n == 1 {
			t.atom = t.out.Len()
			t.out.WriteString(`\{`)
			t.pos++
			return nil
		}
		end = t.pos + n + 1
	}
	if t.atom < 0 {
		return fmt.Errorf("%q has nothing to repeat", t.in[t.pos:end])
	}
	quantifier := t.in[t.pos:end]
	if strings.HasPrefix(quantifier, "{,") {
		quantifier = "{0" + quantifier[1:]
	}
	interval := quantifier[0] == '{'
	out := t.out.String()
	before, atom := out[:t.atom], out[t.atom:]
	t.out.Reset()
	next := byte(0)
	if end < len(t.in) {
		next = t.in[end]
	}
	switch {
	case next == '+' && !interval:
		t.backtracks = true
		t.out.WriteString(before + "(?>" + atom + quantifier + ")")
		end++
	case next == '?' && !interval:
		t.out.WriteString(before + atom + quantifier + "?")
		end++
	default: // grouped, so that a further quantifier applies to the whole
		t.out.WriteString(before + "(?:" + atom + quantifier + ")")
	}
	t.pos = end
	return nil
}
