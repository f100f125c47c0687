package music

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The limits of what is read: a tune may come from anyone.
const (
	mostBytes = 1 << 20
	mostBars  = 4096
	mostTicks = 64 * Whole // of a note
)

// parser reads one tune.
type parser struct {
	tune  *Tune
	key   map[byte]int // accidentals by letter, of the key
	bent  map[int]int  // accidentals of the bar, by pitch without them
	unit  int          // ticks of a note without a length
	bar   Bar
	meter Meter
	// broken makes the next note shorter or longer: the two numbers of a fraction.
	broken [2]int
	tuplet [3]int // p notes in the time of q, and how many are left

	text string
	at   int
	line int
}

// Parse reads the first tune of a text: header fields up to K, then music up to an
// empty line.
func Parse(abc string) (*Tune, error) {
	if len(abc) > mostBytes {
		return nil, fmt.Errorf("music: %d bytes, expected at most %d", len(abc), mostBytes)
	}
	p := &parser{tune: &Tune{}, meter: Meter{4, 4}}
	lines := strings.Split(strings.TrimLeft(strings.ReplaceAll(abc, "\r\n", "\n"), "\n"), "\n")
	body := -1
	for i, line := range lines {
		p.line = i + 1
		if strings.TrimSpace(line) == "" {
			break
		}
		if body >= 0 {
			if err := p.music(line); err != nil {
				return nil, err
			}
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || len(name) != 1 {
			return nil, p.errorf("%q, expected a field such as T: or K:", line)
		}
		if err := p.field(name[0], value); err != nil {
			return nil, err
		}
		if name == "K" {
			body = i
			p.tune.Meter = p.meter
		}
	}
	if body < 0 {
		return nil, errors.New("music: the tune has no field K, its key")
	}
	p.endBar()
	if len(p.tune.Bars) == 0 {
		return nil, errors.New("music: the tune has no notes")
	}
	return p.tune, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("music: line %d: %s", p.line, fmt.Sprintf(format, args...))
}

// field reads a field of the header, or one within the music.
func (p *parser) field(name byte, value string) error {
	value, _, _ = strings.Cut(value, "%")
	value = strings.TrimSpace(value)
	var err error
	switch name {
	case 'X':
		if p.tune.Number, err = strconv.Atoi(value); err != nil {
			return p.errorf("X: %q is no number", value)
		}
	case 'T':
		if p.tune.Title == "" {
			p.tune.Title = value
		}
	case 'M':
		if p.meter, err = readMeter(value); err != nil {
			return p.errorf("%v", err)
		}
	case 'L':
		m, err := readMeter(value)
		if err != nil {
			return p.errorf("%v", err)
		}
		p.unit = m.Ticks()
	case 'K':
		if p.key, err = readKey(value); err != nil {
			return p.errorf("%v", err)
		}
		p.tune.Key = value
	default:
		if !strings.ContainsRune("ABCDFGHINOPQRSVWZmrsw", rune(name)) {
			return p.errorf("there is no field %q", name)
		}
	}
	return nil
}

// readMeter reads 6/8, C or C|.
func readMeter(s string) (Meter, error) {
	switch s {
	case "C", "none", "":
		return Meter{4, 4}, nil
	case "C|":
		return Meter{2, 2}, nil
	}
	a, b, ok := strings.Cut(s, "/")
	beats, err1 := strconv.Atoi(strings.TrimSpace(a))
	unit, err2 := strconv.Atoi(strings.TrimSpace(b))
	const most = 64
	if !ok || err1 != nil || err2 != nil || beats < 1 || beats > most || unit < 1 || unit > most || Whole%unit != 0 {
		return Meter{}, fmt.Errorf("%q is no meter, expected one such as 6/8, C or C|", s)
	}
	return Meter{beats, unit}, nil
}

// length is the ticks of a note without a length: what L says, or else an eighth, or a
// sixteenth in bars shorter than three quarters.
func (p *parser) length() int {
	switch {
	case p.unit > 0:
		return p.unit
	case 4*p.meter.Beats < 3*p.meter.Unit:
		return Whole / 16
	}
	return Whole / 8
}

// add puts a note into the bar.
func (p *parser) add(n Note) error {
	if p.broken[1] != 0 {
		n.Ticks = n.Ticks * p.broken[0] / p.broken[1]
		p.broken = [2]int{}
	}
	if n.Ticks < 1 || n.Ticks > mostTicks {
		return p.errorf("a note of %d ticks, expected 1 to %d", n.Ticks, mostTicks)
	}
	n.Start = p.bar.Ticks
	p.bar.Ticks += n.Ticks
	p.bar.Notes = append(p.bar.Notes, n)
	return nil
}

// endBar ends the bar, if there is something in it.
func (p *parser) endBar() {
	if len(p.bar.Notes) > 0 {
		p.bar.Meter = p.meter
		p.tune.Bars = append(p.tune.Bars, p.bar)
		p.bar = Bar{}
	}
	p.bent = nil
}
