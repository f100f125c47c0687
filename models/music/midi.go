package music

import (
	"cmp"
	"encoding/binary"
	"io"
	"slices"
)

// quartersPerMinute is how fast tunes are played.
const quartersPerMinute = 110

// seconds is the time that ticks take.
func seconds(ticks int) float64 {
	return float64(ticks) / (Whole / 4) * 60 / quartersPerMinute
}

// Seconds is how long the tune is when it is played.
func (t *Tune) Seconds() float64 {
	end := 0
	for _, n := range t.Played() {
		end = max(end, n.Start+n.Ticks)
	}
	return seconds(end)
}

// The messages of a MIDI file that are used, for channel 0.
const (
	noteOff  = 0x80
	noteOn   = 0x90
	program  = 0xC0
	meta     = 0xFF
	setTempo = 0x51
	setName  = 0x03
	endTrack = 0x2F

	fiddle   = 40 // of General MIDI, from 0
	velocity = 90
)

// WriteMIDI writes the tune as it is played: a standard MIDI file of format 0.
func (t *Tune) WriteMIDI(w io.Writer) error {
	var track []byte
	event := func(delta int, bytes ...byte) {
		track = append(appendVarint(track, delta), bytes...)
	}
	name := t.Title
	name = name[:min(len(name), 127)]
	event(0, append([]byte{meta, setName, byte(len(name))}, name...)...)
	const tempo = 60_000_000 / quartersPerMinute // microseconds of a quarter
	event(0, meta, setTempo, 3, tempo>>16, tempo>>8&0xFF, tempo&0xFF)
	event(0, program, fiddle)
	at := 0
	for _, e := range t.events() {
		kind := byte(noteOff)
		if e.on {
			kind = noteOn
		}
		event(e.at-at, kind, byte(e.pitch), velocity)
		at = e.at
	}
	event(0, meta, endTrack, 0)

	head := append([]byte("MThd"), 0, 0, 0, 6, 0, 0, 0, 1)
	head = binary.BigEndian.AppendUint16(head, Whole/4)
	head = append(head, "MTrk"...)
	head = binary.BigEndian.AppendUint32(head, uint32(len(track)))
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(track)
	return err
}

// change is a note that begins or ends.
type change struct {
	at, pitch int
	on        bool
}

// events lists what begins and ends, by time; what ends comes first.
func (t *Tune) events() []change {
	var list []change
	for _, n := range t.Played() {
		for _, p := range n.Pitches {
			list = append(list, change{n.Start, p, true}, change{n.Start + n.Ticks, p, false})
		}
	}
	slices.SortStableFunc(list, func(a, b change) int {
		if a.at == b.at && a.on != b.on {
			if b.on {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.at, b.at)
	})
	return list
}

// appendVarint adds a number of 7 bits a byte, the highest first, as MIDI has it.
func appendVarint(dst []byte, v int) []byte {
	const last = 0x7F
	for shift := 28; shift > 0; shift -= 7 {
		if v>>shift > 0 {
			dst = append(dst, byte(v>>shift&last|0x80))
		}
	}
	return append(dst, byte(v&last))
}
