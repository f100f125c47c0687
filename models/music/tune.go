package music

import (
	"errors"
	"fmt"
)

// Whole is the number of ticks of a whole note. The notes of usual tuplets are whole
// numbers of ticks.
const Whole = 1920

// Tune is a tune of one voice.
type Tune struct {
	Number int    // X
	Title  string // T
	Key    string // K, as it was written
	Meter  Meter  // M, that of the beginning
	Bars   []Bar  // as they were written
}

// Meter is the length of a bar: Beats notes of 1/Unit.
type Meter struct{ Beats, Unit int }

// Ticks is the length of a bar.
func (m Meter) Ticks() int { return m.Beats * Whole / m.Unit }

// Bar is what stands between two bar lines.
type Bar struct {
	Notes []Note // Start counts from the bar's beginning
	Ticks int    // the length of all of them
	Meter Meter  // that holds in the bar
	// Opens and Closes say that a repeated part begins before the bar or ends behind it.
	Opens, Closes bool
	// Ending is 1 or 2 where the bar begins a first or second ending, else 0.
	Ending int
}

// Note is a note or, without pitches, a rest.
type Note struct {
	Start, Ticks int
	Pitches      []int // of MIDI: 60 is C, written C
	tied         bool  // to the next note of the same pitch
}

// Played lists the notes as they are played: repeats are written out, Start counts from
// the beginning, ties are joined, and rests are left out.
func (t *Tune) Played() []Note {
	var list []Note
	at := 0
	for _, i := range t.order() {
		b := &t.Bars[i]
		for _, n := range b.Notes {
			n.Start += at
			if k := len(list) - 1; k >= 0 && list[k].tied && list[k].Start+list[k].Ticks == n.Start && same(list[k].Pitches, n.Pitches) {
				list[k].Ticks += n.Ticks
				list[k].tied = n.tied
				continue
			}
			if len(n.Pitches) > 0 {
				list = append(list, n)
			}
		}
		at += b.Ticks
	}
	return list
}

// order lists the bars as they are played.
func (t *Tune) order() []int {
	var list []int
	begin, again := 0, false // of the part that is being played, and whether for the second time
	skip := false            // the first ending, the second time
	for i := 0; i < len(t.Bars); i++ {
		b := &t.Bars[i]
		if b.Opens && i != begin {
			begin, again = i, false
		}
		if b.Ending > 0 {
			skip = b.Ending == 1 && again
		}
		if !skip {
			list = append(list, i)
		}
		switch {
		case !b.Closes:
		case !again:
			i, again = begin-1, true
		default:
			begin, again, skip = i+1, false, false
		}
	}
	return list
}

func same(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return len(a) > 0
}

// Check says what is wrong with a tune that could be read: bars that are shorter or
// longer than the meter says. Where a tune, a part or an ending begins or ends a bar may be
// short, as long as it is not longer than the meter.
func (t *Tune) Check() error {
	var faults []error
	for i := range t.Bars {
		b := &t.Bars[i]
		full := b.Meter.Ticks()
		edge := i == 0 || i == len(t.Bars)-1 || b.Opens || b.Closes || b.Ending > 0 ||
			t.Bars[i-1].Closes || t.Bars[i+1].Opens || t.Bars[i+1].Ending > 0
		if b.Ticks > full || (b.Ticks < full && !edge) {
			faults = append(faults, fmt.Errorf("music: bar %d is %d of %d ticks long", i+1, b.Ticks, full))
		}
	}
	return errors.Join(faults...)
}
