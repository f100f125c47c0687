package music

import (
	"strings"
)

// decorations are letters and signs that say how a note is played, and change neither its
// pitch nor its length.
const decorations = ".~HLMOPSTuvJR"

// music reads a line of music.
func (p *parser) music(line string) error {
	if len(line) > 2 && line[1] == ':' && line[0] != '|' && line[0] != ':' && line[0] != '[' {
		return p.field(line[0], line[2:])
	}
	p.text, p.at = line, 0
	for p.at < len(p.text) {
		if err := p.one(); err != nil {
			return err
		}
		if len(p.tune.Bars) > mostBars {
			return p.errorf("more than %d bars", mostBars)
		}
	}
	return nil
}

// peek is the byte at an offset from where the parser is; 0 behind the end.
func (p *parser) peek(off int) byte {
	if p.at+off < len(p.text) {
		return p.text[p.at+off]
	}
	return 0
}

// one reads the next thing.
func (p *parser) one() error {
	c := p.peek(0)
	switch {
	case c == '%':
		p.at = len(p.text)
	case c == '|' || c == ':' || (c == '[' && (p.peek(1) == '|' || isDigit(p.peek(1)))):
		return p.barLine()
	case c == '[' && p.peek(2) == ':':
		return p.inline()
	case c == '[':
		return p.chord()
	case c == '(' && isDigit(p.peek(1)):
		return p.startTuplet()
	case c == '{':
		return p.skipTo('}')
	case c == '"':
		return p.skipTo('"')
	case c == '!':
		return p.decoration()
	case c == '>' || c == '<':
		return p.breakRhythm()
	case c == '-':
		if k := len(p.bar.Notes) - 1; k >= 0 {
			p.bar.Notes[k].tied = true
		}
		p.at++
	case strings.IndexByte(" \t()\\y`&", c) >= 0 || strings.IndexByte(decorations, c) >= 0:
		p.at++
	default:
		return p.note()
	}
	return nil
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// skipTo leaves out everything up to a byte.
func (p *parser) skipTo(end byte) error {
	n := strings.IndexByte(p.text[p.at+1:], end)
	if n < 0 {
		return p.errorf("%q has no %q behind it", p.peek(0), end)
	}
	p.at += n + 2
	return nil
}

// decoration leaves out !trill!; a single ! is an old sign for the end of a line.
func (p *parser) decoration() error {
	rest := p.text[p.at+1:]
	n := strings.IndexByte(rest, '!')
	if n > 0 && !strings.ContainsAny(rest[:n], "| ") {
		p.at += n + 2
		return nil
	}
	p.at++
	return nil
}

// barLine reads a bar line, with repeats and the number of an ending.
func (p *parser) barLine() error {
	start := p.at
	for strings.IndexByte("|:[]", p.peek(0)) >= 0 && p.at < len(p.text) {
		if c := p.peek(0); c == '[' && p.at > start && p.peek(1) != '|' && !isDigit(p.peek(1)) {
			break // a chord, or a field
		}
		p.at++
	}
	line := p.text[start:p.at]
	ending := 0
	if d := p.peek(0); d == '1' || d == '2' {
		ending = int(d - '0')
		p.at++
		for c := p.peek(0); isDigit(c) || (c != 0 && strings.IndexByte(",-.", c) >= 0 && isDigit(p.peek(1))); c = p.peek(0) {
			p.at++
		}
	}
	closes := strings.HasPrefix(line, ":")
	opens := len(line) > 1 && strings.HasSuffix(line, ":")
	if len(p.bar.Notes) > 0 {
		p.bar.Closes = closes
	} else if k := len(p.tune.Bars); closes && k > 0 {
		p.tune.Bars[k-1].Closes = true
	}
	p.endBar()
	p.bar.Opens = p.bar.Opens || opens
	if ending > 0 {
		p.bar.Ending = ending
	}
	return nil
}

// inline reads a field in brackets.
func (p *parser) inline() error {
	end := strings.IndexByte(p.text[p.at:], ']')
	if end < 0 {
		return p.errorf("a field %q without ]", p.text[p.at:])
	}
	name, value := p.peek(1), p.text[p.at+3:p.at+max(end, 3)]
	p.at += end + 1
	return p.field(name, value)
}

// startTuplet reads (p, (p:q or (p:q:r.
func (p *parser) startTuplet() error {
	p.at++
	n := p.number()
	q, r := map[int]int{2: 3, 3: 2, 4: 3, 5: 2, 6: 2, 7: 2, 8: 3, 9: 2}[n], n
	if q == 0 {
		return p.errorf("a tuplet of %d notes, expected 2 to 9", n)
	}
	if compound := p.meter.Beats%3 == 0 && p.meter.Unit == 8; compound && (n == 5 || n == 7 || n == 9) {
		q = 3
	}
	for i := 0; i < 2 && p.peek(0) == ':'; i++ {
		p.at++
		if v := p.number(); v > 0 {
			if i == 0 {
				q = v
			} else {
				r = v
			}
		}
	}
	p.tuplet = [3]int{n, q, r}
	return nil
}

// number reads a number; 0 where there is none.
func (p *parser) number() int {
	v := 0
	for isDigit(p.peek(0)) {
		if v < 1<<16 {
			v = v*10 + int(p.peek(0)-'0')
		}
		p.at++
	}
	return v
}

// breakRhythm makes the note before longer and the next shorter, or the other way round.
func (p *parser) breakRhythm() error {
	k := len(p.bar.Notes) - 1
	if k < 0 {
		return p.errorf("%q without a note before it", p.peek(0))
	}
	c, n := p.peek(0), 0
	for p.peek(0) == c {
		n++
		p.at++
	}
	const most = 3
	if n > most {
		return p.errorf("%d signs %q, expected at most %d", n, c, most)
	}
	short, long := [2]int{1, 1 << n}, [2]int{1<<(n+1) - 1, 1 << n}
	first, second := long, short
	if c == '<' {
		first, second = short, long
	}
	old := p.bar.Notes[k].Ticks
	p.bar.Notes[k].Ticks = old * first[0] / first[1]
	p.bar.Ticks += p.bar.Notes[k].Ticks - old
	p.broken = second
	return nil
}

// chord reads notes in brackets, which sound together.
func (p *parser) chord() error {
	p.at++
	n := Note{}
	for p.peek(0) != ']' {
		if p.peek(0) == 0 {
			return p.errorf("a chord without ]")
		}
		pitch, ok, err := p.pitch()
		if err != nil {
			return err
		}
		const most = 8
		if !ok || len(n.Pitches) == most {
			return p.errorf("%q in a chord, expected up to %d notes", p.text[p.at:], most)
		}
		n.Pitches = append(n.Pitches, pitch)
		ticks := p.ticks()
		if n.Ticks == 0 {
			n.Ticks = ticks
		}
	}
	p.at++
	if n.Ticks == 0 {
		return p.errorf("a chord without notes")
	}
	unit := p.length()
	n.Ticks = n.Ticks * p.ticks() / unit
	return p.add(p.inTuplet(n))
}

// note reads a note or a rest.
func (p *parser) note() error {
	c := p.peek(0)
	if c == 'z' || c == 'x' || c == 'Z' {
		p.at++
		if c == 'Z' {
			return p.add(Note{Ticks: max(p.number(), 1) * p.meter.Ticks()})
		}
		return p.add(p.inTuplet(Note{Ticks: p.ticks()}))
	}
	pitch, ok, err := p.pitch()
	if err != nil {
		return err
	}
	if !ok {
		return p.errorf("%q, which is nothing of a tune", shorten(p.text[p.at:]))
	}
	return p.add(p.inTuplet(Note{Pitches: []int{pitch}, Ticks: p.ticks()}))
}

// shorten cuts what a message shows.
func shorten(s string) string {
	const most = 16 // bytes
	if len(s) > most {
		return s[:most]
	}
	return s
}

func (p *parser) inTuplet(n Note) Note {
	if p.tuplet[2] > 0 {
		n.Ticks = n.Ticks * p.tuplet[1] / p.tuplet[0]
		p.tuplet[2]--
	}
	return n
}

// pitch reads accidentals, a letter and octave signs.
func (p *parser) pitch() (pitch int, ok bool, err error) {
	start := p.at
	bend, bent := 0, false
	for ; ; p.at++ {
		switch p.peek(0) {
		case '^':
			bend, bent = bend+1, true
			continue
		case '_':
			bend, bent = bend-1, true
			continue
		case '=':
			bend, bent = 0, true
			continue
		}
		break
	}
	letter := p.peek(0)
	upper := letter &^ 0x20
	if upper < 'A' || upper > 'G' {
		p.at = start
		return 0, false, nil
	}
	const c = 60 // MIDI's number of C
	pitch = c + semitones[upper]
	if letter != upper {
		pitch += 12
	}
	p.at++
	for ; p.peek(0) == ',' || p.peek(0) == '\''; p.at++ {
		if p.peek(0) == ',' {
			pitch -= 12
		} else {
			pitch += 12
		}
	}
	switch b, inBar := p.bent[pitch]; {
	case bent:
		if p.bent == nil {
			p.bent = map[int]int{}
		}
		p.bent[pitch] = bend
		pitch += bend
	case inBar:
		pitch += b
	default:
		pitch += p.key[upper]
	}
	if pitch < 0 || pitch > 127 {
		return 0, false, p.errorf("the note %q is out of range", p.text[start:p.at])
	}
	return pitch, true, nil
}

// ticks reads the length of a note: 2, 3/2, /, /4 or nothing.
func (p *parser) ticks() int {
	unit := p.length()
	if v := p.number(); v > 0 {
		unit *= v
	}
	for p.peek(0) == '/' {
		p.at++
		if v := p.number(); v > 0 {
			unit /= v
		} else {
			unit /= 2
		}
	}
	return unit
}
